"""Salience by sentence: a head on the small encoder's states and all signals, and a linear model after it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerBase

from baozhai_model.digest.salience import with_salience
from baozhai_model.stages import DigestSpec
from baozhai_model.text.tokens import special_ids
from baozhai_model.topics.ngrams import NgramModel
from baozhai_training.data.digested import DigestedArticle, fit_weights, shared_picks, weighed
from baozhai_training.export.staged import HEAD, ExportedEncoder
from baozhai_training.learners.salience_head import (
    HeadSettings,
    SalienceHead,
    SentenceStates,
    export_head,
    head_logits,
    train_head,
)
from baozhai_training.learners.sentence_states import states_of

_FOLDS = 5

Floats = NDArray[np.float64]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Salience:
    """What digests need of one encoder: its head, the weights of signals, and the share of picks that readers share."""

    head: SalienceHead
    weights: dict[str, float]
    picks: float

    def beside(self, encoder: ExportedEncoder) -> ExportedEncoder:
        """``encoder`` with these digests, the head in its folder."""
        export_head(self.head, encoder.folder / HEAD)
        return encoder.with_digests(DigestSpec(self.weights, reads="paragraphs"))


def taught_salience(
    articles: Sequence[DigestedArticle],
    encoder: ExportedEncoder,
    tokenizer: PreTrainedTokenizerBase,
    ngrams: NgramModel,
    *,
    seed: int,
) -> Salience:
    """What ``articles`` teach about the states of ``encoder``, each paragraph read alone, as serving reads them."""
    backend: Tokenizer = tokenizer.backend_tokenizer
    specials, window = special_ids(backend), encoder.spec.window
    states = [states_of(article, backend, specials, window, encoder.states, ngrams) for article in articles]
    return _fitted(articles, states, seed=seed)


def _fitted(articles: Sequence[DigestedArticle], states: Sequence[SentenceStates], *, seed: int) -> Salience:
    """A head, the weights of signals, and the share of picks that the readers share, articles left out in turn."""
    settings, part = HeadSettings(), np.random.default_rng(seed).permutation(len(articles)) % _FOLDS
    logits: list[Floats] = [np.zeros(0)] * len(articles)
    for fold in range(_FOLDS):
        head = train_head([s for s, p in zip(states, part, strict=True) if p != fold], settings, seed=seed + fold)
        asked = np.flatnonzero(part == fold).tolist()
        for place, found in zip(asked, head_logits(head, [states[i] for i in asked]), strict=True):
            logits[place] = found
    signals = [with_salience(mine.signals, each) for mine, each in zip(states, logits, strict=True)]
    chosen, scores = [article.chosen for article in articles], list(logits)
    for fold in range(_FOLDS):
        known = np.flatnonzero(part != fold).tolist()
        weights = fit_weights([signals[i] for i in known], [chosen[i] for i in known])
        for place in np.flatnonzero(part == fold).tolist():
            scores[place] = weighed(signals[place], weights)
    picks, alone = shared_picks(articles, scores), shared_picks(articles, logits)
    log.info("digests: %.3f of the picks are shared, %.3f by the head alone", picks, alone)
    return Salience(train_head(states, settings, seed=seed), fit_weights(signals, chosen), picks)
