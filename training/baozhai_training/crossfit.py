"""Cross-validation: every labelled paragraph and article scored by a network that never saw it or its article.

The out-of-fold scores calibrate the shipped model and measure it. Each fold is kept in the work folder, so a killed
run goes on with the next one.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor
from transformers import set_seed

from baozhai_model.ngrams import NgramModel
from baozhai_model.salience import sentence_signals
from baozhai_model.tokens import tokenize
from baozhai_training.config import RunConfig
from baozhai_training.continuing import Start, remembering_salience
from baozhai_training.digests import DigestedArticle
from baozhai_training.embeddingbag import bag_scores
from baozhai_training.examples import salience_examples, tokenized_article, topic_examples
from baozhai_training.finetuning import finetune, window_outputs
from baozhai_training.labelled import LabelledParagraph, targets
from baozhai_training.linear import continue_ngrams, fit_ngrams, floor_scores, ngram_scores
from baozhai_training.near import merged_groups, near_duplicates
from baozhai_training.network import TopicNetwork
from baozhai_training.split import grouped_folds

Floats = NDArray[np.float64]
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class OutOfFold:
    """Scores by models that did not see what they score.

    Attributes:
        fold: (paragraphs,), which fold scored each.
        encoder, ngrams: (paragraphs, topics), the two halves of our model; the n-grams see the paragraphs' titles.
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


_SCORES = ("encoder", "ngrams", "ngrams_untitled", "linear_floor", "titled_floor", "bag_floor")
_TITLED = 0.1  # share of paragraphs with a title that teaches a model to read titles


def cross_fit(
    config: RunConfig,
    base: str,
    tokenizer: Tokenizer,
    paragraphs: Sequence[LabelledParagraph],
    articles: Sequence[DigestedArticle],
    work: Path,
    start: Start | None = None,
) -> OutOfFold:
    """Train and score ``config.folds`` times, each time from ``start`` where there is one."""
    labels = targets(paragraphs, config.topic_set)
    fold = np.zeros(len(paragraphs), dtype=np.int64)
    titled = reads_titles(paragraphs, start)
    scores = {name: np.zeros(labels.shape) for name in _SCORES}
    signals: list[Floats] = [np.zeros((0, 0))] * len(articles)
    article_fold = np.random.default_rng(config.seed).permutation(len(articles)) % config.folds
    groups = merged_groups([p.group for p in paragraphs], near_duplicates([p.text for p in paragraphs]))
    splits = grouped_folds(groups, labels, config.folds, config.seed)
    for number, (train, test) in enumerate(splits):
        fold[test] = number
        held = [index for index in range(len(articles)) if article_fold[index] == number]
        path = work / f"fold-{number}.npz"
        if not path.exists():
            network = trained_network(
                config,
                base,
                tokenizer,
                [paragraphs[i] for i in train],
                [article for index, article in enumerate(articles) if article_fold[index] != number],
                work / f"fold-{number}",
                start,
            )
            ngrams = trained_ngrams(config, [paragraphs[i] for i in train], start)
            found = _scores(config, network, ngrams, tokenizer, paragraphs, train, test, titled=titled)
            for index in held:
                text = tokenized_article(articles[index], tokenizer, config.encoder.window)
                outputs = window_outputs(network, text.windows)
                found[f"signals-{index}"] = sentence_signals(text, outputs, ngrams, articles[index].title)
            partial = path.with_suffix(".partial.npz")
            np.savez(partial, **found)  # type: ignore[arg-type]  # numpy's stub takes every keyword for allow_pickle
            partial.rename(path)
        log.info("fold %d of %d is done", number + 1, config.folds)
        with np.load(path) as found_before:
            for name, array in scores.items():
                array[test] = found_before[name]
            for index in held:
                signals[index] = found_before[f"signals-{index}"]
    return OutOfFold(fold=fold, signals=signals, **scores)


def trained_network(
    config: RunConfig,
    base: str,
    tokenizer: Tokenizer,
    paragraphs: Sequence[LabelledParagraph],
    articles: Sequence[DigestedArticle],
    work: Path,
    start: Start | None = None,
) -> TopicNetwork:
    """Fine-tune the encoder of ``base`` (and the heads of ``start``) on all that is given.

    Several members end as the mean of their weights, as good as the mean of their answers and no slower to serve
    (Wortsman et al. 2022, arXiv:2203.05482).
    """
    settings = config.finetuning
    if start is not None and not start.afresh:  # its heads know most of it
        settings = settings.model_copy(update={"least_steps": 0})
    mean: dict[str, Tensor] = {}
    for member in range(settings.members):
        set_seed(config.seed)  # members begin with the same fresh heads, or their mean would mean nothing
        network = TopicNetwork.from_base(base, len(config.topics), settings.dropout)
        examples = topic_examples(paragraphs, config.topic_set, tokenizer, config.encoder.window)
        if start is not None:
            start.seat(network, config.topic_set)
            if not articles:
                examples = remembering_salience(network, examples)
        examples += salience_examples(articles, tokenizer, config.encoder.window)
        finetune(network, examples, settings, work / f"member-{member}", seed=config.seed + member)
        for name, weights in network.state_dict().items():
            mean[name] = mean.get(name, 0.0) + weights / settings.members
    network.load_state_dict(mean)
    return network


def trained_ngrams(config: RunConfig, paragraphs: Sequence[LabelledParagraph], start: Start | None) -> NgramModel:
    """The linear half, fitted afresh or taught further."""
    texts, truth = [paragraph.text for paragraph in paragraphs], targets(paragraphs, config.topic_set)
    titles = [paragraph.title for paragraph in paragraphs] if reads_titles(paragraphs, start) else None
    if start is None or start.afresh:
        return fit_ngrams(texts, truth, config.ngram_bits, titles=titles, seed=config.seed)
    return continue_ngrams(start.ngrams_for(config.topic_set), texts, truth, titles=titles, seed=config.seed)


def reads_titles(paragraphs: Sequence[LabelledParagraph], start: Start | None) -> bool:
    """Whether a model that ``paragraphs`` teach reads titles: if enough of them have one, or ``start`` did."""
    known = start is not None and not start.afresh and start.manifest.titles
    return known or sum(bool(paragraph.title) for paragraph in paragraphs) >= max(_TITLED * len(paragraphs), 1)


def _scores(
    config: RunConfig,
    network: TopicNetwork,
    ngrams: NgramModel,
    tokenizer: Tokenizer,
    paragraphs: Sequence[LabelledParagraph],
    train: NDArray[np.int64],
    test: NDArray[np.int64],
    *,
    titled: bool,
) -> dict[str, Floats]:
    """What our halves and the floors say of the ``test`` paragraphs; the floors learn from ``train`` here."""
    asked, titles = [paragraphs[i].text for i in test], [paragraphs[i].title for i in test]
    learnt, labels = [paragraphs[i].text for i in train], targets([paragraphs[i] for i in train], config.topic_set)
    found = {
        "encoder": encoder_scores(network, tokenizer, asked, config.encoder.window),
        "ngrams_untitled": ngram_scores(ngrams, asked),
        "linear_floor": floor_scores(learnt, labels, asked, seed=config.seed),
        "bag_floor": bag_scores(learnt, labels, asked, seed=config.seed),
    }
    if not titled:
        return {**found, "ngrams": found["ngrams_untitled"], "titled_floor": found["linear_floor"]}
    both_learnt, both_asked = ([_under(paragraphs[i]) for i in places] for places in (train, test))
    return {
        **found,
        "ngrams": ngram_scores(ngrams, asked, titles),
        "titled_floor": floor_scores(both_learnt, labels, both_asked, seed=config.seed),
    }


def _under(paragraph: LabelledParagraph) -> str:
    return f"{paragraph.title or ''}\n{paragraph.text}"


def encoder_scores(network: TopicNetwork, tokenizer: Tokenizer, texts: Sequence[str], window: int) -> Floats:
    """Each text's topic logits, shape (texts, topics); of several windows the highest, as when served."""
    windows = [tokenize(text, tokenizer, window).windows for text in texts]
    outputs = iter(window_outputs(network, [ids for text in windows for ids in text]))
    return np.stack([np.max([next(outputs).topic_logits for _ in text], axis=0) for text in windows]).astype(np.float64)
