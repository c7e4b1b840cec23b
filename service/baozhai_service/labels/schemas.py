"""Requests and answers about labels."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class GivenLabel(_Body):
    """A text and what it is about; an empty list says that it has no topic."""

    id: str | None = Field(
        None, pattern=r"^[0-9a-f]{32}$", description="Of your making, at random: sent twice, the label is kept once."
    )
    text: str = Field(min_length=1, description="One paragraph.")
    topics: list[str] = Field(max_length=50, description="Chinese names or ids; [] for none.")
    title: str | None = Field(None, max_length=1000, description="Its article, which no split parts.")
    source: str = Field("", max_length=1000, description="Where it is from; the gate measures sources apart.")


class LabelRequest(_Body):
    """Labels to store: all of them or none."""

    labels: list[GivenLabel] = Field(min_length=1, max_length=1000, description="In any order.")
    new_topics: bool = Field(False, description="Also take topics that the live model does not have.")


class LabelBody(BaseModel):
    """A stored label, with what the model predicted at that time."""

    class Prediction(BaseModel):
        """What the model predicted."""

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
    """Labels, oldest first, and where the next page begins (null: there are no more)."""

    labels: list[LabelBody]
    next: int | None
