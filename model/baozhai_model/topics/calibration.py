"""How the raw scores of topics become confidences, the topics that are given, and doubt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TopicRule:
    """One topic's calibration.

    Its logit is ``encoder_weight * encoder logit + ngram_weight * n-gram logit + bias``. It is given from the
    confidence ``threshold`` on, and the answer is uncertain within ``margin`` of that (in logits).
    """

    encoder_weight: float
    ngram_weight: float
    bias: float
    threshold: float
    margin: float


@dataclass(frozen=True)
class Rules:
    """The rules of all topics, in the order of the logits. Arrays are (..., topics).

    Attributes:
        topics: one each.
        exclusive: whether every text is given exactly one topic, the likeliest: confidences add up to one, thresholds
            have no say, and the answer is uncertain where the next likeliest is within the margin.
    """

    topics: tuple[TopicRule, ...]
    exclusive: bool = False

    def __iter__(self) -> Iterator[TopicRule]:
        """The rules, topic by topic."""
        return iter(self.topics)

    def __len__(self) -> int:
        """How many topics there are."""
        return len(self.topics)

    def logits(self, encoder: Floats, ngrams: Floats) -> Floats:
        """The calibrated logits of what the two halves of a model score."""
        encoder_weight, ngram_weight, bias, _, _ = self._columns
        calibrated: Floats = encoder_weight * encoder + ngram_weight * ngrams + bias
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
        near: Bools = np.any(np.abs(self.leads(logits)) < self._columns[-1], axis=-1)
        return near

    @cached_property
    def _columns(self) -> Floats:
        """(fields of a rule, topics)."""
        return np.array([[getattr(rule, field.name) for rule in self.topics] for field in fields(TopicRule)])

    @cached_property
    def _thresholds(self) -> Floats:
        return logit(self._columns[3])


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
