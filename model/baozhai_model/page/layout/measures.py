"""Measure the typography of a page: the font size of its body text, and its line spacing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from baozhai_model.page.layout.geometry import PrintedLine, PrintedPage

_ENOUGH = 5  # characters of a line that counts
_NEAREST = 3.0  # em: lines further apart are not neighbours


@dataclass(frozen=True, slots=True)
class Type:
    """The body text of a document: its size (an em), the distance from line to line, and its usual face."""

    size: float
    leading: float
    font: str


def body_type(pages: Sequence[PrintedPage]) -> Type:
    """The type that most characters of ``pages``, which must have a line, are set in."""
    lines = [line for page in pages for line in page.lines if not line.vertical]
    long = [line for line in lines if len(line.text) >= _ENOUGH] or lines
    long = long or [line for page in pages for line in page.lines]
    sizes = np.array([line.size for line in long])
    weights = np.array([len(line.text) for line in long])
    size = _fullest(sizes, weights)
    body = [line for line in long if abs(line.size - size) <= 0.12 * size]
    return Type(size, _leading(body, size), _commonest([line.font for line in body]))


def _fullest(sizes: np.ndarray, weights: np.ndarray) -> float:
    """The middle of the sizes within a tenth of which most characters lie."""
    held = [float(weights[np.abs(sizes - size) <= 0.1 * size].sum()) for size in sizes]
    best = float(sizes[int(np.argmax(held))])
    near = np.abs(sizes - best) <= 0.1 * best
    order = np.argsort(sizes[near])
    summed = np.cumsum(weights[near][order])
    return float(sizes[near][order][int(np.searchsorted(summed, summed[-1] / 2))])


def _leading(lines: Sequence[PrintedLine], size: float) -> float:
    """The usual distance between the tops of two lines of a column."""
    boxes = np.array([[line.box.x0, line.box.y0, line.box.x1, line.box.y1] for line in lines[:1500]])
    found = []
    for x0, y0, x1, _ in boxes:
        beside = (np.minimum(boxes[:, 2], x1) - np.maximum(boxes[:, 0], x0)) > 0.5 * (x1 - x0)
        below = boxes[beside, 1] - y0
        below = below[(below > 0.6 * size) & (below < _NEAREST * size)]
        if below.size:
            found.append(below.min())
    return float(np.median(found)) if found else 1.5 * size


def _commonest(fonts: Sequence[str]) -> str:
    return max(set(fonts), key=lambda font: (fonts.count(font), font)) if fonts else ""
