"""The share of an archive's paragraphs that are about a topic, corrected for the classifier's errors.

The share of paragraphs that were given a topic is corrected by the classifier's sensitivity and specificity (Rogan &
Gladen 1978). The interval (Lang & Reiczigel 2014) includes the uncertainty of these two rates, which were measured on
a sample. Paragraphs of one article are alike, so the effective sample size is smaller than the number of paragraphs
(ratio estimator with articles as clusters; Cochran 1977, ch. 9-10). The estimate assumes that the two rates hold for
the archive as they did for the labelled paragraphs; the archive itself cannot confirm this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

Z = 1.959963984540054  # 95 %
LEAST_YOUDEN = 0.2  # below it the classifier hardly informs, and the correction diverges


@dataclass(frozen=True, slots=True)
class ErrorRates:
    """A classifier's measured rates for one topic.

    Attributes:
        sensitivity: share of paragraphs with the topic that were predicted to have it.
        specificity: share of paragraphs without the topic that were predicted not to have it.
        positives, negatives: numbers of measured paragraphs with and without the topic.
    """

    sensitivity: float
    specificity: float
    positives: int
    negatives: int

    @classmethod
    def of(cls, measures: Mapping[str, Any]) -> ErrorRates | None:
        """Rates from a bundle's measures (precision, recall, count, total); None if they are missing or too poor."""
        precision, recall = measures.get("precision"), measures.get("recall")
        positives, total = measures.get("count"), measures.get("total")
        if not precision or recall is None or not positives or not total or total <= positives:
            return None
        wrong = recall * positives * (1 - precision) / precision
        negatives = total - positives
        rates = cls(float(recall), max(1 - wrong / negatives, 0.0), int(positives), int(negatives))
        return rates if rates.sensitivity + rates.specificity - 1 >= LEAST_YOUDEN else None


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums over articles, for one topic, from which the share and its variance follow.

    For an article with m paragraphs, x of them predicted to have the topic: the number of articles, and the sums of m,
    x, m², x² and xm.
    """

    articles: int = 0
    m: int = 0
    x: int = 0
    mm: int = 0
    xx: int = 0
    xm: int = 0

    def __add__(self, other: Sums) -> Sums:
        return Sums(
            self.articles + other.articles,
            self.m + other.m,
            self.x + other.x,
            self.mm + other.mm,
            self.xx + other.xx,
            self.xm + other.xm,
        )

    @property
    def share(self) -> float:
        """The share of paragraphs that were predicted to have the topic."""
        return self.x / self.m if self.m else 0.0

    @property
    def effective_size(self) -> float:
        """Effective sample size: the number of independent paragraphs that would have the same variance."""
        if self.articles < 2 or not 0 < self.x < self.m:
            return float(self.articles)
        p = self.share
        spread = max(self.xx - 2 * p * self.xm + p * p * self.mm, 0.0) * self.articles / (self.articles - 1)
        variance = spread / self.m**2
        return min(max(p * (1 - p) / variance, 1.0), float(self.m)) if variance else float(self.m)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share and its 95 % interval; ``raw`` is the share of paragraphs predicted to have the topic."""

    raw: float
    share: float
    low: float
    high: float


def estimate(sums: Sums, rates: ErrorRates | None) -> Estimate:
    """Estimate the share of paragraphs about a topic; without ``rates``, the share predicted is not corrected.

    >>> estimate(Sums(100, 100, 20, 100, 20, 20), ErrorRates(0.9, 0.95, 500, 2000)).share
    0.1765
    """
    n, p = sums.effective_size, sums.share
    if n == 0:
        return Estimate(0.0, 0.0, 0.0, 1.0)
    if rates is None:
        low, high = wilson(p, n)
        return Estimate(_rounded(p), _rounded(p), low, high)
    youden = rates.sensitivity + rates.specificity - 1
    share = (p + rates.specificity - 1) / youden
    return Estimate(_rounded(p), _rounded(share), *lang_reiczigel(p, n, rates))


def lang_reiczigel(p: float, n: float, rates: ErrorRates) -> tuple[float, float]:
    """The 95 % interval of the true share, given the predicted share ``p`` of ``n`` (Lang & Reiczigel 2014, eq. 5)."""
    positives, negatives, total = rates.positives + 2, rates.negatives + 2, n + Z * Z
    se = (rates.positives * rates.sensitivity + 1) / positives
    sp = (rates.negatives * rates.specificity + 1) / negatives
    seen = (n * p + Z * Z / 2) / total
    youden = se + sp - 1
    share = (seen + sp - 1) / youden
    se_part, sp_part = se * (1 - se) / positives, sp * (1 - sp) / negatives
    shift = 2 * Z * Z * (share * se_part - (1 - share) * sp_part)
    error = sqrt(seen * (1 - seen) / total + share**2 * se_part + (1 - share) ** 2 * sp_part) / youden
    return _rounded(share + shift - Z * error), _rounded(share + shift + Z * error)


def wilson(p: float, n: float) -> tuple[float, float]:
    """The 95 % interval of a share ``p`` of ``n`` (Wilson 1927)."""
    middle = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
    return _rounded(middle - half), _rounded(middle + half)


def total_measured(reliability: Sequence[Sequence[float]] | None) -> int | None:
    """The number of paragraphs that a bundle was measured on, which is the sum of the bins of its reliability table."""
    return int(sum(bin_[2] for bin_ in reliability)) if reliability else None


def _rounded(value: float) -> float:
    return round(min(max(value, 0.0), 1.0), 4)
