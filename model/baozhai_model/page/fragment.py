"""What the reader works on between lines and blocks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median_low

from baozhai_model.structure import BLANK, Block, Role, Span, locate
from baozhai_model.text.cleaning import CleanText

STOPS = "。！？!?…｡"
_LAST_BRACKETS = re.compile(r"(?<=[。！？；”])[（(][^（）()]*[）)]\Z")
_LONGEST_BRACKETS = 100
_CLOSERS = "”’」』）》】〕)\"'＂"


@dataclass(frozen=True, slots=True)
class Fragment:
    """A run of text that stands together on the page; ``role`` is None until something says what it is.

    ``gap`` counts the blank lines before it; ``doubtful`` says that it may be the rest of the piece before it;
    ``begins`` that an article begins with it; ``prose`` that it is the text's own words though it looks like a title,
    as a verse or a list item does.
    """

    spans: tuple[Span, ...]
    text: str
    gap: int = 0
    indented: bool = False
    role: Role | None = None
    confidence: float = 0.0
    doubtful: bool = False
    begins: bool = False
    prose: bool = False

    @property
    def closed(self) -> bool:
        """Whether the text ends as a sentence or a list item ends, with or without brackets after it."""
        text = _LAST_BRACKETS.sub("", self.text[-_LONGEST_BRACKETS:]) or self.text
        return (text.rstrip(_CLOSERS) or text)[-1] in STOPS + "：；:;"

    def named(self, role: Role, confidence: float) -> Fragment:
        """The same piece with a role."""
        return replace(self, role=role, confidence=confidence)

    def cut(self, start: int, end: int) -> Fragment:
        """The piece of characters ``[start, end)``, without the blank at its ends; there must be more than blank."""
        text = self.text[start:end]
        start += len(text) - len(text.lstrip(BLANK))
        text = text.strip(BLANK)
        return replace(self, spans=locate(self.spans, start, start + len(text)), text=text)

    def printed(self, page: str | CleanText) -> Fragment:
        """The same piece with its characters as they stand on ``page``, and its places there if it was cleaned."""
        if isinstance(page, str):
            return replace(self, text="".join(span.of(page) for span in self.spans))
        spans = tuple(page.in_source(span) for span in self.spans)
        return replace(self, spans=spans, text="".join(span.of(page.source) for span in spans))

    def block(self) -> Block:
        """The block that this piece is, once it has a role."""
        return Block(self.role or Role.BODY, self.confidence, self.spans, self.text, self.doubtful)


def joined(parts: Sequence[Fragment]) -> Fragment:
    """The one piece that ``parts``, of which there must be one, make up in order."""
    if len(parts) == 1:
        return parts[0]
    spans = tuple(span for part in parts for span in part.spans)
    return replace(parts[0], spans=spans, text="".join(part.text for part in parts))


def usual_gap(fragments: Sequence[Fragment]) -> int:
    """How many blank lines usually stand between two pieces; 0 where there are no two."""
    return median_low([fragment.gap for fragment in fragments[1:]] or [0])
