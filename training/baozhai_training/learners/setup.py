"""What every training of a run has in common."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer
from transformers import AutoTokenizer

from baozhai_training.config import RunConfig
from baozhai_training.learners.warm_start import WarmStart


@dataclass(frozen=True)
class TrainingSetup:
    """What every training of a run has in common: folds, students, the learning curve and the final model.

    Attributes:
        config: the recipe.
        base: the pre-trained encoder, a folder or hub id.
        tokenizer: that of ``base``.
        work: the run's folder; each training keeps its checkpoints in a subfolder.
        start: the bundle whose heads and n-grams training continues from; None trains them from scratch.
    """

    config: RunConfig
    base: str
    tokenizer: Tokenizer
    work: Path
    start: WarmStart | None = None

    @classmethod
    def of(cls, config: RunConfig, base: str, work: Path, start: WarmStart | None = None) -> TrainingSetup:
        """The setup with the tokenizer that ``base`` comes with."""
        return cls(config, base, AutoTokenizer.from_pretrained(base).backend_tokenizer, work, start)

    @property
    def window(self) -> int:
        """Tokens that the encoder reads in one pass."""
        return self.config.encoder.window
