"""Pictures and their captions."""

from __future__ import annotations

from collections.abc import Sequence

from baozhai_model.page.layout.columns import TextBlock
from baozhai_model.page.layout.geometry import Box
from baozhai_model.page.layout.measures import Type
from baozhai_model.page.patterns import whole_mark
from baozhai_model.structure import Role

_NEAR = 2.0  # em from a picture to its caption, at most
_LONGEST = 220


def pictures_of(pictures: Sequence[Box], frames: Sequence[Box], blocks: Sequence[Box]) -> tuple[list[Box], list[Box]]:
    """The pictures of a page, and the frames that hold text: a frame without any is a drawing."""
    drawn = list(pictures)
    kept: list[Box] = []
    for frame in frames:
        (kept if any(frame.contains(block, 3) for block in blocks) else drawn).append(frame)
    return [picture for picture in drawn if not _holds_text(picture, blocks)], kept


def captions_of(blocks: Sequence[TextBlock], pictures: Sequence[Box], usual: Type) -> dict[int, Box]:
    """For each block that is a caption, by its `id`, the picture that it belongs to."""
    found: dict[int, Box] = {}
    for picture in pictures:
        near = [(block, block.box) for block in blocks if id(block) not in found]
        below = [
            (box.y0 - picture.y1, block, box)
            for block, box in near
            if -0.5 * usual.size < box.y0 - picture.y1 < _NEAR * usual.size
            and box.across(picture) > 0.75 * box.width
            and len(block.text) <= _LONGEST
        ]
        for _, block, box in sorted(below, key=lambda item: item[0])[:1]:
            if _reads_as_caption(block) or _differs(block, box, picture, usual):
                found[id(block)] = picture
    for block in blocks:
        if id(block) not in found and _reads_as_caption(block):
            box = block.box
            beside = [p for p in pictures if p.along(box) > 0 and -p.across(box) < _NEAR * usual.size]
            found[id(block)] = min(beside, key=lambda p: abs(p.y1 - box.y1)) if beside else box
    return found


def _reads_as_caption(block: TextBlock) -> bool:
    text = block.text
    if len(text) > _LONGEST:
        return False
    mark = whole_mark(text)
    return mark is not None and mark.role is Role.CAPTION


def _differs(block: TextBlock, box: Box, picture: Box, usual: Type) -> bool:
    """Whether a block below a picture is set unlike the body: in another size or face, or as wide as the picture."""
    if abs(block.size - usual.size) > 0.04 * usual.size and block.lines[0].confidence == 1:
        return True
    wide = picture.width > 18 * usual.size and box.width > 0.8 * picture.width
    return wide or (block.lines[0].font != usual.font and len(block.lines) <= 4)


def _holds_text(picture: Box, blocks: Sequence[Box]) -> bool:
    """Whether a picture is the ground that text is printed on."""
    return sum(picture.contains(block, 2) for block in blocks) >= 3
