"""Measure topics on out-of-fold scores; whatever is fitted (calibration, thresholds) is fitted on the other folds."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score, precision_score, recall_score

from baozhai_model.topics.calibration import most_probable
from baozhai_model.topics.topic_set import TopicSet
from baozhai_training.learners.calibration import best_threshold, fit_rules

_BINS = 15
_DOUBTFUL = (0.05, 0.1, 0.2, 0.3)

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class TopicMeasures:
    """How well one topic is recognized, beside the floors in the same folds.

    Attributes:
        count: paragraphs that have it.
        f1, precision, recall: of the shipped recipe, the titles of paragraphs' articles being known.
        ece: expected calibration error, 15 equal-width bins.
        untitled_f1, untitled_ece: the same when they are not, with the same thresholds.
        encoder_f1, ngram_f1: the encoder and the n-grams alone, best threshold on the other folds.
        linear_f1, titled_f1, bag_f1: the floors, best threshold on the other folds; titled: the SVM with titles.
        linear_f1_untuned: the SVM as it comes, at threshold 0. Where topics exclude each other, the likeliest is given
            by all of them, and there is no threshold.
        reliability: (mean confidence, share true, count) of each bin that is not empty.
        wrongly_given, missed: paragraphs.
    """

    topic: str
    count: int
    f1: float
    precision: float
    recall: float
    ece: float
    untitled_f1: float
    untitled_ece: float
    encoder_f1: float
    ngram_f1: float
    linear_f1: float
    titled_f1: float
    bag_f1: float
    linear_f1_untuned: float
    reliability: list[tuple[float, float, int]]
    wrongly_given: int
    missed: int


@dataclass(frozen=True, slots=True)
class Measures:
    """All topics, and the uncertain rule.

    Attributes:
        uncertain_share: of paragraphs flagged.
        errors_flagged: share of all wrong topic decisions that lie in flagged paragraphs.
        paragraphs_wrong: share of paragraphs with a wrong decision.
        doubt: (share, errors in that share of paragraphs, errors in that share of decisions), nearest to a threshold
            first; a decision is one topic of one paragraph.
        folds: (macro-F1 of ours, of the tuned linear floor) in each fold.
    """

    topics: list[TopicMeasures]
    uncertain_share: float
    errors_flagged: float
    paragraphs_wrong: float
    doubt: list[tuple[float, float, float]]
    folds: list[tuple[float, float]]

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
    untitled: Floats,
    floors: dict[str, Floats],
    *,
    exclusive: bool = False,
    seed: int,
) -> Measures:
    """Measure out-of-fold scores, each (paragraphs, topics).

    Args:
        topics: the columns.
        truth: what people said.
        fold: which fold each paragraph was scored in, shape (paragraphs,).
        encoder: our encoder's.
        ngrams: our n-grams', of paragraphs under their titles.
        untitled: our n-grams', of paragraphs by themselves.
        floors: ``linear``, ``titled`` (it with titles) and ``bag``.
        exclusive: every text has exactly one topic; everybody gives the likeliest.
        seed: of the thresholds.
    """
    confidences, given, uncertain = np.zeros_like(encoder), np.zeros_like(truth), np.zeros(len(truth), dtype=bool)
    by_itself, given_bare, distance = np.zeros_like(encoder), np.zeros_like(truth), np.zeros_like(encoder)
    for number in np.unique(fold):
        held = fold == number
        rules = fit_rules(encoder[~held], ngrams[~held], truth[~held], exclusive=exclusive, seed=seed)
        logits, bare = (
            rules.logits({"small": encoder[held], "ngrams": ngrams[held]}),
            rules.logits({"small": encoder[held], "ngrams": untitled[held]}),
        )
        confidences[held], by_itself[held] = rules.confidences(logits), rules.confidences(bare)
        given[held], given_bare[held] = rules.given(logits), rules.given(bare)
        uncertain[held], distance[held] = rules.uncertain(logits), np.abs(rules.leads(logits))
    wrong = given != truth
    alone = {
        name: tuned(scores, truth, fold, exclusive=exclusive)
        for name, scores in {"encoder": encoder, "ngrams": ngrams, **floors}.items()
    }
    untuned = alone["linear"] if exclusive else floors["linear"] > 0
    return Measures(
        topics=[
            TopicMeasures(
                topic=topic.zh,
                count=int(truth[:, i].sum()),
                f1=float(f1_score(truth[:, i], given[:, i])),
                precision=float(precision_score(truth[:, i], given[:, i], zero_division=0.0)),
                recall=float(recall_score(truth[:, i], given[:, i])),
                ece=expected_calibration_error(confidences[:, i], truth[:, i]),
                untitled_f1=float(f1_score(truth[:, i], given_bare[:, i])),
                untitled_ece=expected_calibration_error(by_itself[:, i], truth[:, i]),
                encoder_f1=float(f1_score(truth[:, i], alone["encoder"][:, i])),
                ngram_f1=float(f1_score(truth[:, i], alone["ngrams"][:, i])),
                linear_f1=float(f1_score(truth[:, i], alone["linear"][:, i])),
                titled_f1=float(f1_score(truth[:, i], alone["titled"][:, i])),
                bag_f1=float(f1_score(truth[:, i], alone["bag"][:, i])),
                linear_f1_untuned=float(f1_score(truth[:, i], untuned[:, i])),
                reliability=reliability(confidences[:, i], truth[:, i]),
                wrongly_given=int((given[:, i] & ~truth[:, i]).sum()),
                missed=int((truth[:, i] & ~given[:, i]).sum()),
            )
            for i, topic in enumerate(topics)
        ],
        uncertain_share=float(uncertain.mean()),
        errors_flagged=float(wrong[uncertain].sum() / max(wrong.sum(), 1)),
        paragraphs_wrong=float(wrong.any(axis=1).mean()),
        doubt=[
            (
                share,
                errors_within(distance.min(axis=1), wrong.sum(axis=1), share),
                errors_within(distance, wrong, share),
            )
            for share in _DOUBTFUL
        ],
        folds=_by_fold(truth, given, alone["linear"], fold),
    )


def errors_within(distance: Floats, errors: NDArray[np.generic], share: float) -> float:
    """The share of all ``errors`` that lie in the ``share`` of places with the least ``distance`` (same shape)."""
    nearest = np.argsort(distance, axis=None, kind="stable")[: round(share * distance.size)]
    return float(errors.ravel()[nearest].sum() / max(errors.sum(), 1))


def _by_fold(truth: Bools, ours: Bools, floor: Bools, fold: NDArray[np.int64]) -> list[tuple[float, float]]:
    return [
        tuple(f1_score(truth[held], given[held], average="macro", zero_division=0.0) for given in (ours, floor))
        for held in (fold == number for number in np.unique(fold))
    ]


def tuned(scores: Floats, truth: Bools, fold: NDArray[np.int64], *, exclusive: bool = False) -> Bools:
    """Decisions (paragraphs, topics) when each fold is cut at the thresholds that are best on the others.

    Where topics exclude each other there is nothing to tune: the likeliest is given.
    """
    if exclusive:
        return most_probable(scores)
    given = np.zeros_like(truth)
    for number in np.unique(fold):
        held = fold == number
        for i in range(truth.shape[1]):
            given[held, i] = scores[held, i] >= best_threshold(scores[~held, i], truth[~held, i])
    return given


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
