"""From raw scores to calibrated probabilities, thresholds and doubt; fitted on out-of-fold scores only."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import logsumexp
from sklearn.linear_model import LogisticRegression

from baozhai_model.topics.calibration import Rules, TopicRule, logit, sigmoid

UNCERTAIN_SHARE = 0.1  # of paragraphs that go to a person
_CERTAIN = 0.95  # a confidence beyond this, or below the rest, is not uncertain
_LEAST_MARGIN = 0.25  # logits; around a threshold that is itself out there
_RESAMPLES = 60
_STRENGTH = 10.0  # of the loss against the L2 penalty: scikit-learn's C

Floats = NDArray[np.float64]


def fit_rules(
    encoder: Floats, ngrams: Floats, targets: NDArray[np.bool_], *, exclusive: bool = False, seed: int
) -> Rules:
    """One rule per topic from out-of-fold scores, each of shape (paragraphs, topics).

    The encoder's and the n-grams' scores are stacked by logistic regression (Platt 1999 over two inputs). A threshold
    is the mean, over bootstrap samples, of the one with the best F1: the single best overfits (Lin & Lin 2023,
    arXiv:2309.05833).
    Topics that exclude each other are compared with each other, so they share their weights and have nothing else.
    Margins are set so that `UNCERTAIN_SHARE` of paragraphs are uncertain, or fewer: where hardly any decision is near
    its threshold (topics that are easy to separate, labels that the warm start knew already), a tenth would
    reach into what is certain, so a margin ends where the confidence is `_CERTAIN`.
    """
    if exclusive:
        weights = _shared_weights(encoder, ngrams, targets)
        each = [_rule(weights, 0.0, 0.0)] * targets.shape[1]
    else:
        each = [
            _topic_rule(encoder[:, index], ngrams[:, index], targets[:, index], np.random.default_rng(seed + index))
            for index in range(targets.shape[1])
        ]
    rules = Rules(tuple(each), exclusive)
    margin = np.quantile(
        np.abs(rules.leads(rules.logits({"ngrams": ngrams, "small": encoder}))).min(axis=1), UNCERTAIN_SHARE
    )
    certain = logit(np.array([_CERTAIN]))
    thresholds = logit(np.array([rule.threshold for rule in rules]))
    margins = np.minimum(margin, np.maximum(certain - np.abs(thresholds), _LEAST_MARGIN))
    return replace(rules, topics=tuple(replace(rule, margin=float(m)) for rule, m in zip(rules, margins, strict=True)))


def best_threshold(scores: Floats, targets: NDArray[np.bool_]) -> float:
    """The score at which F1 is highest when everything from it on is given; between two scores where it can be."""
    order = np.argsort(-scores, kind="stable")
    ranked, hits = scores[order], np.cumsum(targets[order])
    given = np.arange(1, len(scores) + 1)
    f1 = 2 * hits / (given + max(int(targets.sum()), 1))
    f1[:-1][ranked[:-1] == ranked[1:]] = 0.0  # cannot cut between equals
    last = int(f1.argmax())
    return float((ranked[last] + ranked[min(last + 1, len(ranked) - 1)]) / 2)


def _topic_rule(encoder: Floats, ngrams: Floats, wanted: NDArray[np.bool_], random: np.random.Generator) -> TopicRule:
    """The rule of one topic, without its margin, from scores (paragraphs,)."""
    scores = np.stack([encoder, ngrams], axis=1)
    weights, bias = stacked_weights(scores, wanted)
    return _rule(weights, bias, fitted_threshold(scores @ weights + bias, wanted, random))


def _rule(weights: Floats, bias: float, threshold: float) -> TopicRule:
    return TopicRule(
        weights={"ngrams": float(weights[1]), "small": float(weights[0])},
        bias=bias,
        threshold=float(sigmoid(np.array([threshold]))[0]),
        margin=0.0,
    )


def stacked_weights(scores: Floats, wanted: NDArray[np.bool_]) -> tuple[Floats, float]:
    """Weights (inputs,) of ``scores`` (texts, inputs), and bias; an input with a negative weight is left out."""
    weights = np.zeros(scores.shape[1])
    used = np.ones(scores.shape[1], dtype=bool)
    while True:
        fitted = LogisticRegression(C=_STRENGTH).fit(scores[:, used], wanted)
        weights[used] = fitted.coef_[0]
        if used.sum() == 1 or np.all(weights[used] >= 0):
            return weights, float(fitted.intercept_[0])
        used[int(weights.argmin())] = False
        weights[~used] = 0.0


def _shared_weights(encoder: Floats, ngrams: Floats, targets: NDArray[np.bool_]) -> Floats:
    """Weights (inputs,) of a softmax over topics; none is negative."""
    scores = np.stack([encoder, ngrams], axis=-1)

    def loss(weights: Floats) -> tuple[float, Floats]:
        logits = scores @ weights
        whole = logsumexp(logits, axis=1, keepdims=True)
        error = np.exp(logits - whole) - targets
        value = (whole.sum() - logits[targets].sum()) * _STRENGTH + weights @ weights / 2
        return float(value), _STRENGTH * np.einsum("pt,pth->h", error, scores) + weights

    found: Floats = minimize(loss, np.ones(2), jac=True, bounds=[(0.0, None)] * 2).x
    return found


def fitted_threshold(logits: Floats, targets: NDArray[np.bool_], random: np.random.Generator) -> float:
    """The logit from which a topic is given: over resamples, the mean of the one with the best F1."""
    found = []
    for _ in range(_RESAMPLES):
        rows = random.integers(0, len(logits), len(logits))
        found.append(best_threshold(logits[rows], targets[rows]))
    return float(np.clip(np.mean(found), -4.0, 4.0))
