"""Run the gate: check a trained bundle's data, predict the test set with every model, judge, store the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from baozhai_model.bundle import MANIFEST, read_manifest, sha256
from baozhai_model.model import Model
from baozhai_model.registry.store import Store, Verdict
from baozhai_model.results import Prediction
from baozhai_model.topics.calibration import most_probable
from baozhai_model.topics.topic_set import TopicSet
from baozhai_training.data.labels import LabelledParagraph, fingerprint, read_labelled, targets
from baozhai_training.data.near_duplicates import near_duplicates
from baozhai_training.data.split import grouped_folds
from baozhai_training.evaluation.gate import CONFIDENCE, Answers, GateReport, judge
from baozhai_training.learners.calibration import best_threshold
from baozhai_training.learners.ngrams import floor_scores

_FOLDS = 3
_SHOWN = 5


def prove(
    candidate: Path, champion: Path, train: Path, test: Path, *, confidence: float = CONFIDENCE, seed: int = 0
) -> GateReport:
    """Judge the bundle in ``candidate``, trained on ``train``, against the one in ``champion`` on ``test``."""
    manifest, rival = read_manifest(candidate), read_manifest(champion)
    topics = manifest.topics
    if lacking := [topic.zh for topic in rival.topics if topic.id not in topics.ids]:
        reason = f"it lacks {', '.join(lacking)}, which {rival.version} has"
        return GateReport((f"{reason}; if that is meant, `baozhai promote --skip-gate` puts it live",), ())
    learnt, asked = read_labelled(train, topics), read_labelled(test, topics)
    if manifest.about.get("data", {}).get("fingerprint") != fingerprint(learnt):
        return GateReport((f"{train} is not what it was trained on: the fingerprints differ",), ())
    if leaked := leaks(learnt, asked):
        shown = "; ".join(f"{text[:20]}…" for text in leaked[:_SHOWN])
        return GateReport((f"{len(leaked)} test paragraphs are in its training data, or nearly: {shown}",), ())
    if not asked:
        return GateReport((f"{test} has no paragraph to test with",), ())
    texts = [paragraph.text for paragraph in asked]
    return judge(
        topics,
        targets(asked, topics),
        [paragraph.group for paragraph in asked],
        [paragraph.source for paragraph in asked],
        _answers(candidate, topics, asked),
        _answers(champion, topics, asked),
        _floor(learnt, topics, texts, seed, exclusive=manifest.rules.exclusive),
        confidence=confidence,
        seed=seed,
    )


def submit(store: Store, candidate: Path, report: GateReport, *, against: Path, who: str) -> str:
    """Put the bundle into the store with the gate's verdict ``against`` this champion; return its version."""
    version = store.add(candidate, who=who, why="submitted to the gate")
    store.record(
        Verdict(
            candidate=version,
            champion=read_manifest(against).version,
            passed=report.passed,
            reasons=report.reasons,
            manifest=sha256(store.folder(version) / MANIFEST),
            figures=report.figures(),
        )
    )
    return version


def leaks(learnt: Sequence[LabelledParagraph], asked: Sequence[LabelledParagraph]) -> list[str]:
    """Texts of ``asked`` that are in ``learnt``, or nearly."""
    texts = [paragraph.text for paragraph in (*learnt, *asked)]
    found = {second for first, second, _ in near_duplicates(texts) if first < len(learnt) <= second}
    known = {paragraph.text for paragraph in learnt}  # also those too short to be compared by shingles
    return [p.text for place, p in enumerate(asked, len(learnt)) if place in found or p.text in known]


def _answers(bundle: Path, topics: TopicSet, asked: Sequence[LabelledParagraph]) -> Answers:
    model = Model.load(bundle)
    given = np.zeros((len(asked), len(topics)), dtype=bool)
    predictions = model.classify([paragraph.text for paragraph in asked], [paragraph.title for paragraph in asked])
    for row, prediction in enumerate(predictions):
        if isinstance(prediction, Prediction):
            for topic in prediction.topics:
                if topic.id in topics.ids:
                    given[row, topics.index(topic.id)] = True
    return Answers(model.version, given, tuple(topic.id in model.topics.ids for topic in topics))


def _floor(
    learnt: Sequence[LabelledParagraph], topics: TopicSet, texts: Sequence[str], seed: int, *, exclusive: bool
) -> Answers:
    """The linear floor: at the thresholds that suit it best in cross-validation on its training data, or, where topics
    exclude each other, with the likeliest.
    """
    truth, known = targets(learnt, topics), [paragraph.text for paragraph in learnt]
    everything = (True,) * len(topics)
    if exclusive:
        return Answers("floor", most_probable(floor_scores(known, truth, texts, seed=seed)), everything)
    scores: NDArray[np.float64] = np.zeros(truth.shape)
    for train, held in grouped_folds([paragraph.group for paragraph in learnt], truth, _FOLDS, seed):
        scores[held] = floor_scores([known[i] for i in train], truth[train], [known[i] for i in held], seed=seed)
    cuts = [best_threshold(scores[:, index], truth[:, index]) for index in range(len(topics))]
    given = floor_scores(known, truth, texts, seed=seed) >= np.array(cuts)
    return Answers("floor", given, everything)
