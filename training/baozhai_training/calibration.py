"""From raw scores to calibrated probabilities, thresholds and doubt; fitted on out-of-fold scores only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from baozhai_model.bundle import TopicRule
from baozhai_model.classifier import logit, sigmoid

UNCERTAIN_SHARE = 0.1  # of paragraphs that go to a person
_CERTAIN = 0.95  # a confidence beyond this, or below the rest, is not uncertain
_LEAST_MARGIN = 0.25  # logits; around a threshold that is itself out there
_RESAMPLES = 60

Floats = NDArray[np.float64]


def fit_rules(encoder: Floats, ngrams: Floats, targets: NDArray[np.bool_], *, seed: int) -> tuple[TopicRule, ...]:
    """One rule per topic from out-of-fold scores, each of shape (paragraphs, topics).

    The two halves are stacked by logistic regression (Platt 1999 over two inputs). A threshold is the mean, over
    bootstrap samples, of the one with the best F1: the single best overfits (Lin & Lin 2023, arXiv:2309.05833).
    Margins are set so that `UNCERTAIN_SHARE` of paragraphs are uncertain, or fewer: where hardly any decision is near
    its threshold (topics that are told apart with ease, labels that the start knew already), a tenth would reach
    into what is certain, so a margin ends where the confidence is `_CERTAIN`.
    """
    count = targets.shape[1]
    weights, biases, thresholds = np.zeros((count, 2)), np.zeros(count), np.zeros(count)
    logits = np.zeros_like(encoder)
    for index in range(count):
        scores = np.stack([encoder[:, index], ngrams[:, index]], axis=1)
        weights[index], biases[index] = _stacked(scores, targets[:, index])
        logits[:, index] = scores @ weights[index] + biases[index]
        thresholds[index] = _threshold(logits[:, index], targets[:, index], np.random.default_rng(seed + index))
    margin = np.quantile(np.abs(logits - thresholds).min(axis=1), UNCERTAIN_SHARE)
    certain = logit(np.array([_CERTAIN]))
    margins = np.minimum(margin, np.maximum(certain - np.abs(thresholds), _LEAST_MARGIN))
    return tuple(
        TopicRule(
            encoder_weight=float(weights[i, 0]),
            ngram_weight=float(weights[i, 1]),
            bias=float(biases[i]),
            threshold=float(sigmoid(thresholds[i : i + 1])[0]),
            margin=float(margins[i]),
        )
        for i in range(count)
    )


def calibrated_logits(rules: tuple[TopicRule, ...], encoder: Floats, ngrams: Floats) -> Floats:
    """The logits of the confidences that ``rules`` give, shape (paragraphs, topics)."""
    return np.stack(
        [
            rule.encoder_weight * encoder[:, i] + rule.ngram_weight * ngrams[:, i] + rule.bias
            for i, rule in enumerate(rules)
        ],
        axis=1,
    )


def decisions(rules: tuple[TopicRule, ...], logits: Floats) -> NDArray[np.bool_]:
    """Which topics are given."""
    given: NDArray[np.bool_] = logits >= logit(np.array([rule.threshold for rule in rules]))
    return given


def distances(rules: tuple[TopicRule, ...], logits: Floats) -> Floats:
    """How far each logit is from its threshold, shape (paragraphs, topics)."""
    found: Floats = np.abs(logits - logit(np.array([rule.threshold for rule in rules])))
    return found


def doubts(rules: tuple[TopicRule, ...], logits: Floats) -> NDArray[np.bool_]:
    """Which paragraphs are uncertain, shape (paragraphs,)."""
    margins = np.array([rule.margin for rule in rules])
    uncertain: NDArray[np.bool_] = np.any(distances(rules, logits) < margins, axis=1)
    return uncertain


def best_threshold(scores: Floats, targets: NDArray[np.bool_]) -> float:
    """The score at which F1 is highest when everything from it on is given; between two scores where it can be."""
    order = np.argsort(-scores, kind="stable")
    ranked, hits = scores[order], np.cumsum(targets[order])
    given = np.arange(1, len(scores) + 1)
    f1 = 2 * hits / (given + max(int(targets.sum()), 1))
    f1[:-1][ranked[:-1] == ranked[1:]] = 0.0  # cannot cut between equals
    last = int(f1.argmax())
    return float((ranked[last] + ranked[min(last + 1, len(ranked) - 1)]) / 2)


def _stacked(scores: Floats, wanted: NDArray[np.bool_]) -> tuple[Floats, float]:
    """Weights (halves,) and bias; a half that would count against the topic is left out."""
    weights = np.zeros(scores.shape[1])
    used = np.ones(scores.shape[1], dtype=bool)
    while True:
        fitted = LogisticRegression(C=10.0).fit(scores[:, used], wanted)
        weights[used] = fitted.coef_[0]
        if used.sum() == 1 or np.all(weights[used] >= 0):
            return weights, float(fitted.intercept_[0])
        used[int(weights.argmin())] = False
        weights[~used] = 0.0


def _threshold(logits: Floats, targets: NDArray[np.bool_], random: np.random.Generator) -> float:
    found = []
    for _ in range(_RESAMPLES):
        rows = random.integers(0, len(logits), len(logits))
        found.append(best_threshold(logits[rows], targets[rows]))
    return float(np.clip(np.mean(found), -4.0, 4.0))
