"""What is certain is not marked uncertain, however easily the topics are told apart."""

import numpy as np
import pytest

from baozhai_model.topics.calibration import sigmoid
from baozhai_training.learners.calibration import UNCERTAIN_SHARE, fit_rules

COUNT, TOPICS = 600, 3


def scores(apart: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores of both halves, and the truth, (paragraphs, topics); ``apart`` standard deviations between yes and no."""
    random = np.random.default_rng(3)
    truth = random.random((COUNT, TOPICS)) < 0.3
    encoder, ngrams = (random.normal(apart * (truth - 0.5)) for _ in range(2))
    return encoder, ngrams, truth


@pytest.mark.parametrize("apart", [3.0, 12.0, 60.0], ids=["hard", "easy", "as if known before"])
def test_what_is_certain_is_not_uncertain(apart: float) -> None:
    encoder, ngrams, truth = scores(apart)
    rules = fit_rules(encoder, ngrams, truth, seed=1)
    logits = rules.logits({"small": encoder, "ngrams": ngrams})
    certain = np.all(np.abs(sigmoid(logits) - 0.5) > 0.451, axis=1)
    assert certain.any()
    assert not (certain & rules.uncertain(logits)).any()
    assert rules.uncertain(logits).mean() <= UNCERTAIN_SHARE + 1 / COUNT


def test_where_topics_are_hard_to_tell_the_share_of_doubt_is_kept() -> None:
    encoder, ngrams, truth = scores(1.0)
    rules = fit_rules(encoder, ngrams, truth, seed=1)
    assert abs(rules.uncertain(rules.logits({"small": encoder, "ngrams": ngrams})).mean() - UNCERTAIN_SHARE) < 0.005
