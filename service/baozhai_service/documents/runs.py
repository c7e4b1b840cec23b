"""Characters with places, joined to the lines that they are printed in."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median

from baozhai_model.page.layout.geometry import Box, PrintedLine

_SAME_SIZE = 1.25  # the sizes of two characters of a line differ by this factor at most


@dataclass(slots=True)
class Run:
    """Characters that follow one another.

    Attributes:
        text: the characters, without blanks.
        x0, y0, x1, y1: the box around them; y grows downwards.
        size: of their type.
        first: the number of the first one in its file.
        gaps: the room before each but the first.
        vertical: whether they run from top to bottom.
        spaced: whether the file has a blank after the last.
    """

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    size: float
    first: int
    gaps: list[float] = field(default_factory=list)
    vertical: bool = False
    spaced: bool = False

    def append(self, char: str, x0: float, y0: float, x1: float, y1: float, size: float) -> bool:
        """Take in a character if it goes on here; whether it does."""
        if max(size, self.size) > _SAME_SIZE * min(size, self.size):
            return False
        em = self.size
        overlap = min(self.y1, y1) - max(self.y0, y0)
        level = overlap > 0.4 * min(em, y1 - y0, self.y1 - self.y0) - 0.03 * em and abs(y1 - self.y1) < 0.9 * em
        if not self.vertical and level:
            gap = x0 - self.x1
            usual = median(self.gaps) if self.gaps else 0.0
            if char == self.text[-1] == "—" and -2.2 * em <= gap < 0:  # one glyph for two
                self._take(char, 0.0, x0, y0, x1, y1)
                return True
            if -0.6 * em <= gap <= max(0.45 * em, 2 * usual + 0.45 * em, 1.6 * em if self.spaced else 0.0):
                self._take(char, gap, x0, y0, x1, y1)
                return True
        centre, below = (self.x0 + self.x1) / 2, y0 - self.y1
        upright = len(self.text) == 1 or self.vertical
        if upright and abs((x0 + x1) / 2 - centre) < 0.35 * em and -0.3 * em < below < 0.8 * em:
            self.vertical = True
            self._take(char, below, x0, y0, x1, y1)
            return True
        return False

    def line(self, font: str = "") -> PrintedLine:
        """The line that the characters make up, with a blank where a gap is wider than the line is spaced."""
        y0, y1 = self.y0, self.y1
        if not self.vertical and y1 - y0 < self.size:  # boxes of the ink alone
            middle = (y0 + y1) / 2
            y0, y1 = middle - self.size / 2, middle + self.size / 2
        usual = median(self.gaps) if len(self.gaps) > 2 else 0.0
        wide = max(usual, 0.0) + 0.2 * self.size
        rest = zip(self.gaps, self.text[1:], strict=True)
        text = self.text[0] + "".join(" " * (gap > wide) + char for gap, char in rest)
        return PrintedLine(text, Box(self.x0, y0, self.x1, y1), self.size, font, self.vertical and len(self.text) > 2)

    def _take(self, char: str, gap: float, x0: float, y0: float, x1: float, y1: float) -> None:
        self.gaps.append(gap)
        self.text += char
        self.x0, self.y0, self.x1, self.y1 = min(self.x0, x0), min(self.y0, y0), max(self.x1, x1), max(self.y1, y1)
        self.spaced = False


def merged(runs: list[Run]) -> list[Run]:
    """``runs`` with those joined that stand side by side on one line, wherever the file has them."""
    out: list[Run] = []
    for run in sorted(runs, key=lambda run: (round(run.y1 / (0.2 * run.size)), run.x0)):
        before = out[-1] if out else None
        if before is not None and _side_by_side(before, run):
            before.gaps += [run.x0 - before.x1, *run.gaps]
            before.text += run.text
            before.spaced = run.spaced
            before.x1, before.y0, before.y1 = max(before.x1, run.x1), min(before.y0, run.y0), max(before.y1, run.y1)
        else:
            out.append(run)
    return out


def _side_by_side(left: Run, right: Run) -> bool:
    return (
        not left.vertical
        and not right.vertical
        and abs(left.y1 - right.y1) < 0.25 * right.size
        and max(left.size, right.size) <= _SAME_SIZE * min(left.size, right.size)
        and -0.3 * right.size <= right.x0 - left.x1 <= 0.5 * right.size
    )
