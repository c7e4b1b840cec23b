"""Train the two halves of a model, encoder and n-grams, on labels and pseudo-labels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer
from transformers import set_seed

from baozhai_model.text.tokens import tokenize
from baozhai_model.topics.ngrams import NgramModel
from baozhai_training.config import RunConfig, StageConfig
from baozhai_training.data.digested import DigestedArticle
from baozhai_training.data.labels import LabelledParagraph, targets
from baozhai_training.learners.examples import salience_examples, topic_examples
from baozhai_training.learners.finetuning import Example, finetune, window_outputs
from baozhai_training.learners.network import TopicNetwork
from baozhai_training.learners.ngrams import Floats, continue_ngrams, fit_ngrams
from baozhai_training.learners.pseudo_labels import PseudoLabels
from baozhai_training.learners.warm_start import WarmStart, remembering_salience

_EVEN = 0.5  # a probability without information
_TITLED = 0.1  # least share of paragraphs with a title for a model that reads titles


def trained_network(
    config: RunConfig,
    base: str,
    tokenizer: Tokenizer,
    paragraphs: Sequence[LabelledParagraph],
    articles: Sequence[DigestedArticle],
    work: Path,
    start: WarmStart | None = None,
) -> TopicNetwork:
    """Fine-tune the encoder of ``base`` (and the heads of ``start``) on all that is given."""
    network = fresh_network(config, base, paragraphs, start)
    examples = labelled_examples(config, network, tokenizer, paragraphs, articles, start)
    finetune(network, examples, settled(config.finetuning, start), work, seed=config.seed)
    return network


def fresh_network(
    config: RunConfig, base: str, paragraphs: Sequence[LabelledParagraph], start: WarmStart | None
) -> TopicNetwork:
    """The encoder of ``base`` with the heads of ``start``, or those that the seed draws.

    Before it reads anything, a fresh topic is as likely as it is among ``paragraphs``: of a hundred topics that began
    at even odds, none would be learnt (Lin et al. 2017, arXiv:1708.02002, section 3.3).
    """
    set_seed(config.seed)  # fresh heads are drawn before the trainer sets its own
    network = TopicNetwork.from_base(base, len(config.topics), config.finetuning.dropout)
    if start is not None:
        start.seat(network, config.topic_set)
    fresh = [start is None or not start.knows(topic.id) for topic in config.topics]
    share = (targets(paragraphs, config.topic_set).sum(axis=0) + 1) / (len(paragraphs) + 2)
    network.begin_at(share, np.array(fresh))
    return network


def labelled_examples(
    config: RunConfig,
    network: TopicNetwork,
    tokenizer: Tokenizer,
    paragraphs: Sequence[LabelledParagraph],
    articles: Sequence[DigestedArticle],
    start: WarmStart | None,
) -> list[Example]:
    """The labels as training examples; without digested articles, with the saliences that ``start`` predicts."""
    examples = topic_examples(paragraphs, config.topic_set, tokenizer, config.encoder.window)
    if start is not None and not articles:
        examples = remembering_salience(network, examples)
    return examples + salience_examples(articles, tokenizer, config.encoder.window)


def settled(stage: StageConfig, start: WarmStart | None) -> StageConfig:
    """``stage`` without its least number of steps where the heads continue from ``start``, which know most of it."""
    return stage if start is None or start.afresh else stage.model_copy(update={"least_steps": 0})


def trained_ngrams(
    config: RunConfig,
    paragraphs: Sequence[LabelledParagraph],
    start: WarmStart | None,
    lessons: Sequence[PseudoLabels] = (),
) -> NgramModel:
    """The linear half, fitted afresh or taught further; with ``lessons``, which count as far as they are sure."""
    truth = targets(paragraphs, config.topic_set)
    told = np.concatenate([lesson.told for lesson in lessons]) if lessons else np.zeros((0, truth.shape[1]))
    known = np.concatenate([truth, told > _EVEN])
    weights = np.concatenate([np.ones(truth.shape), config.selftraining.told_weight * np.abs(told - _EVEN) / _EVEN])
    texts = [p.text for p in paragraphs] + [p.text for lesson in lessons for p in lesson.paragraphs]
    titles = [p.title for p in paragraphs] + [p.title for lesson in lessons for p in lesson.paragraphs]
    under, seed = titles if reads_titles(paragraphs, start) else None, config.seed
    if start is None or start.afresh:
        return fit_ngrams(texts, known, config.ngram_bits, weights=weights, titles=under, seed=seed)
    before = start.ngrams_for(config.topic_set)
    return continue_ngrams(before, texts, known, weights=weights, titles=under, seed=seed)


def reads_titles(paragraphs: Sequence[LabelledParagraph], start: WarmStart | None) -> bool:
    """Whether a model that ``paragraphs`` teach reads titles: if enough of them have one, or ``start`` did."""
    known = start is not None and not start.afresh and start.manifest.titles
    return known or sum(bool(paragraph.title) for paragraph in paragraphs) >= max(_TITLED * len(paragraphs), 1)


def encoder_scores(network: TopicNetwork, tokenizer: Tokenizer, texts: Sequence[str], window: int) -> Floats:
    """Each text's topic logits, shape (texts, topics); of several windows the highest, as when served."""
    windows = [tokenize(text, tokenizer, window).windows for text in texts]
    outputs = iter(window_outputs(network, [ids for text in windows for ids in text]))
    return np.stack([np.max([next(outputs).topic_logits for _ in text], axis=0) for text in windows]).astype(np.float64)
