"""What a page with geometry is made of: lines of text with boxes, pictures, rules and frames.

Coordinates have their origin at the top left; y grows downwards. Their unit is the page's own: points for PDF and
OFD, pixels for images.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle ``[x0, x1] x [y0, y1]``."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        """Its extent along x."""
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        """Its extent along y."""
        return self.y1 - self.y0

    @property
    def centre(self) -> tuple[float, float]:
        """Its middle."""
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    def across(self, other: Box) -> float:
        """The length along x that both cover; negative where a gap lies between them."""
        return min(self.x1, other.x1) - max(self.x0, other.x0)

    def along(self, other: Box) -> float:
        """The length along y that both cover; negative where a gap lies between them."""
        return min(self.y1, other.y1) - max(self.y0, other.y0)

    def contains(self, other: Box, slack: float = 0.0) -> bool:
        """Whether ``other`` lies within it, give or take ``slack``."""
        return (
            self.x0 - slack <= other.x0
            and self.y0 - slack <= other.y0
            and other.x1 <= self.x1 + slack
            and other.y1 <= self.y1 + slack
        )

    def edges(self) -> tuple[Box, Box, Box, Box]:
        """Its four sides, as rules: top, bottom, left, right."""
        x0, y0, x1, y1 = self.x0, self.y0, self.x1, self.y1
        return Box(x0, y0, x1, y0), Box(x0, y1, x1, y1), Box(x0, y0, x0, y1), Box(x1, y0, x1, y1)


def union(boxes: Iterable[Box]) -> Box:
    """The smallest box around ``boxes``, of which there must be one."""
    corners = [(box.x0, box.y0, box.x1, box.y1) for box in boxes]
    x0, y0, x1, y1 = zip(*corners, strict=True)
    return Box(min(x0), min(y0), max(x1), max(y1))


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """A line of text as it is printed.

    Attributes:
        text: its characters, without blanks at the ends; never empty.
        box: where it is.
        size: the height of its type (an em).
        font: a name that lines in the same face share; empty where it is not known.
        vertical: whether it runs from top to bottom.
        confidence: of the recognition, 1 for born-digital text.
        place: the box to show, where ``box`` was straightened.
    """

    text: str
    box: Box
    size: float
    font: str = ""
    vertical: bool = False
    confidence: float = 1.0
    place: Box | None = None


def side_by_side(one: PrintedLine, other: PrintedLine) -> PrintedLine:
    """Two parts of one line as a line, with a blank for a gap."""
    left, right = sorted((one, other), key=lambda line: line.box.x0)
    gap = right.box.x0 - left.box.x1
    place = union((left.place, right.place)) if left.place and right.place else None
    return replace(
        left,
        text=left.text + " " * (gap > 0.5 * left.size) + right.text,
        box=union((left.box, right.box)),
        confidence=min(left.confidence, right.confidence),
        place=place,
    )


@dataclass(frozen=True, slots=True)
class PrintedPage:
    """A page of a document: its size, and what is printed on it, in any order.

    Attributes:
        number: from 1.
        width, height: in the page's unit.
        lines: of text.
        pictures: photographs and drawings.
        rules: thin lines that part one thing from another.
        frames: rectangles with text in them.
    """

    number: int
    width: float
    height: float
    lines: tuple[PrintedLine, ...]
    pictures: tuple[Box, ...] = ()
    rules: tuple[Box, ...] = ()
    frames: tuple[Box, ...] = ()


def scaled(page: PrintedPage, factor: float, width: float, height: float) -> PrintedPage:
    """``page`` with every coordinate multiplied, on a page of ``width`` and ``height``."""

    def larger(box: Box) -> Box:
        return Box(box.x0 * factor, box.y0 * factor, box.x1 * factor, box.y1 * factor)

    lines = tuple(
        replace(line, box=larger(line.box), size=line.size * factor, place=larger(line.place) if line.place else None)
        for line in page.lines
    )
    pictures, rules, frames = (tuple(map(larger, boxes)) for boxes in (page.pictures, page.rules, page.frames))
    return PrintedPage(page.number, width, height, lines, pictures, rules, frames)
