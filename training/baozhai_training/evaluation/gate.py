"""May a candidate go live? It must beat the champion and the linear floor on data that nothing was trained on.

Differences are judged by a paired bootstrap over articles (Efron & Tibshirani 1993; Berg-Kirkpatrick et al. 2012):
both models answer the same resampled articles, so what is hard for both cancels out.

Being better is not enough: where the labels are at random (a column that slipped in a table), no model knows
anything, and one that was trained on them wins by naming a topic everywhere. Each topic's hits must therefore be more
than luck (Fisher's exact test).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import hypergeom

from baozhai_model.topics.topic_set import TopicSet

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

RESAMPLES = 2000
CONFIDENCE = 0.8  # least share of resamples in which the candidate is ahead of the champion
HARM = 0.05  # chance, over all topics and sources together, of calling an equal candidate worse in one of them
LEAST_DROP = 0.01  # in F1: a smaller drop is no harm, however significant
LUCK = 0.01  # chance that predictions independent of the labels hit as many
LEAST_EXAMPLES = 5  # test paragraphs with a topic
LEAST_SOURCE = 30  # test paragraphs of a source that is judged by itself


@dataclass(frozen=True, slots=True)
class Contest:
    """The candidate against one rival on one part of the test data.

    Attributes:
        part: ``all`` (macro-F1), a topic, or a source.
        rival: the champion's version, or ``floor``.
        candidate, against: their F1.
        low, high: 95 % interval of the difference.
        ahead: share of resamples in which the candidate is ahead.
        paragraphs: how many it was measured on.
    """

    part: str
    rival: str
    candidate: float
    against: float
    low: float
    high: float
    ahead: float
    paragraphs: int

    def __str__(self) -> str:
        return (
            f"{self.part}: {self.candidate:.3f} against {self.rival}'s {self.against:.3f}"
            f" ({self.low:+.3f} to {self.high:+.3f}, ahead in {self.ahead:.0%} of resamples)"
        )


@dataclass(frozen=True)
class Answers:
    """Which topics one model gave each test paragraph, shape (paragraphs, topics), in the candidate's order of topics.

    ``known`` tells which of the topics the model has at all.
    """

    name: str
    given: Bools
    known: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class GateReport:
    """The decision, its reasons, and every comparison behind it."""

    reasons: tuple[str, ...]
    contests: tuple[Contest, ...]

    @property
    def passed(self) -> bool:
        """Whether there is no reason to refuse."""
        return not self.reasons

    def figures(self) -> dict[str, Any]:
        """Plain values for the store."""
        return {"contests": [asdict(contest) for contest in self.contests]}

    def lines(self) -> Iterator[str]:
        """The report for people."""
        yield from map(str, self.contests)
        yield from (f"refused: {reason}" for reason in self.reasons)
        if self.passed:
            yield "passed"


def judge(
    topics: TopicSet,
    truth: Bools,
    groups: Sequence[str],
    sources: Sequence[str],
    candidate: Answers,
    champion: Answers,
    floor: Answers,
    *,
    confidence: float = CONFIDENCE,
    seed: int = 0,
) -> GateReport:
    """Compare the candidate with the champion and the floor.

    Args:
        topics: the candidate's.
        truth: the labels, shape (paragraphs, topics).
        groups: the article of each paragraph: resampled whole.
        sources: where each paragraph is from.
        candidate: its answers.
        champion: those of the live version.
        floor: those of the linear model.
        confidence: share of resamples in which the candidate must be ahead of the champion.
        seed: of the resampling.
    """
    shared = np.array(champion.known)
    few = [topic.zh for topic, count in zip(topics, truth.sum(axis=0), strict=True) if count < LEAST_EXAMPLES]
    reasons = [f"the test data has fewer than {LEAST_EXAMPLES} paragraphs with {zh}" for zh in few]
    lucky = [
        f"it tells {topic.zh} no better than chance: {hits} of {given} that it names are labelled so,"
        f" as are {count} of all {len(truth)}"
        for topic, count, given, hits, luck in zip(topics, *_luck(truth, candidate.given), strict=True)
        if luck > LUCK and count >= LEAST_EXAMPLES
    ]
    weights = _resamples(groups, seed)
    everything = np.ones(len(truth), dtype=bool)

    def contest(part: str, rival: Answers, rows: Bools, columns: Bools) -> Contest:
        ours, theirs = candidate.given[:, columns], rival.given[:, columns]
        return _contest(part, rival.name, truth[:, columns], ours, theirs, rows, weights)

    whole = contest("all", champion, everything, shared)
    against_floor = contest("all", floor, everything, np.ones(len(topics), dtype=bool))
    parts = [
        contest(topic.zh, champion, everything, np.arange(len(topics)) == index)
        for index, topic in enumerate(topics)
        if shared[index]
    ]
    for source in sorted(set(sources)):
        rows = np.array([each == source for each in sources])
        if source and rows.sum() >= LEAST_SOURCE and not rows.all():
            parts.append(contest(source, champion, rows, shared))
    # A candidate that brings a new topic has gained already; it must only not be worse in the old ones.
    needed = confidence if shared.all() else 1.0 - confidence
    if whole.ahead < needed:
        reasons.append(
            f"it is not shown to be {'better' if shared.all() else 'as good'}: {whole} (needed: {needed:.0%})"
        )
    if against_floor.candidate < against_floor.against:
        reasons.append(f"it is below the linear floor: {against_floor}")
    reasons += lucky
    reasons += [
        f"it is worse in {part}"
        for part in parts
        if part.ahead <= HARM / len(parts) and part.candidate < part.against - LEAST_DROP
    ]
    return GateReport(tuple(reasons), (whole, against_floor, *parts))


def _luck(truth: Bools, given: Bools) -> tuple[list[int], list[int], list[int], list[float]]:
    """Per topic: how many have it, are given it, both; and the chance of so many both where one knows not the other."""
    count, named, hits = truth.sum(axis=0), given.sum(axis=0), (truth & given).sum(axis=0)
    luck = hypergeom.sf(hits - 1, len(truth), count, named)
    return count.tolist(), named.tolist(), hits.tolist(), np.atleast_1d(luck).tolist()


def _contest(part: str, rival: str, truth: Bools, ours: Bools, theirs: Bools, rows: Bools, weights: Floats) -> Contest:
    """F1 (macro over the columns) of both on ``rows``, and its difference over resamples, (resamples, paragraphs)."""
    taken = weights[:, rows]
    ours_f1, theirs_f1 = _f1(truth[rows], ours[rows], taken), _f1(truth[rows], theirs[rows], taken)
    one = np.ones((1, int(rows.sum())))
    difference = ours_f1 - theirs_f1
    low, high = np.quantile(difference, [0.025, 0.975])
    return Contest(
        part=part,
        rival=rival,
        candidate=float(_f1(truth[rows], ours[rows], one)[0]),
        against=float(_f1(truth[rows], theirs[rows], one)[0]),
        low=float(low),
        high=float(high),
        ahead=float((difference > 0).mean() + 0.5 * (difference == 0).mean()),
        paragraphs=int(rows.sum()),
    )


def _f1(truth: Bools, given: Bools, weights: Floats) -> Floats:
    """Macro-F1 under each row of ``weights``, shape (resamples,); a topic that nobody has or gives counts as right."""
    hits = weights @ (truth & given)
    either = weights @ truth.astype(np.float64) + weights @ given.astype(np.float64)
    f1: Floats = np.where(either > 0, 2 * hits / np.maximum(either, 1e-9), 1.0).mean(axis=1)
    return f1


def _resamples(groups: Sequence[str], seed: int) -> Floats:
    """How often each paragraph is drawn in each resample of articles, shape (resamples, paragraphs)."""
    names, place = np.unique(np.array(groups, dtype=object).astype(str), return_inverse=True)
    random = np.random.default_rng(seed)
    drawn = random.multinomial(len(names), np.full(len(names), 1.0 / len(names)), RESAMPLES)
    return drawn[:, place].astype(np.float64)
