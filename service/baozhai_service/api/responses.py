"""The response bodies, for the OpenAPI document; `render` builds them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Confidence = Annotated[float, Field(ge=0, le=1)]
Stage = Annotated[
    int, Field(ge=1, le=3, description="The last stage that ran: 1 n-grams, 2 small encoder, 3 large encoder.")
]
Reason = Annotated[str | None, Field(description="Why the result is uncertain, if no topic is near its threshold.")]
Pair = Annotated[list[int], Field(min_length=2, max_length=2, description="[start, end) in code points of the text.")]


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CoverageBody(_Answer):
    """What was read: characters given and read, and encoder windows."""

    characters: int
    read: int
    windows: int


class EvidenceBody(_Answer):
    """A sentence without which the topic's confidence falls by ``drop``."""

    start: int
    end: int
    text: str
    drop: Confidence


class ItemError(_Answer):
    """The error of one text."""

    type: str
    detail: str


class FailedResult(_Answer):
    """A text that could not be read; the others of the request are answered."""

    error: ItemError


class ClassifyResult(_Answer):
    """The result of one text; an empty list of topics means none."""

    topics: list[str]
    confidences: dict[str, Confidence]
    uncertain: bool
    stage: Stage
    reason: Reason = None
    coverage: CoverageBody
    evidence: dict[str, list[EvidenceBody]] | None = Field(
        None, description="For each topic, the sentences that carry it; only on request."
    )


class ClassifyResponse(_Answer):
    """One result per text, in order."""

    model_version: str
    results: list[ClassifyResult | FailedResult]


class DigestSentenceBody(_Answer):
    """``text[start:end]`` of the posted text."""

    start: int
    end: int
    text: str
    salience: Confidence


class DigestResponse(_Answer):
    """Verbatim sentences in source order."""

    model_version: str
    sentences: list[DigestSentenceBody]
    coverage: CoverageBody


class PlaceBody(_Answer):
    """A place in a document: a page (from 1) and [x0, y0, x1, y1] from its top left, in the unit of the page."""

    page: int
    box: Annotated[list[float], Field(min_length=4, max_length=4)]


Places = Annotated[
    list[PlaceBody] | None,
    Field(description="For documents only: the places on their pages; empty if the format has no geometry."),
]


class PageSizeBody(_Answer):
    """The size of a page of a document: points, or pixels of an image."""

    number: int
    width: float
    height: float


class DocumentBody(_Answer):
    """A document that was read; all spans are offsets into its ``text``."""

    name: str
    format: str
    ocr: bool
    text: str
    pages: list[PageSizeBody]
    warnings: list[str]


class BlockBody(_Answer):
    """A block of the page and its role."""

    role: str
    confidence: Confidence
    spans: list[Pair]
    text: str
    doubtful_join: bool = Field(description="It may continue the previous block, but was not joined with it.")
    places: Places = None


class ParagraphBody(_Answer):
    """A paragraph, rejoined where a column or page had cut it."""

    spans: list[Pair]
    text: str
    topics: list[str]
    confidences: dict[str, Confidence]
    uncertain: bool
    stage: Stage
    reason: Reason = None
    places: Places = None


class PageSentenceBody(_Answer):
    """A digest sentence; several spans where a column or page break cut it."""

    spans: list[Pair]
    text: str
    salience: Confidence
    places: Places = None


class ArticleBody(_Answer):
    """One article of the page."""

    headline: str | None
    blocks: list[BlockBody]
    paragraphs: list[ParagraphBody]
    topics: list[str]
    digest: list[PageSentenceBody]


class ReadResponse(_Answer):
    """The page's articles, in order."""

    model_version: str
    articles: list[ArticleBody]
    coverage: CoverageBody
    document: DocumentBody | None = Field(None, description="Only if the body was a document.")


class DifferenceBody(_Answer):
    """``digest[start:end]`` stands where the source has ``source``; either may be empty."""

    start: int
    end: int
    text: str
    source: str


class QuotationBody(_Answer):
    """A sentence of the digest: verbatim, near or absent in the source."""

    start: int = Field(description="Its start in the posted digest, in code points.")
    end: int
    text: str
    fidelity: Literal["verbatim", "near", "absent"]
    share: Confidence = Field(description="Share of its characters that stand in the source, in order.")
    spans: list[Pair] = Field(description="Where that is in the source; none if absent.")
    source: str | None = Field(description="What the source has there; null if absent.")
    differences: list[DifferenceBody] = Field(description="The differences from the source, if it is near.")


class QuotationCounts(_Answer):
    """How many sentences of each kind there are."""

    verbatim: int
    near: int
    absent: int


class VerifyResponse(_Answer):
    """Every sentence of the digest, in order. No model is involved."""

    counts: QuotationCounts
    sentences: list[QuotationBody]


class TopicBody(_Answer):
    """A topic of a model version."""

    id: str
    zh: str
    en: str
    threshold: float | None = Field(
        description="null where topics exclude each other: a text gets the most probable one."
    )


class ModelBody(_Answer):
    """A model version and its measured scores."""

    version: str
    live: bool
    topics: list[TopicBody]
    scores: dict[str, Any]
    base: str | None


class ModelsResponse(_Answer):
    """All model versions."""

    live: str
    models: list[ModelBody]


class Health(_Answer):
    """``ok``; anything else is a problem document."""

    status: str


class FieldError(_Answer):
    """What is wrong with one field."""

    field: str
    detail: str


class Problem(BaseModel):
    """RFC 9457: what went wrong, by a stable ``type``."""

    type: str
    title: str
    status: int
    detail: str
    request_id: str
    errors: list[FieldError] | None = None
    error: str | None = Field(None, description="Same as detail; only under /v2, where the protocol requires it.")
