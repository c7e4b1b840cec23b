"""What the n-grams learn from lessons, beside what people said."""

import numpy as np
import pytest

from baozhai_model.topics.ngrams import NgramModel
from baozhai_training.config import RunConfig
from baozhai_training.data.labels import LabelledParagraph
from baozhai_training.data.unlabelled import Unlabelled
from baozhai_training.learners.fit import trained_ngrams
from baozhai_training.learners.ngrams import continue_ngrams, fit_ngrams
from baozhai_training.learners.pseudo_labels import PseudoLabels
from tests import tiny

BITS = 12


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> RunConfig:
    recipe = tmp_path_factory.mktemp("recipe") / "tiny.toml"
    recipe.write_text(tiny.CONFIG, encoding="utf-8")
    return RunConfig.read(recipe)


@pytest.fixture(scope="module")
def labelled(config: RunConfig) -> list[LabelledParagraph]:
    return [
        LabelledParagraph(str(row["text"]), frozenset(config.topic_set.named(str(name)) for name in row["topics"]))  # type: ignore[attr-defined]
        for row in tiny.labelled_paragraphs()
    ]


def about_tides(config: RunConfig, probability: float) -> PseudoLabels:
    """Paragraphs of words that nobody labelled, and ``probability`` that they are about the first topic."""
    texts = [
        f"{bay}湾的潮汐在{month}月涨到了{height}米。" for bay in "东西南北" for month in "三五七" for height in "二四六"
    ]
    told = np.full((len(texts), len(config.topic_set)), 0.02)
    told[:, 0] = probability
    return PseudoLabels([Unlabelled(text, None) for text in texts], told)


def test_the_ngrams_learn_what_was_told(config: RunConfig, labelled: list[LabelledParagraph]) -> None:
    asked = "西湾的潮汐涨了。"
    without, *taught = (
        trained_ngrams(config, labelled, None, lessons).logits(asked)[0]
        for lessons in ((), [about_tides(config, 0.98)], [about_tides(config, 0.02)])
    )
    assert taught[0] > 0 > taught[1]
    assert taught[0] > without


def test_what_people_said_outweighs_what_was_told(config: RunConfig, labelled: list[LabelledParagraph]) -> None:
    topic = next(iter(config.topic_set))
    told = np.full((len(labelled), len(config.topic_set)), 0.02)
    told[:, 0] = [0.4 if topic in paragraph.topics else 0.6 for paragraph in labelled]  # the contrary, and hardly sure
    lesson = PseudoLabels([Unlabelled(paragraph.text, None) for paragraph in labelled], told)
    model = trained_ngrams(config, labelled, None, [lesson])
    right = [(model.logits(paragraph.text)[0] > 0) == (topic in paragraph.topics) for paragraph in labelled]
    assert np.mean(right) > 0.9


@pytest.mark.parametrize("goes_on", [False, True])
def test_a_target_without_weight_teaches_nothing(labelled: list[LabelledParagraph], *, goes_on: bool) -> None:
    texts = [paragraph.text for paragraph in labelled]
    random = np.random.default_rng(3)
    targets = random.random((len(texts), 2)) < 0.5
    weights = (random.random(targets.shape) < 0.7).astype(np.float64)
    other = np.where(weights == 0, ~targets, targets)

    def fitted(truth: np.ndarray) -> NgramModel:
        if goes_on:
            return continue_ngrams(fit_ngrams(texts, targets, BITS, seed=2), texts, truth, weights=weights, seed=1)
        return fit_ngrams(texts, truth, BITS, weights=weights, seed=1)

    asked = [fitted(truth) for truth in (targets, other)]
    one, another = (np.array([model.logits(text) for text in texts]) for model in asked)
    np.testing.assert_allclose(one, another, atol=0.02)


def test_equal_weights_are_as_good_as_none(labelled: list[LabelledParagraph]) -> None:
    texts = [paragraph.text for paragraph in labelled]
    targets = np.array([[index % 3 == 0] for index in range(len(texts))])
    plain = fit_ngrams(texts, targets, BITS, seed=1)
    weighted = fit_ngrams(texts, targets, BITS, weights=np.ones((len(texts), 1)), seed=1)
    assert plain.weights.tobytes() == weighted.weights.tobytes()
