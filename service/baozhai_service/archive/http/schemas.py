"""The answers of ``/v1/archive``."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Excerpt(_Answer):
    """A part of a text."""

    start: int = Field(description="Where it begins in the whole text, in characters.")
    text: str
    marks: list[tuple[int, int]] = Field(description="Where the words looked for stand in `text`, in characters.")


class PlacedRow(_Answer):
    """Where something stands."""

    article: str = Field(description="Stable name of the article, for /v1/archive/articles/{article}.")
    source: str
    date: str | None
    page: str | None


class Hit(PlacedRow):
    """A paragraph or a headline that was found."""

    paragraph: int | None = Field(description="Its number in the article, from 1; null for a headline.")
    role: str
    headline: str | None = Field(description="Of its article.")
    topics: list[str]
    confidences: dict[str, float] | None
    uncertain: bool | None
    characters: int
    excerpt: Excerpt


class ArchiveSearchResponse(_Answer):
    """Hits, and how many there are of each kind."""

    total: int
    hits: list[Hit]
    facets: dict[str, dict[str, int]] = Field(description="Counts of all hits by topic, source, year and so on.")
    next: str | None = Field(description="The cursor of the next page; null after the last.")
    archive: str = Field(description="Fingerprint of what was scored.")
    model_version: str


class ArticleParagraph(_Answer):
    """A paragraph that was scored."""

    paragraph: int
    text: str
    topics: list[str]
    confidences: dict[str, float]
    uncertain: bool


class ArchiveArticleResponse(PlacedRow):
    """An article as it was scored."""

    headline: str | None
    topics: list[str]
    characters: int
    digest: list[str]
    paragraph_count: int = Field(description="How many were scored; of very long articles the first are given.")
    paragraphs: list[ArticleParagraph]
    file: str = Field(description="Where it is from, in the archive's input.")
    line: int
    model_version: str
    previous: str | None = Field(description="The article before it in its source, in an earlier issue if need be.")
    next: str | None
    previous_page: str | None = Field(
        description="The first article of the page before; of the issue before, its last."
    )
    next_page: str | None
    previous_issue: str | None = Field(description="The nearest earlier day on which its source has articles.")
    next_issue: str | None


class SimilarParagraph(PlacedRow):
    """A paragraph that says the like."""

    paragraph: int | None
    role: str
    text: str = Field(description="Its first 300 characters.")
    similarity: float = Field(description="Cosine of weighted pairs of characters.")
    meaning: float | None = Field(description="Cosine of the encoder's mean states; null where it was not asked for.")
    repeat: bool = Field(description="Whether it says the same word for word.")


class SimilarResponse(_Answer):
    """Paragraphs that say the like of one, the most alike first."""

    article: str
    paragraph: int
    text: str
    similar: list[SimilarParagraph]


class TrendsResponse(_Answer):
    """Shares over time or by source: of each search, and of the topics among what has its words."""

    period: str | None
    by: str
    series: list[dict[str, Any]]


class IssueArticle(PlacedRow):
    """An article of a day."""

    headline: str | None
    topics: list[str]
    characters: int
    digest: list[str]


class IssueResponse(_Answer):
    """The articles of a day, in the order of the paper."""

    date: str
    sources: list[str]
    article_count: int
    articles: list[IssueArticle]
    previous: str | None = Field(description="The nearest earlier day that has articles.")
    next: str | None


class TypicalWord(_Answer):
    """A word, and the shares of paragraphs that have it."""

    word: str
    share: float
    others: float
    z: float = Field(description="Log-odds ratio over its standard error.")


class TypicalResponse(_Answer):
    """Words that set what a search finds apart."""

    search: dict[str, Any]
    sample: dict[str, int]
    words: list[TypicalWord]


class OverviewResponse(_Answer):
    """An overview (要览): articles by topic, the most salient first, repeats folded."""

    title: str
    search: dict[str, Any]
    articles: int
    model_version: str
    archive: str
    note: str | None
    topics: list[dict[str, Any]]
