"""Retraining a bundle of stages: the retrained small encoder and n-grams are put into stages again.

The large encoder is frozen and its heads are trained on the labels (``thorough``: all of it is fine-tuned). Rules and
bounds of every stage are fitted on out-of-fold scores.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from baozhai_model.bundle import Manifest
from baozhai_model.encoder.spec import EncoderSpec
from baozhai_model.stages import Stage
from baozhai_model.topics.calibration import Rules
from baozhai_model.topics.ngrams import NgramModel
from baozhai_training.config import RunConfig
from baozhai_training.data.digested import DigestedArticle
from baozhai_training.data.labels import LabelledParagraph, targets
from baozhai_training.evaluation.stage_measures import (
    ScoredTexts,
    archive_shares,
    bounded_stages,
    fit_stages,
    measure_stages,
    topic_rows,
)
from baozhai_training.export.head_for_states import mapped_head, states_map
from baozhai_training.export.staged import HEAD, SHOWN, ExportedEncoder, export_encoder, publish_staged
from baozhai_training.export.staged_card import staged_card
from baozhai_training.learners.finetuning import window_outputs
from baozhai_training.learners.frozen_encoder import head_logits, pooled_states, teach_heads
from baozhai_training.learners.network import TopicNetwork
from baozhai_training.learners.pair_encoder import PairReader, finetune_pairs, pair_logits
from baozhai_training.learners.stage_rules import MOST_DIFFERING
from baozhai_training.learners.warm_start import WarmStart
from baozhai_training.recipe.crossfit import OutOfFold, kept
from baozhai_training.recipe.salience import taught_salience

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Restaging:
    """The parts of a retrained bundle of stages.

    Attributes:
        config: the recipe.
        start: the bundle of stages that the run continued from.
        paragraphs: the labelled paragraphs of the run.
        found: out-of-fold scores of the small encoder and the n-grams.
        work: the run's folder.
        articles: digested articles, which teach the salience head anew; none: it is led back to what it learnt.
        thorough: whether the large encoder is fine-tuned whole, not only its heads.
    """

    config: RunConfig
    start: WarmStart
    paragraphs: Sequence[LabelledParagraph]
    found: OutOfFold
    work: Path
    articles: Sequence[DigestedArticle] = ()
    thorough: bool = False

    def publish(
        self,
        out: Path,
        network: TopicNetwork,
        tokenizer: PreTrainedTokenizerBase,
        ngrams: NgramModel,
        about: dict[str, Any],
    ) -> Manifest:
        """Fit, measure and write the bundle to ``out``; ``network`` is the small encoder, trained on all labels."""
        topics, seed = self.config.topic_set, self.config.seed
        groups = [paragraph.group for paragraph in self.paragraphs]
        fitted = fit_stages(self._scores, self._truth, seed=seed)
        stages = self._carried(bounded_stages(fitted, self._scores, MOST_DIFFERING))
        measures = measure_stages(self._scores, self._truth, groups, stages, seed=seed)
        metrics = about["metrics"]
        cascade = topic_rows(measures[-1], topics, self._truth)
        rows = [{**row, **mine} for row, mine in zip(metrics["topics"]["topics"], cascade, strict=True)]
        encoders = [self._small(network, tokenizer, ngrams), *([self._large] if self.start.large else [])]
        about = {
            **about,
            "config": self.config.model_dump(mode="json"),
            "large_base": self.start.manifest.about.get("large_base", ""),
            "token_digest_weights": self.start.token_weights,
            "metrics": {
                **metrics,
                "topics": {**metrics["topics"], "topics": rows},
                "stages": [each.to_json() for each in measures],
                "archive": archive_shares(stages, self._scores),
            },
        }
        return publish_staged(
            out,
            topics=topics,
            ngrams=ngrams,
            encoders=encoders,
            stages=stages,
            titles=self.start.manifest.titles,
            card=staged_card(topics, measures, about),
            about=about,
        )

    def _carried(self, stages: Sequence[Stage]) -> list[Stage]:
        """``stages`` with the bounds of ``start`` for the topics that it knows.

        Those were fitted on a sample of an archive; labelled paragraphs are harder, and would send most to the large
        encoder. Leads are calibrated logits, so that a bound means the same after retraining.
        """
        known = [
            self.start.manifest.topics.ids.index(t.id) if self.start.knows(t.id) else None for t in self.config.topics
        ]
        before = {stage.name: stage for stage in self.start.manifest.stages}

        def carried(mine: Rules, theirs: Rules) -> Rules:
            each = list(theirs)
            old = [each[place] if place is not None else None for place in known]
            return Rules(
                tuple(
                    rule if like is None else replace(rule, leave_below=like.leave_below, leave_above=like.leave_above)
                    for rule, like in zip(mine, old, strict=True)
                )
            )

        return [
            Stage(
                stage.name,
                carried(stage.untitled, before[stage.name].untitled),
                carried(stage.titled, before[stage.name].rules(True)) if stage.titled else None,
            )
            for stage in stages
        ]

    @property
    def _name(self) -> str:
        return "large-thorough" if self.thorough else "large"

    @cached_property
    def _truth(self) -> Bools:
        return targets(self.paragraphs, self.config.topic_set)

    @cached_property
    def _titled(self) -> Bools:
        return np.array([bool(paragraph.title) for paragraph in self.paragraphs])

    @cached_property
    def _scores(self) -> ScoredTexts:
        untitled = {"ngrams": self.found.ngrams_untitled, "small": self.found.encoder}
        titled = {"ngrams": self.found.ngrams, "small": self.found.encoder}
        if self.start.large is not None:
            large = kept(self.work / f"{self._name}.npz", self._large_scores)
            untitled["large"], titled["large"] = large["untitled"], large["titled"]
        return ScoredTexts(untitled, titled, self._titled)

    def _small(self, network: TopicNetwork, tokenizer: PreTrainedTokenizerBase, ngrams: NgramModel) -> ExportedEncoder:
        """The small encoder with a salience head: one that the digested articles taught, or that of ``start``."""
        window, seed = self.config.encoder.window, self.config.seed
        reader = PairReader(tokenizer, window, 0)
        windows = [reader.ids(paragraph.text) for paragraph in self.paragraphs[:SHOWN]]
        folder = self.work / "exported" / "small"
        exported = export_encoder("small", network, reader, windows, folder, tolerance=self.config.tolerance)
        if self.articles:
            return taught_salience(self.articles, exported, tokenizer, ngrams, seed=seed).beside(exported)
        spec = self.start.manifest.digests.get("small")
        if spec is None or spec.head is None:
            return exported
        before = TopicNetwork.from_base(str(self.start.checkpoint), len(self.config.topics), 0.0).eval()
        states = [np.concatenate([o.states for o in window_outputs(each, windows)]) for each in (before, network)]
        mapped_head(self.start.folder / spec.head, folder / HEAD, states_map(*states))
        return exported.with_digests(spec)

    @cached_property
    def _large_spec(self) -> EncoderSpec:
        return next(stage.encoder for stage in self.start.manifest.stages if stage.name == "large" and stage.encoder)

    @cached_property
    def _reader(self) -> PairReader:
        assert self.start.large is not None
        spec = self._large_spec
        return PairReader(AutoTokenizer.from_pretrained(self.start.large), spec.window, spec.title_tokens)

    @cached_property
    def _windows(self) -> tuple[list[list[int]], list[list[int]]]:
        """Of each paragraph its token ids alone, and under its title where that is known."""
        most = self.config.large.text_tokens if self.thorough else None
        bare = [self._reader.ids(p.text, None, most) for p in self.paragraphs]
        return bare, [self._reader.ids(p.text, p.title, most) for p in self.paragraphs]

    def _network(self) -> TopicNetwork:
        """The large encoder of ``start``, a row of its topic head for each topic."""
        topics = self.config.topic_set
        network = TopicNetwork.from_base(str(self.start.large), len(topics), 0.1, encoder_dropout=0.0)
        self.start.initialize_topic_head(network, topics, self.start.large)
        network.begin_at((self._truth.sum(axis=0) + 1) / (len(self._truth) + 2), self._fresh)
        return network

    @property
    def _fresh(self) -> Bools:
        return np.array([not self.start.knows(topic.id) for topic in self.config.topics])

    @cached_property
    def _pooled(self) -> dict[str, NDArray[np.float32]]:
        """The large encoder's pooled states of each paragraph, alone and under its title, (paragraphs, 2 * width)."""
        model, pad = self.start.folder / self._large_spec.model, self._large_spec.pad

        def read() -> dict[str, Any]:
            bare, under = self._windows
            alone = pooled_states(model, bare, pad)
            titled, rows = alone.copy(), np.flatnonzero(self._titled)
            if len(rows):
                titled[rows] = pooled_states(model, [under[row] for row in rows], pad)
            return {"untitled": alone, "titled": titled}

        return kept(self.work / "large-states.npz", read)  # type: ignore[return-value]

    def _trained(self, rows: NDArray[np.int64], name: str) -> TopicNetwork:
        """The large encoder, trained on the paragraphs ``rows``."""
        network, seed = self._network(), self.config.seed
        if self.thorough:
            bare, under = self._windows
            pad, folder = self._reader.special[2], self.work / f"{self._name}-{name}"
            texts = [(bare[row], under[row]) for row in rows]
            finetune_pairs(network, texts, self._truth[rows], pad, self.config.large, folder, seed=seed)
            return network.eval()
        titled = rows[self._titled[rows]]
        pooled = np.concatenate([self._pooled["untitled"][rows], self._pooled["titled"][titled]])
        truth = np.concatenate([self._truth[rows], self._truth[titled]])
        teach_heads(network, pooled, truth, fresh=bool(self._fresh.any()), seed=seed)
        return network

    def _large_scores(self) -> dict[str, Floats]:
        """Out-of-fold scores of every paragraph by the heads, or by the whole encoder if ``thorough``."""
        scores = {name: np.zeros(self._truth.shape) for name in ("untitled", "titled")}
        for fold in np.unique(self.found.fold):
            held = np.flatnonzero(self.found.fold == fold)
            network = self._trained(np.flatnonzero(self.found.fold != fold), f"fold-{fold}")
            for name, windows in zip(scores, self._windows, strict=True):
                if self.thorough:
                    scores[name][held] = pair_logits(network, [windows[row] for row in held], self._reader.special[2])
                else:
                    scores[name][held] = head_logits(network, self._pooled[name][held])
            log.info("large encoder: fold %d is done", fold + 1)
        return scores

    @cached_property
    def _large(self) -> ExportedEncoder:
        network = self._trained(np.arange(len(self.paragraphs)), "final")
        both = zip(*self._windows, strict=True)
        windows = [pair[place % 2] for place, pair in enumerate(both)][:SHOWN]
        folder = self.work / "exported" / self._name
        return export_encoder("large", network, self._reader, windows, folder, tolerance=self.config.tolerance)
