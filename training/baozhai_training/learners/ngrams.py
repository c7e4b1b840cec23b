"""Linear models of character n-grams: the floor that every encoder must beat, and the n-gram model of a bundle."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack, vstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from baozhai_model.topics.ngrams import TITLE_CHARACTERS, TITLE_WEIGHT, NgramModel, hashed_ngrams

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

_LEAN = 10.0  # scale of the old score beside features of length one


def floor_scores(train: Sequence[str], targets: Bools, test: Sequence[str], *, seed: int) -> Floats:
    """Scores of ``test``, shape (texts, topics), by character TF-IDF (1-4) and a linear SVM per topic: the floor."""
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 4), sublinear_tf=True, min_df=2, dtype=np.float32)
    known, asked = vectorizer.fit_transform(train), vectorizer.transform(test)
    return np.stack(
        [
            LinearSVC(C=0.5, random_state=seed).fit(known, column).decision_function(asked)
            if 0 < column.sum() < len(column)
            else np.where(column[0], 1.0, -1.0) * np.ones(len(test))
            for column in targets.T
        ],
        axis=1,
    )


def fit_ngrams(
    texts: Sequence[str],
    targets: Bools,
    bits: int,
    *,
    weights: Floats | None = None,
    titles: Sequence[str | None] | None = None,
    seed: int,
) -> NgramModel:
    """The same model over hashed n-grams, small enough to ship: ``2**bits`` buckets in half precision.

    A text that has one of ``titles`` is learnt by itself and once more under it. ``weights``, shape (texts, topics),
    are how much each target counts; 1 if None.
    """
    return fit_counted(
        ngram_counts(texts, bits), targets, weights=weights, titles=_title_counts(titles, bits), seed=seed
    )


def fit_counted(
    counted: csr_matrix,
    targets: Bools,
    *,
    weights: Floats | None = None,
    titles: csr_matrix | None = None,
    seed: int,
) -> NgramModel:
    """`fit_ngrams` for texts and titles that `ngram_counts` has counted, each (texts, buckets)."""
    texts, buckets = counted.shape
    documents = np.bincount(counted.indices, minlength=buckets)
    idf = np.where(documents >= 2, np.log((1 + texts) / (1 + documents)) + 1.0, 0.0).astype(np.float16)
    rows, features = _both_ways(counted, titles, idf)
    coefficients = np.zeros((buckets, targets.shape[1]), dtype=np.float16)
    bias = np.zeros(targets.shape[1], dtype=np.float32)
    for index, column in enumerate(targets[rows].T):
        if 0 < column.sum() < len(column):
            counts = None if weights is None else weights[rows, index]
            machine = LinearSVC(C=0.5, random_state=seed).fit(features, column, sample_weight=counts)
            coefficients[:, index] = machine.coef_[0]
            bias[index] = machine.intercept_[0]
        else:
            bias[index] = 1.0 if column[0] else -1.0
    return NgramModel(idf, coefficients, bias)


def continue_ngrams(
    known: NgramModel,
    texts: Sequence[str],
    targets: Bools,
    *,
    weights: Floats | None = None,
    titles: Sequence[str | None] | None = None,
    seed: int,
) -> NgramModel:
    """``known`` trained further on ``texts`` (and ``titles``); ``targets`` and ``weights`` are (texts, topics).

    Its score is one more feature of the new SVM, scaled by `_LEAN` so that the penalty hardly touches its weight: what
    the new texts do not contradict stays. Both are linear in the same buckets, so their sum has the same size.
    """
    counted = ngram_counts(texts, known.bits)
    documents = np.bincount(counted.indices, minlength=2**known.bits)
    idf = np.where((known.idf == 0) & (documents >= 2), known.idf.max(), known.idf).astype(np.float16)
    rows, features = _both_ways(counted, _title_counts(titles, known.bits), idf)
    coefficients, bias = known.weights.copy(), known.bias.copy()
    for index, column in enumerate(targets[rows].T):
        if 0 < column.sum() < len(column):
            before = known.weights[:, index].astype(np.float32)
            score = csr_matrix(_LEAN * (features @ before + known.bias[index])[:, np.newaxis])
            counts = None if weights is None else weights[rows, index]
            both = hstack([features, score], format="csr")
            machine = LinearSVC(C=0.5, random_state=seed).fit(both, column, sample_weight=counts)
            trust = _LEAN * machine.coef_[0, -1]
            coefficients[:, index] = machine.coef_[0, :-1] + trust * before
            bias[index] = machine.intercept_[0] + trust * known.bias[index]
    return NgramModel(idf, coefficients, bias)


def ngram_scores(model: NgramModel, texts: Sequence[str], titles: Sequence[str | None] | None = None) -> Floats:
    """``model``'s logits for each text under its title, shape (texts, topics)."""
    pairs = zip(texts, titles or (None,) * len(texts), strict=True)
    return np.stack([model.logits(text, title) for text, title in pairs]).astype(np.float64)


def counted_scores(model: NgramModel, counted: csr_matrix) -> Floats:
    """``model``'s logits for texts that `ngram_counts` has counted, shape (texts, topics)."""
    scores: Floats = _unit(counted, model.idf) @ model.weights.astype(np.float32) + model.bias
    return scores.astype(np.float64)


def ngram_counts(texts: Sequence[str], bits: int) -> csr_matrix:
    """The sublinear counts of `hashed_ngrams`, shape (texts, 2**bits)."""
    rows = [hashed_ngrams(text, bits) for text in texts]
    starts = np.cumsum([0, *(len(buckets) for buckets, _ in rows)])
    return csr_matrix(
        (np.concatenate([c for _, c in rows]), np.concatenate([b for b, _ in rows]), starts),
        shape=(len(texts), 2**bits),
    )


def _title_counts(titles: Sequence[str | None] | None, bits: int) -> csr_matrix | None:
    return (
        ngram_counts([(title or "")[:TITLE_CHARACTERS] for title in titles], bits)
        if titles is not None and any(titles)
        else None
    )


def _both_ways(
    counted: csr_matrix, titles: csr_matrix | None, idf: NDArray[np.float16]
) -> tuple[NDArray[np.int64], csr_matrix]:
    """Texts by themselves, then those that have a title under it: whose row each is, and its features."""
    bare, rows = _unit(counted, idf), np.arange(counted.shape[0])
    if titles is None:
        return rows, bare
    titled = np.flatnonzero(np.diff(titles.indptr))
    under = bare[titled] + TITLE_WEIGHT * _unit(titles[titled], idf)
    return np.concatenate([rows, titled]), vstack([bare, under], format="csr")


def _unit(counted: csr_matrix, idf: NDArray[np.float16]) -> csr_matrix:
    """TF-IDF rows of length one."""
    weighted = counted.multiply(idf.astype(np.float32)[np.newaxis, :]).tocsr()
    norms = np.sqrt(weighted.multiply(weighted).sum(axis=1)).A1
    return csr_matrix(weighted.multiply(1.0 / np.maximum(norms, 1e-9)[:, np.newaxis]))
