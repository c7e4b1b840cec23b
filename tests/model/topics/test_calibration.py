"""From logits to confidences, topics and doubt: for topics beside each other, and for those that exclude each other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from baozhai_model.topics.calibration import Rules, TopicRule

MARGIN = 0.5
scores = st.integers(2, 6).flatmap(
    lambda topics: arrays(np.float64, (3, topics), elements=st.floats(-30, 30), unique=True)
)


def rules(topics: int, *, exclusive: bool, threshold: float = 0.5) -> Rules:
    return Rules((TopicRule({"small": 1.0}, 0.0, threshold, MARGIN),) * topics, exclusive)


@given(scores)
def test_of_topics_that_exclude_each_other_each_text_has_the_likeliest(logits: np.ndarray) -> None:
    each = rules(logits.shape[1], exclusive=True, threshold=0.9)  # thresholds have no say
    assert each.given(logits).sum(axis=1).tolist() == [1, 1, 1]
    assert (each.given(logits).argmax(axis=1) == logits.argmax(axis=1)).all()
    assert each.confidences(logits).sum(axis=1) == pytest.approx([1, 1, 1])
    assert each.confidences(logits)[each.given(logits)].tolist() == each.confidences(logits).max(axis=1).tolist()


@given(scores, st.booleans())
def test_what_is_given_leads(logits: np.ndarray, exclusive: bool) -> None:
    each = rules(logits.shape[1], exclusive=exclusive, threshold=0.3)
    assert ((each.leads(logits) >= 0) == each.given(logits)).all()
    assert (each.uncertain(logits) == (np.abs(each.leads(logits)) < MARGIN).any(axis=1)).all()
    for row in range(3):  # the same for a text by itself
        assert each.given(logits[row]).tolist() == each.given(logits)[row].tolist()
        assert each.leads(logits[row]).tolist() == each.leads(logits)[row].tolist()
        assert each.confidences(logits[row]).tolist() == each.confidences(logits)[row].tolist()


@given(scores, st.booleans())
def test_confidences_tell_how_far_topics_lead(logits: np.ndarray, exclusive: bool) -> None:
    each = rules(logits.shape[1], exclusive=exclusive, threshold=0.3)
    near = logits / 5  # far out, confidences are rounded to 0 and 1
    assert each.leads(each.logits_of(each.confidences(near))) == pytest.approx(each.leads(near), abs=1e-6)


def test_a_near_rival_is_doubt() -> None:
    each = rules(3, exclusive=True)
    assert each.uncertain(np.array([[3.0, 2.6, -9.0], [3.0, 2.4, -9.0]])).tolist() == [True, False]
    assert each.leads(np.array([3.0, 2.6, -9.0])) == pytest.approx([0.4, -0.4, -12.0])


def test_of_equals_the_first_is_given() -> None:
    assert rules(3, exclusive=True).given(np.array([1.0, 2.0, 2.0])).tolist() == [False, True, False]
