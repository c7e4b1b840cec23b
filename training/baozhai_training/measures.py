"""Measure topics on out-of-fold scores; whatever is fitted (calibration, thresholds) is fitted on the other folds."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score, precision_score, recall_score

from baozhai_model.classifier import sigmoid
from baozhai_model.topics import TopicSet
from baozhai_training.calibration import best_threshold, calibrated_logits, decisions, doubts, fit_rules

_BINS = 15

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class TopicMeasures:
    """How well one topic is told, against the floors in the same folds.

    Attributes:
        count: paragraphs that have it.
        f1, precision, recall: of the shipped recipe.
        ece: expected calibration error, 15 equal-width bins.
        encoder_f1, ngram_f1: each half alone, best threshold on the other folds.
        linear_f1, bag_f1: the floors, best threshold on the other folds.
        linear_f1_untuned: the SVM as it comes, at threshold 0.
        reliability: (mean confidence, share true, count) of each bin that is not empty.
    """

    topic: str
    count: int
    f1: float
    precision: float
    recall: float
    ece: float
    encoder_f1: float
    ngram_f1: float
    linear_f1: float
    bag_f1: float
    linear_f1_untuned: float
    reliability: list[tuple[float, float, int]]


@dataclass(frozen=True, slots=True)
class Measures:
    """All topics, and the uncertain rule.

    Attributes:
        uncertain_share: of paragraphs flagged.
        errors_flagged: share of all wrong topic decisions that lie in flagged paragraphs.
    """

    topics: list[TopicMeasures]
    uncertain_share: float
    errors_flagged: float

    def macro(self, name: str) -> float:
        """The mean over topics of one measure."""
        return float(np.mean([getattr(topic, name) for topic in self.topics]))

    def to_json(self) -> dict[str, Any]:
        """Plain values for the manifest."""
        return asdict(self)


def measure(
    topics: TopicSet,
    truth: Bools,
    fold: NDArray[np.int64],
    encoder: Floats,
    ngrams: Floats,
    floors: dict[str, Floats],
    *,
    seed: int,
) -> Measures:
    """Measure out-of-fold scores, each (paragraphs, topics); ``floors`` holds ``linear`` and ``bag``."""
    logits, given, uncertain = np.zeros_like(encoder), np.zeros_like(truth), np.zeros(len(truth), dtype=bool)
    for number in np.unique(fold):
        held = fold == number
        rules = fit_rules(encoder[~held], ngrams[~held], truth[~held], seed=seed)
        logits[held] = calibrated_logits(rules, encoder[held], ngrams[held])
        given[held] = decisions(rules, logits[held])
        uncertain[held] = doubts(rules, logits[held])
    confidences = sigmoid(logits)
    wrong = given != truth
    return Measures(
        topics=[
            TopicMeasures(
                topic=topic.zh,
                count=int(truth[:, i].sum()),
                f1=float(f1_score(truth[:, i], given[:, i])),
                precision=float(precision_score(truth[:, i], given[:, i], zero_division=0.0)),
                recall=float(recall_score(truth[:, i], given[:, i])),
                ece=expected_calibration_error(confidences[:, i], truth[:, i]),
                encoder_f1=tuned_f1(encoder[:, i], truth[:, i], fold),
                ngram_f1=tuned_f1(ngrams[:, i], truth[:, i], fold),
                linear_f1=tuned_f1(floors["linear"][:, i], truth[:, i], fold),
                bag_f1=tuned_f1(floors["bag"][:, i], truth[:, i], fold),
                linear_f1_untuned=float(f1_score(truth[:, i], floors["linear"][:, i] > 0)),
                reliability=reliability(confidences[:, i], truth[:, i]),
            )
            for i, topic in enumerate(topics)
        ],
        uncertain_share=float(uncertain.mean()),
        errors_flagged=float(wrong[uncertain].sum() / max(wrong.sum(), 1)),
    )


def tuned_f1(scores: Floats, truth: Bools, fold: NDArray[np.int64]) -> float:
    """F1 when each fold is cut at the threshold that is best on the others."""
    given = np.zeros_like(truth)
    for number in np.unique(fold):
        held = fold == number
        given[held] = scores[held] >= best_threshold(scores[~held], truth[~held])
    return float(f1_score(truth, given))


def reliability(confidences: Floats, truth: Bools) -> list[tuple[float, float, int]]:
    """(mean confidence, share true, count) of each of 15 equal-width bins that is not empty."""
    bins = np.minimum((confidences * _BINS).astype(np.int64), _BINS - 1)
    found = []
    for number in range(_BINS):
        inside = bins == number
        if inside.any():
            found.append((float(confidences[inside].mean()), float(truth[inside].mean()), int(inside.sum())))
    return found


def expected_calibration_error(confidences: Floats, truth: Bools) -> float:
    """Mean distance between confidence and share true over the bins, weighed by their counts (Naeini et al. 2015)."""
    return sum(abs(mean - share) * count for mean, share, count in reliability(confidences, truth)) / len(truth)
