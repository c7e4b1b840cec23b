"""Only a better model passes, and every refusal says why."""

import numpy as np
import pytest

from baozhai_model.topics.topic_set import Topic, TopicSet
from baozhai_training.evaluation.gate import Answers, judge

TOPICS = TopicSet([Topic("party_building", "党建"), Topic("finance", "金融")])
ODD, EVEN = slice(1, None, 2), slice(0, None, 2)
RANDOM = np.random.default_rng(5)
COUNT = 400
TRUTH = RANDOM.random((COUNT, 2)) < 0.4
GROUPS = [f"article {i // 2}" for i in range(COUNT)]
SOURCES = ["daily" if i % 2 else "weekly" for i in range(COUNT)]


def wrong_in(share: float, *, column: int | None = None, rows: slice = slice(None)) -> np.ndarray:
    """The truth with ``share`` of the answers turned round."""
    flipped = np.zeros_like(TRUTH)
    flipped[rows] = np.random.default_rng(int(1000 * share) + 7).random(TRUTH[rows].shape) < share
    if column is not None:
        flipped[:, 1 - column] = False
    return TRUTH ^ flipped


def verdict(candidate: np.ndarray, champion: np.ndarray, floor: np.ndarray, known: tuple[bool, ...] = (True, True)):
    return judge(
        TOPICS,
        TRUTH,
        GROUPS,
        SOURCES,
        Answers("new", candidate, (True, True)),
        Answers("old", champion, known),
        Answers("floor", floor, (True, True)),
    )


def test_a_clearly_better_model_passes() -> None:
    report = verdict(wrong_in(0.05), wrong_in(0.2), wrong_in(0.25))
    assert report.passed, report.reasons
    assert {contest.part for contest in report.contests} == {"all", "党建", "金融", "daily", "weekly"}
    assert all(contest.low <= contest.candidate - contest.against <= contest.high for contest in report.contests)


@pytest.mark.parametrize(
    ("candidate", "champion", "floor", "reason"),
    [
        (wrong_in(0.2), wrong_in(0.05), wrong_in(0.25), "not shown to be better"),
        (wrong_in(0.1), wrong_in(0.1), wrong_in(0.25), "not shown to be better"),
        (wrong_in(0.2), wrong_in(0.25), wrong_in(0.05), "linear floor"),
        (wrong_in(0.15, column=1), wrong_in(0.4, column=0), wrong_in(0.5), "worse in 金融"),
        (
            wrong_in(0.15, rows=slice(1, None, 2)),
            wrong_in(0.4, rows=slice(0, None, 2)),
            wrong_in(0.5),
            "worse in daily",
        ),
    ],
    ids=["worse", "equal", "below the floor", "loses one topic", "loses one source"],
)
def test_a_model_is_refused_with_the_reason(candidate, champion, floor, reason: str) -> None:
    report = verdict(candidate, champion, floor)
    assert not report.passed
    assert any(reason in each for each in report.reasons), report.reasons


def test_a_new_topic_is_a_gain_by_itself() -> None:
    report = verdict(wrong_in(0.1), wrong_in(0.1), wrong_in(0.3), known=(True, False))
    assert report.passed, report.reasons


def test_a_topic_that_the_test_hardly_has_cannot_be_judged() -> None:
    truth = TRUTH.copy()
    truth[4:, 1] = False
    answers = Answers("new", truth, (True, True))
    report = judge(TOPICS, truth, GROUPS, SOURCES, answers, answers, answers)
    assert any("fewer than 5 paragraphs with 金融" in reason for reason in report.reasons)


def test_an_equal_model_is_rarely_called_worse_in_a_part() -> None:
    """The bound over all topics and sources together holds on answers that differ by chance alone."""
    wrongly = 0
    for seed in range(40):
        random = np.random.default_rng(seed)
        ours, theirs = (TRUTH ^ (random.random(TRUTH.shape) < 0.15) for _ in range(2))
        wrongly += any("worse in" in reason for reason in verdict(ours, theirs, wrong_in(0.4)).reasons)
    assert wrongly <= 6
