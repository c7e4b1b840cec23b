"""How good digests are: picked sentences that the reader also picked, beside the floors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from baozhai_training.data.digested import (
    DigestedArticle,
    fit_weights,
    lead_scores,
    shared_picks,
    textrank_scores,
    weighed,
)

_FOLDS = 5
_SPLITS = 6

Floats = NDArray[np.float64]


def measure_digests(articles: Sequence[DigestedArticle], signals: Sequence[Floats], *, seed: int) -> dict[str, float]:
    """Nested cross-validation of out-of-fold ``signals``, one (sentences, signals) array an article.

    The network did not see the article, and the weights are fitted on other articles. Ours is the mean over `_SPLITS`
    random splits of the articles: the figure of one split varies too much.
    """
    if not articles:
        return {}
    ours = [_split_picks(articles, signals, seed=seed + 1 + number) for number in range(_SPLITS)]
    return {
        "ours": float(np.mean(ours)),
        "encoder alone": shared_picks(articles, [rows[:, 0] for rows in signals]),
        "lead": shared_picks(articles, [lead_scores(article) for article in articles]),
        "TextRank": shared_picks(articles, [textrank_scores(article, position=False) for article in articles]),
        "TextRank with position": shared_picks(articles, [textrank_scores(a, position=True) for a in articles]),
    }


def _split_picks(articles: Sequence[DigestedArticle], signals: Sequence[Floats], *, seed: int) -> float:
    scores: list[Floats] = [np.zeros(0)] * len(articles)
    part = np.random.default_rng(seed).permutation(len(articles)) % _FOLDS
    for number in range(_FOLDS):
        known = [i for i in range(len(articles)) if part[i] != number]
        weights = fit_weights([signals[i] for i in known], [articles[i].chosen for i in known])
        for index in np.flatnonzero(part == number).tolist():
            scores[index] = weighed(signals[index], weights)
    return shared_picks(articles, scores)
