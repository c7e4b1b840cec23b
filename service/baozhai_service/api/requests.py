"""The bodies that the service takes. Unknown fields are refused, and nothing is converted: a number is no text."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

Names = Literal["zh", "id"]


def json_kind(value: object) -> str:
    """What JSON calls ``value``."""
    if value is None:
        return "null"
    for kind, name in ((bool, "a boolean"), ((int, float), "a number"), (str, "a string"), (list, "a list")):
        if isinstance(value, kind):  # bool first: it is an int too
            return name
    return "an object"


def _any_string(value: Any) -> str:
    # pydantic's own str refuses a lone surrogate for the whole request; here that is an error of the one text.
    if isinstance(value, str):
        return value
    raise PydanticCustomError("text_type", "must be a string, not {kind}", {"kind": json_kind(value)})


Text = Annotated[str, PlainValidator(_any_string), WithJsonSchema({"type": "string"})]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ClassifyRequest(_Body):
    """Texts to name the topics of; each gets a result or an error of its own, in order."""

    texts: list[Text] = Field(min_length=1, description="Paragraphs, or longer texts, which are read in full.")
    title: Text | None = Field(None, description="The headline of the article that all of them are from.")
    evidence: bool = Field(False, description="Also give the sentences that carry each topic.")
    names: Names = Field("zh", description="Call topics by their Chinese name (zh) or their id.")


class ClassifyLine(_Body):
    """A line of a file to classify."""

    id: Any = None
    text: Text
    title: Text | None = None


class DigestOptions(_Body):
    """How much a digest may hold, and of what; by default 3 sentences."""

    max_sentences: int | None = Field(None, ge=1, le=1000, description="At most so many sentences.")
    max_characters: int | None = Field(None, ge=1, le=1_000_000, description="At most so many characters.")
    topic: Text | None = Field(
        None,
        max_length=100,
        description="Only what is said about this topic, which may be nothing: its Chinese name or id.",
    )


class DigestRequest(DigestOptions):
    """An article to take a digest of."""

    text: Text = Field(description="The article; a line break ends a paragraph.")
    title: Text | None = Field(None, description="Its headline, if it is not part of the text.")


class DigestLine(DigestRequest):
    """A line of a file to take digests of."""

    id: Any = None


class ReadRequest(_Body):
    """A page to read: its articles, their paragraphs' topics and their digests."""

    text: Text = Field(description="The page as it comes out of a PDF or OCR, line breaks included.")
    digest: DigestOptions | None = Field(None, description="What each article's digest may hold.")
    names: Names = Field("zh", description="Call topics by their Chinese name (zh) or their id.")


class DocumentOptions(DigestOptions):
    """How a document is to be read: the query of a request whose body is the document."""

    name: Text | None = Field(None, max_length=255, description="The file's name, if the body does not give it.")
    names: Names = Field("zh", description="Call topics by their Chinese name (zh) or their id.")


class PictureOptions(_Body):
    """Which page of a document is wanted as a picture."""

    page: int = Field(1, ge=1, le=10_000, description="Its number, from 1.")
    width: int = Field(1000, ge=16, le=4000, description="Of the picture, in pixels.")
    name: Text | None = Field(None, max_length=255, description="The file's name, if the body does not give it.")


class VerifyRequest(_Body):
    """A digest that somebody wrote, and what it was taken from."""

    text: Text = Field(description="The source: a page or an article, line breaks included.")
    digest: Text = Field(description="The digest; numbers and bullets that lead its lines are passed over.")
