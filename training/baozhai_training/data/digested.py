"""Articles with the sentences that a careful reader would keep: read them, measure on them, learn to weigh signals."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from baozhai_model.digest.salience import SIGNALS
from baozhai_model.structure import Span
from baozhai_model.topics.ngrams import hashed_ngrams

Floats = NDArray[np.float64]

_STRENGTHS = (0.03, 0.1, 0.3, 1.0, 3.0)  # inverse, as in LogisticRegression
_DEFAULT_STRENGTH = 0.3
_PARTS = 5


@dataclass(frozen=True, slots=True)
class DigestedArticle:
    """An article, its sentences and the ones that were kept."""

    title: str | None
    text: str
    sentences: tuple[Span, ...]
    kept: frozenset[Span]

    @property
    def chosen(self) -> NDArray[np.bool_]:
        """Whether each sentence was kept, shape (sentences,)."""
        return np.array([sentence in self.kept for sentence in self.sentences], dtype=bool)

    @property
    def tiles(self) -> list[Span]:
        """The sentences with the white space between them, which goes to the one before."""
        starts = [0, *(sentence.start for sentence in self.sentences[1:]), len(self.text)]
        return [Span(start, end) for start, end in pairwise(starts)]


def read_digests(path: Path) -> list[DigestedArticle]:
    """Read JSONL lines of ``{title, text, sentences: [[start, end)], digest: [[start, end)]}``."""
    articles = []
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            articles.append(
                DigestedArticle(
                    title=record.get("title"),
                    text=record["text"],
                    sentences=tuple(Span(*span) for span in record["sentences"]),
                    kept=frozenset(Span(*span) for span in record["digest"]),
                )
            )
    return articles


def shared_picks(articles: Sequence[DigestedArticle], scores: Sequence[Floats]) -> float:
    """The share of picked sentences that the reader also picked, when as many are picked as the reader kept."""
    hits = total = 0
    for article, score in zip(articles, scores, strict=True):
        chosen = article.chosen
        picked = np.argsort(-score, kind="stable")[: chosen.sum()]
        hits += int(chosen[picked].sum())
        total += len(picked)
    return hits / max(total, 1)


def fit_weights(signals: Sequence[Floats], chosen: Sequence[NDArray[np.bool_]]) -> dict[str, float]:
    """Weights of `SIGNALS` and ``bias``, by logistic regression over all sentences (standardization folded in).

    The inverse of the L2 penalty, one of `_STRENGTHS`, is chosen by cross-validation over articles; it is
    `_DEFAULT_STRENGTH` where too few articles have both kept and other sentences.
    """
    rows, kept = np.concatenate(signals), np.concatenate(chosen)
    article = np.repeat(np.arange(len(chosen)), [len(sentences) for sentences in chosen])
    pipeline = make_pipeline(StandardScaler(), LogisticRegression(C=_DEFAULT_STRENGTH, max_iter=2000))
    splits = _splits(article, kept)
    if splits:
        strengths = {"logisticregression__C": _STRENGTHS}
        pipeline = GridSearchCV(pipeline, strengths, scoring="neg_log_loss", cv=splits).fit(rows, kept).best_estimator_
    else:
        pipeline.fit(rows, kept)
    scaler, fitted = pipeline
    weights = fitted.coef_[0] / scaler.scale_
    named = dict(zip(SIGNALS, weights.tolist(), strict=True))
    return {**named, "bias": float(fitted.intercept_[0] - weights @ scaler.mean_)}


def _splits(article: NDArray[np.int64], kept: NDArray[np.bool_]) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Rows to learn from and rows to judge by, no article in both; none if a part would have sentences of one kind."""
    if article[-1] + 1 < _PARTS:
        return []
    splits = list(GroupKFold(_PARTS).split(article, kept, article))
    return splits if all(0 < kept[part].mean() < 1 for split in splits for part in split) else []


def weighed(signals: Floats, weights: dict[str, float]) -> Floats:
    """The salience logit of each sentence, shape (sentences,)."""
    logits: Floats = signals @ np.array([weights.get(name, 0.0) for name in SIGNALS]) + weights["bias"]
    return logits


def lead_scores(article: DigestedArticle) -> Floats:
    """The floor that takes the first sentences."""
    return -np.arange(len(article.sentences), dtype=np.float64)


def textrank_scores(article: DigestedArticle, *, position: bool) -> Floats:
    """TextRank (Mihalcea & Tarau 2004) over shared character n-grams; ``position`` adds ``1 / (1 + place)``."""
    grams = [set(hashed_ngrams(span.of(article.text), 20)[0].tolist()) for span in article.sentences]
    count = len(grams)
    similarity = np.array([[len(a & b) / (1.0 + np.sqrt(len(a) * len(b))) for b in grams] for a in grams])
    np.fill_diagonal(similarity, 0.0)
    transition = similarity / np.maximum(similarity.sum(axis=1, keepdims=True), 1e-9)
    rank = np.full(count, 1.0 / count)
    for _ in range(50):
        rank = 0.15 / count + 0.85 * (transition.T @ rank)
    rank /= rank.max()
    return rank + 1.0 / (1.0 + np.arange(count)) if position else rank
