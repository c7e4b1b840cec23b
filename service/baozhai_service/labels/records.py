"""A stored label, and the prediction of the model that was live when it was given."""

from __future__ import annotations

import json
import uuid
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Prediction:
    """The prediction of ``model_version`` when the label was given: topic ids, and the confidence of each topic."""

    model_version: str
    topics: tuple[str, ...]
    confidences: dict[str, float]


@dataclass(frozen=True, slots=True)
class Label:
    """The label that the annotator ``who`` gave ``text`` at ``at`` (ISO 8601, UTC); no topic ids mean "no topic"."""

    id: str
    text: str
    topics: tuple[str, ...]
    who: str
    at: str
    title: str | None = None
    source: str = ""
    prediction: Prediction | None = None

    @classmethod
    def new(cls, text: str, topics: tuple[str, ...], who: str, *, id: str | None = None, **rest: Any) -> Label:
        """A label with the current time; ``id`` defaults to a random one."""
        return cls(
            id or uuid.uuid4().hex, text, topics, who, datetime.now(UTC).isoformat(timespec="microseconds"), **rest
        )

    def to_json(self) -> dict[str, Any]:
        """The label as plain values, which is also a row that the trainer reads."""
        return asdict(self)

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> Label:
        """Read what `to_json` wrote.

        Raises:
            ValueError: a field is missing, unknown or of the wrong type.
        """
        try:
            stored = raw.get("prediction")
            prediction = Prediction(**{**stored, "topics": tuple(stored["topics"])}) if stored is not None else None
            label = cls(**{**raw, "topics": tuple(raw["topics"]), "prediction": prediction})
            datetime.fromisoformat(label.at)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a label: {error}") from error
        texts = (label.id, label.text, label.who, label.source, label.title or "", *label.topics)
        if not all(isinstance(each, str) for each in texts):
            raise ValueError("not a label: id, text, topics, who, title and source must be strings")
        return label


def as_line(label: Label) -> str:
    """``label`` as one line of JSON Lines."""
    return json.dumps(label.to_json(), ensure_ascii=False) + "\n"
