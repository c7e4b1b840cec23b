"""Paragraphs: the lines of text blocks, in reading order, joined where a line, a column or a page had cut them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from baozhai_model.page.fragment import STOPS
from baozhai_model.page.layout.columns import TextBlock
from baozhai_model.page.layout.geometry import PrintedLine
from baozhai_model.page.layout.measures import Type

_INDENTED = 0.8  # em: a line that begins so far inside its column begins a paragraph
_SHORT = 1.7  # em: a line that ends so far inside its column ends one
_GAP = 1.45  # leadings: what is further apart is not one paragraph
_ENDS = STOPS + "：；:;”’）》」』】"
_GOES_ON = "，、,（(“‘《【—-"
_LONGEST_HEADING = 24
_LARGER = 1.18  # times the body's size: a heading may be so large
_HEADING = 0.85  # of the column's width: a heading set like the body is narrower


@dataclass(eq=False, slots=True)
class PrintedParagraph:
    """Lines that make up one paragraph; ``centred`` where it is one that stands in the middle of its column."""

    lines: list[PrintedLine] = field(default_factory=list)
    centred: bool = False
    heading: bool = False


@dataclass(frozen=True, slots=True)
class Edges:
    """Where the column of a block begins and ends."""

    left: float
    right: float


def paragraphs_of(blocks: Sequence[TextBlock], usual: Type, columns: Sequence[Edges]) -> list[PrintedParagraph]:
    """The paragraphs of ``blocks``, which are in reading order; ``columns`` has the edges of each."""
    found: list[PrintedParagraph] = []
    last: tuple[PrintedLine, Edges, TextBlock] | None = None
    for block, edges in zip(blocks, columns, strict=True):
        for at, line in enumerate(block.lines):
            following = block.lines[at + 1] if at + 1 < len(block.lines) else None
            heading = _is_heading(line, following, edges, last, usual)
            if last is None or heading or found[-1].heading or _begins(last, line, edges, block, usual):
                found.append(PrintedParagraph(heading=heading, centred=_is_centred(line, edges)))
            found[-1].lines.append(line)
            last = (line, edges, block)
    return found


def column_edges(block: TextBlock, others: Sequence[TextBlock]) -> Edges:
    """The edges of the column of ``block``, from the ``others`` of its article that stand in the same."""
    own = block.box
    em = block.size
    near = [
        other
        for other in others
        if other is block
        or (
            len(other.lines) > 1
            and abs(other.box.x0 - own.x0) < 2.6 * em
            and (len(block.lines) < 3 or abs(other.box.x1 - own.x1) < 2.6 * em)
        )
    ]
    lines = [line.box for other in near for line in other.lines]
    lefts, rights = [box.x0 for box in lines], [box.x1 for box in lines]
    if len(lines) < 3:
        return Edges(min(lefts), max(rights))
    return Edges(float(np.quantile(lefts, 0.05)), float(np.quantile(rights, 0.9)))


def _begins(
    last: tuple[PrintedLine, Edges, TextBlock], line: PrintedLine, edges: Edges, block: TextBlock, usual: Type
) -> bool:
    before, column, home = last
    em = usual.size
    indented = line.box.x0 - edges.left > _INDENTED * em
    ended = before.text[-1] in _ENDS
    short = column.right - before.box.x1 > _SHORT * em
    if home is block:
        if line.box.y0 - before.box.y0 > _GAP * usual.leading * max(1.0, line.size / usual.size):
            return True
        return indented or (short and ended)
    below = line.box.y0 - before.box.y0
    stacked = below > 0 and line.box.across(before.box) > 0
    if stacked and ended and below > _GAP * usual.leading * max(1.0, line.size / usual.size):
        return True
    if indented:
        return before.text[-1] not in _GOES_ON or ended
    return short and ended


def _is_centred(line: PrintedLine, edges: Edges) -> bool:
    left, right = line.box.x0 - edges.left, edges.right - line.box.x1
    return min(left, right) > 0.6 * line.size and abs(left - right) < 1.2 * line.size


def _is_heading(
    line: PrintedLine,
    following: PrintedLine | None,
    edges: Edges,
    last: tuple[PrintedLine, Edges, TextBlock] | None,
    usual: Type,
) -> bool:
    """Whether a line in a column is a heading: short or larger, no sentence, and a paragraph begins below it."""
    text = line.text
    centred = _is_centred(line, edges)
    if text[-1] in "。，、；：,.:;" or any(stop in text for stop in "。；") or len(text) < 2:
        return False
    if text[-1] in _ENDS and not (centred and len(text) <= _LONGEST_HEADING):
        return False
    larger = line.size >= _LARGER * usual.size
    if line.box.width > _HEADING * (edges.right - edges.left) and not larger:
        return False
    if following is not None and following.box.x0 - edges.left < _INDENTED * line.size:
        return False
    if last is not None and last[0].text[-1] not in _ENDS and edges.right - last[0].box.x1 < _SHORT * line.size:
        return False
    return centred or larger or line.box.x0 - edges.left < _INDENTED * line.size
