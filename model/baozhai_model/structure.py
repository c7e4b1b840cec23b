"""What a page is made of: frozen values that know where in the input they lie.

Every offset is a count of code points into the text that was read.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

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
class PageSize:
    """The size of page ``number`` (from 1) of a document, in the unit that boxes on it have."""

    number: int
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is printed: a page number and a box ``(x0, y0, x1, y1)``, its origin at the top left."""

    page: int
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class PrintedSpan:
    """A line of a document: the code points that it holds, and where it is printed."""

    span: Span
    page: int
    box: tuple[float, float, float, float]
    vertical: bool = False

    def part(self, start: int, end: int) -> Place:
        """Where the characters ``[start, end)`` of it are, as if all were equally wide."""
        first, last = max(start, self.span.start), min(end, self.span.end)
        before, upto = (first - self.span.start) / len(self.span), (last - self.span.start) / len(self.span)
        x0, y0, x1, y1 = self.box
        if self.vertical:
            return Place(self.page, (x0, y0 + before * (y1 - y0), x1, y0 + upto * (y1 - y0)))
        return Place(self.page, (x0 + before * (x1 - x0), y0, x0 + upto * (x1 - x0), y1))


@dataclass(frozen=True, slots=True)
class Page:
    """A text and the articles that were read from it.

    The spans of all blocks are disjoint, and what lies between them is blank. A document that has pages has their
    ``sizes`` and, in the order of the text, its ``printed`` lines.
    """

    text: str
    articles: tuple[Article, ...]
    sizes: tuple[PageSize, ...] = ()
    printed: tuple[PrintedSpan, ...] = ()

    def places(self, spans: Sequence[Span]) -> tuple[Place, ...]:
        """Where ``spans`` of the text are printed, in order: whole lines of a column in one box, parts of lines apart.

        Empty where the document has no geometry.
        """
        found: list[Place] = []
        whole = False
        for span in spans:
            at = bisect_right(self.printed, span.start, key=lambda line: line.span.end)
            for line in islice(self.printed, at, None):
                if line.span.start >= span.end:
                    break
                place = line.part(span.start, span.end)
                full = place.box == line.box and not line.vertical
                if full and whole and _stacked(found[-1], place):
                    found[-1] = _around(found[-1], place)
                else:
                    found.append(place)
                whole = full
        return tuple(found)


def _stacked(upper: Place, lower: Place) -> bool:
    """Whether ``lower`` is the next line of the column that ``upper`` ends."""
    _, y0, _, y1 = lower.box
    across = min(upper.box[2], lower.box[2]) - max(upper.box[0], lower.box[0])
    return upper.page == lower.page and across > 0 and 0 <= y1 - upper.box[3] < 3 * (y1 - y0)


def _around(first: Place, second: Place) -> Place:
    a, b = first.box, second.box
    return Place(first.page, (min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])))
