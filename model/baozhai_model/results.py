"""What the model answers: frozen values, labelled with the model version that gave them."""

from __future__ import annotations

from dataclasses import dataclass

from baozhai_model.structure import Article, Paragraph, Span
from baozhai_model.topics.topic_set import Topic


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was read: ``read`` of ``characters``, in ``windows`` passes of the encoder. Nothing is cut silently."""

    characters: int
    read: int
    windows: int


@dataclass(frozen=True, slots=True)
class Prediction:
    """What one text is about: none, one or several topics, or exactly one where topics exclude each other.

    ``uncertain`` asks for a person's look; ``reason`` says why, where it is not that a topic is near its threshold.
    ``stage`` is the stage that decided: 1 for n-grams, 2 for the small encoder, 3 for the large one.
    """

    topics: tuple[Topic, ...]
    confidences: dict[Topic, float]
    uncertain: bool
    coverage: Coverage
    stage: int
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence that carries a topic: without it the topic's confidence falls by ``drop``."""

    span: Span
    text: str
    drop: float


@dataclass(frozen=True, slots=True)
class DigestSentence:
    """A slice of the source: ``source[start:end] == text``."""

    start: int
    end: int
    text: str
    salience: float


@dataclass(frozen=True, slots=True)
class Digest:
    """Verbatim sentences in source order."""

    sentences: tuple[DigestSentence, ...]
    coverage: Coverage


@dataclass(frozen=True, slots=True)
class ReadParagraph:
    """A paragraph of a page and what it is about; None where it could not be classified."""

    paragraph: Paragraph
    prediction: Prediction


@dataclass(frozen=True, slots=True)
class PageDigestSentence:
    """A digest sentence on a page; it has several spans where a column or page break cut it."""

    spans: tuple[Span, ...]
    text: str
    salience: float


@dataclass(frozen=True, slots=True)
class ReadArticle:
    """An article of a page with its paragraphs' topics, its own topics and its digest.

    ``windows`` counts the windows that its topics were read in.
    """

    article: Article
    paragraphs: tuple[ReadParagraph, ...]
    topics: tuple[Topic, ...]
    digest: tuple[PageDigestSentence, ...]
    windows: int


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page, read in full."""

    articles: tuple[ReadArticle, ...]
    coverage: Coverage
