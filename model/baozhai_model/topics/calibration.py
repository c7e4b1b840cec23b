"""How the raw scores of topics become confidences, the topics that are given, and doubt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

SCORES = ("ngrams", "small", "large")
"""What scores a text: the n-gram model, the small encoder, the large one; in the order in which they are asked."""

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TopicRule:
    """One topic's calibration.

    Its logit is the weighted sum of the scores plus ``bias``. It is given from the confidence ``threshold`` on, and the
    answer is uncertain within ``margin`` of that (in logits).

    Attributes:
        weights: of some of `SCORES`.
        leave_below, leave_above: a text need not be read further if each topic's lead, ``logit - logit(threshold)``, is
            at most the one or at least the other.
    """

    weights: Mapping[str, float]
    bias: float
    threshold: float
    margin: float
    leave_below: float = -np.inf
    leave_above: float = np.inf


@dataclass(frozen=True)
class Rules:
    """The rules of all topics, in the order of the logits. Arrays are (..., topics).

    Attributes:
        topics: one each.
        exclusive: whether every text is given exactly one topic, the most probable: confidences add up to one,
            thresholds have no say, and the answer is uncertain where the next one is within the margin.
    """

    topics: tuple[TopicRule, ...]
    exclusive: bool = field(default=False)

    def __iter__(self) -> Iterator[TopicRule]:
        """The rules, topic by topic."""
        return iter(self.topics)

    def __len__(self) -> int:
        """How many topics there are."""
        return len(self.topics)

    @cached_property
    def scores(self) -> tuple[str, ...]:
        """Which scores they weigh, in the order of `SCORES`."""
        return tuple(name for name in SCORES if any(name in rule.weights for rule in self.topics))

    def logits(self, scores: Mapping[str, Floats]) -> Floats:
        """The calibrated logits of ``scores``, one array for each name."""
        weighed = [self._weights[name] * scores[name] for name in self.scores]
        calibrated: Floats = sum(weighed[1:], start=weighed[0]) + self._column("bias")
        return calibrated

    def confidences(self, logits: Floats) -> Floats:
        """The confidences of ``logits``."""
        if not self.exclusive:
            return sigmoid(logits)
        powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
        shares: Floats = powers / powers.sum(axis=-1, keepdims=True)
        return shares

    def logits_of(self, confidences: Floats) -> Floats:
        """Logits that have the ``confidences``, all of them strictly between 0 and 1."""
        return np.log(confidences) if self.exclusive else logit(confidences)

    def leads(self, logits: Floats) -> Floats:
        """How far each logit is above what it must reach to be given: its threshold, or the highest of the others."""
        if not self.exclusive:
            return logits - self._thresholds
        first = logits.max(axis=-1, keepdims=True)
        second = np.where(most_probable(logits), -np.inf, logits).max(axis=-1, keepdims=True)
        ahead: Floats = logits - np.where(most_probable(logits), second, first)
        return ahead

    def given(self, logits: Floats) -> Bools:
        """Which topics are given."""
        return most_probable(logits) if self.exclusive else self.leads(logits) >= 0

    def uncertain(self, logits: Floats) -> Bools:
        """Whether a person should look, shape (...)."""
        near: Bools = np.any(np.abs(self.leads(logits)) < self._column("margin"), axis=-1)
        return near

    def certain(self, logits: Floats) -> Bools:
        """Whether no topic is in doubt, so that the next stage need not be asked, shape (...)."""
        leads = self.leads(logits)
        outside = (leads <= self._column("leave_below")) | (leads >= self._column("leave_above"))
        every: Bools = np.all(outside, axis=-1)
        return every

    @cached_property
    def _weights(self) -> dict[str, Floats]:
        return {name: np.array([rule.weights.get(name, 0.0) for rule in self.topics]) for name in self.scores}

    def _column(self, name: str) -> Floats:
        return self._columns[name]

    @cached_property
    def _columns(self) -> dict[str, Floats]:
        names = ("bias", "threshold", "margin", "leave_below", "leave_above")
        return {name: np.array([getattr(rule, name) for rule in self.topics], dtype=np.float64) for name in names}

    @cached_property
    def _thresholds(self) -> Floats:
        return logit(self._column("threshold"))


def most_probable(scores: Floats) -> Bools:
    """The one topic of each text that has the highest of ``scores`` (..., topics); of equals the first."""
    places: Bools = np.arange(scores.shape[-1]) == scores.argmax(axis=-1)[..., None]
    return places


def sigmoid(logits: Floats) -> Floats:
    """The logistic function, without overflow for any finite logit."""
    decay = np.exp(-np.abs(logits))
    values: Floats = np.where(logits >= 0, 1.0, decay) / (1.0 + decay)
    return values


def logit(confidences: Floats) -> Floats:
    """The inverse of `sigmoid`, for confidences strictly between 0 and 1."""
    values: Floats = np.log(confidences) - np.log1p(-confidences)
    return values
