"""The large encoder of a bundle of stages: fine-tuned on the labels, then on what the last stage answers."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from transformers import AutoTokenizer

from baozhai_training.config import LargeConfig, RunConfig
from baozhai_training.data.labels import LabelledParagraph, targets
from baozhai_training.data.unlabelled import Unlabelled
from baozhai_training.export.staged import SHOWN, ExportedEncoder, export_encoder
from baozhai_training.learners.network import TopicNetwork
from baozhai_training.learners.ngrams import Floats
from baozhai_training.learners.pair_encoder import PairReader, finetune_pairs
from baozhai_training.learners.pseudo_labels import PseudoLabels


@dataclass(frozen=True)
class LargeEncoder:
    """Fine-tunes and exports the large encoder.

    Attributes:
        base: folder of a pretrained encoder.
        config: the recipe.
        labels: what the small encoder and the n-grams learnt from.
        like: paragraphs such as it will read.
        work: the folder for checkpoints and exports; a killed run goes on from there.
    """

    base: Path
    config: RunConfig
    labels: Sequence[LabelledParagraph]
    like: Sequence[LabelledParagraph]
    work: Path

    @cached_property
    def teacher(self) -> ExportedEncoder:
        """The encoder that learnt the labels alone."""
        return self._exported("large", copy.deepcopy(self._learnt))

    def student(self, pseudo_labels: PseudoLabels) -> ExportedEncoder:
        """The encoder that learnt ``pseudo_labels`` too, its weights averaged with the teacher's.

        Both are on the way from the same weights (Wortsman et al. 2022, arXiv:2203.05482).
        """
        settings, topics = self.config.large, self.config.topic_set
        truth = np.concatenate([targets(self.labels, topics), pseudo_labels.probabilities])
        network = copy.deepcopy(self._learnt)
        self._finetune(network, [*self.labels, *pseudo_labels.paragraphs], truth, settings.of_student, "large-student")
        before, after, share = self._learnt.state_dict(), network.state_dict(), settings.student.teacher_share
        network.load_state_dict({name: share * before[name] + (1 - share) * after[name] for name in after})
        return self._exported("large-student", network)

    @cached_property
    def reader(self) -> PairReader:
        """How it reads a text and its title."""
        settings = self.config.large
        return PairReader(AutoTokenizer.from_pretrained(self.base), settings.window, settings.title_tokens)

    def scores(
        self, encoder: ExportedEncoder, paragraphs: Sequence[LabelledParagraph | Unlabelled]
    ) -> dict[str, Floats]:
        """What ``encoder`` scores reading ``paragraphs`` alone, ``untitled``, and under their titles, ``titled``.

        Both are (paragraphs, topics).
        """
        bare = encoder.logits([[self.reader.ids(paragraph.text)] for paragraph in paragraphs])
        under, known = bare.copy(), [place for place, paragraph in enumerate(paragraphs) if paragraph.title]
        if known:
            under[known] = self.titled_scores(encoder, [paragraphs[place] for place in known])["titled"]
        return {"untitled": bare, "titled": under}

    def titled_scores(
        self, encoder: ExportedEncoder, paragraphs: Sequence[LabelledParagraph | Unlabelled]
    ) -> dict[str, Floats]:
        """The half of `scores` that needs titles."""
        texts = [[self.reader.ids(paragraph.text, paragraph.title)] for paragraph in paragraphs]
        return {"titled": encoder.logits(texts)}

    @cached_property
    def _learnt(self) -> TopicNetwork:
        settings, topics = self.config.large, self.config.topic_set
        network = TopicNetwork.from_base(str(self.base), len(topics), settings.dropout, encoder_dropout=0.0)
        truth = targets(self.labels, topics)
        network.begin_at(truth.mean(axis=0), np.ones(len(topics), dtype=bool))
        self._finetune(network, self.labels, truth, settings, "large")
        return network

    def _finetune(
        self,
        network: TopicNetwork,
        paragraphs: Sequence[LabelledParagraph | Unlabelled],
        truth: NDArray[np.float64] | NDArray[np.bool_],
        settings: LargeConfig,
        name: str,
    ) -> None:
        reader, most = self.reader, settings.text_tokens
        texts = [(reader.ids(p.text, None, most), reader.ids(p.text, p.title, most)) for p in paragraphs]
        finetune_pairs(network, texts, truth, reader.special[2], settings, self.work / name, seed=self.config.seed)

    def _exported(self, name: str, network: TopicNetwork) -> ExportedEncoder:
        """The encoder as it will be served: what it scores is what rules and bounds are fitted on."""
        windows = [self.reader.ids(p.text, p.title if i % 2 else None) for i, p in enumerate(self.like[:SHOWN])]
        folder = self.work / "exported" / name
        return export_encoder("large", network, self.reader, windows, folder, tolerance=self.config.tolerance)
