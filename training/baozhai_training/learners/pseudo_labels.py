"""What a student is taught."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from baozhai_training.data.unlabelled import Unlabelled
from baozhai_training.learners.ngrams import Floats


@dataclass(frozen=True)
class PseudoLabels:
    """What a teacher said of paragraphs that nobody labelled.

    Attributes:
        paragraphs: in the order of ``told``.
        told: (paragraphs, topics), probabilities.
    """

    paragraphs: Sequence[Unlabelled]
    told: Floats
