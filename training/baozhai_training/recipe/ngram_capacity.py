"""More buckets for the n-grams, where the plain SVM, whose n-grams share none, is better on the labels at hand."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from baozhai_model.topics.ngrams import NgramModel
from baozhai_training.config import RunConfig
from baozhai_training.data.labels import LabelledParagraph
from baozhai_training.learners.fit import reads_titles
from baozhai_training.learners.setup import TrainingSetup
from baozhai_training.learners.warm_start import WarmStart
from baozhai_training.recipe.crossfit import OutOfFold, folds_of, joined, ngram_both_ways

_MOST_BYTES = 2**26  # of the weights, in half precision

log = logging.getLogger(__name__)

FitNgrams = Callable[[TrainingSetup, str, Sequence[LabelledParagraph]], NgramModel]


def widened(config: RunConfig, start: WarmStart | None) -> RunConfig | None:
    """``config`` with as many buckets as it allows and 64 MiB hold; None where that is no more than it has.

    N-grams that continue from ``start`` keep the buckets that they have.
    """
    if start is not None and not start.reset_topics:
        return None
    most = (_MOST_BYTES // (2 * len(config.topics))).bit_length() - 1
    bits = min(config.widest_ngram_bits, most)
    return config.model_copy(update={"ngram_bits": bits}) if bits > config.ngram_bits else None


def with_wider_ngrams(
    setup: TrainingSetup,
    found: OutOfFold,
    paragraphs: Sequence[LabelledParagraph],
    articles: int,
    fitted: FitNgrams,
) -> OutOfFold:
    """``found`` with the scores of n-grams that are fitted by another recipe.

    Args:
        setup: of the run, with that recipe.
        found: out-of-fold scores of the run.
        paragraphs: of the run.
        articles: how many the run has.
        fitted: trains the n-grams called ``fold-N`` on some of the paragraphs.
    """
    folds, titled = folds_of(setup.config, paragraphs, articles), reads_titles(paragraphs, setup.start)
    scores = []
    for fold in folds:
        ngrams = fitted(setup, f"fold-{fold.number}", [paragraphs[i] for i in fold.train])
        scores.append(ngram_both_ways(ngrams, paragraphs, fold, titled=titled))
    return replace(
        found,
        ngrams=joined(folds, scores, "ngrams"),
        ngrams_untitled=joined(folds, scores, "ngrams_untitled"),
    )
