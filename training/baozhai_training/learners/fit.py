"""Train the encoder and the n-gram model on labels and pseudo-labels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from tokenizers import Tokenizer
from transformers import set_seed

from baozhai_model.text.tokens import tokenize
from baozhai_model.topics.ngrams import NgramModel
from baozhai_training.config import StageConfig
from baozhai_training.data.digested import DigestedArticle
from baozhai_training.data.labels import LabelledParagraph, targets
from baozhai_training.data.unlabelled import Unlabelled
from baozhai_training.learners.examples import salience_examples, topic_examples
from baozhai_training.learners.finetuning import Example, finetune, window_outputs
from baozhai_training.learners.network import TopicNetwork
from baozhai_training.learners.ngrams import Floats, continue_ngrams, fit_ngrams
from baozhai_training.learners.pseudo_labels import PseudoLabels, known_targets
from baozhai_training.learners.setup import TrainingSetup
from baozhai_training.learners.warm_start import WarmStart, remembering_salience

_TITLED = 0.1  # least share of paragraphs with a title for a model that reads titles


def trained_network(
    setup: TrainingSetup,
    name: str,
    paragraphs: Sequence[LabelledParagraph],
    articles: Sequence[DigestedArticle],
) -> TopicNetwork:
    """The encoder of the base (and the heads of the warm start), fine-tuned on ``paragraphs`` and ``articles``.

    Its checkpoints are kept in the subfolder ``name`` of the work folder.
    """
    network = initial_network(setup, paragraphs)
    examples = labelled_examples(setup, network, paragraphs, articles)
    stage = settled(setup.config.finetuning, setup.start)
    finetune(network, examples, stage, setup.work / name, seed=setup.config.seed)
    return network


def initial_network(setup: TrainingSetup, paragraphs: Sequence[LabelledParagraph]) -> TopicNetwork:
    """The network before fine-tuning: the encoder of the base, and heads of the warm start or drawn by the seed.

    The bias of a new topic is the log-odds of its share of ``paragraphs``: of a hundred topics that began at even odds,
    none would be learnt (Lin et al. 2017, arXiv:1708.02002, section 3.3).
    """
    config, start = setup.config, setup.start
    set_seed(config.seed)  # heads are drawn before the trainer sets the seed itself
    network = TopicNetwork.from_base(setup.base, len(config.topics), config.finetuning.dropout)
    if start is not None:
        start.initialize_topic_head(network, config.topic_set)
    fresh = [start is None or not start.knows(topic.id) for topic in config.topics]
    share = (targets(paragraphs, config.topic_set).sum(axis=0) + 1) / (len(paragraphs) + 2)
    network.begin_at(share, np.array(fresh))
    return network


def labelled_examples(
    setup: TrainingSetup,
    network: TopicNetwork,
    paragraphs: Sequence[LabelledParagraph],
    articles: Sequence[DigestedArticle],
) -> list[Example]:
    """The labels as training examples; without digested articles, with the saliences that the warm start predicts."""
    examples = topic_examples(paragraphs, setup.config.topic_set, setup.tokenizer, setup.window)
    if setup.start is not None and not articles:
        examples = remembering_salience(network, examples)
    return examples + salience_examples(articles, setup.tokenizer, setup.window)


def settled(stage: StageConfig, start: WarmStart | None) -> StageConfig:
    """``stage`` without its least number of steps if the topic heads continue from ``start``: they know most topics."""
    return stage if start is None or start.reset_topics else stage.model_copy(update={"least_steps": 0})


def trained_ngrams(
    setup: TrainingSetup, paragraphs: Sequence[LabelledParagraph], pseudo_labels: Sequence[PseudoLabels] = ()
) -> NgramModel:
    """The n-gram model, fitted from scratch or continued from the warm start; see `known_targets`."""
    config, start = setup.config, setup.start
    truth = targets(paragraphs, config.topic_set)
    known, weights = known_targets(truth, pseudo_labels, config.selftraining.told_weight)
    every: list[LabelledParagraph | Unlabelled] = [*paragraphs, *(p for each in pseudo_labels for p in each.paragraphs)]
    texts, titles = [paragraph.text for paragraph in every], [paragraph.title for paragraph in every]
    under, seed = titles if reads_titles(paragraphs, start) else None, config.seed
    if start is None or start.reset_topics:
        return fit_ngrams(texts, known, config.ngram_bits, weights=weights, titles=under, seed=seed)
    before = start.ngrams_for(config.topic_set)
    return continue_ngrams(before, texts, known, weights=weights, titles=under, seed=seed)


def reads_titles(paragraphs: Sequence[LabelledParagraph], start: WarmStart | None) -> bool:
    """Whether a model trained on ``paragraphs`` reads titles: if enough of them have one, or ``start`` reads them."""
    known = start is not None and not start.reset_topics and start.manifest.titles
    return known or sum(bool(paragraph.title) for paragraph in paragraphs) >= max(_TITLED * len(paragraphs), 1)


def encoder_scores(network: TopicNetwork, tokenizer: Tokenizer, texts: Sequence[str], window: int) -> Floats:
    """Each text's topic logits, shape (texts, topics); of several windows the highest, as when served."""
    windows = [tokenize(text, tokenizer, window).windows for text in texts]
    outputs = iter(window_outputs(network, [ids for text in windows for ids in text]))
    return np.stack([np.max([next(outputs).topic_logits for _ in text], axis=0) for text in windows]).astype(np.float64)
