"""Reading order: cutting a set of boxes along the gaps between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from baozhai_model.page.layout.geometry import Box

T = TypeVar("T")

_DEEPEST = 40


def in_columns(items: Sequence[T], box: Callable[[T], Box], slack: float) -> list[T]:
    """``items`` column by column, from left to right; what lies across columns parts what is above from what is below.

    ``slack`` is how far boxes may overlap and still count as side by side, or one above the other.
    """
    return _cut([(box(item), item) for item in items], slack, upright_first=True, depth=0)


def in_rows(items: Sequence[T], box: Callable[[T], Box], slack: float) -> list[T]:
    """``items`` from top to bottom, those side by side from left to right."""
    return _cut([(box(item), item) for item in items], slack, upright_first=False, depth=0)


def _cut(items: list[tuple[Box, T]], slack: float, *, upright_first: bool, depth: int) -> list[T]:
    if len(items) <= 1:
        return [item for _, item in items]
    for upright in (upright_first, not upright_first):
        parts = _parts(items, slack, upright=upright)
        if upright_first and not upright:
            parts = _tall(parts, slack)
        if len(parts) > 1 and depth < _DEEPEST:
            return [item for part in parts for item in _cut(part, slack, upright_first=upright_first, depth=depth + 1)]
    return [item for _, item in sorted(items, key=lambda pair: (pair[0].y0, pair[0].x0))]


def _parts(items: list[tuple[Box, T]], slack: float, *, upright: bool) -> list[list[tuple[Box, T]]]:
    """``items`` in the runs that gaps along one axis leave."""

    def edges(box: Box) -> tuple[float, float]:
        return (box.x0, box.x1) if upright else (box.y0, box.y1)

    parts: list[list[tuple[Box, T]]] = []
    end = float("-inf")
    for pair in sorted(items, key=lambda pair: edges(pair[0])):
        start, stop = edges(pair[0])
        if start >= end - slack:
            parts.append([])
        parts[-1].append(pair)
        end = max(end, stop)
    return parts


def _tall(rows: list[list[tuple[Box, T]]], slack: float) -> list[list[tuple[Box, T]]]:
    """``rows`` with neighbours joined that are columns together: a gap through all columns does not end them."""
    out: list[list[tuple[Box, T]]] = []
    for row in rows:
        if out and len(_parts(out[-1] + row, slack, upright=True)) > 1:
            out[-1] = out[-1] + row
        else:
            out.append(row)
    return out
