"""Requests and answers about labels."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class GivenLabel(_Body):
    """A text and its topics; an empty list means that it has none."""

    id: str | None = Field(
        None,
        pattern=r"^[0-9a-f]{32}$",
        description="A random id that the client chooses; a label that is sent twice is stored once.",
    )
    text: str = Field(min_length=1, description="One paragraph.")
    topics: list[str] = Field(max_length=50, description="Chinese names or ids; [] for none.")
    title: str | None = Field(
        None, max_length=1000, description="The headline of its article; data splits keep an article together."
    )
    source: str = Field(
        "", max_length=1000, description="Where the text is from; the gate measures each source by itself."
    )


class LabelRequest(_Body):
    """Labels to store, all or none."""

    labels: list[GivenLabel] = Field(min_length=1, max_length=1000, description="In any order.")
    new_topics: bool = Field(False, description="Also accept topics that the live model does not have.")


class LabelBody(BaseModel):
    """A stored label, with the prediction made when it was given."""

    class Prediction(BaseModel):
        """The prediction of the model that was live."""

        model_version: str
        topics: list[str]
        confidences: dict[str, float]

    id: str
    text: str
    topics: list[str]
    who: str
    at: str
    title: str | None
    source: str
    prediction: Prediction | None


class KeptResponse(BaseModel):
    """The labels as stored."""

    model_version: str
    labels: list[LabelBody]


class LabelsResponse(BaseModel):
    """Labels, oldest first, and the cursor of the next page (null after the last)."""

    labels: list[LabelBody]
    next: int | None
