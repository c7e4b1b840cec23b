"""A training run: labels, and unlabelled text for self-training, in; a calibrated and measured bundle out."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from baozhai_model.topics.ngrams import NgramModel
from baozhai_training.config import RunConfig
from baozhai_training.data.digested import read_digests
from baozhai_training.data.labels import LabelledParagraph, read_labelled
from baozhai_training.data.unlabelled import draw_rounds
from baozhai_training.evaluation.digest_measures import measure_digests
from baozhai_training.evaluation.learning_curve import learning_curve
from baozhai_training.learners.setup import TrainingSetup
from baozhai_training.learners.warm_start import WarmStart
from baozhai_training.recipe.crossfit import cross_fit
from baozhai_training.recipe.final_training import FINAL, final_network, run_ngrams
from baozhai_training.recipe.publishing import publish_models
from baozhai_training.recipe.report import RunReport, about, data_fingerprint
from baozhai_training.recipe.self_training import self_train
from baozhai_training.recipe.variant import widen_or_silence
from baozhai_training.recipe.workdir import check_counts, check_exclusive, claim

log = logging.getLogger(__name__)


def run(
    config: RunConfig,
    labels: Path,
    digests: Path | None,
    base: str,
    work: Path,
    out: Path,
    start: WarmStart | None = None,
    corpus: Path | None = None,
    *,
    thorough: bool = False,
) -> RunReport:
    """Train, measure and export.

    Args:
        config: the recipe.
        labels: labelled paragraphs.
        digests: articles with kept sentences; None keeps the weights of signals of ``start`` or the shipped bundle.
        base: folder or hub id of a pre-trained encoder, or of a checkpoint to go on from.
        work: where checkpoints and folds are kept; a killed run goes on from there.
        out: the folder that the bundle is written to.
        start: the bundle whose heads and n-grams training continues from; None trains them from scratch.
        corpus: folder of unlabelled text, if the recipe has self-training.
        thorough: whether the large encoder of ``start`` is fine-tuned whole, not only its heads.

    Raises:
        ValueError: the recipe has self-training, and there is no corpus, or nothing in it.
        FileNotFoundError: the corpus has no file.
        TooFewExamples: a topic cannot be learnt or measured from the labels.
        NotExclusive: topics are to exclude each other, and some paragraph does not have exactly one.
        OtherRun: ``work`` holds the checkpoints of another run.
    """
    paragraphs = read_labelled(labels, config.topic_set)
    articles = read_digests(digests) if digests else []
    check_counts(paragraphs, config)
    check_exclusive(paragraphs, config)
    setup = TrainingSetup.of(config, base, work, start)
    drawn = draw_rounds(config, corpus, setup.tokenizer, paragraphs)
    unlabelled = [paragraph for each in drawn for paragraph in each]
    claim(setup, data_fingerprint(paragraphs, unlabelled))

    found = cross_fit(setup, paragraphs, articles)
    last_round, found = self_train(setup, drawn, found, paragraphs, articles)

    def fitted(by: TrainingSetup, name: str, learnt: Sequence[LabelledParagraph]) -> NgramModel:
        return run_ngrams(by, last_round, name, learnt)

    variant = widen_or_silence(setup, found, paragraphs, len(articles), fitted)
    report = RunReport(out, variant.measures, measure_digests(articles, variant.found.signals, seed=config.seed))
    curve = learning_curve(variant.setup, paragraphs)

    network = final_network(variant.setup, last_round, paragraphs, articles)
    ngrams = fitted(variant.setup, FINAL, paragraphs)
    log.info("trained; the bundle is being written")
    origin = start.manifest.version if start else base
    record = about(paragraphs, unlabelled, articles, origin, report, curve, silent=variant.silent)
    publish_models(out, variant, network, ngrams, paragraphs, articles, record, thorough=thorough)
    return report
