"""What a scan shows beside its text: photographs and rules, and how far it is turned."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from baozhai_model.page.layout.geometry import Box

_CELL = 12  # pixels: photographs are looked for in cells of this size
_INKED = 0.35  # of a cell that is not white, in a photograph
_LEAST_PICTURE = 8  # cells along each side
_DARK = 150
_LEAST_RULE = 0.08  # of the page's width
_THICKEST = 8  # pixels


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn by ``angle`` (radians) about a point: what straightens a scan."""

    angle: float
    x: float
    y: float

    def straight(self, points: NDArray[np.float64]) -> Box:
        """The box of ``points``, shape (n, 2), on the straightened page: through the middles of their sides."""
        cosine, sine = math.cos(-self.angle), math.sin(-self.angle)
        dx, dy = points[:, 0] - self.x, points[:, 1] - self.y
        xs, ys = self.x + cosine * dx - sine * dy, self.y + sine * dx + cosine * dy
        x0, y0, x1, y1 = xs[0] + xs[-1], ys[0] + ys[1], xs[1] + xs[2], ys[2] + ys[-1]
        return Box(float(x0 / 2), float(y0 / 2), float(x1 / 2), float(y1 / 2))


def drawn_on(pixels: NDArray[np.uint8], text: Sequence[Box], turn: Turn) -> tuple[list[Box], list[Box]]:
    """The pictures and the level and upright rules of a scan, straightened, where there is no ``text``."""
    grey = pixels.mean(axis=2)
    free = np.ones(grey.shape, bool)
    for box in text:
        free[max(int(box.y0) - 2, 0) : int(box.y1) + 3, max(int(box.x0) - 2, 0) : int(box.x1) + 3] = False
    pictures = _pictures(grey, free)
    for box in pictures:
        free[int(box.y0) : int(box.y1) + 1, int(box.x0) : int(box.x1) + 1] = False
    dark = (grey < _DARK) & free
    rules = [*_rules(dark), *(Box(r.y0, r.x0, r.y1, r.x1) for r in _rules(dark.T))]
    return [_straight(box, turn) for box in pictures], [_straight(box, turn) for box in rules]


def _straight(box: Box, turn: Turn) -> Box:
    return turn.straight(np.array([[box.x0, box.y0], [box.x1, box.y0], [box.x1, box.y1], [box.x0, box.y1]]))


def _pictures(grey: NDArray[np.float64], free: NDArray[np.bool_]) -> list[Box]:
    """Boxes around connected cells that are mostly inked and hold no text."""
    rows, columns = grey.shape[0] // _CELL, grey.shape[1] // _CELL
    if not rows or not columns:
        return []
    inked = ((grey < 225) & free)[: rows * _CELL, : columns * _CELL]
    cells = inked.reshape(rows, _CELL, columns, _CELL).mean(axis=(1, 3)) > _INKED
    found = []
    for y0, x0, y1, x1, count in _connected(cells):
        high, wide = y1 - y0, x1 - x0
        if min(high, wide) >= _LEAST_PICTURE and count > 0.5 * high * wide and high * wide < 0.8 * rows * columns:
            found.append(Box(x0 * _CELL, y0 * _CELL, x1 * _CELL, y1 * _CELL))
    return found


def _connected(cells: NDArray[np.bool_]) -> list[tuple[int, int, int, int, int]]:
    """Top, left, bottom, right and size of each connected group of cells."""
    seen = ~cells
    found = []
    for start in zip(*np.nonzero(cells), strict=True):
        if seen[start]:
            continue
        seen[start] = True
        stack, group = [(int(start[0]), int(start[1]))], []
        while stack:
            y, x = stack.pop()
            group.append((y, x))
            for near in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)):
                if 0 <= near[0] < cells.shape[0] and 0 <= near[1] < cells.shape[1] and not seen[near]:
                    seen[near] = True
                    stack.append(near)
        ys, xs = zip(*group, strict=True)
        found.append((min(ys), min(xs), max(ys) + 1, max(xs) + 1, len(group)))
    return found


def _rules(dark: NDArray[np.bool_]) -> list[Box]:
    """Level rules: long dark runs that are thin, given that a scan may be turned by a degree."""
    height, width = dark.shape
    step = max(width // 60, 8)  # a rule is followed in steps, so that it may climb a little
    strips = width // step
    if strips < 3:
        return []
    full = dark[:, : strips * step].reshape(height, strips, step).mean(axis=2) > 0.7
    found = []
    used = np.zeros_like(full)
    for at in range(strips):
        for y in np.nonzero(full[:, at] & ~used[:, at])[0]:
            found += _followed(full, used, int(y), at, step, width)
    return found


def _followed(full: NDArray[np.bool_], used: NDArray[np.bool_], y: int, at: int, step: int, width: int) -> list[Box]:
    top, bottom, end = y, y, at
    level = y
    while end < full.shape[1]:
        near = [level + d for d in (0, -1, 1, -2, 2) if 0 <= level + d < full.shape[0] and full[level + d, end]]
        if not near:
            break
        level = near[0]
        low = level
        while low + 1 < full.shape[0] and full[low + 1, end] and low - level < 2 * _THICKEST:
            low += 1
        high = level
        while high > 0 and full[high - 1, end] and level - high < 2 * _THICKEST:
            high -= 1
        if low - high > _THICKEST:
            break
        used[high : low + 1, end] = True
        top, bottom = min(top, high), max(bottom, low)
        end += 1
    if (end - at) * step < _LEAST_RULE * width:
        return []
    middle = (top + bottom) / 2
    return [Box(at * step, middle - 0.5, end * step, middle + 0.5)]
