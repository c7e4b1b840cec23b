"""The learning curve: the recipe on fewer labels, several times over, beside the floor."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score

from baozhai_training.data.labels import LabelledParagraph, targets
from baozhai_training.data.near_duplicates import merged_groups, near_duplicates
from baozhai_training.data.split import grouped_folds
from baozhai_training.evaluation.measures import tuned
from baozhai_training.learners.calibration import fit_rules
from baozhai_training.learners.fit import encoder_scores, reads_titles, trained_network, trained_ngrams
from baozhai_training.learners.ngrams import floor_scores, ngram_scores
from baozhai_training.learners.setup import TrainingSetup

_TEST_FOLDS = 3  # one of them is the test
_MOST_TESTED = 2000  # paragraphs

Bools = NDArray[np.bool_]
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """Macro-F1 from ``count`` labelled paragraphs, one figure a seed: ours, and the linear floor with tuned thresholds.

    A seed draws the articles that are learnt from and the initial heads. Thresholds and calibration of both are
    cross-fitted on two folds of the test articles.
    """

    count: int
    ours: tuple[float, ...]
    floor: tuple[float, ...]


def learning_curve(setup: TrainingSetup, paragraphs: Sequence[LabelledParagraph]) -> list[CurvePoint]:
    """A point for each of ``config.curve.counts`` that the labels reach; figures are kept in the work folder."""
    config = setup.config
    truth = targets(paragraphs, config.topic_set)
    groups = merged_groups([p.group for p in paragraphs], near_duplicates([p.text for p in paragraphs]))
    pool, test = next(iter(grouped_folds(groups, truth, _TEST_FOLDS, config.seed)))
    test = np.sort(np.random.default_rng(config.seed).permutation(test)[:_MOST_TESTED])
    folds = _calibration_folds([groups[i] for i in test], truth[test], config.seed)
    points = []
    for count in config.curve.counts:
        if count > len(pool):
            continue
        found = []
        for seed in range(config.seed, config.seed + config.curve.seeds):
            path = setup.work / f"curve-{count}-{seed}.json"
            if not path.exists():
                taken = _drawn(pool, [groups[i] for i in pool], count, seed)
                seeded = replace(setup, config=config.model_copy(update={"seed": seed}))
                learnt, asked = [paragraphs[i] for i in taken], [paragraphs[i] for i in test]
                figures = _measured(seeded, path.stem, learnt, asked, folds)
                partial = path.with_suffix(".partial")
                partial.write_text(json.dumps(figures), encoding="utf-8")
                partial.replace(path)
            found.append(json.loads(path.read_text(encoding="utf-8")))
            log.info("learning curve: %d labels, seed %d: %.3f, floor %.3f", count, seed, *found[-1])
        points.append(CurvePoint(count, tuple(ours for ours, _ in found), tuple(floor for _, floor in found)))
    return points


def to_json(points: Sequence[CurvePoint]) -> list[dict[str, object]]:
    """Plain values for the manifest."""
    return [asdict(point) for point in points]


def _drawn(pool: NDArray[np.int64], groups: Sequence[str], count: int, seed: int) -> NDArray[np.int64]:
    """``count`` rows of ``pool``, whole articles in an order that ``seed`` draws (the last one may be cut)."""
    names = sorted(set(groups))
    rank = dict(zip(names, np.random.default_rng(seed).permutation(len(names)).tolist(), strict=True))
    order = np.argsort([rank[group] for group in groups], kind="stable")
    return pool[order[:count]]


def _calibration_folds(groups: Sequence[str], truth: Bools, seed: int) -> NDArray[np.int64]:
    """Of each test paragraph its fold, 0 or 1."""
    fold = np.zeros(len(groups), dtype=np.int64)
    for _, held in list(grouped_folds(groups, truth, 2, seed))[1:]:
        fold[held] = 1
    return fold


def _measured(
    setup: TrainingSetup,
    name: str,
    learnt: Sequence[LabelledParagraph],
    asked: Sequence[LabelledParagraph],
    fold: NDArray[np.int64],
) -> tuple[float, float]:
    """Macro-F1 of ours and of the floor on ``asked``; ``fold``, (asked,), cross-fits calibration and thresholds."""
    config = setup.config
    truth, texts = targets(asked, config.topic_set), [paragraph.text for paragraph in asked]
    titles = [p.title for p in asked] if reads_titles(learnt, setup.start) else None
    network = trained_network(setup, name, learnt, [])
    encoder = encoder_scores(network, setup.tokenizer, texts, setup.window)
    ngrams = ngram_scores(trained_ngrams(setup, learnt), texts, titles)
    given = np.zeros_like(truth)
    for held in (fold == 0, fold == 1):
        rules = fit_rules(encoder[~held], ngrams[~held], truth[~held], exclusive=config.exclusive, seed=config.seed)
        given[held] = rules.given(rules.logits({"small": encoder[held], "ngrams": ngrams[held]}))
    known = targets(learnt, config.topic_set)
    scores = floor_scores([p.text for p in learnt], known, texts, seed=config.seed)
    floor = tuned(scores, truth, fold, exclusive=config.exclusive)
    return _macro_f1(truth, given), _macro_f1(truth, floor)


def _macro_f1(truth: Bools, given: Bools) -> float:
    return float(f1_score(truth, given, average="macro", zero_division=0.0))
