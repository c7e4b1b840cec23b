"""Calibration of every stage of a cascade, and the bounds within which a stage passes a text on.

Each stage has rules of its own, fitted on the scores that it has, so that its confidences are calibrated whichever
stage answers (Varshney & Baral 2022, arXiv:2210.05528).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from baozhai_model.topics.calibration import Rules, TopicRule, logit, sigmoid
from baozhai_training.learners.calibration import UNCERTAIN_SHARE, fitted_threshold, stacked_weights

MOST_DIFFERING = 0.005  # share of an archive's paragraphs whose topics a cascade may change
_CERTAIN = 0.95
_LEAST_MARGIN = 0.25
_RISKS = np.geomspace(1e-6, 0.2, 240)

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Scores = Mapping[str, Floats]
"""Of each model that a stage asks, (paragraphs, topics)."""


def fit_stage(scores: Scores, truth: Bools, *, seed: int) -> Rules:
    """One rule per topic from scores of paragraphs that no scorer learnt from; ``truth`` is (paragraphs, topics)."""
    fitted = []
    for topic in range(truth.shape[1]):
        columns = np.stack([score[:, topic] for score in scores.values()], axis=1)
        weights, bias = stacked_weights(columns, truth[:, topic])
        random = np.random.default_rng(seed + topic)
        threshold = fitted_threshold(columns @ weights + bias, truth[:, topic], random)
        named = dict(zip(scores, weights.tolist(), strict=True))
        fitted.append(TopicRule(named, bias, float(sigmoid(np.array([threshold]))[0]), margin=0.0))
    rules = Rules(tuple(fitted))
    margin = np.quantile(np.abs(rules.leads(rules.logits(scores))).min(axis=1), UNCERTAIN_SHARE)
    reach = logit(np.array([_CERTAIN])) - np.abs(logit(np.array([rule.threshold for rule in rules])))
    margins = np.minimum(margin, np.maximum(reach, _LEAST_MARGIN))
    return Rules(tuple(replace(rule, margin=float(m)) for rule, m in zip(rules, margins, strict=True)))


def fit_bounds(rules: Rules, scores: Scores, final: Bools, reached: Bools, differing: float) -> Rules:
    """``rules`` with the widest bounds by which a stage changes at most a share ``differing`` of all paragraphs.

    The chance that the last stage gives a topic is a logistic function of this stage's lead, fitted here; one level of
    risk then sets both bounds of every topic, the highest at which the changes counted keep within the share.

    Args:
        rules: of this stage.
        scores: of paragraphs as an archive has them.
        final: (paragraphs, topics), what the last stage gives.
        reached: (paragraphs,), which ones come as far as this stage.
        differing: most that may be changed, as a share of all paragraphs.
    """
    logits = rules.logits(scores)
    lead = rules.leads(logits)
    curves = [_curve(lead[:, topic], final[:, topic]) for topic in range(lead.shape[1])]
    changed = ((lead >= 0) != final).any(axis=1)
    best = _bounded(rules, curves, _RISKS[0])
    for level in _RISKS:
        bounded = _bounded(rules, curves, level)
        leaving = reached & bounded.certain(logits)
        if (leaving & changed).mean() > differing:
            break
        best = bounded
    return best


def _curve(lead: Floats, final: Bools) -> tuple[float, float]:
    """Slope and intercept of the chance that the last stage gives the topic."""
    if final.all() or not final.any():
        return 1.0, 0.0
    fitted = LogisticRegression(C=10.0).fit(lead[:, None], final)
    return max(float(fitted.coef_[0, 0]), 1e-3), float(fitted.intercept_[0])


def _bounded(rules: Rules, curves: Sequence[tuple[float, float]], level: float) -> Rules:
    edge = float(logit(np.array([level]))[0])
    return Rules(
        tuple(
            replace(rule, leave_below=min((edge - start) / slope, 0.0), leave_above=max((-edge - start) / slope, 0.0))
            for rule, (slope, start) in zip(rules, curves, strict=True)
        )
    )
