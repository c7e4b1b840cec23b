"""What a bundle says of one of its encoders."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class EncoderSpec:
    """An encoder's files, and how its windows are made.

    Attributes:
        model, tokenizer: paths within the bundle.
        window: most tokens of a window, special ones included.
        title_tokens: most tokens of the title that stands before the text as the first of a pair; 0 for no pair.
        cls, sep, pad: ids of the special tokens; None for those that the tokenizer calls [CLS] and [SEP], and 0.
    """

    model: str
    tokenizer: str
    window: int
    title_tokens: int = 0
    cls: int | None = None
    sep: int | None = None
    pad: int = 0

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> EncoderSpec:
        """Read a stage's entry."""
        numbers = {name: int(raw[name]) for name in ("window", "title_tokens", "cls", "sep", "pad")}
        return cls(str(raw["model"]), str(raw["tokenizer"]), **numbers)

    def to_json(self) -> dict[str, Any]:
        """Its part of a stage's entry."""
        return {each.name: getattr(self, each.name) for each in fields(self)}
