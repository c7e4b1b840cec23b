"""Splits that keep an article on one side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold

Indices = NDArray[np.int64]


def grouped_folds(
    groups: Sequence[str], targets: NDArray[np.bool_], folds: int, seed: int
) -> Iterator[tuple[Indices, Indices]]:
    """Yield (train, test) row indices; no group lies on both sides, and topics are spread as evenly as that allows."""
    kinds = targets.astype(np.int64) @ (1 << np.arange(targets.shape[1])) if targets.shape[1] < 8 else targets.argmax(1)
    counts = np.bincount(kinds)
    kinds = np.where(counts[kinds] < folds, 0, kinds)  # too rare to spread
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    yield from splitter.split(np.zeros(len(groups)), kinds, groups)
