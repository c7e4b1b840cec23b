"""A stored label, and what the model predicted when it was given."""

from __future__ import annotations

import json
import uuid
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Prediction:
    """What ``model_version`` predicted at that time: topic ids, and the confidence of each topic."""

    model_version: str
    topics: tuple[str, ...]
    confidences: dict[str, float]


@dataclass(frozen=True, slots=True)
class Label:
    """The label that ``who`` gave ``text`` at ``at`` (ISO 8601, UTC): topic ids, none if it has no topic."""

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
        """A label given now; ``id`` is a new one if none is given."""
        return cls(
            id or uuid.uuid4().hex, text, topics, who, datetime.now(UTC).isoformat(timespec="microseconds"), **rest
        )

    def to_json(self) -> dict[str, Any]:
        """Plain values; also a row that training reads."""
        return asdict(self)

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> Label:
        """Read what `to_json` wrote.

        Raises:
            ValueError: a field is missing, unknown or of another type.
        """
        try:
            said = raw.get("prediction")
            prediction = Prediction(**{**said, "topics": tuple(said["topics"])}) if said is not None else None
            label = cls(**{**raw, "topics": tuple(raw["topics"]), "prediction": prediction})
            datetime.fromisoformat(label.at)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a label: {error}") from error
        texts = (label.id, label.text, label.who, label.source, label.title or "", *label.topics)
        if not all(isinstance(each, str) for each in texts):
            raise ValueError("not a label: id, text, topics, who, title and source are words")
        return label


def as_line(label: Label) -> str:
    """``label`` as a line of JSON."""
    return json.dumps(label.to_json(), ensure_ascii=False) + "\n"
