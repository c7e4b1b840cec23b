"""Which text, picture and caption belongs to which title: the regions of a page that articles take up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from baozhai_model.page.layout.columns import TextBlock
from baozhai_model.page.layout.geometry import Box, union
from baozhai_model.page.layout.measures import Type
from baozhai_model.page.layout.titles import Title

_CONTIGUOUS = 2.3  # leadings: text so near below other text goes on with it
_ALIGNED = 3.0  # em: how far the tops of two things may be apart that stand side by side
_FROM_PAGE = re.compile(r"[（(【\[]?\s*(?:紧接|上接|接)第?\s*[A-Z]?[0-9一二三四五六七八九十]{1,3}\s*版")
_COVERED = 0.6  # of a block's width that must lie below a title


@dataclass(eq=False, slots=True)
class Region:
    """An article's room: its title, if it has one there, its text blocks, and captions of its pictures."""

    title: Title | None = None
    blocks: list[TextBlock] = field(default_factory=list)
    captions: list[TextBlock] = field(default_factory=list)

    @property
    def box(self) -> Box:
        """The box around all of it."""
        parts = [block.box for block in (*self.blocks, *self.captions)]
        return union([*parts, self.title.box] if self.title else parts)


class Room:
    """Where everything of a page is, to tell what a title heads."""

    def __init__(
        self,
        titles: Sequence[Title],
        blocks: Sequence[TextBlock],
        pictures: Sequence[Box],
        rules: Sequence[Box],
        frames: Sequence[Box],
        usual: Type,
    ) -> None:
        self._titles, self._usual = titles, usual
        self._blocks = [(block, block.box) for block in blocks]
        self._pictures = list(pictures)
        self._rules = [*rules, *(edge for frame in frames for edge in frame.edges())]
        self._frames = frames
        self._boxes = {id(title): title.box for title in titles}
        self._reach = {id(title): self._extent(title) for title in titles}

    def regions(self) -> list[Region]:
        """The regions of the page, each block and title in one of them."""
        regions = {id(title): Region(title) for title in self._titles}
        owners: dict[int, Region] = {}
        orphans: list[Region] = []
        for block, box in sorted(self._blocks, key=lambda pair: (pair[1].y0, pair[1].x0)):
            region = self._owner(block, box, owners, regions)
            if region is None:
                region = Region()
                orphans.append(region)
            region.blocks.append(block)
            owners[id(block)] = region
        return [*regions.values(), *orphans]

    def _extent(self, title: Title) -> tuple[float, float]:
        """How far to the left and right a title heads what is below it: up to whatever stands beside it."""
        box = self._boxes[id(title)]
        inner = Box(box.x0, box.y0 + 0.2 * box.height, box.x1, box.y1 - 0.2 * box.height)
        left, right = float("-inf"), float("inf")
        beside = [other for key, other in self._boxes.items() if key != id(title)]
        beside += [other for _, other in self._blocks] + self._pictures
        beside += [rule for rule in self._rules if rule.height > rule.width]
        for other in beside:
            if other.along(inner) <= 0:
                continue
            if other.x1 <= box.x0 + 1:
                left = max(left, other.x1)
            elif other.x0 >= box.x1 - 1:
                right = min(right, other.x0)
        return left, right

    def _owner(
        self, block: TextBlock, box: Box, owners: dict[int, Region], regions: dict[int, Region]
    ) -> Region | None:
        above = self._title_above(box)
        upper = self._block_above(box)
        if upper is not None and (above is None or self._boxes[id(above)].y1 <= upper[1].y0):
            down = box.y0 - upper[1].y1
            if _FROM_PAGE.match(block.text):
                return None  # the rest of an article of another page, which needs no headline
            near = down <= _CONTIGUOUS * self._usual.leading - self._usual.size
            if near and not self._walled(upper[1], box) and self._same_frame(upper[1], box):
                return owners[id(upper[0])]
        beside = self._title_beside(block, box, above, owners, regions)
        if beside is not None:
            return regions[id(beside)]
        return regions[id(above)] if above is not None else None

    def _title_above(self, box: Box) -> Title | None:
        """The nearest title above ``box`` that heads it, with no wall between them."""
        found: list[tuple[float, float, Title]] = []
        for title in self._titles:
            own = self._boxes[id(title)]
            if title.vertical or own.y1 > box.y0 + 0.6 * self._usual.size or not self._same_frame(own, box):
                continue
            left, right = self._reach[id(title)]
            slack = 0.5 * self._usual.size
            covered = min(right + slack, box.x1) - max(left - slack, box.x0)
            printed = own.across(box)
            if covered >= _COVERED * box.width and not self._walled(own, box):
                found.append((own.y1, printed, title))
        if not found:
            return None
        lowest = max(y for y, _, _ in found)
        level = [item for item in found if item[0] >= lowest - 2 * self._usual.size]
        if len(level) > 1:  # a title set flush with the left edge of a column heads none to the left of it
            level = [item for item in level if not self._flush_right_of(item[2], box)] or level
        return max(level, key=lambda item: (item[1], item[0]))[2]

    def _flush_right_of(self, title: Title, box: Box) -> bool:
        """Whether ``title`` stands to the right of ``box``, its left edge that of the column right below it."""
        own, em = self._boxes[id(title)], self._usual.size
        if own.x0 < box.x1:
            return False
        return any(
            abs(other.x0 - own.x0) < 0.5 * em and 0 <= other.y0 - own.y1 + em < 5 * em for _, other in self._blocks
        )

    def _block_above(self, box: Box) -> tuple[TextBlock, Box] | None:
        """The nearest block above ``box`` in its column."""
        over = [
            (block, other)
            for block, other in self._blocks
            if other.y1 <= box.y0 + 0.5 * self._usual.size
            and other.y0 < box.y0
            and other.across(box) > 0.4 * min(box.width, other.width)
        ]
        return max(over, key=lambda pair: pair[1].y1, default=None)

    def _title_beside(
        self, block: TextBlock, box: Box, above: Title | None, owners: dict[int, Region], regions: dict[int, Region]
    ) -> Title | None:
        """A vertical title that ``box`` stands beside, or one whose text goes on in the column that ``box`` begins."""
        em = self._usual.size
        floor = self._boxes[id(above)].y1 if above is not None else float("-inf")
        found: list[tuple[float, Title]] = []
        for title in self._titles:
            own = self._boxes[id(title)]
            if own.y0 < floor - em or not self._same_frame(own, box):
                continue
            apart = -own.across(box)
            if apart < -em:
                continue
            if above is not None and self._directly(above, box):
                continue
            if title.vertical:
                if own.along(box) < 0.5 * min(box.height, own.height):
                    continue
            else:
                if own.x1 > box.x0 + em or abs(own.y0 - box.y0) > _ALIGNED * em:
                    continue
                if not any(
                    -other.across(box) < 3 * em and other.x0 < box.x0 and other.along(box) > 0
                    for other in (b.box for b in regions[id(title)].blocks)
                ) and not any(own.y1 <= other.y0 + em and other.across(own) > 0 for _, other in self._blocks):
                    continue
            if not self._parted(own, box):
                found.append((apart, title))
        return min(found, key=lambda item: item[0])[1] if found else None

    def _directly(self, title: Title, box: Box) -> bool:
        """Whether ``box`` stands right below ``title``, with nothing between them."""
        own = self._boxes[id(title)]
        down = box.y0 - own.y1
        return down < 2.5 * self._usual.leading

    def _parted(self, a: Box, b: Box) -> bool:
        """Whether an upright wall or another title stands between two things side by side."""
        left, right = min(a.x1, b.x1), max(a.x0, b.x0)
        hull = Box(left, max(a.y0, b.y0), right, min(a.y1, b.y1))
        for rule in self._rules:
            if (
                rule.height > rule.width
                and left - 1 <= rule.centre[0] <= right + 1
                and rule.along(hull) > 0.5 * hull.height
            ):
                return True
        for other in self._boxes.values():
            if other not in (a, b) and left - 1 <= other.centre[0] <= right + 1 and other.along(b) > 0:
                return True
        return False

    def _walled(self, upper: Box, lower: Box) -> bool:
        """Whether a level wall lies between two things one above the other."""
        x = lower.centre[0]
        return any(
            rule.width > rule.height
            and rule.x0 - 1 <= x <= rule.x1 + 1
            and rule.across(lower) > 0.7 * lower.width
            and upper.y1 - 2 <= rule.centre[1] <= lower.y0 + 2
            for rule in self._rules
        )

    def _same_frame(self, a: Box, b: Box) -> bool:
        return all(frame.contains(a, 2) == frame.contains(b, 2) for frame in self._frames)
