"""Pseudo-labels: a teacher's predictions on unlabelled paragraphs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from baozhai_training.data.unlabelled import Unlabelled
from baozhai_training.learners.ngrams import Floats


@dataclass(frozen=True)
class PseudoLabels:
    """A teacher's predictions on unlabelled paragraphs.

    Attributes:
        paragraphs: in the order of ``probabilities``.
        probabilities: the teacher's, (paragraphs, topics).
    """

    paragraphs: Sequence[Unlabelled]
    probabilities: Floats
