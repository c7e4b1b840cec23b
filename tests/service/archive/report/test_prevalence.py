"""The intervals hold the truth about as often as they say."""

import numpy as np
import pytest

from baozhai_service.archive.report.prevalence import ErrorRates, Sums, estimate, wilson


def sums(x: "np.ndarray[tuple[int], np.dtype[np.int64]]", m: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> Sums:
    return Sums(len(m), *(int(value) for value in (m.sum(), x.sum(), (m * m).sum(), (x * x).sum(), (x * m).sum())))


@pytest.mark.parametrize("share", [0.02, 0.15, 0.5])
def test_the_interval_covers_the_true_share(share: float) -> None:
    chance = np.random.default_rng(5)
    sensitivity, specificity, positives, negatives = 0.85, 0.97, 400, 1600
    ones = np.ones(400, dtype=np.int64)
    held = 0
    for _ in range(1000):
        rates = ErrorRates(
            chance.binomial(positives, sensitivity) / positives,
            chance.binomial(negatives, specificity) / negatives,
            positives,
            negatives,
        )
        given = share * sensitivity + (1 - share) * (1 - specificity)
        found = estimate(sums(chance.binomial(1, given, 400), ones), rates)
        held += found.low <= share <= found.high
    assert 0.93 <= held / 1000 <= 0.99


def test_paragraphs_of_one_article_count_for_less() -> None:
    chance = np.random.default_rng(6)
    sizes = np.full(80, 10, dtype=np.int64)
    alike = chance.binomial(1, 0.3, 80) * 10
    apart = chance.binomial(10, 0.3, 80)
    assert sums(alike, sizes).effective_size == pytest.approx(80, rel=0.05)
    assert sums(apart, sizes).effective_size > 600


def test_extremes_stay_shares() -> None:
    rates = ErrorRates(0.9, 0.95, 100, 400)
    for given in (Sums(), Sums(5, 20, 0, 80, 0, 0), Sums(5, 20, 20, 80, 80, 80)):
        for known in (rates, None):
            found = estimate(given, known)
            assert 0 <= found.low <= found.high <= 1
            assert 0 <= found.share <= 1


def test_nothing_is_corrected_by_rates_that_are_not_known() -> None:
    assert ErrorRates.of({"precision": None, "recall": 0.9, "count": 10, "total": 100}) is None
    assert ErrorRates.of({"precision": 0.1, "recall": 0.1, "count": 10, "total": 100}) is None
    told = ErrorRates.of({"precision": 0.8, "recall": 0.9, "count": 100, "total": 1000})
    assert told is not None
    assert told.specificity == pytest.approx(1 - 22.5 / 900)
    assert wilson(0.5, 100) == pytest.approx((0.4038, 0.5962))
