"""From a file of labels to a bundle, and what the gate wants: what was learnt from, and what was locked away."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from baozhai_model.bundle import DEFAULT_BUNDLE
from baozhai_model.topics.topic_set import TopicSet
from baozhai_training.config import CurveConfig, RunConfig, SelfTrainingConfig
from baozhai_training.data.labels import LabelledParagraph, read_labelled
from baozhai_training.data.near_duplicates import near_duplicates
from baozhai_training.learners.warm_start import WarmStart, is_bundle
from baozhai_training.recipe.recipe import run
from baozhai_training.recipe.report import RunReport
from baozhai_training.recipe.workdir import held_out

BUNDLE, TRAIN, TEST = "bundle", "train.jsonl", "test.jsonl"  # in the work folder
QUICK_FOLDS = 2
QUICK_EPOCHS = 2.0
_LEFT_OUT = {"curve": CurveConfig(), "selftraining": SelfTrainingConfig()}
_OTHERS = {"curve": CurveConfig(), "limits": ()}  # of the base's recipe: slow, and about the base's labels

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Retraining:
    """What to train, from what.

    Attributes:
        data: labels, in any format that `baozhai_training.data.tables` reads.
        work: the folder for checkpoints, the split and the bundle.
        config: the recipe; None for that of the base, without its learning curve, what its card warns of
            and, where there is no corpus, its self-training.
        base: a bundle, or an encoder (folder or hub id); None for the shipped bundle.
        reset_topics: topic heads and n-grams are trained from scratch, on the encoder of the base (``--reset-topics``).
        quick: fewer folds and epochs, no learning curve, no self-training.
        hold_out: share of articles that is locked away for the gate.
        corpus: folder of unlabelled text, for a recipe with self-training.
        digests: digested articles, where salience is to be learnt too.
        thorough: the large encoder of a base of stages is fine-tuned whole, not only its heads.
        out: the bundle's folder; None for ``work / "bundle"``.
    """

    data: Path
    work: Path
    config: RunConfig | None = None
    base: str | None = None
    reset_topics: bool = False
    quick: bool = False
    hold_out: float = 0.2
    corpus: Path | None = None
    digests: Path | None = None
    thorough: bool = False
    out: Path | None = None

    def run(self) -> RunReport:
        """Split, train, measure, export. Killed and run again, it goes on where it was."""
        base = self.base or str(DEFAULT_BUNDLE)
        start = WarmStart.of(Path(base)) if is_bundle(base) else None
        config = self.config or (self._newcomers(start.config) if start else None)
        if config is None:
            raise ValueError(f"{base} is a bare encoder, which knows no topics: give a configuration")
        if self.quick:
            finetuning = config.finetuning.model_copy(update={"epochs": min(config.finetuning.epochs, QUICK_EPOCHS)})
            config = config.model_copy(update={"folds": QUICK_FOLDS, "finetuning": finetuning, **_LEFT_OUT})
        if self.corpus is not None and not config.selftraining.paragraphs:
            log.warning("%s is not read: this run has no self-training", self.corpus)
        self.work.mkdir(parents=True, exist_ok=True)
        labels = self.data
        if self.hold_out:
            labels = self._split(config.topic_set)
        encoder = str(start.checkpoint) if start else base
        if start is not None and self.reset_topics:
            start = replace(start, reset_topics=True)
        out = self.out or self.work / BUNDLE
        return run(config, labels, self.digests, encoder, self.work, out, start, self.corpus, thorough=self.thorough)

    def _newcomers(self, config: RunConfig) -> RunConfig:
        return config.model_copy(update=_OTHERS if self.corpus else {**_LEFT_OUT, **_OTHERS})

    def _split(self, topics: TopicSet) -> Path:
        paragraphs = read_labelled(self.data, topics)
        locked = held_out(paragraphs, self.hold_out)
        pairs = near_duplicates([paragraph.text for paragraph in paragraphs])
        # What is nearly the same as a locked paragraph would tell the answer.
        telling = {b if locked[a] else a for a, b, _ in pairs if locked[a] != locked[b]}
        train = [p for i, p in enumerate(paragraphs) if not locked[i] and i not in telling]
        write_labelled(self.work / TEST, [p for i, p in enumerate(paragraphs) if locked[i]])
        return write_labelled(self.work / TRAIN, train)


def write_labelled(path: Path, paragraphs: Sequence[LabelledParagraph]) -> Path:
    """``paragraphs`` as JSONL that `read_labelled` reads back as they are."""
    lines = [
        json.dumps(
            {"text": p.text, "topics": sorted(t.id for t in p.topics), "title": p.title, "source": p.source},
            ensure_ascii=False,
        )
        for p in paragraphs
    ]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path
