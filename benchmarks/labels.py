"""Are wrong labels found, and are chosen paragraphs worth more than random ones?

    .venv/bin/python -m benchmarks.labels LABELS.jsonl

Both rankings are those of ``baozhai-train suspects`` and ``baozhai-train next``; what learns is the linear half of a
bundle alone, calibrated as a bundle is, which is cheap.

1. In a sample of the labels, a share of paragraphs has one topic turned round. How many of the first k suspects are
   planted (k = number planted, so precision and recall are one figure; a lower bound, since labels have errors of
   their own), and how many of the planted are among the first 2k.
2. A quarter of the articles is the test. From the rest a model that learnt from a few random paragraphs asks for more,
   as many again and again; beside it one that is given random ones. Macro-F1 on the test at each count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.metrics import f1_score

from baozhai_model.active_learning import most_worth
from baozhai_model.bundle import DEFAULT_BUNDLE, read_manifest
from baozhai_model.topics.calibration import Rules
from baozhai_model.topics.ngrams import NgramModel
from baozhai_model.topics.topic_set import TopicSet
from baozhai_training.data.labels import LabelledParagraph, read_labelled, targets
from baozhai_training.data.split import grouped_folds
from baozhai_training.labelling.suspects import suspects
from baozhai_training.learners.calibration import fit_rules
from baozhai_training.learners.ngrams import counted_scores, fit_counted, ngram_counts

_BITS = 17
_FOLDS = 3
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def main(
    labels: Annotated[Path, typer.Argument(help="JSONL of {text, topics, title}.", exists=True)],
    seeds: Annotated[int, typer.Option(help="How often each is done.", min=2)] = 5,
    sample: Annotated[int, typer.Option(help="Labels among which errors are planted.")] = 2000,
    wrong: Annotated[float, typer.Option(help="Share of them that is turned round.")] = 0.05,
    pool: Annotated[int, typer.Option(help="Unlabelled paragraphs to choose from; 0: all.")] = 4000,
    step: Annotated[int, typer.Option(help="Labels at the start, and at each step.")] = 200,
    steps: Annotated[int, typer.Option(help="Steps after the start.")] = 5,
) -> None:
    """Print both tables: mean and standard deviation over the seeds."""
    topics = read_manifest(DEFAULT_BUNDLE).topics
    paragraphs = read_labelled(labels, topics)
    print(f"{len(paragraphs)} labelled paragraphs, {seeds} seeds\n")
    _planted(paragraphs, topics, seeds, min(sample, len(paragraphs)), wrong)
    _curves(paragraphs, topics, seeds, pool, step, steps)


def _planted(paragraphs: Sequence[LabelledParagraph], topics: TopicSet, seeds: int, sample: int, wrong: float) -> None:
    count = round(sample * wrong)
    found = np.zeros((seeds, 2))
    for seed in range(seeds):
        dice = np.random.default_rng(seed)
        taken = [paragraphs[i] for i in dice.choice(len(paragraphs), sample, replace=False)]
        planted = set(dice.choice(sample, count, replace=False).tolist())
        for place in planted:
            turned = topics[int(dice.integers(len(topics)))]
            taken[place] = replace(taken[place], topics=taken[place].topics ^ {turned})
        hits = np.cumsum([suspect.place in planted for suspect in suspects(taken, topics, folds=_FOLDS, seed=seed)])
        found[seed] = hits[[count - 1, 2 * count - 1]] / count
    print(f"{count} errors planted among {sample} labels")
    print("| | by chance | found |\n|---|---|---|")
    print(f"| precision = recall of the first {count} | {wrong:.3f} | {_spread(found[:, 0])} |")
    print(f"| recall of the first {2 * count} | {2 * wrong:.3f} | {_spread(found[:, 1])} |\n")


def _curves(
    paragraphs: Sequence[LabelledParagraph], topics: TopicSet, seeds: int, pool: int, step: int, steps: int
) -> None:
    texts, truth = [paragraph.text for paragraph in paragraphs], targets(paragraphs, topics)
    groups = np.array([paragraph.group for paragraph in paragraphs], dtype=object)
    counted = ngram_counts(texts, _BITS)
    f1 = np.zeros((2, seeds, steps + 1))
    for seed in range(seeds):
        dice = np.random.default_rng(seed)
        names = dice.permutation(np.unique(groups))
        locked = np.isin(groups, names[: len(names) // 4])
        test, rest = np.flatnonzero(locked), dice.permutation(np.flatnonzero(~locked))
        rest = rest[: pool or None]
        for arm in range(2):
            known = rest[:step].tolist()
            for number in range(steps + 1):
                learner = _Learner.of(counted[known], truth[known], groups[known], seed)
                f1[arm, seed, number] = learner.f1(counted[test], truth[test])
                if number == steps:
                    break
                left = np.setdiff1d(rest, known)  # in the file's order, which tells nothing
                if arm == 0:
                    leads = learner.rules.leads(learner.logits(counted[left]))
                    picked = most_worth([texts[i] for i in left], leads, step)
                    known += left[picked].tolist()
                else:
                    known += dice.choice(left, step, replace=False).tolist()
    print(f"macro-F1 on a quarter of the articles, {step} labels at first and {step} more each time")
    print("| labels | chosen | random | difference | chosen ahead in |\n|---|---|---|---|---|")
    for number in range(steps + 1):
        chosen, random = f1[:, :, number]
        ahead = f"{int((chosen > random).sum())} of {seeds}" if number else "–"
        print(
            f"| {step * (number + 1)} | {_spread(chosen)} | {_spread(random)} | {_spread(chosen - random)} | {ahead} |"
        )


@dataclass(frozen=True)
class _Learner:
    """The linear half, and the rules that its out-of-fold scores give."""

    model: NgramModel
    rules: Rules

    @classmethod
    def of(cls, counted: csr_matrix, truth: Bools, groups: Sequence[str], seed: int) -> _Learner:
        scores: Floats = np.zeros(truth.shape)
        for train, held in grouped_folds(groups, truth, _FOLDS, seed):
            scores[held] = counted_scores(fit_counted(counted[train], truth[train], seed=seed), counted[held])
        rules = fit_rules(np.zeros_like(scores), scores, truth, seed=seed)
        return cls(fit_counted(counted, truth, seed=seed), rules)

    def logits(self, counted: csr_matrix) -> Floats:
        scores = counted_scores(self.model, counted)
        return self.rules.logits({"small": np.zeros_like(scores), "ngrams": scores})

    def f1(self, counted: csr_matrix, truth: Bools) -> float:
        return float(f1_score(truth, self.rules.given(self.logits(counted)), average="macro", zero_division=0.0))


def _spread(values: Floats) -> str:
    return f"{values.mean():.3f} ± {values.std(ddof=1):.3f}"


if __name__ == "__main__":
    typer.run(main)
