"""More buckets for the n-grams, where the plain SVM, whose n-grams share none, is better on the labels at hand."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from baozhai_model.topics.ngrams import NgramModel
from baozhai_training.config import RunConfig
from baozhai_training.data.labels import LabelledParagraph
from baozhai_training.learners.fit import reads_titles
from baozhai_training.learners.warm_start import WarmStart
from baozhai_training.recipe.crossfit import OutOfFold, folds_of, joined, ngram_both_ways

_MOST_BYTES = 2**26  # of the weights, in half precision

log = logging.getLogger(__name__)

FitNgrams = Callable[[RunConfig, str, Sequence[LabelledParagraph]], NgramModel]


def widened(config: RunConfig, start: WarmStart | None) -> RunConfig | None:
    """``config`` with as many buckets as it allows and 64 MiB hold; None where that is no more than it has.

    N-grams that are taught further keep the buckets that they have.
    """
    if start is not None and not start.afresh:
        return None
    most = (_MOST_BYTES // (2 * len(config.topics))).bit_length() - 1
    bits = min(config.widest_ngram_bits, most)
    return config.model_copy(update={"ngram_bits": bits}) if bits > config.ngram_bits else None


def with_wider_ngrams(
    found: OutOfFold,
    config: RunConfig,
    paragraphs: Sequence[LabelledParagraph],
    articles: int,
    start: WarmStart | None,
    fitted: FitNgrams,
) -> OutOfFold:
    """``found`` with the scores of n-grams by another ``config``.

    Args:
        found: of the run.
        config: by which n-grams are fitted.
        paragraphs: of the run.
        articles: how many the run has.
        start: of the run.
        fitted: gives the n-grams, called ``fold-N``, that some paragraphs teach.
    """
    folds, titled = folds_of(config, paragraphs, articles), reads_titles(paragraphs, start)
    scores = []
    for fold in folds:
        ngrams = fitted(config, f"fold-{fold.number}", [paragraphs[i] for i in fold.train])
        scores.append(ngram_both_ways(ngrams, paragraphs, fold, titled=titled))
    return replace(
        found,
        ngrams=joined(folds, scores, "ngrams"),
        ngrams_untitled=joined(folds, scores, "ngrams_untitled"),
    )
