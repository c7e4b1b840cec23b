"""Labels that are probably wrong: those that a model which never saw them finds least likely.

The ranking is that of confident learning for several topics (Northcutt et al. 2021, arXiv:1911.00068; Thyagarajan et
al. 2022, arXiv:2211.13895): the out-of-fold probability of what was said, topic by topic, lowest first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from baozhai_model.topics.topic_set import Topic, TopicSet
from baozhai_training.data.labels import LabelledParagraph, targets
from baozhai_training.data.near_duplicates import merged_groups, near_duplicates
from baozhai_training.data.split import grouped_folds
from baozhai_training.learners.ngrams import floor_scores

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Suspect:
    """A label to look at again: paragraph ``place`` was given ``topic`` or not (``said``), which is ``likely`` so."""

    place: int
    topic: Topic
    said: bool
    likely: float


def suspects(
    paragraphs: Sequence[LabelledParagraph], topics: TopicSet, *, folds: int = 5, seed: int = 0
) -> list[Suspect]:
    """One suspect for each paragraph, by its least likely topic, the least likely of all first."""
    truth = targets(paragraphs, topics)
    confidences = out_of_fold(paragraphs, truth, folds=folds, seed=seed)
    likely = np.where(truth, confidences, 1.0 - confidences)
    worst = likely.argmin(axis=1)
    order = np.argsort(likely.min(axis=1), kind="stable")
    return [Suspect(int(i), topics[int(worst[i])], bool(truth[i, worst[i]]), float(likely[i, worst[i]])) for i in order]


def out_of_fold(paragraphs: Sequence[LabelledParagraph], truth: NDArray[np.bool_], *, folds: int, seed: int) -> Floats:
    """Each topic's probability by linear models that never saw the paragraph or its article, (paragraphs, topics)."""
    texts = [paragraph.text for paragraph in paragraphs]
    groups = merged_groups([paragraph.group for paragraph in paragraphs], near_duplicates(texts))
    scores = np.zeros(truth.shape)
    for train, held in grouped_folds(groups, truth, folds, seed):
        scores[held] = floor_scores([texts[i] for i in train], truth[train], [texts[i] for i in held], seed=seed)
    confidences = np.zeros(truth.shape)
    for index, column in enumerate(truth.T):
        if column.any() and not column.all():
            fitted = LogisticRegression().fit(scores[:, [index]], column)
            confidences[:, index] = fitted.predict_proba(scores[:, [index]])[:, 1]
        else:
            confidences[:, index] = float(column[0])
    return confidences
