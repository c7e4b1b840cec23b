"""What the figures of the model card mean."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from baozhai_model.topics.topic_set import Topic, TopicSet
from baozhai_training.evaluation.measures import errors_within, measure

TOPICS = TopicSet([Topic("a", "甲"), Topic("b", "乙")])


@given(
    places=st.lists(st.tuples(st.floats(0, 9), st.booleans()), min_size=1, max_size=50),
    shares=st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_who_looks_at_more_finds_no_fewer_errors(places: list[tuple[float, bool]], shares: tuple[float, float]) -> None:
    distance, errors = np.array([d for d, _ in places]), np.array([e for _, e in places])
    less, more = sorted(shares)
    assert errors_within(distance, errors, less) <= errors_within(distance, errors, more)
    assert errors_within(distance, errors, 1.0) == (1.0 if errors.any() else 0.0)


def test_errors_are_looked_for_where_doubt_is_greatest() -> None:
    distance, errors = np.array([3.0, 0.1, 2.0, 0.2]), np.array([1, 1, 0, 2])
    assert errors_within(distance, errors, 0.25) == pytest.approx(1 / 4)
    assert errors_within(distance, errors, 0.5) == pytest.approx(3 / 4)


def test_the_counts_of_a_card_agree_with_each_other() -> None:
    random = np.random.default_rng(3)
    truth = random.random((600, 2)) < 0.4
    fold = np.arange(600) % 3
    noisy = {name: truth * 2.0 - 1.0 + random.normal(size=truth.shape) for name in ("ours", "linear", "titled", "bag")}
    measured = measure(TOPICS, truth, fold, noisy["ours"], noisy["linear"], noisy["linear"], noisy, seed=1)
    for column, topic in enumerate(measured.topics):
        given_right = topic.count - topic.missed
        assert topic.count == truth[:, column].sum()
        assert topic.recall == pytest.approx(given_right / topic.count)
        assert topic.precision == pytest.approx(given_right / (given_right + topic.wrongly_given))
        assert sum(count for *_, count in topic.reliability) == len(truth)
    wrong = sum(topic.missed + topic.wrongly_given for topic in measured.topics)
    assert wrong / 2 <= measured.paragraphs_wrong * len(truth) <= wrong
    assert len(measured.folds) == 3
    assert [share for share, *_ in measured.doubt] == sorted(share for share, *_ in measured.doubt)
