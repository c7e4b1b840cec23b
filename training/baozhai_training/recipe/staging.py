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

from baozhai_model.stages import DigestSpec, StageName
from baozhai_model.text.tokens import tokenize
from baozhai_training.config import RunConfig
from baozhai_training.data.corpus import corpus_files, read_corpus
from baozhai_training.data.digested import DigestedArticle, read_digests
from baozhai_training.data.labels import LabelledParagraph, fingerprint, read_labelled, targets
from baozhai_training.data.unlabelled import Unlabelled, draw
from baozhai_training.evaluation.stage_measures import (
    ScoredTexts,
    StageMeasures,
    archive_shares,
    bounded_stages,
    fit_stages,
    measure_stages,
    topic_rows,
)
from baozhai_training.export.staged import HEAD, ExportedEncoder, export_encoder, publish_staged
from baozhai_training.export.staged_card import staged_card
from baozhai_training.learners.network import TopicNetwork
from baozhai_training.learners.ngrams import ngram_scores
from baozhai_training.learners.pair_encoder import PairReader, finetune_pairs
from baozhai_training.learners.salience_head import (
    export_head,
)
from baozhai_training.learners.stage_rules import MOST_DIFFERING
from baozhai_training.learners.warm_start import WarmStart
from baozhai_training.recipe.crossfit import kept
from baozhai_training.recipe.salience import Salience, taught_salience

SAMPLE = 4000  # unlabelled paragraphs that stand for an archive
_FOLDS = 5
_WINDOWS = 200  # that show how far activations reach, and compare an exported encoder with its network

Floats = NDArray[np.float64]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Staging:
    """What is staged, from what.

    Attributes:
        bundle: of one encoder and n-grams.
        labels: what that bundle learnt from; the large encoder learns it, too.
        held: labels that nothing here learnt from; they calibrate and measure.
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
        """Fine-tune, score, calibrate, bound, measure, export."""
        self.work.mkdir(parents=True, exist_ok=True)
        held, archive = self._scored("held", self._held), self._scored("archive", self._sample)
        truth = targets(self._held, self._recipe.topic_set)
        groups = [paragraph.group for paragraph in self._held]
        stages = bounded_stages(fit_stages(held, truth, seed=self._recipe.seed), archive, MOST_DIFFERING)
        measures = measure_stages(held, truth, groups, stages, seed=self._recipe.seed)
        shares = archive_shares(stages, archive)
        salience = self._salience() if self.digests else None
        log.info("measured; the bundle is being written")
        about = self._about(truth, measures, shares, salience)
        publish_staged(
            self.out,
            topics=self._recipe.topic_set,
            ngrams=self._start.ngrams,
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
    def _sample(self) -> list[Unlabelled]:
        documents = read_corpus(corpus_files(self.corpus))
        return draw(documents, SAMPLE, self._held, lambda _: True, rounds=1, seed=self._recipe.seed)[0]

    @cached_property
    def _articles(self) -> list[DigestedArticle]:
        return read_digests(self.digests) if self.digests else []

    @cached_property
    def _small(self) -> TopicNetwork:
        return TopicNetwork.from_base(str(self._start.checkpoint), len(self._recipe.topics), 0.0).eval()

    @cached_property
    def _small_tokenizer(self) -> PreTrainedTokenizerBase:
        return AutoTokenizer.from_pretrained(self._start.checkpoint)

    @cached_property
    def _reader(self) -> PairReader:
        large = self._recipe.large
        return PairReader(AutoTokenizer.from_pretrained(self.large), large.window, large.title_tokens)

    @cached_property
    def _large(self) -> TopicNetwork:
        """The large encoder, fine-tuned on the labels that the bundle learnt from."""
        settings, topics = self._recipe.large, self._recipe.topic_set
        network = TopicNetwork.from_base(str(self.large), len(topics), settings.dropout, encoder_dropout=0.0)
        paragraphs = read_labelled(self.labels, topics)
        truth = targets(paragraphs, topics)
        network.begin_at(truth.mean(axis=0), np.ones(len(topics), dtype=bool))
        most = settings.text_tokens
        texts = [(self._reader.ids(p.text, None, most), self._reader.ids(p.text, p.title, most)) for p in paragraphs]
        pad = self._reader.special[2]
        finetune_pairs(network, texts, truth, pad, settings, self.work / "large", seed=self._recipe.seed)
        return network

    def _scored(self, name: str, paragraphs: Sequence[LabelledParagraph] | Sequence[Unlabelled]) -> ScoredTexts:
        """What each model scores, without titles and with them."""
        texts, titles = [p.text for p in paragraphs], [p.title for p in paragraphs]
        found = kept(self.work / f"{name}-scores.npz", lambda: self._cheap_scores(texts, titles))
        untitled = {"ngrams": found["ngrams"], "small": found["small"]}
        titled = {"ngrams": found["ngrams_titled"], "small": found["small"]}
        if self.large is not None:
            found = kept(self.work / f"{name}-large.npz", lambda: self._large_scores(texts, titles))
            untitled["large"], titled["large"] = found["untitled"], found["titled"]
        return ScoredTexts(untitled, titled, np.array([bool(title) for title in titles]))

    def _cheap_scores(self, texts: Sequence[str], titles: Sequence[str | None]) -> dict[str, Floats]:
        tokenizer, window = self._small_tokenizer.backend_tokenizer, self._recipe.encoder.window
        return {
            "ngrams": ngram_scores(self._start.ngrams, texts),
            "ngrams_titled": ngram_scores(self._start.ngrams, texts, titles),
            "small": self._exported_small.logits([tokenize(text, tokenizer, window).windows for text in texts]),
        }

    def _large_scores(self, texts: Sequence[str], titles: Sequence[str | None]) -> dict[str, Floats]:
        reader, exported = self._reader, self._exported_large
        bare = exported.logits([[reader.ids(text)] for text in texts])
        known = [place for place, title in enumerate(titles) if title]
        under = bare.copy()
        if known:
            under[known] = exported.logits([[reader.ids(texts[i], titles[i])] for i in known])
        return {"untitled": bare, "titled": under}

    @cached_property
    def _exported_small(self) -> ExportedEncoder:
        reader = PairReader(self._small_tokenizer, self._recipe.encoder.window, 0)
        return self._exported("small", self._small, reader, titled=False)

    @cached_property
    def _exported_large(self) -> ExportedEncoder:
        return self._exported("large", self._large, self._reader, titled=True)

    def _exported(self, name: StageName, network: TopicNetwork, reader: PairReader, *, titled: bool) -> ExportedEncoder:
        """The encoder as it will be served: what it scores is what rules and bounds are fitted on."""
        windows = [
            reader.ids(p.text, p.title if titled and i % 2 else None) for i, p in enumerate(self._held[:_WINDOWS])
        ]
        folder = self.work / "exported" / name
        return export_encoder(name, network, reader, windows, folder, tolerance=self._recipe.tolerance)

    def _salience(self) -> Salience:
        window, seed = self._recipe.encoder.window, self._recipe.seed
        return taught_salience(
            self._articles, self._small, self._small_tokenizer, window, self._start.ngrams, seed=seed
        )

    def _encoders(self, salience: Salience | None) -> list[ExportedEncoder]:
        small = self._exported_small
        if salience is not None:
            export_head(salience.head, small.folder / HEAD)
            small = small.with_digests(DigestSpec(salience.weights, reads="paragraphs"))
        return [small] if self.large is None else [small, self._exported_large]

    def _about(
        self,
        truth: NDArray[np.bool_],
        measures: Sequence[StageMeasures],
        shares: dict[str, Any],
        salience: Salience | None,
    ) -> dict[str, Any]:
        manifest = self._start.manifest
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
            },
            "metrics": {
                "topics": {"topics": topic_rows(measures[-1], self._recipe.topic_set, truth)},
                "stages": [each.to_json() for each in measures],
                "archive": shares,
                "digests": {"ours": salience.picks} if salience else {},
            },
        }
