"""The models of a run that are published, trained on all labels, with self-training or without it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from baozhai_model.topics.ngrams import NgramModel
from baozhai_training.data.digested import DigestedArticle
from baozhai_training.data.labels import LabelledParagraph
from baozhai_training.learners.fit import trained_network, trained_ngrams
from baozhai_training.learners.network import TopicNetwork
from baozhai_training.learners.setup import TrainingSetup
from baozhai_training.recipe.self_training import SelfTrainingRound

FINAL = "final"  # the name of the models that learn from every label


def final_network(
    setup: TrainingSetup,
    last: SelfTrainingRound | None,
    paragraphs: Sequence[LabelledParagraph],
    articles: Sequence[DigestedArticle],
) -> TopicNetwork:
    """The encoder and heads that are published: the student of the ``last`` round of self-training, if there is one."""
    if last is None:
        return trained_network(setup, FINAL, paragraphs, articles)
    return last.student(FINAL, paragraphs, articles, np.ones(len(paragraphs), dtype=bool))


def run_ngrams(
    setup: TrainingSetup, last: SelfTrainingRound | None, name: str, paragraphs: Sequence[LabelledParagraph]
) -> NgramModel:
    """The n-grams beside the network ``name``, by the recipe of ``setup``.

    They learn the pseudo-labels of self-training up to its ``last`` round, whose student ``name`` has been trained.
    """
    if last is None:
        return trained_ngrams(setup, paragraphs)
    return replace(last, setup=setup).ngrams(name, paragraphs)
