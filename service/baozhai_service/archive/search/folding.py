"""Normalisation of texts and queries before they are compared. Each character maps to one, so offsets do not change."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from baozhai_model.text.simplified import simplified

_POINTS = 0x110000
_BASIC = [*range(0xD800), *range(0xE000, 0x10000)]  # the characters beyond them are folded nowhere
_FULL_WIDTH = range(0xFF01, 0xFF5F)  # U+FF01 is "!" in full width, and so on


def fold(text: str) -> str:
    """``text`` in simplified characters, lower case and half width; each white-space character becomes a blank.

    >>> fold("環境　ＡＩ ２０２３年")
    '环境 ai 2023年'
    """
    return text.translate(_table())


def fold_all(texts: Sequence[str]) -> list[str]:
    """Each of ``texts`` folded; for many texts this is several times as fast as `fold`."""
    points = np.frombuffer("".join(texts).encode("utf-32-le"), dtype="<u4")
    folded = _array()[points].astype("<u4").tobytes().decode("utf-32-le")
    ends = np.cumsum([len(text) for text in texts], dtype=np.int64).tolist()
    return [folded[start:end] for start, end in zip([0, *ends], ends, strict=False)]


@cache
def _table() -> dict[int, int]:
    """What differs from itself when folded, by code point."""
    characters = "".join(map(chr, _BASIC))
    return {
        ord(old): ord(new)
        for old, new in zip(characters, map(_folded, simplified(characters)), strict=True)
        if old != new
    }


def _folded(character: str) -> str:
    if character.isspace():
        return " "
    if ord(character) in _FULL_WIDTH:
        character = chr(ord(character) - 0xFEE0)
    lower = character.lower()
    return lower if len(lower) == 1 else character


@cache
def _array() -> NDArray[np.uint32]:
    points = np.arange(_POINTS, dtype=np.uint32)
    for old, new in _table().items():
        points[old] = new
    return points
