"""A hit in its context: the part of the text around what was looked for, with marks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from baozhai_service.archive.search.folding import fold

LONGEST = 300  # characters of an excerpt
_BEFORE = 60  # characters before the first mark


def excerpt(text: str, words: Iterable[str]) -> dict[str, Any]:
    """The part of ``text`` around the first of ``words`` (folded), and where they stand in it.

    Returns:
        ``start``, the place of ``text`` in the whole; ``text``; ``marks``, pairs of offsets in ``text``. All count
        code points.
    """
    folded = fold(text)
    spans = marks(folded, words)
    start = 0
    if len(text) > LONGEST and spans:
        start = max(min(spans[0][0] - _BEFORE, len(text) - LONGEST), 0)
    end = min(start + LONGEST, len(text))
    inside = [[max(a, start) - start, min(b, end) - start] for a, b in spans if a < end and b > start]
    return {"start": start, "text": text[start:end], "marks": inside}


def marks(folded: str, words: Iterable[str]) -> list[tuple[int, int]]:
    """Where ``words`` stand in a folded text; what touches is one mark."""
    found = sorted(
        (at.start(), at.start() + len(word)) for word in words for at in re.finditer(f"(?={re.escape(word)})", folded)
    )
    joined: list[tuple[int, int]] = []
    for start, end in found:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
