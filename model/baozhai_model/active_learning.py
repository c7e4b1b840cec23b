"""What to label next: paragraphs that the model doubts, and that are not all alike.

Uncertainty sampling (Lewis & Gale 1994) alone picks a hundred times the same doubt; each pick therefore lowers the
worth of what resembles it (Carbonell & Goldstein 1998, maximal marginal relevance).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from baozhai_model.errors import InputError
from baozhai_model.model import Model
from baozhai_model.results import Prediction
from baozhai_model.topics.ngrams import hashed_ngrams

_CANDIDATES = 10  # of the most doubtful, for each that is wanted
_BITS = 12  # of the hashed n-grams that texts are compared by

Floats = NDArray[np.float64]


def next_to_label(
    model: Model, texts: Sequence[str], count: int, titles: Sequence[str | None] | None = None
) -> list[int]:
    """Places of up to ``count`` of ``texts`` (with ``titles``) that ``model`` would learn most from, the best first."""
    return most_worth(texts, doubt(model, model.classify(texts, titles)), count)


def doubt(model: Model, answers: Sequence[Prediction | InputError]) -> Floats:
    """How far each logit of ``answers`` is from where its topic begins or ceases to be given, (answers, topics).

    NaN where a text could not be read.
    """
    rules = model.manifest.rules
    distances = np.full((len(answers), len(rules)), np.nan)
    for place, answer in enumerate(answers):
        if isinstance(answer, Prediction):
            confidences = np.clip(np.array(list(answer.confidences.values())), 1e-9, 1 - 1e-9)
            distances[place] = rules.leads(rules.logits_of(confidences))
    return distances


def most_worth(texts: Sequence[str], distances: Floats, count: int) -> list[int]:
    """Places of up to ``count`` of ``texts``, the best first.

    ``distances``, (texts, topics), are those of `doubt`.
    """
    if not len(texts):
        return []
    doubts = np.exp(-np.abs(distances).min(axis=1))  # 1: it might as well be the other way
    return diverse(texts, np.where(np.isnan(doubts), -np.inf, doubts), count)


def diverse(texts: Sequence[str], worth: Floats, count: int) -> list[int]:
    """Places of up to ``count`` of ``texts`` by ``worth`` (texts,), each worth less the more it is like one before."""
    order = [int(i) for i in np.argsort(-worth, kind="stable")[: _CANDIDATES * count] if np.isfinite(worth[i])]
    if not order:
        return []
    vectors = _vectors([texts[i] for i in order])
    left, nearest = worth[order].copy(), np.zeros(len(order))
    picked: list[int] = []
    while len(picked) < min(count, len(order)):
        best = int(np.argmax(left * (1.0 - nearest)))
        picked.append(order[best])
        left[best] = -np.inf
        nearest = np.maximum(nearest, np.clip(vectors @ vectors[best], 0.0, 0.999))
    return picked


def _vectors(texts: Sequence[str]) -> NDArray[np.float32]:
    """Character n-grams of each text, of length 1, (texts, 2**_BITS)."""
    vectors = np.zeros((len(texts), 2**_BITS), dtype=np.float32)
    for row, text in zip(vectors, texts, strict=True):
        buckets, weights = hashed_ngrams(text, _BITS)
        row[buckets] = weights
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: NDArray[np.float32] = vectors / np.maximum(lengths, 1e-9)
    return unit
