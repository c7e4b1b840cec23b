"""Lines that stand one under the other, gathered into text blocks: a column of an article, or a part of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from baozhai_model.page.layout.geometry import Box, PrintedLine, side_by_side, union
from baozhai_model.page.layout.measures import Type

_NEXT = 1.42  # leadings from a line to the next of the same block, at most
_INDENT = 2.8  # em: how far the left edges of two lines of a block may differ
_OVERHANG = 1.3  # em: how far a line may stick out of its column
_SAME_SIZE = 1.06  # factor between the sizes of born-digital lines of one block
_SAME_SIZE_READ = 1.35  # and of recognized lines, whose sizes are guesses


@dataclass(eq=False, slots=True)
class TextBlock:
    """Lines of one column, from top to bottom, and the box around them."""

    lines: list[PrintedLine]
    box: Box

    @classmethod
    def of(cls, line: PrintedLine) -> TextBlock:
        """The block that ``line`` begins."""
        return cls([line], line.box)

    def add(self, line: PrintedLine) -> None:
        """Take in the next line."""
        self.lines.append(line)
        self.box = union((self.box, line.box))

    @property
    def size(self) -> float:
        """The size of the type of its first line."""
        return self.lines[0].size

    @property
    def text(self) -> str:
        """Its lines as they stand."""
        return "".join(line.text for line in self.lines)


def text_blocks(lines: Sequence[PrintedLine], usual: Type, walls: Sequence[Box]) -> list[TextBlock]:
    """The blocks that ``lines`` make up; ``walls`` (rules and pictures) part what is above from what is below."""
    open_blocks: list[TextBlock] = []
    done: list[TextBlock] = []
    for line in sorted(lines, key=lambda line: (line.box.y0, line.box.x0)):
        still: list[TextBlock] = []
        for block in open_blocks:
            near = line.box.y0 - block.lines[-1].box.y0 <= 2 * _NEXT * max(usual.leading, 1.5 * block.size)
            (still if near else done).append(block)
        open_blocks = still
        fits = [block for block in open_blocks if _goes_on(block, line, usual, walls)]
        if fits:
            min(fits, key=lambda block: abs(block.box.x0 - line.box.x0) - block.box.across(line.box)).add(line)
        else:
            open_blocks.append(TextBlock.of(line))
    return _absorbed(done + open_blocks)


def _absorbed(blocks: Sequence[TextBlock]) -> list[TextBlock]:
    """``blocks`` with single lines put back that a wide gap had cut off a line of another block."""
    large = [block for block in blocks if len(block.lines) > 1]
    out = list(large)
    for block in blocks:
        if len(block.lines) == 1 and not any(_absorbs(other, block.lines[0]) for other in large):
            out.append(block)
    return out


def _absorbs(block: TextBlock, line: PrintedLine) -> bool:
    """Join ``line`` to the line of ``block`` that it is a part of; whether there is one."""
    size = line.size
    if not (block.box.x0 - 0.6 * size <= line.box.x0 and line.box.x1 <= block.box.x1 + 0.6 * size):
        return False
    for at, own in enumerate(block.lines):
        row = own.box.along(line.box) > 0.6 * min(own.box.height, line.box.height)
        apart = -own.box.across(line.box)
        if row and -0.1 * size < apart < 2.5 * size and max(own.size, size) < _SAME_SIZE_READ * min(own.size, size):
            block.lines[at] = side_by_side(own, line)
            block.box = union((block.box, line.box))
            return True
    return False


def _goes_on(block: TextBlock, line: PrintedLine, usual: Type, walls: Sequence[Box]) -> bool:
    last, size = block.lines[-1], line.size
    read = min(last.confidence, line.confidence) < 1
    if max(size, last.size) > (_SAME_SIZE_READ if read else _SAME_SIZE) * min(size, last.size):
        return False
    leading = usual.leading * max(1.0, size / usual.size)
    down = line.box.y0 - last.box.y0
    if not 0.4 * size < down <= _NEXT * leading:
        return False
    box = block.box
    if box.across(line.box) < 0.5 * min(last.box.width, line.box.width, box.width):
        return False
    aligned = abs(line.box.x0 - box.x0) <= _INDENT * size
    centred = abs(line.box.centre[0] - box.centre[0]) <= size and len(block.lines) < 3
    if not (aligned or centred or line.box.x0 > box.x0):
        return False
    if len(block.lines) > 1 and line.box.x1 > box.x1 + _OVERHANG * size:
        return False
    between = Box(max(box.x0, line.box.x0), last.box.centre[1], min(box.x1, line.box.x1), line.box.centre[1])
    return not any(wall.across(between) > 0.6 * between.width and wall.along(between) >= 0 for wall in walls)
