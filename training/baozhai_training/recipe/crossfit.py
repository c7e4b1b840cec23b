"""Cross-validation: every labelled paragraph and article scored by a network that never saw it or its article.

The out-of-fold scores calibrate the shipped model and measure it. Each fold is kept in the work folder, so a killed
run goes on with the next one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from baozhai_model.digest.salience import sentence_signals
from baozhai_model.topics.ngrams import NgramModel
from baozhai_training.config import RunConfig
from baozhai_training.data.digested import DigestedArticle
from baozhai_training.data.labels import LabelledParagraph, targets
from baozhai_training.data.near_duplicates import merged_groups, near_duplicates
from baozhai_training.data.split import grouped_folds
from baozhai_training.evaluation.measures import Measures, measure
from baozhai_training.learners.embedding_bag import bag_scores
from baozhai_training.learners.examples import tokenized_article
from baozhai_training.learners.finetuning import window_outputs
from baozhai_training.learners.fit import encoder_scores, reads_titles, trained_network, trained_ngrams
from baozhai_training.learners.network import TopicNetwork
from baozhai_training.learners.ngrams import Floats, floor_scores, ngram_scores
from baozhai_training.learners.setup import TrainingSetup

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class OutOfFold:
    """Scores by models that did not see what they score.

    Attributes:
        fold: (paragraphs,), which fold scored each.
        encoder, ngrams: (paragraphs, topics), of our model; the n-grams see the paragraphs' titles.
        ngrams_untitled: the same of paragraphs by themselves.
        linear_floor, bag_floor: (paragraphs, topics), the floors; titled_floor: the linear one with titles.
        signals: one (sentences, signals) array an article.
    """

    fold: NDArray[np.int64]
    encoder: Floats
    ngrams: Floats
    ngrams_untitled: Floats
    linear_floor: Floats
    titled_floor: Floats
    bag_floor: Floats
    signals: list[Floats]

    def measured(self, config: RunConfig, truth: NDArray[np.bool_]) -> Measures:
        """How good our model and the floors are, by the labels ``truth``, (paragraphs, topics)."""
        floors = {"linear": self.linear_floor, "titled": self.titled_floor, "bag": self.bag_floor}
        return measure(
            config.topic_set,
            truth,
            self.fold,
            self.encoder,
            self.ngrams,
            self.ngrams_untitled,
            floors,
            exclusive=config.exclusive,
            seed=config.seed,
        )


_SCORES = ("encoder", "ngrams", "ngrams_untitled", "linear_floor", "titled_floor", "bag_floor")


@dataclass(frozen=True)
class Fold:
    """What is learnt from and what is scored, as indices of paragraphs and of digested articles."""

    number: int
    train: NDArray[np.int64]
    test: NDArray[np.int64]
    articles: tuple[int, ...]
    held: tuple[int, ...]


def folds_of(config: RunConfig, paragraphs: Sequence[LabelledParagraph], articles: int) -> list[Fold]:
    """The folds: no article, and nothing nearly the same, on both sides."""
    groups = merged_groups([p.group for p in paragraphs], near_duplicates([p.text for p in paragraphs]))
    splits = grouped_folds(groups, targets(paragraphs, config.topic_set), config.folds, config.seed)
    part = np.random.default_rng(config.seed).permutation(articles) % config.folds
    return [
        Fold(number, train, test, tuple(np.flatnonzero(part != number)), tuple(np.flatnonzero(part == number)))
        for number, (train, test) in enumerate(splits)
    ]


def cross_fit(
    setup: TrainingSetup, paragraphs: Sequence[LabelledParagraph], articles: Sequence[DigestedArticle]
) -> OutOfFold:
    """Train a model for each of ``config.folds`` folds, and score what it did not see."""
    config = setup.config
    folds = folds_of(config, paragraphs, len(articles))
    titled = reads_titles(paragraphs, setup.start)
    found = []
    for fold in folds:

        def scored(fold: Fold = fold) -> dict[str, Floats]:
            learnt = [paragraphs[i] for i in fold.train]
            own = [articles[i] for i in fold.articles]
            network = trained_network(setup, f"fold-{fold.number}", learnt, own)
            ngrams = trained_ngrams(setup, learnt)
            return {
                **network_scores(setup, network, ngrams, paragraphs, articles, fold),
                **ngram_both_ways(ngrams, paragraphs, fold, titled=titled),
                **_floors(config, paragraphs, fold, titled=titled),
            }

        found.append(kept(setup.work / f"fold-{fold.number}.npz", scored))
        log.info("fold %d of %d is done", fold.number + 1, config.folds)
    number = np.zeros(len(paragraphs), dtype=np.int64)
    for fold in folds:
        number[fold.test] = fold.number
    signals = signals_of(folds, found, len(articles))
    return OutOfFold(number, signals=signals, **{name: joined(folds, found, name) for name in _SCORES})


def kept(path: Path, scored: Callable[[], dict[str, Floats]]) -> dict[str, Floats]:
    """What is in ``path``, or what ``scored`` finds, which is kept there."""
    if not path.exists():
        partial = path.with_suffix(".partial.npz")
        np.savez(partial, **scored())  # type: ignore[arg-type]  # numpy's stub takes every keyword for allow_pickle
        partial.rename(path)
    with np.load(path) as found:
        return dict(found)


def joined(folds: Sequence[Fold], found: Sequence[dict[str, Floats]], name: str) -> Floats:
    """The scores called ``name`` of all folds, shape (paragraphs, topics)."""
    scores = np.zeros((sum(len(fold.test) for fold in folds), found[0][name].shape[1]))
    for fold, mine in zip(folds, found, strict=True):
        scores[fold.test] = mine[name]
    return scores


def signals_of(folds: Sequence[Fold], found: Sequence[dict[str, Floats]], articles: int) -> list[Floats]:
    """The sentence signals of each article, from the fold that held it."""
    held = {index: mine for fold, mine in zip(folds, found, strict=True) for index in fold.held}
    return [held[index][f"signals-{index}"] for index in range(articles)]


def network_scores(
    setup: TrainingSetup,
    network: TopicNetwork,
    ngrams: NgramModel,
    paragraphs: Sequence[LabelledParagraph],
    articles: Sequence[DigestedArticle],
    fold: Fold,
) -> dict[str, Floats]:
    """What ``network`` says of what ``fold`` holds: ``encoder``, and ``signals-N`` of the sentences of article N."""
    tokenizer, window = setup.tokenizer, setup.window
    found = {"encoder": encoder_scores(network, tokenizer, [paragraphs[i].text for i in fold.test], window)}
    for index in fold.held:
        text = tokenized_article(articles[index], tokenizer, window)
        outputs = window_outputs(network, text.windows)
        found[f"signals-{index}"] = sentence_signals(text, outputs, ngrams, articles[index].title)
    return found


def ngram_both_ways(
    ngrams: NgramModel, paragraphs: Sequence[LabelledParagraph], fold: Fold, *, titled: bool
) -> dict[str, Floats]:
    """The scores ``ngrams``, with titles if they are read, and ``ngrams_untitled`` of what ``fold`` holds."""
    texts, titles = [paragraphs[i].text for i in fold.test], [paragraphs[i].title for i in fold.test]
    bare = ngram_scores(ngrams, texts)
    return {"ngrams": ngram_scores(ngrams, texts, titles) if titled else bare, "ngrams_untitled": bare}


def _floors(
    config: RunConfig, paragraphs: Sequence[LabelledParagraph], fold: Fold, *, titled: bool
) -> dict[str, Floats]:
    """What the floors, which learn from the rest here, say of what ``fold`` holds."""
    learnt, asked = [paragraphs[i] for i in fold.train], [paragraphs[i] for i in fold.test]
    labels, known = targets(learnt, config.topic_set), [paragraph.text for paragraph in learnt]
    texts = [paragraph.text for paragraph in asked]
    linear = under = floor_scores(known, labels, texts, seed=config.seed)
    if titled:
        under = floor_scores([_under(p) for p in learnt], labels, [_under(p) for p in asked], seed=config.seed)
    bag = bag_scores(known, labels, texts, seed=config.seed)
    return {"linear_floor": linear, "titled_floor": under, "bag_floor": bag}


def _under(paragraph: LabelledParagraph) -> str:
    return f"{paragraph.title or ''}\n{paragraph.text}"
