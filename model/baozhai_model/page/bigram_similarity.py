"""How much two texts are about the same thing, by the pairs of characters they share."""

from __future__ import annotations

import math
import re
from collections import Counter

_WORDS = re.compile(r"[\u4e00-\u9fffA-Za-z0-9]+")


def bigrams(text: str) -> Counter[str]:
    """The pairs of neighbouring characters in ``text``, counted; never across a mark or a blank."""
    return Counter(run[i : i + 2] for run in _WORDS.findall(text) for i in range(len(run) - 1))


def cosine(left: Counter[str], right: Counter[str]) -> float:
    """The cosine of two counts, in [0, 1]; 0 where one is empty."""
    shared = sum(count * right[pair] for pair, count in left.items())
    return shared / math.sqrt(_square(left) * _square(right)) if shared else 0.0


def share(part: Counter[str], whole: Counter[str]) -> float:
    """The share of the different pairs of ``part`` that ``whole`` has too; 0 where ``part`` is empty."""
    return sum(pair in whole for pair in part) / len(part) if part else 0.0


def _square(counts: Counter[str]) -> int:
    return sum(count * count for count in counts.values())
