"""What to label next: paragraphs that the model doubts, and that are not all alike.

Uncertainty sampling (Lewis & Gale 1994) alone picks a hundred times the same doubt; each pick therefore lowers the
worth of what resembles it (Carbonell & Goldstein 1998, maximal marginal relevance).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import HashingVectorizer

from baozhai_model.model import Model
from baozhai_model.results import Prediction

_CANDIDATES = 10  # of the most doubtful, for each that is wanted

Floats = NDArray[np.float64]


def next_to_label(
    model: Model, texts: Sequence[str], count: int, titles: Sequence[str | None] | None = None
) -> list[int]:
    """Places of up to ``count`` of ``texts`` (with ``titles``) that ``model`` would learn most from, the best first."""
    rules = model.manifest.rules
    distances = np.full((len(texts), len(rules)), np.nan)
    for place, answer in enumerate(model.classify(texts, titles)):
        if isinstance(answer, Prediction):
            confidences = np.clip(np.array(list(answer.confidences.values())), 1e-9, 1 - 1e-9)
            distances[place] = rules.leads(rules.logits_of(confidences))
    return most_worth(texts, distances, count)


def most_worth(texts: Sequence[str], distances: Floats, count: int) -> list[int]:
    """Places of up to ``count`` of ``texts``, the best first.

    ``distances``, (texts, topics), tell how far each logit is from where its topic begins or ceases to be given; NaN
    where a text cannot be read.
    """
    doubts = np.exp(-np.abs(distances).min(axis=1))  # 1: it might as well be the other way
    return diverse(texts, np.where(np.isnan(doubts), -np.inf, doubts), count)


def diverse(texts: Sequence[str], worth: Floats, count: int) -> list[int]:
    """Places of up to ``count`` of ``texts`` by ``worth`` (texts,), each worth less the more it is like one before."""
    order = [int(i) for i in np.argsort(-worth, kind="stable")[: _CANDIDATES * count] if np.isfinite(worth[i])]
    if not order:
        return []
    vectors = HashingVectorizer(analyzer="char", ngram_range=(2, 3), n_features=2**18).transform(
        [texts[i] for i in order]
    )
    left, nearest = worth[order].copy(), np.zeros(len(order))
    picked: list[int] = []
    while len(picked) < min(count, len(order)):
        best = int(np.argmax(left * (1.0 - nearest)))
        picked.append(order[best])
        left[best] = -np.inf
        nearest = np.maximum(nearest, np.clip((vectors @ vectors[best].T).toarray()[:, 0], 0.0, 0.999))
    return picked
