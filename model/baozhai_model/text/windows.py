"""Cut a long text into windows that the encoder can read, at sentence ends where it can be, leaving nothing out."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise


def cut_windows(sentence_starts: Sequence[int], tokens: int, size: int) -> list[range]:
    """Tile ``range(tokens)`` with ranges of at most ``size`` tokens, as equal in length as sentences allow.

    Args:
        sentence_starts: the first token of each sentence, ascending.
        tokens: how many there are.
        size: tokens that one window holds; a longer sentence is cut.

    >>> cut_windows([0, 4, 9, 12], 14, 10)
    [range(0, 9), range(9, 14)]
    """
    if tokens == 0:
        return []
    edges = sorted({0, *(start for start in sentence_starts if start < tokens), tokens})
    wanted = -(-tokens // -(-tokens // size))  # all windows of equal length
    windows: list[range] = []
    begin = 0
    for start, end in pairwise(edges):
        if start > begin and (end - begin > size or start - begin >= wanted):
            windows.append(range(begin, start))
            begin = start
        while end - begin > size:
            windows.append(range(begin, begin + size))
            begin += size
    if begin < tokens:
        windows.append(range(begin, tokens))
    return windows
