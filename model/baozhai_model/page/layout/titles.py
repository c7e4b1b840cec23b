"""Titles: lines set larger than the body, gathered with the kickers and subtitles that stand with them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce

from baozhai_model.page.layout.columns import TextBlock
from baozhai_model.page.layout.geometry import Box, PrintedLine, side_by_side, union
from baozhai_model.page.layout.measures import Type
from baozhai_model.page.patterns import whole_mark
from baozhai_model.structure import Role
from baozhai_model.text.simplified import simplified

LARGER = 1.12  # times the body's size: what is set so large is a title
_LARGER_READ = 1.45  # of recognized lines, whose sizes are guesses
_SENTENCES = 60  # characters: what is longer, or has several stops, is text in large type
_TOGETHER = 1.1  # em of the larger: how far the lines of one title may be apart
_APART = 2.6  # em: how far the names of a by-line may be apart
_SAME = 1.12  # factor between the sizes of the lines of one headline


@dataclass(eq=False, slots=True)
class Title:
    """The lines that head an article, from top to bottom (vertical ones from right to left), and its by-lines."""

    lines: list[PrintedLine]
    bylines: list[PrintedLine] = field(default_factory=list)

    @property
    def box(self) -> Box:
        """The box around its lines; a by-line may stand beside the first line of a column."""
        return union(line.box for line in self.lines)

    @property
    def size(self) -> float:
        """The size of the largest line."""
        return max(line.size for line in self.lines)

    @property
    def vertical(self) -> bool:
        """Whether its headline runs from top to bottom."""
        return max(self.lines, key=lambda line: line.size).vertical

    def take_bylines(self, lines: Sequence[PrintedLine]) -> set[PrintedLine]:
        """Take in those of ``lines`` that are by-lines or datelines right below the title; which ones they were.

        The names of a by-line may stand so far apart that each is a line of its own.
        """
        taken: set[PrintedLine] = set()
        box = self.box
        near = [line for line in lines if -0.5 * line.size < line.box.y0 - box.y1 < 3 * self.size]
        for first in sorted(near, key=lambda line: (line.box.y0, line.box.x0)):
            if first in taken:
                continue
            row = [first]
            for line in sorted(near, key=lambda line: line.box.x0):
                last = row[-1].box
                level = abs(line.box.y0 - last.y0) < 0.3 * line.size and abs(line.size - first.size) < 0.1 * line.size
                if level and line not in taken and 0 <= line.box.x0 - last.x1 < _APART * line.size:
                    row.append(line)
            for count in range(len(row), 0, -1):
                if self._take_byline(reduce(side_by_side, row[:count])):
                    taken.update(row[:count])
                    break
        return taken

    def _take_byline(self, line: PrintedLine) -> bool:
        """Take ``line`` in if it is a by-line right below the title, or a dateline there; whether it was."""
        box = self.box
        if self.vertical or not -0.5 * line.size < line.box.y0 - box.y1 < _TOGETHER * max(line.size, 0.5 * self.size):
            return False
        mark = whole_mark(simplified(line.text))
        if mark is None or mark.role not in (Role.BYLINE, Role.DATELINE) or line.text[-1] in "。，":
            return False
        if line.box.across(box) < 0.3 * min(line.box.width, box.width):
            return False
        self.bylines.append(line)
        return True

    def parts(self) -> list[tuple[bool, list[PrintedLine]]]:
        """Its lines in runs of one size; True for the run that is the headline itself."""
        runs: list[list[PrintedLine]] = []
        for line in (*self.lines, *self.bylines):
            before = runs[-1][-1] if runs else None
            same = before is not None and max(before.size, line.size) <= _SAME * min(before.size, line.size)
            if same and not line.text.startswith(("—", "－", "--")):
                runs[-1].append(line)
            else:
                runs.append([line])
        largest = max((run for run in runs if run[0] not in self.bylines), key=_weight)
        return [(run is largest, run) for run in runs]


def _weight(run: Sequence[PrintedLine]) -> float:
    """How much a run of lines looks like the headline: large, and more than a word or two that announce it."""
    return run[0].size * math.sqrt(min(max(len(line.text) for line in run), 12))


def is_large(line: PrintedLine, usual: Type) -> bool:
    """Whether ``line`` is set larger than the body, or from top to bottom."""
    limit = LARGER if line.confidence == 1 else _LARGER_READ
    return line.size >= limit * usual.size or (line.vertical and line.size >= 0.9 * usual.size)


def is_text(block: TextBlock) -> bool:
    """Whether a block of large lines is text all the same: sentences, not a title."""
    text = block.text
    return len(block.lines) >= 2 and len(text) > _SENTENCES and text.count("。") + text.count("，") >= 2


def titles_of(lines: Sequence[PrintedLine], walls: Sequence[Box], body: Sequence[TextBlock]) -> list[Title]:
    """The titles that large ``lines`` make up; lines that a wall or body text parts are titles apart."""
    groups: list[list[PrintedLine]] = []
    for line in sorted(lines, key=lambda line: (line.box.y0, line.box.x0)):
        near = [group for group in groups if any(_together(other, line, walls, body) for other in group)]
        merged = [line, *(other for group in near for other in group)]
        groups = [group for group in groups if group not in near] + [merged]
    return [Title(_ordered(group)) for group in groups]


def _together(upper: PrintedLine, lower: PrintedLine, walls: Sequence[Box], body: Sequence[TextBlock]) -> bool:
    a, b = upper.box, lower.box
    em = max(upper.size, lower.size)
    if upper.vertical != lower.vertical:
        return False
    if upper.vertical:
        beside = a.along(b) > 0.3 * min(a.height, b.height) and -a.across(b) < 0.8 * em
        near = beside or (a.across(b) > 0.5 * min(a.width, b.width) and -a.along(b) < 1.6 * em)
    elif a.along(b) > 0.5 * min(a.height, b.height):  # side by side
        near = -a.across(b) < 2.2 * em and max(upper.size, lower.size) <= 1.03 * min(upper.size, lower.size)
        near = near and not _gutter_below(a, b, body)
    else:
        near = a.across(b) > 0.3 * min(a.width, b.width) and -a.along(b) < _TOGETHER * em
    if not near:
        return False
    hull = union((a, b))
    return not any(_parts(wall, a, b, hull) for wall in walls)


def _gutter_below(a: Box, b: Box, body: Sequence[TextBlock]) -> bool:
    """Whether the gap between two titles side by side goes on as a gutter between columns below them."""
    left, right = min(a.x1, b.x1), max(a.x0, b.x0)
    if right - left < 1:
        return False
    low = max(a.y1, b.y1)
    height = (a.height + b.height) / 2
    below = [block.box for block in body if low - 1 <= block.box.y0 <= low + 6 * height]
    if right - left > 1.2 * height and _begins_column(a, below) and _begins_column(b, below):
        return True
    crossed = any(box.x0 < (left + right) / 2 < box.x1 for box in below)
    beside = any(box.x1 <= right + 1 for box in below) and any(box.x0 >= left - 1 for box in below)
    single = any(a.across(box) > 0.6 * a.width for box in below) and any(b.across(box) > 0.6 * b.width for box in below)
    return beside and not crossed and single


def _begins_column(title: Box, below: Sequence[Box]) -> bool:
    """Whether a column below ``title`` begins where it begins, and none lies across its left edge."""
    edge, slack = title.x0, 0.3 * title.height
    begins = any(abs(box.x0 - edge) < slack for box in below)
    return begins and not any(box.x0 < edge - slack and box.x1 > edge + slack for box in below)


def _parts(wall: Box, a: Box, b: Box, hull: Box) -> bool:
    """Whether ``wall`` lies between ``a`` and ``b``, and not round them or within one."""
    if wall.contains(hull, 1):
        return False
    flat = wall.width >= wall.height
    if flat:
        return min(a.y1, b.y1) - 1 <= wall.centre[1] <= max(a.y0, b.y0) + 1 and wall.across(hull) > 0.6 * hull.width
    return min(a.x1, b.x1) - 1 <= wall.centre[0] <= max(a.x0, b.x0) + 1 and wall.along(hull) > 0.6 * hull.height


def _ordered(lines: list[PrintedLine]) -> list[PrintedLine]:
    if sum(line.vertical for line in lines) * 2 > len(lines):
        return sorted(lines, key=lambda line: (-round(line.box.centre[0] / line.size), line.box.y0))
    rows: list[list[PrintedLine]] = []
    for line in sorted(lines, key=lambda line: line.box.centre[1]):
        if rows and rows[-1][0].box.along(line.box) > 0.5 * min(rows[-1][0].box.height, line.box.height):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [line for row in rows for line in sorted(row, key=lambda line: line.box.x0)]
