"""What a page is made of: frozen values that know where in the input they lie.

Every offset is a count of code points into the text that was read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

_INVISIBLE_RANGES = (
    (0x00, 0x08), (0x0E, 0x1B), (0x7F, 0x84), (0x86, 0x9F), (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C),
    (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F),
    (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF9, 0xFFFB), (0xE0000, 0xE007F),
    (0xE0100, 0xE01EF),
)  # fmt: skip
INVISIBLE = "".join(chr(point) for first, last in _INVISIBLE_RANGES for point in range(first, last + 1))
"""Characters that have no width and mean nothing: controls, soft hyphens, joiners, directions, variants, tags."""

BLANK = "".join(char for char in map(chr, range(0x3001)) if char.isspace()) + INVISIBLE
"""What may lie between the blocks of a page: white space and invisible characters."""


@dataclass(frozen=True, slots=True)
class Span:
    """The code points ``[start, end)`` of some text."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    def of(self, text: str) -> str:
        """The characters of ``text`` that this span covers."""
        return text[self.start : self.end]

    def stripped(self, text: str) -> Span:
        """The same span of ``text`` without the blank at its two ends; empty where there is nothing else."""
        piece = self.of(text)
        kept = piece.lstrip(BLANK)
        start = self.end - len(kept)
        return Span(start, start + len(kept.rstrip(BLANK)))


def locate(spans: Sequence[Span], start: int, end: int) -> tuple[Span, ...]:
    """Where characters ``[start, end)`` of the text that ``spans`` make up lie; what is beyond it is left out."""
    found: list[Span] = []
    passed = 0
    for span in spans:
        first, last = max(start - passed, 0), min(end - passed, len(span))
        if first < last:
            found.append(Span(span.start + first, span.start + last))
        passed += len(span)
    return tuple(found)


class Role(StrEnum):
    """What a block is on its page."""

    HEADLINE = "headline"
    SUBHEAD = "subhead"
    BYLINE = "byline"
    DATELINE = "dateline"
    CAPTION = "caption"
    BODY = "body"
    CONTINUATION = "continuation"
    FURNITURE = "furniture"


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a page that plays one role; ``text`` is the characters of its spans, in order, with nothing between.

    A body block is a paragraph, rejoined where columns or pages had cut it: one span per piece.
    ``doubtful_join`` marks a block that may be the rest of the body block before it, but was left apart.
    """

    role: Role
    confidence: float
    spans: tuple[Span, ...]
    text: str
    doubtful_join: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A body block's text, and where each of its characters lies on the page."""

    spans: tuple[Span, ...]
    text: str

    def locate(self, start: int, end: int) -> tuple[Span, ...]:
        """The page spans of characters ``[start, end)`` of ``text``, in order; empty for an empty range.

        Raises:
            ValueError: the range does not lie within the text.

        >>> Paragraph((Span(5, 7), Span(9, 12)), "基层治理好").locate(1, 3)
        (Span(start=6, end=7), Span(start=9, end=10))
        """
        if not 0 <= start <= end <= len(self.text):
            raise ValueError(f"[{start}, {end}) is not within a paragraph of {len(self.text)} characters")
        return locate(self.spans, start, end)


@dataclass(frozen=True, slots=True)
class Article:
    """One piece of a page; ``headline`` is None for a continued piece or plain text."""

    headline: str | None
    blocks: tuple[Block, ...]
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A text and the articles that were read from it.

    The spans of all blocks are disjoint, and what lies between them is blank.
    """

    text: str
    articles: tuple[Article, ...]
