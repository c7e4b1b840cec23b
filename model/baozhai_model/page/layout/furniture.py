"""Headers and footers: what stands outside the room that articles have, or on every page at the same place."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from baozhai_model.page.layout.geometry import PrintedLine, PrintedPage
from baozhai_model.page.patterns import whole_mark
from baozhai_model.structure import Role

_TOP, _BOTTOM = 0.085, 0.94  # of a page's height: where a header ends and a footer begins at the farthest
_EDGE = 0.09  # of a page's height: lines that come again count as furniture this near to an edge
_NUMBER = re.compile(r"[0-9０-９一二三四五六七八九十]+")


def furniture_of(pages: Sequence[PrintedPage]) -> list[set[PrintedLine]]:
    """For each page its lines that belong to no article."""
    repeated = _repeated(pages)
    return [_furniture(page, repeated) for page in pages]


def _furniture(page: PrintedPage, repeated: set[tuple[str, int]]) -> set[PrintedLine]:
    height = page.height
    head = [
        rule.y1 for rule in page.rules if rule.width > 0.6 * page.width and rule.height < 4 and rule.y1 < _TOP * height
    ]
    top = max(head, default=0.0)
    found = set()
    for line in page.lines:
        above, below = line.box.y1 - 0.3 * line.box.height <= top, line.box.y0 >= _BOTTOM * height
        edge = line.box.y1 < _EDGE * height or line.box.y0 > (1 - _EDGE) * height
        marked = (mark := whole_mark(line.text)) is not None and mark.role is Role.FURNITURE
        if above or (edge and (marked or _key(line, height) in repeated)) or (below and _is_lone(line, page)):
            found.add(line)
    return found


def _is_lone(line: PrintedLine, page: PrintedPage) -> bool:
    """Whether no other line stands close above a line at the foot of the page."""
    room = 2.2 * line.size
    return not any(
        line.box.y0 - other.box.y0 > 0 and line.box.y0 - other.box.y1 < room and line.box.across(other.box) > 0
        for other in page.lines
    )


def _repeated(pages: Sequence[PrintedPage]) -> set[tuple[str, int]]:
    """What stands at the same height on at least half of the pages, numbers aside."""
    if len(pages) < 2:
        return set()
    seen = Counter(key for page in pages for key in {_key(line, page.height) for line in page.lines})
    return {key for key, count in seen.items() if count >= max(2, len(pages) / 2)}


def _key(line: PrintedLine, height: float) -> tuple[str, int]:
    return _NUMBER.sub("#", line.text.replace(" ", "")), round(50 * line.box.y0 / height)
