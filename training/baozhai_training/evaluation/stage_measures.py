"""How good each stage is, and how much of an archive it answers; rules are always fitted on other articles."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score, precision_score, recall_score
from sklearn.model_selection import GroupKFold

from baozhai_model.stages import Stage
from baozhai_model.topics.calibration import SCORES, Rules
from baozhai_model.topics.topic_set import TopicSet
from baozhai_training.evaluation.measures import expected_calibration_error, reliability
from baozhai_training.learners.stage_rules import fit_bounds, fit_stage

_FOLDS = 5
_FEWEST = 30  # texts with a topic, and without it, that rules are fitted on

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Scores = Mapping[str, Floats]


@dataclass(frozen=True)
class StageMeasures:
    """One stage, answering every paragraph.

    Attributes:
        name: of the stage.
        f1, ece: of each topic, titles unknown; titled_f1, titled_ece: titles known where there is one.
        precision, recall, reliability: of each topic, titles known; see `TopicMeasures`.
    """

    name: str
    f1: list[float]
    ece: list[float]
    titled_f1: list[float]
    titled_ece: list[float]
    precision: list[float]
    recall: list[float]
    reliability: list[list[tuple[float, float, int]]]

    def to_json(self) -> dict[str, Any]:
        """Plain values for the manifest."""
        return asdict(self)


@dataclass(frozen=True)
class ScoredTexts:
    """Scores of the same paragraphs without and with titles.

    Attributes:
        untitled, titled: by model, (paragraphs, topics); the same where no title is known.
        has_title: (paragraphs,).
    """

    untitled: dict[str, Floats]
    titled: dict[str, Floats]
    has_title: Bools

    def first(self, names: Sequence[str], *, titled: bool) -> dict[str, Floats]:
        """The scores called ``names``."""
        return {name: (self.titled if titled else self.untitled)[name] for name in names}

    def rows(self, rows: NDArray[np.int64]) -> ScoredTexts:
        """Those paragraphs alone."""
        parts = [{name: scores[rows] for name, scores in each.items()} for each in (self.untitled, self.titled)]
        return ScoredTexts(parts[0], parts[1], self.has_title[rows])


def topic_rows(cascade: StageMeasures, topics: TopicSet, truth: Bools) -> list[dict[str, Any]]:
    """What the cascade is measured at, topic by topic, as bundles of one encoder say it."""
    return [
        {
            "topic": topic.zh,
            "count": int(truth[:, i].sum()),
            "f1": cascade.titled_f1[i],
            "precision": cascade.precision[i],
            "recall": cascade.recall[i],
            "ece": cascade.titled_ece[i],
            "untitled_f1": cascade.f1[i],
            "untitled_ece": cascade.ece[i],
            "reliability": cascade.reliability[i],
        }
        for i, topic in enumerate(topics)
    ]


def fit_stages(held: ScoredTexts, truth: Bools, *, seed: int) -> list[Stage]:
    """The stages for the models that scored ``held``, without bounds.

    Each has rules without titles and, where enough texts of every topic have one, rules with titles.
    """
    names = [name for name in SCORES if name in held.untitled]
    titled = np.flatnonzero(held.has_title)
    found = []
    for number, name in enumerate(names):
        asked = names[: number + 1]
        untitled = fit_stage(held.first(asked, titled=False), truth, seed=seed)
        under = None
        if _enough(truth[titled]):
            under = fit_stage(held.rows(titled).first(asked, titled=True), truth[titled], seed=seed)
        found.append(Stage(name, untitled, under))  # type: ignore[arg-type]  # SCORES are the names of stages
    return found


def _enough(truth: Bools) -> bool:
    """Whether rules can be fitted: every topic is given to some texts and not to others."""
    given = truth.sum(axis=0)
    return bool(len(truth) and np.minimum(given, len(truth) - given).min() >= _FEWEST)


def bounded_stages(stages: Sequence[Stage], archive: ScoredTexts, differing: float) -> list[Stage]:
    """``stages`` with bounds, by which at most ``differing`` of the archive's paragraphs change topics in all.

    Rules without titles are bounded on all paragraphs, those with titles on the paragraphs that have one.
    """
    titled = archive.rows(np.flatnonzero(archive.has_title))
    untitled = _bounded([stage.untitled for stage in stages], archive.untitled, differing)
    if any(stage.titled is None for stage in stages):
        return [Stage(stage.name, rules) for stage, rules in zip(stages, untitled, strict=True)]
    under = _bounded([stage.rules(titled=True) for stage in stages], titled.titled, differing)
    return [Stage(stage.name, a, b) for stage, a, b in zip(stages, untitled, under, strict=True)]


def _bounded(rules: Sequence[Rules], scores: Scores, differing: float) -> list[Rules]:
    """Every stage may change an equal share, and what those before it left of theirs."""
    final = rules[-1].given(rules[-1].logits(scores))
    reached = np.ones(len(final), dtype=bool)
    bounded: list[Rules] = []
    changed = 0.0
    for number, mine in enumerate(rules[:-1], 1):
        allowed = differing * number / (len(rules) - 1) - changed
        bounded.append(fit_bounds(mine, scores, final, reached, allowed))
        logits = bounded[-1].logits(scores)
        leaving = reached & bounded[-1].certain(logits)
        changed += float((leaving & (mine.given(logits) != final).any(axis=1)).mean())
        reached = reached & ~leaving
    return [*bounded, rules[-1]]


def answered(stages: Sequence[Stage], texts: ScoredTexts, *, titled: bool) -> tuple[Bools, NDArray[np.int64], Floats]:
    """What the cascade gives (paragraphs, topics), by which stage (paragraphs,), and its confidences."""
    scores = texts.titled if titled else texts.untitled
    count, topics = len(texts.has_title), len(stages[0].untitled)
    given, by = np.zeros((count, topics), dtype=bool), np.zeros(count, dtype=np.int64)
    confidences = np.zeros((count, topics))
    for known in (False, True):
        left = (texts.has_title & titled) == known
        for stage in stages:
            rules = stage.rules(known)
            logits = rules.logits(scores)
            mine = left & (rules.certain(logits) if stage is not stages[-1] else True)
            given[mine], confidences[mine] = rules.given(logits[mine]), rules.confidences(logits[mine])
            by[mine] = stage.number
            left = left & ~mine
    return given, by, confidences


def archive_shares(stages: Sequence[Stage], texts: ScoredTexts) -> dict[str, Any]:
    """Shares of ``texts``, titles known: those that each stage answers, and those that change by the bounds."""
    given, by, _ = answered(stages, texts, titled=True)
    final, _, _ = answered(stages[-1:], texts, titled=True)
    shares = {stage.name: float((by == stage.number).mean()) for stage in stages}
    return {"answered": shares, "changed": float((given != final).any(axis=1).mean()), "paragraphs": len(by)}


def measure_stages(
    held: ScoredTexts, truth: Bools, groups: Sequence[str], bounds: Sequence[Stage], *, seed: int
) -> list[StageMeasures]:
    """Each stage by itself, and at last the cascade with the bounds of ``bounds``; rules are fitted on other groups."""
    names = [stage.name for stage in bounds]
    wanted = [*names, "cascade"]
    given = {(name, titled): np.zeros_like(truth) for name in wanted for titled in (False, True)}
    sure = {key: np.zeros(truth.shape) for key in given}
    for known, asked in GroupKFold(_FOLDS).split(truth, truth, groups):
        stages = fit_stages(held.rows(known), truth[known], seed=seed)
        mine = held.rows(asked)
        for titled in (False, True):
            for number, name in enumerate(names):
                given[name, titled][asked], _, sure[name, titled][asked] = answered(
                    [stages[number]], mine, titled=titled
                )
            whole = [_with_bounds(stage, like) for stage, like in zip(stages, bounds, strict=True)]
            given["cascade", titled][asked], _, sure["cascade", titled][asked] = answered(whole, mine, titled=titled)
    return [
        StageMeasures(
            name,
            f1=_each(f1_score, truth, given[name, False]),
            ece=_each_ece(truth, sure[name, False]),
            titled_f1=_each(f1_score, truth, given[name, True]),
            titled_ece=_each_ece(truth, sure[name, True]),
            precision=_each(precision_score, truth, given[name, True]),
            recall=_each(recall_score, truth, given[name, True]),
            reliability=[reliability(sure[name, True][:, t], truth[:, t]) for t in range(truth.shape[1])],
        )
        for name in wanted
    ]


def _each(score: Callable[..., float], truth: Bools, given: Bools) -> list[float]:
    """``score`` of each topic; where it is never given, 0."""
    return [float(score(truth[:, topic], given[:, topic], zero_division=0.0)) for topic in range(truth.shape[1])]


def _each_ece(truth: Bools, sure: Floats) -> list[float]:
    return [expected_calibration_error(sure[:, topic], truth[:, topic]) for topic in range(truth.shape[1])]


def _with_bounds(stage: Stage, like: Stage) -> Stage:
    def taken(rules: Rules, other: Rules) -> Rules:
        return Rules(
            tuple(
                replace(rule, leave_below=bound.leave_below, leave_above=bound.leave_above)
                for rule, bound in zip(rules, other, strict=True)
            )
        )

    untitled = taken(stage.untitled, like.untitled)
    return Stage(stage.name, untitled, taken(stage.titled, like.rules(True)) if stage.titled else None)
