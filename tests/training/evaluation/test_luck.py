"""Hits that answers which know nothing would have too are not enough for the gate."""

import numpy as np
import pytest

from baozhai_model.topics.topic_set import Topic, TopicSet
from baozhai_training.evaluation.gate import Answers, judge


def test_naming_a_topic_everywhere_beats_a_good_model_on_random_labels_but_is_refused() -> None:
    topics = TopicSet([Topic("party_building", "党建"), Topic("finance", "金融")])
    dice = np.random.default_rng(2)
    truth, good, floor = (dice.random((300, 2)) < 0.2 for _ in range(3))
    groups = [str(place) for place in range(len(truth))]
    known = (True, True)
    everywhere = Answers("new", np.ones_like(truth), known)
    report = judge(
        topics,
        truth,
        groups,
        [""] * len(truth),
        everywhere,
        Answers("old", good, known),
        Answers("floor", floor, known),
    )
    assert [reason.partition(":")[0] for reason in report.reasons] == [
        "it tells 党建 no better than chance",
        "it tells 金融 no better than chance",
    ]


@pytest.mark.parametrize("hits", [0, 1])
def test_a_topic_that_is_hit_by_luck_alone_is_named(hits: int) -> None:
    topics = TopicSet([Topic("finance", "金融")])
    truth, given = np.zeros((60, 1), dtype=bool), np.zeros((60, 1), dtype=bool)
    truth[:6], given[6 - hits : 12 - hits] = True, True
    answers = Answers("new", given, (True,))
    nobody = Answers("floor", ~truth, (True,))
    report = judge(topics, truth, [str(i) for i in range(60)], [""] * 60, answers, nobody, nobody)
    assert (
        report.reasons[-1]
        == f"it tells 金融 no better than chance: {hits} of 6 that it names are labelled so, as are 6 of all 60"
    )
