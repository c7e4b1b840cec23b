"""Salience by sentence: a head on the small encoder's states, and the weights of the signals beside it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerBase

from baozhai_model.digest.salience import PLAIN, centred, plain_signals, with_salience
from baozhai_model.stages import DigestSpec
from baozhai_model.topics.ngrams import NgramModel
from baozhai_training.data.digested import DigestedArticle, fit_weights, shared_picks, weighed
from baozhai_training.export.staged import HEAD, ExportedEncoder
from baozhai_training.learners.examples import tokenized_article
from baozhai_training.learners.pseudo_labels import TaughtArticle
from baozhai_training.learners.salience_head import (
    HeadSettings,
    SalienceHead,
    SentenceStates,
    export_head,
    head_logits,
    train_head,
)
from baozhai_training.learners.sentence_states import ArticleReader

HEAD_ALONE = {"encoder": 1.0, "bias": 0.0}
"""Weights of the signals where the head, which sees them all, does better by itself."""
_FOLDS = 5

Floats = NDArray[np.float64]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Salience:
    """What digests need of one encoder.

    Attributes:
        head: its salience head.
        weights: of the signals.
        picks: the share of picks that readers share, articles left out in turn.
        unseen: the same over the articles that the head's teacher has not learnt either; None without a teacher.
    """

    head: SalienceHead
    weights: dict[str, float]
    picks: float
    unseen: float | None = None

    def to_json(self) -> dict[str, float]:
        """For the manifest."""
        return {"ours": self.picks, **({} if self.unseen is None else {"unseen": self.unseen})}

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
    taught: Sequence[TaughtArticle] = (),
    unseen: int = 0,
) -> Salience:
    """What ``articles`` teach about the states of ``encoder``, each paragraph read alone, as serving reads them.

    Args:
        articles: that people digested.
        encoder: as it is served.
        tokenizer: of the encoder.
        ngrams: whose weights of n-grams measure how sentences overlap.
        seed: of the folds and the head.
        taught: unread articles with a teacher's salience, which the head learns too.
        unseen: how many of ``articles``, the first ones, that teacher has not learnt.
    """
    backend: Tokenizer = tokenizer.backend_tokenizer
    spec = encoder.spec
    assert spec.cls is not None  # exported encoders have both
    assert spec.sep is not None
    reader = ArticleReader(backend, (spec.cls, spec.sep), spec.window, by_paragraph=True)

    def read(article: DigestedArticle) -> tuple[SentenceStates, Floats]:
        states = reader.read(article).states(encoder.states)
        text = tokenized_article(article, backend, spec.window)
        signals = plain_signals(text, centred(states.sentences), ngrams, article.title)
        return replace(states, signals=signals[:, PLAIN].astype(np.float32)), signals

    told = [replace(read(each.article)[0], kept=each.salience.astype(np.float32)) for each in taught]
    return _fitted(articles, [read(article) for article in articles], told, seed=seed, unseen=unseen)


def _fitted(
    articles: Sequence[DigestedArticle],
    read: Sequence[tuple[SentenceStates, Floats]],
    taught: Sequence[SentenceStates],
    *,
    seed: int,
    unseen: int,
) -> Salience:
    """A head, the weights of signals, and the share of picks that the readers share, articles left out in turn."""
    settings, part = HeadSettings(), np.random.default_rng(seed).permutation(len(articles)) % _FOLDS
    states = [mine for mine, _ in read]
    logits: list[Floats] = [np.zeros(0)] * len(articles)
    for fold in range(_FOLDS):
        known = [states[i] for i in np.flatnonzero(part != fold)]
        head = train_head(known, settings, seed=seed + fold, taught=taught)
        asked = np.flatnonzero(part == fold).tolist()
        for place, found in zip(asked, head_logits(head, [states[i] for i in asked]), strict=True):
            logits[place] = found
    signals = [with_salience(rows, each) for (_, rows), each in zip(read, logits, strict=True)]
    chosen, scores = [article.chosen for article in articles], list(logits)
    for fold in range(_FOLDS):
        rest = np.flatnonzero(part != fold).tolist()
        weights = fit_weights([signals[i] for i in rest], [chosen[i] for i in rest])
        for place in np.flatnonzero(part == fold).tolist():
            scores[place] = weighed(signals[place], weights)
    weighted, alone = shared_picks(articles, scores), shared_picks(articles, logits)
    log.info("digests: %.3f of the picks are shared by the head alone, %.3f with weighed signals", alone, weighted)
    ranked = scores if weighted > alone else logits
    return Salience(
        head=train_head(states, settings, seed=seed, taught=taught),
        weights=fit_weights(signals, chosen) if weighted > alone else HEAD_ALONE,
        picks=max(weighted, alone),
        unseen=shared_picks(articles[:unseen], ranked[:unseen]) if unseen else None,
    )
