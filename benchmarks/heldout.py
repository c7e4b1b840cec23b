"""The floors on the labels and articles that the default model version is measured on, beside its own figures.

    .venv/bin/python -m benchmarks.heldout TRAIN.jsonl HELD.jsonl DIGESTS.jsonl

TRAIN holds the labels that the version learnt from, HELD those that calibrated and measured it. The floors learn TRAIN;
their thresholds are fitted on HELD, on other articles in each of five folds, as the version's are. Its own figures are
those of its manifest, which `baozhai-train stages` measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold

from baozhai_model.bundle import DEFAULT_BUNDLE, read_manifest
from baozhai_training.data.digested import lead_scores, read_digests, shared_picks, textrank_scores
from baozhai_training.data.labels import LabelledParagraph, read_labelled, targets
from baozhai_training.learners.calibration import fitted_threshold
from baozhai_training.learners.embedding_bag import bag_scores
from baozhai_training.learners.ngrams import floor_scores

_FOLDS = 5
_SEED = 1

Labels = Annotated[Path, typer.Argument(help="JSONL of {text, topics, title?}.", exists=True)]


def main(
    train: Labels, held: Labels, digests: Annotated[Path, typer.Argument(help="Digested articles.", exists=True)]
) -> None:
    """Print macro-F1 and shared picks, the default version first."""
    manifest = read_manifest(DEFAULT_BUNDLE)
    learnt, asked = read_labelled(train, manifest.topics), read_labelled(held, manifest.topics)
    known, truth, groups = targets(learnt, manifest.topics), targets(asked, manifest.topics), [p.group for p in asked]
    for stage in manifest.about["metrics"]["stages"]:
        figures = np.mean(stage["titled_f1"]), np.mean(stage["f1"])
        print(f"{manifest.version}, {stage['name']}: {figures[0]:.3f} with titles, {figures[1]:.3f} without")
    plain, plain_asked = ([p.text for p in each] for each in (learnt, asked))
    titled, titled_asked = ([_under(p) for p in each] for each in (learnt, asked))
    for name, scores in (
        ("TF-IDF + linear SVM with titles", floor_scores(titled, known, titled_asked, seed=_SEED)),
        ("TF-IDF + linear SVM", floor_scores(plain, known, plain_asked, seed=_SEED)),
        ("averaged n-gram vectors", bag_scores(plain, known, plain_asked, seed=_SEED)),
    ):
        print(f"{name}: {_tuned(scores, truth, groups):.3f}")
    articles = read_digests(digests)
    print(
        f"digests of {len(articles)} articles: {manifest.about['metrics']['digests']['ours']:.3f} of picks are shared"
    )
    for name, picks in (
        ("first sentences", [lead_scores(article) for article in articles]),
        ("TextRank", [textrank_scores(article, position=False) for article in articles]),
        ("TextRank with position", [textrank_scores(article, position=True) for article in articles]),
    ):
        print(f"{name}: {shared_picks(articles, picks):.3f}")


def _under(paragraph: LabelledParagraph) -> str:
    return f"{paragraph.title or ''}\n{paragraph.text}"


def _tuned(scores: NDArray[np.float64], truth: NDArray[np.bool_], groups: Sequence[str]) -> float:
    """Macro-F1 with thresholds of other articles."""
    given = np.zeros_like(truth)
    for known, asked in GroupKFold(_FOLDS).split(truth, truth, groups):
        for topic in range(truth.shape[1]):
            random = np.random.default_rng(topic)
            threshold = fitted_threshold(scores[known, topic], truth[known, topic], random)
            given[asked, topic] = scores[asked, topic] >= threshold
    return float(f1_score(truth, given, average="macro"))


if __name__ == "__main__":
    typer.run(main)
