"""Which variant of the model is published: the measures decide on wider n-grams and a silent encoder."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from baozhai_training.data.labels import LabelledParagraph, targets
from baozhai_training.evaluation.measures import Measures
from baozhai_training.learners.setup import TrainingSetup
from baozhai_training.recipe.crossfit import OutOfFold
from baozhai_training.recipe.ngram_capacity import FitNgrams, widened, with_wider_ngrams

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Variant:
    """A variant of the model, measured.

    Attributes:
        setup: of the run; its recipe may have more buckets for the n-grams than the run began with.
        found: out-of-fold scores.
        measures: of ``found``.
        silent: whether the encoder's topic logits have no weight.
    """

    setup: TrainingSetup
    found: OutOfFold
    measures: Measures
    silent: bool = False


def widen_or_silence(
    setup: TrainingSetup,
    found: OutOfFold,
    paragraphs: Sequence[LabelledParagraph],
    articles: int,
    fitted: FitNgrams,
) -> Variant:
    """The best variant by macro-F1.

    N-grams get more buckets where the plain SVM is better and that helps. The encoder is silenced where the n-grams
    alone are better than both together.

    Args:
        setup: of the run.
        found: out-of-fold scores of the run.
        paragraphs: of the run.
        articles: how many the run has.
        fitted: trains the n-grams called ``fold-N`` on some of the paragraphs.
    """
    truth = targets(paragraphs, setup.config.topic_set)
    chosen = Variant(setup, found, found.measured(setup.config, truth))
    wide = widened(setup.config, setup.start)
    if wide is not None and chosen.measures.macro("f1") < chosen.measures.macro("linear_f1"):
        log.warning("the plain SVM is better on these labels: the n-grams get 2**%d buckets", wide.ngram_bits)
        other = replace(setup, config=wide)
        wider = with_wider_ngrams(other, found, paragraphs, articles, fitted)
        if (again := wider.measured(wide, truth)).macro("f1") > chosen.measures.macro("f1"):
            chosen = Variant(other, wider, again)
    if chosen.measures.macro("f1") < chosen.measures.macro("ngram_f1"):
        log.warning("the n-grams alone are better on these labels: the encoder's topic logits get no weight")
        silent = replace(chosen.found, encoder=np.zeros_like(chosen.found.encoder))
        chosen = Variant(chosen.setup, silent, silent.measured(chosen.setup.config, truth), silent=True)
    return chosen
