"""What the n-grams learn from pseudo-labels, beside people's labels."""

from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer, models

from baozhai_model.topics.ngrams import NgramModel
from baozhai_training.config import RunConfig
from baozhai_training.data.labels import LabelledParagraph
from baozhai_training.data.unlabelled import Unlabelled
from baozhai_training.learners.fit import trained_ngrams
from baozhai_training.learners.ngrams import continue_ngrams, fit_ngrams
from baozhai_training.learners.pseudo_labels import PseudoLabels
from baozhai_training.learners.setup import TrainingSetup
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


@pytest.fixture(scope="module")
def setup(config: RunConfig) -> TrainingSetup:
    """The n-grams need no encoder, and no work folder."""
    return TrainingSetup(config, "no base", Tokenizer(models.BPE()), Path("no-work"))


def about_tides(config: RunConfig, probability: float) -> PseudoLabels:
    """Paragraphs of words that nobody labelled, and ``probability`` that they are about the first topic."""
    texts = [
        f"{bay}湾的潮汐在{month}月涨到了{height}米。" for bay in "东西南北" for month in "三五七" for height in "二四六"
    ]
    probabilities = np.full((len(texts), len(config.topic_set)), 0.02)
    probabilities[:, 0] = probability
    return PseudoLabels([Unlabelled(text, None) for text in texts], probabilities)


def test_the_ngrams_learn_pseudo_labels(
    config: RunConfig, setup: TrainingSetup, labelled: list[LabelledParagraph]
) -> None:
    asked = "西湾的潮汐涨了。"
    without, *taught = (
        trained_ngrams(setup, labelled, pseudo_labels).logits(asked)[0]
        for pseudo_labels in ((), [about_tides(config, 0.98)], [about_tides(config, 0.02)])
    )
    assert taught[0] > 0 > taught[1]
    assert taught[0] > without


def test_people_s_labels_outweigh_pseudo_labels(
    config: RunConfig, setup: TrainingSetup, labelled: list[LabelledParagraph]
) -> None:
    topic = next(iter(config.topic_set))
    probabilities = np.full((len(labelled), len(config.topic_set)), 0.02)
    probabilities[:, 0] = [
        0.4 if topic in paragraph.topics else 0.6 for paragraph in labelled
    ]  # the contrary, and hardly sure
    contrary = PseudoLabels([Unlabelled(paragraph.text, None) for paragraph in labelled], probabilities)
    model = trained_ngrams(setup, labelled, [contrary])
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
