"""From a bundle of one encoder to a bundle of stages: a large encoder beside it, rules and bounds, salience heads.

What calibrates and measures is labels that no model of the bundle learnt from.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from baozhai_model.topics.ngrams import NgramModel
from baozhai_training.config import RunConfig
from baozhai_training.data.corpus import corpus_files, read_corpus
from baozhai_training.data.digested import DigestedArticle, read_digests
from baozhai_training.data.labels import LabelledParagraph, fingerprint, read_labelled, targets
from baozhai_training.data.unlabelled import Unlabelled, draw
from baozhai_training.data.unlabelled import fingerprint as unlabelled_fingerprint
from baozhai_training.evaluation.stage_measures import (
    ScoredTexts,
    StageMeasures,
    answered,
    archive_shares,
    bounded_stages,
    fit_stages,
    measure_stages,
    topic_rows,
)
from baozhai_training.export.staged import ExportedEncoder, publish_staged
from baozhai_training.export.staged_card import staged_card
from baozhai_training.learners.network import TopicNetwork
from baozhai_training.learners.pseudo_labels import PseudoLabels
from baozhai_training.learners.stage_rules import MOST_DIFFERING
from baozhai_training.learners.warm_start import WarmStart
from baozhai_training.recipe.crossfit import kept
from baozhai_training.recipe.distillation import Distillation
from baozhai_training.recipe.first_stages import FirstStages
from baozhai_training.recipe.large_encoder import LargeEncoder
from baozhai_training.recipe.salience import Salience, taught_salience

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Staging:
    """What is staged, from what.

    Attributes:
        bundle: of one encoder and n-grams.
        labels: what that bundle learnt from; the large encoder learns it, too.
        held: labels that nothing here learns from; they calibrate and measure.
        corpus: unlabelled text, which stands for an archive.
        work: the folder for what is done; a killed run goes on from there.
        out: the bundle's folder.
        digests: digested articles, for salience heads; None keeps token-wise salience out of the bundle.
        large: folder of a pretrained encoder; None for two stages.
        origin: where the large encoder is from and under which licence, for manifest and card.
        config: the recipe; None for the bundle's own.
    """

    bundle: Path
    labels: Path
    held: Path
    corpus: Path
    work: Path
    out: Path
    digests: Path | None = None
    large: Path | None = None
    origin: str = ""
    config: RunConfig | None = None

    def run(self) -> list[StageMeasures]:
        """Fine-tune, distil, score, calibrate, bound, measure, export."""
        self.work.mkdir(parents=True, exist_ok=True)
        large = self._final_large
        held = self._scores("held", self._first, self._held, large)
        archive = self._scores("archive", self._first, self._sample, large)
        groups = [paragraph.group for paragraph in self._held]
        stages = bounded_stages(fit_stages(held, self._truth, seed=self._recipe.seed), archive, MOST_DIFFERING)
        measures = measure_stages(held, self._truth, groups, stages, seed=self._recipe.seed)
        salience = self._salience() if self.digests else None
        log.info("measured; the bundle is being written")
        about = self._about(measures, archive_shares(stages, archive), salience)
        publish_staged(
            self.out,
            topics=self._recipe.topic_set,
            ngrams=self._first.ngrams,
            encoders=self._encoders(salience),
            stages=stages,
            titles=self._start.manifest.titles,
            card=staged_card(self._recipe.topic_set, measures, about),
            about=about,
        )
        return measures

    @cached_property
    def _start(self) -> WarmStart:
        return WarmStart.of(self.bundle)

    @cached_property
    def _recipe(self) -> RunConfig:
        return self.config or self._start.config

    @cached_property
    def _held(self) -> list[LabelledParagraph]:
        return read_labelled(self.held, self._recipe.topic_set)

    @cached_property
    def _labels(self) -> list[LabelledParagraph]:
        return read_labelled(self.labels, self._recipe.topic_set)

    @cached_property
    def _truth(self) -> NDArray[np.bool_]:
        return targets(self._held, self._recipe.topic_set)

    @cached_property
    def _sample(self) -> list[Unlabelled]:
        return self._drawn(self._recipe.archive_sample, self._held)

    @cached_property
    def _articles(self) -> list[DigestedArticle]:
        return read_digests(self.digests) if self.digests else []

    def _drawn(self, count: int, unlike: Sequence[LabelledParagraph | Unlabelled]) -> list[Unlabelled]:
        """About ``count`` paragraphs of the corpus, none from an article of ``unlike``."""
        documents = read_corpus(corpus_files(self.corpus))
        return draw(documents, count, unlike, lambda _: True, rounds=1, seed=self._recipe.seed)[0]

    @cached_property
    def _large(self) -> LargeEncoder | None:
        if self.large is None:
            return None
        return LargeEncoder(self.large, self._recipe, self._labels, self._held, self.work)

    @cached_property
    def _small_tokenizer(self) -> PreTrainedTokenizerBase:
        return AutoTokenizer.from_pretrained(self._start.checkpoint)

    @cached_property
    def _before(self) -> FirstStages:
        """The n-grams and the small encoder of the bundle that is staged."""
        return self._first_stages(self._start.ngrams, self._small(), "small")

    @cached_property
    def _first(self) -> FirstStages:
        """The stages before the last, as they ship."""
        if self._distillation is None:
            return self._before
        network = self._distillation.teach(self._small(), self._small_tokenizer.backend_tokenizer, self.work / "taught")
        ngrams = self._distillation.ngrams(titled=self._start.manifest.titles)
        return self._first_stages(ngrams, network, "small-taught")

    def _first_stages(self, ngrams: NgramModel, network: TopicNetwork, name: str) -> FirstStages:
        folder = self.work / "exported" / name
        return FirstStages(ngrams, network, self._small_tokenizer, self._recipe, self._held, folder)

    def _small(self) -> TopicNetwork:
        dropout = self._recipe.distillation.dropout
        checkpoint, topics = str(self._start.checkpoint), len(self._recipe.topics)
        return TopicNetwork.from_base(checkpoint, topics, dropout, encoder_dropout=0.0).eval()

    @cached_property
    def _distillation(self) -> Distillation | None:
        """What the last stage teaches those before it, and itself."""
        count, large = self._recipe.distillation.paragraphs, self._large
        if large is None or not count:
            return None
        held = self._scores("teacher-held", self._before, self._held, large.teacher)
        (*_, last) = fit_stages(held, self._truth, seed=self._recipe.seed)
        unlabelled = self._drawn(count, [*self._labels, *self._held, *self._sample])
        if not unlabelled:
            raise ValueError(f"{self.corpus} has no paragraph left to distil on beside the sample of an archive")
        named = self.work / "unlabelled.npz"
        found = kept(named, lambda: self._before.scores(unlabelled) | large.titled_scores(large.teacher, unlabelled))
        scores = {"ngrams": found["ngrams_titled"], "small": found["small"], "large": found["titled"]}
        texts = ScoredTexts(scores, scores, np.array([bool(paragraph.title) for paragraph in unlabelled]))
        _, _, probabilities = answered([last], texts, titled=True)
        return Distillation(self._recipe, self._labels, PseudoLabels(unlabelled, probabilities))

    @cached_property
    def _final_large(self) -> ExportedEncoder | None:
        """The large encoder, as it ships."""
        large, taught = self._large, self._distillation
        if large is None:
            return None
        if taught is None or not self._recipe.large.student.epochs:
            return large.teacher
        return large.student(taught.pseudo_labels)

    def _scores(
        self,
        name: str,
        first: FirstStages,
        paragraphs: Sequence[LabelledParagraph] | Sequence[Unlabelled],
        encoder: ExportedEncoder | None,
    ) -> ScoredTexts:
        """What each model scores, without titles and with them."""
        found = kept(self.work / f"{name}.npz", lambda: first.scores(paragraphs))
        untitled = {"ngrams": found["ngrams"], "small": found["small"]}
        titled = {"ngrams": found["ngrams_titled"], "small": found["small"]}
        large = self._large
        if large is not None and encoder is not None:
            scored = kept(self.work / f"{name}-large.npz", lambda: large.scores(encoder, paragraphs))
            untitled["large"], titled["large"] = scored["untitled"], scored["titled"]
        return ScoredTexts(untitled, titled, np.array([bool(paragraph.title) for paragraph in paragraphs]))

    def _salience(self) -> Salience:
        first, seed = self._first, self._recipe.seed
        return taught_salience(self._articles, first.exported, first.tokenizer, first.ngrams, seed=seed)

    def _encoders(self, salience: Salience | None) -> list[ExportedEncoder]:
        small = self._first.exported
        if salience is not None:
            small = salience.beside(small)
        return [small] if self._final_large is None else [small, self._final_large]

    def _about(
        self, measures: Sequence[StageMeasures], shares: dict[str, Any], salience: Salience | None
    ) -> dict[str, Any]:
        manifest, taught = self._start.manifest, self._distillation
        return {
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "base": manifest.version,
            "large_base": self.origin,
            "token_digest_weights": self._start.token_weights,
            "config": self._recipe.model_dump(mode="json"),
            "data": {
                **manifest.about.get("data", {}),
                "articles": len(self._articles),
                "held": len(self._held),
                "held_fingerprint": fingerprint(self._held),
                "archive_sample": len(self._sample),
                "distilled": len(taught.pseudo_labels.paragraphs) if taught else 0,
                "distilled_fingerprint": unlabelled_fingerprint(taught.pseudo_labels.paragraphs) if taught else "",
            },
            "metrics": {
                "topics": {"topics": topic_rows(measures[-1], self._recipe.topic_set, self._truth)},
                "stages": [each.to_json() for each in measures],
                "archive": shares,
                "digests": {"ours": salience.picks} if salience else {},
            },
        }
