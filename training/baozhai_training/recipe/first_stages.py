"""The stages before the last, n-grams and the small encoder, and what they score as they are served."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from transformers import PreTrainedTokenizerBase

from baozhai_model.text.tokens import tokenize
from baozhai_model.topics.ngrams import NgramModel
from baozhai_training.config import RunConfig
from baozhai_training.data.labels import LabelledParagraph
from baozhai_training.data.unlabelled import Unlabelled
from baozhai_training.export.staged import SHOWN, ExportedEncoder, export_encoder
from baozhai_training.learners.network import TopicNetwork
from baozhai_training.learners.ngrams import Floats, ngram_scores
from baozhai_training.learners.pair_encoder import PairReader


@dataclass(frozen=True)
class FirstStages:
    """N-grams and the small encoder.

    Attributes:
        ngrams: the n-gram model.
        network: the small encoder and its heads; rounded once it is exported.
        tokenizer: of the small encoder.
        config: the recipe.
        like: paragraphs such as it will read.
        folder: for the exported encoder.
    """

    ngrams: NgramModel
    network: TopicNetwork
    tokenizer: PreTrainedTokenizerBase
    config: RunConfig
    like: Sequence[LabelledParagraph]
    folder: Path

    @cached_property
    def exported(self) -> ExportedEncoder:
        """The small encoder as it will be served: what it scores is what rules and bounds are fitted on."""
        reader = PairReader(self.tokenizer, self.config.encoder.window, 0)
        windows = [reader.ids(paragraph.text) for paragraph in self.like[:SHOWN]]
        return export_encoder("small", self.network, reader, windows, self.folder, tolerance=self.config.tolerance)

    def scores(self, paragraphs: Sequence[LabelledParagraph] | Sequence[Unlabelled]) -> dict[str, Floats]:
        """``ngrams`` (``ngrams_titled``: under their titles) and ``small``, (paragraphs, topics) each."""
        texts, titles = [p.text for p in paragraphs], [p.title for p in paragraphs]
        tokenizer, window = self.tokenizer.backend_tokenizer, self.config.encoder.window
        return {
            "ngrams": ngram_scores(self.ngrams, texts),
            "ngrams_titled": ngram_scores(self.ngrams, texts, titles),
            "small": self.exported.logits([tokenize(text, tokenizer, window).windows for text in texts]),
        }
