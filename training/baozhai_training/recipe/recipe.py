"""The whole story: text and labels in, a bundle out."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer
from transformers import AutoTokenizer

from baozhai_model.bundle import DEFAULT_BUNDLE
from baozhai_model.text.tokens import tokenize
from baozhai_model.topics.ngrams import NgramModel
from baozhai_training.config import RunConfig
from baozhai_training.data.corpus import corpus_files, read_corpus
from baozhai_training.data.digested import (
    DigestedArticle,
    fit_weights,
    lead_scores,
    read_digests,
    shared_picks,
    textrank_scores,
    weighed,
)
from baozhai_training.data.labels import LabelledParagraph, fingerprint, read_labelled, targets
from baozhai_training.data.unlabelled import Unlabelled, draw
from baozhai_training.data.unlabelled import fingerprint as unlabelled_fingerprint
from baozhai_training.evaluation.learning_curve import CurvePoint, learning_curve, to_json
from baozhai_training.evaluation.measures import Measures, measure
from baozhai_training.export.publish import publish
from baozhai_training.learners.calibration import fit_rules
from baozhai_training.learners.fit import reads_titles, trained_network, trained_ngrams
from baozhai_training.learners.warm_start import WarmStart
from baozhai_training.recipe.crossfit import OutOfFold, cross_fit
from baozhai_training.recipe.ngram_capacity import widened, with_wider_ngrams
from baozhai_training.recipe.restaging import Restaging
from baozhai_training.recipe.self_training import SelfTrainingRound
from baozhai_training.recipe.workdir import check_counts, check_exclusive, claim

_DIGEST_FOLDS = 5
_DIGEST_SPLITS = 6
_PARITY_WINDOWS = 300

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RunReport:
    """What a run made and how good it is.

    Attributes:
        bundle: its folder.
        topics: measures over the folds.
        digests: share of picked sentences that the reader also picked, ours and the floors'.
    """

    bundle: Path
    topics: Measures
    digests: dict[str, float]


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
        digests: articles with kept sentences; None keeps how ``start``, or else the shipped bundle, weighs signals.
        base: folder or hub id of a pre-trained encoder, or of a checkpoint to go on from.
        work: where checkpoints and folds are kept; a killed run goes on from there.
        out: the folder that the bundle is written to.
        start: the bundle whose heads and linear half are taught further; None starts them afresh.
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
    tokenizer = AutoTokenizer.from_pretrained(base).backend_tokenizer
    rounds = _unlabelled(config, corpus, tokenizer, paragraphs)
    unlabelled = [paragraph for drawn in rounds for paragraph in drawn]
    data = fingerprint(paragraphs) + (f" {unlabelled_fingerprint(unlabelled)}" if unlabelled else "")
    claim(work, config, data, base, start)
    found = cross_fit(config, base, tokenizer, paragraphs, articles, work, start)
    truth = targets(paragraphs, config.topic_set)
    self_training = None
    for number, drawn in enumerate(rounds, 1):
        self_training = SelfTrainingRound(
            config,
            base,
            tokenizer,
            start,
            work,
            number=number,
            unlabelled=drawn,
            before=self_training,
            teachers=found,
            truth=truth,
        )
        found = self_training.cross_fit(paragraphs, articles)

    def fitted(recipe: RunConfig, name: str, learnt: Sequence[LabelledParagraph]) -> NgramModel:
        if self_training is None:
            return trained_ngrams(recipe, learnt, start)
        return replace(self_training, config=recipe).ngrams(name, learnt)

    measured = _measured(config, truth, found)
    wide = widened(config, start)
    if wide is not None and measured.macro("f1") < measured.macro("linear_f1"):
        log.warning("the plain SVM is better on these labels: the n-grams get 2**%d buckets", wide.ngram_bits)
        wider = with_wider_ngrams(found, wide, paragraphs, len(articles), start, fitted)
        if (again := _measured(wide, truth, wider)).macro("f1") > measured.macro("f1"):
            config, found, measured = wide, wider, again
    silent = measured.macro("f1") < measured.macro("ngram_f1")
    if silent:
        log.warning("the n-grams alone are better on these labels: the encoder's topic logits get no weight")
        found = replace(found, encoder=np.zeros_like(found.encoder))
        measured = _measured(config, truth, found)
    report = RunReport(out, measured, measure_digests(articles, found, seed=config.seed))
    curve = learning_curve(config, base, tokenizer, paragraphs, work, start)
    if self_training is not None:
        network = self_training.student("final", paragraphs, articles, np.ones(len(paragraphs), dtype=bool))
    else:
        network = trained_network(config, base, tokenizer, paragraphs, articles, work / "final", start)
    log.info("trained; the bundle is being written")
    told = about(
        paragraphs,
        unlabelled,
        articles,
        start.manifest.version if start else base,
        report,
        curve,
        silent=silent,
    )
    ngrams = fitted(config, "final", paragraphs)
    if start is not None and start.staged and not config.exclusive:
        staged = Restaging(config, start, paragraphs, found, work, thorough)
        staged.publish(out, network, AutoTokenizer.from_pretrained(base), ngrams, told)
        return report
    publish(
        out,
        config=config,
        network=network,
        tokenizer=AutoTokenizer.from_pretrained(base),
        ngrams=ngrams,
        rules=fit_rules(found.encoder, found.ngrams, truth, exclusive=config.exclusive, seed=config.seed),
        digest_weights=digest_weights(articles, found, start),
        titles=reads_titles(paragraphs, start),
        parity_windows=[
            tokenize(p.text, tokenizer, config.encoder.window).windows[0] for p in paragraphs[:_PARITY_WINDOWS]
        ],
        about=told,
    )
    return report


def _unlabelled(
    config: RunConfig, corpus: Path | None, tokenizer: Tokenizer, paragraphs: Sequence[LabelledParagraph]
) -> list[list[Unlabelled]]:
    lessons, window = config.selftraining, config.encoder.window
    if not lessons.paragraphs:
        return []
    if corpus is None:
        raise ValueError(f"the recipe has self-training on {lessons.paragraphs} unlabelled paragraphs: give --corpus")

    def fits(text: str) -> bool:
        return len(tokenize(text, tokenizer, window).windows) == 1

    documents = read_corpus(corpus_files(corpus))
    rounds = draw(documents, lessons.paragraphs, paragraphs, fits, rounds=lessons.rounds, seed=config.seed)
    for number, drawn in enumerate(rounds, 1):
        if not drawn:
            raise ValueError(f"{corpus} has no paragraph left for round {number} of self-training that fits a window")
    return rounds


def _measured(config: RunConfig, truth: NDArray[np.bool_], found: OutOfFold) -> Measures:
    floors = {"linear": found.linear_floor, "titled": found.titled_floor, "bag": found.bag_floor}
    return measure(
        config.topic_set,
        truth,
        found.fold,
        found.encoder,
        found.ngrams,
        found.ngrams_untitled,
        floors,
        exclusive=config.exclusive,
        seed=config.seed,
    )


def digest_weights(articles: Sequence[DigestedArticle], found: OutOfFold, start: WarmStart | None) -> dict[str, float]:
    """How signals are weighed: as the articles show, or as ``start`` does, or as the shipped bundle does.

    An encoder that nobody taught salience has no say in it.
    """
    if articles:
        return fit_weights(found.signals, [article.chosen for article in articles])
    if start is not None:
        return start.token_weights
    shipped = WarmStart.of(DEFAULT_BUNDLE).token_weights
    return {name: 0.0 if name.startswith("encoder") else weight for name, weight in shipped.items()}


def measure_digests(articles: Sequence[DigestedArticle], found: OutOfFold, *, seed: int) -> dict[str, float]:
    """Nested: the network never saw the article, and the signals are weighed on the other articles.

    Ours is the mean over `_DIGEST_SPLITS` ways to part the articles: one way alone is a matter of luck.
    """
    if not articles:
        return {}
    ours = [_split_picks(articles, found.signals, seed=seed + 1 + number) for number in range(_DIGEST_SPLITS)]
    return {
        "ours": float(np.mean(ours)),
        "encoder alone": shared_picks(articles, [signals[:, 0] for signals in found.signals]),
        "lead": shared_picks(articles, [lead_scores(article) for article in articles]),
        "TextRank": shared_picks(articles, [textrank_scores(article, position=False) for article in articles]),
        "TextRank with position": shared_picks(articles, [textrank_scores(a, position=True) for a in articles]),
    }


def _split_picks(articles: Sequence[DigestedArticle], signals: Sequence[NDArray[np.float64]], *, seed: int) -> float:
    scores: list[NDArray[np.float64]] = [np.zeros(0)] * len(articles)
    part = np.random.default_rng(seed).permutation(len(articles)) % _DIGEST_FOLDS
    for number in range(_DIGEST_FOLDS):
        known = [i for i in range(len(articles)) if part[i] != number]
        weights = fit_weights([signals[i] for i in known], [articles[i].chosen for i in known])
        for index in np.flatnonzero(part == number).tolist():
            scores[index] = weighed(signals[index], weights)
    return shared_picks(articles, scores)


def about(
    paragraphs: Sequence[LabelledParagraph],
    unlabelled: Sequence[Unlabelled],
    articles: Sequence[DigestedArticle],
    base: str,
    report: RunReport,
    curve: Sequence[CurvePoint],
    *,
    silent: bool,
) -> dict[str, Any]:
    """What the manifest says besides what serving needs."""
    return {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "base": Path(base).name if Path(base).exists() else base,
        "data": {
            "paragraphs": len(paragraphs),
            "articles": len(articles),
            "fingerprint": fingerprint(paragraphs),
            "unlabelled": len(unlabelled),
            **({"unlabelled_fingerprint": unlabelled_fingerprint(unlabelled)} if unlabelled else {}),
        },
        "metrics": {
            "topics": report.topics.to_json(),
            "digests": report.digests,
            "encoder_silent": silent,
            "curve": to_json(curve),
        },
    }
