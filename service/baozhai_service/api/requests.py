"""The request bodies. Unknown fields are refused, and types are not converted: a number is not a text."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

Names = Literal["zh", "id"]


def json_kind(value: object) -> str:
    """The JSON type of ``value``, for messages."""
    if value is None:
        return "null"
    for kind, name in ((bool, "a boolean"), ((int, float), "a number"), (str, "a string"), (list, "a list")):
        if isinstance(value, kind):  # bool comes first, since it is an int too
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
    """Texts to classify; each gets its own result or error, in order."""

    texts: list[Text] = Field(min_length=1, description="Paragraphs, or longer texts, which are read in full.")
    title: Text | None = Field(None, description="The headline of the article that all texts are from.")
    evidence: bool = Field(False, description="Also give the sentences that carry each topic.")
    names: Names = Field("zh", description="Call topics by their Chinese name (zh) or their id.")


class ClassifyLine(_Body):
    """A line of a file to classify."""

    id: Any = None
    text: Text
    title: Text | None = None


class DigestOptions(_Body):
    """The budget of a digest (3 sentences by default), and the topic that it is restricted to."""

    max_sentences: int | None = Field(None, ge=1, le=1000, description="Maximum number of sentences.")
    max_characters: int | None = Field(None, ge=1, le=1_000_000, description="Maximum number of characters.")
    topic: Text | None = Field(
        None,
        max_length=100,
        description="Restrict the digest to this topic (Chinese name or id); empty if the text does not cover it.",
    )


class DigestRequest(DigestOptions):
    """An article to digest."""

    text: Text = Field(description="The article; a line break ends a paragraph.")
    title: Text | None = Field(None, description="Its headline, if it is not part of the text.")


class DigestLine(DigestRequest):
    """A line of a file to digest."""

    id: Any = None


class ReadRequest(_Body):
    """A page to read: its articles, their paragraphs' topics and their digests."""

    text: Text = Field(description="The page as it comes out of a PDF or OCR, line breaks included.")
    digest: DigestOptions | None = Field(None, description="Options of the digest of each article.")
    names: Names = Field("zh", description="Call topics by their Chinese name (zh) or their id.")


class DocumentOptions(DigestOptions):
    """The options of a posted document, which are the query of the request."""

    name: Text | None = Field(None, max_length=255, description="The file's name, if the body does not give it.")
    names: Names = Field("zh", description="Call topics by their Chinese name (zh) or their id.")


class PictureOptions(_Body):
    """The page of a document to draw, and the width of the picture."""

    page: int = Field(1, ge=1, le=10_000, description="Its number, from 1.")
    width: int = Field(1000, ge=16, le=4000, description="Of the picture, in pixels.")
    name: Text | None = Field(None, max_length=255, description="The file's name, if the body does not give it.")


class VerifyRequest(_Body):
    """A digest to check, and its source."""

    text: Text = Field(description="The source: a page or an article, line breaks included.")
    digest: Text = Field(description="The digest; numbers and bullets at the start of its lines are ignored.")
