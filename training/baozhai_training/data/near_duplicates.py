"""Near-duplicates: paragraphs that are the same but for a few characters.

Broder 1997 (resemblance of shingle sets) with MinHash signatures and banding: candidates share a band, and are then
compared in full, so nothing is reported that is not alike.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from baozhai_training.data.labels import same_text

ALIKE = 0.7  # share of 5-character shingles in common
_SHINGLE = 5
_BANDS, _ROWS = 20, 4  # finds a pair that is ALIKE with a chance of 99.6 %
_CROWD = 40  # of a larger crowd in one band each is compared with the first alone

Hashes = NDArray[np.uint64]


def near_duplicates(texts: Sequence[str], alike: float = ALIKE) -> list[tuple[int, int, float]]:
    """Pairs of places in ``texts`` (first, second, resemblance), in order; texts under 5 characters are let be."""
    shingles = [_shingles(text) for text in texts]
    found = {}
    for first, second in sorted(set(_candidates(shingles))):
        a, b = shingles[first], shingles[second]
        shared = len(np.intersect1d(a, b, assume_unique=True))
        if (resemblance := shared / (len(a) + len(b) - shared)) >= alike:
            found[first, second] = resemblance
    return [(first, second, resemblance) for (first, second), resemblance in found.items()]


def merged_groups(groups: Sequence[str], pairs: Sequence[tuple[int, int, float]]) -> list[str]:
    """``groups`` with those made one that hold near-duplicates of each other, so that no split parts them."""
    names, places = np.unique(np.array(groups, dtype=object), return_inverse=True)
    left = [places[first] for first, _, _ in pairs]
    right = [places[second] for _, second, _ in pairs]
    graph = coo_matrix((np.ones(len(pairs)), (left, right)), shape=(len(names), len(names)))
    _, component = connected_components(graph, directed=False)
    _, leaders = np.unique(component, return_index=True)
    return [str(names[leaders[component[place]]]) for place in places]


def _shingles(text: str) -> Hashes:
    points = np.frombuffer(same_text(text).encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    if len(points) < _SHINGLE:
        return np.zeros(0, dtype=np.uint64)
    rolling = np.zeros(len(points) - _SHINGLE + 1, dtype=np.uint64)
    for offset in range(_SHINGLE):
        rolling = rolling * np.uint64(0x100000001B3) + points[offset : offset + len(rolling)]
    return np.unique(rolling * np.uint64(0x9E3779B97F4A7C15))


def _candidates(shingles: Sequence[Hashes]) -> Iterator[tuple[int, int]]:
    random = np.random.default_rng(0)
    factors = random.integers(1, 2**63, (_BANDS * _ROWS, 1), dtype=np.uint64) | np.uint64(1)
    offsets = random.integers(0, 2**63, (_BANDS * _ROWS, 1), dtype=np.uint64)
    buckets: dict[tuple[int, bytes], list[int]] = defaultdict(list)
    for place, hashes in enumerate(shingles):
        if len(hashes):
            # The product's high half is the mixed one; the low half alone would order all permutations alike.
            signature = ((hashes * factors + offsets) >> np.uint64(32)).min(axis=1).reshape(_BANDS, _ROWS)
            for band, row in enumerate(signature):
                buckets[band, row.tobytes()].append(place)
    for places in buckets.values():
        if len(places) <= _CROWD:
            yield from combinations(places, 2)
        else:
            yield from ((places[0], other) for other in places[1:])
