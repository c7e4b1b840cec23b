"""Distillation: the last stage answers unlabelled text, and the stages before it learn its answers.

The small encoder and the n-grams learn the probabilities of the whole cascade on text like an archive's (Hinton et al.
2015, arXiv:1503.02531). So they agree with it more often, and pass fewer texts on.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from baozhai_model.text.tokens import tokenize
from baozhai_model.topics.ngrams import NgramModel
from baozhai_training.config import RunConfig
from baozhai_training.data.labels import LabelledParagraph, targets
from baozhai_training.data.unlabelled import Unlabelled
from baozhai_training.learners.examples import topic_examples
from baozhai_training.learners.finetuning import Example, finetune
from baozhai_training.learners.network import TopicNetwork
from baozhai_training.learners.ngrams import fit_ngrams
from baozhai_training.learners.pseudo_labels import PseudoLabels, known_targets

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Distillation:
    """What the students learn.

    Attributes:
        config: the recipe.
        labels: paragraphs that people labelled.
        pseudo_labels: the teacher's answers on unlabelled ones.
    """

    config: RunConfig
    labels: Sequence[LabelledParagraph]
    pseudo_labels: PseudoLabels

    def teach(self, network: TopicNetwork, tokenizer: Tokenizer, folder: Path) -> TopicNetwork:
        """Train ``network`` in place on both; a killed run goes on from the last checkpoint in ``folder``."""
        window, mine = self.config.encoder.window, self.pseudo_labels
        taught = [
            Example(tokenize(paragraph.text, tokenizer, window).windows[0], each)
            for paragraph, each in zip(mine.paragraphs, mine.probabilities.astype(np.float32), strict=True)
        ]
        examples = [*taught, *topic_examples(self.labels, self.config.topic_set, tokenizer, window)]
        log.info("the small encoder learns %d answers of the last stage", len(taught))
        finetune(network, examples, self.config.distillation, folder, seed=self.config.seed)
        return network.eval()

    def ngrams(self, *, titled: bool) -> NgramModel:
        """N-grams that learnt both; ``titled``: under titles, too, where they are known."""
        truth, weight = targets(self.labels, self.config.topic_set), self.config.distillation.told_weight
        known, weights = known_targets(truth, [self.pseudo_labels], weight)
        paragraphs: list[LabelledParagraph | Unlabelled] = [*self.labels, *self.pseudo_labels.paragraphs]
        texts, titles = [p.text for p in paragraphs], [p.title for p in paragraphs] if titled else None
        return fit_ngrams(texts, known, self.config.ngram_bits, weights=weights, titles=titles, seed=self.config.seed)
