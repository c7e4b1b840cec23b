"""Pseudo-labels: a teacher's predictions on unlabelled paragraphs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from baozhai_training.data.unlabelled import Unlabelled
from baozhai_training.learners.ngrams import Bools, Floats

_EVEN = 0.5  # a probability without information


@dataclass(frozen=True)
class PseudoLabels:
    """A teacher's predictions on unlabelled paragraphs.

    Attributes:
        paragraphs: in the order of ``probabilities``.
        probabilities: the teacher's, (paragraphs, topics).
    """

    paragraphs: Sequence[Unlabelled]
    probabilities: Floats


def known_targets(truth: Bools, taught: Sequence[PseudoLabels], told_weight: float) -> tuple[Bools, Floats]:
    """Decisions and how much each counts, both (paragraphs, topics): people's labels first, then pseudo-labels.

    A pseudo-label weighs as much as its probability is far from even, times ``told_weight``; a label of people 1.
    """
    found = [each.probabilities for each in taught]
    probabilities = np.concatenate(found) if found else np.zeros((0, truth.shape[1]))
    sureness = told_weight * np.abs(probabilities - _EVEN) / _EVEN
    return np.concatenate([truth, probabilities > _EVEN]), np.concatenate([np.ones(truth.shape), sureness])
