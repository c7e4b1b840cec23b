"""Topics that nobody taught yet begin where their labels suggest, however many they are."""

import random
from pathlib import Path

import numpy as np
import pytest

from baozhai_model.topics.calibration import sigmoid
from baozhai_training.config import RunConfig, TopicConfig
from baozhai_training.data.labels import LabelledParagraph, targets
from baozhai_training.learners.fit import encoder_scores, initial_network, trained_network
from baozhai_training.learners.network import TopicNetwork
from baozhai_training.learners.setup import TrainingSetup
from baozhai_training.learners.warm_start import WarmStart
from tests import tiny
from tests.training.encoders import random_bert

MANY = 60


def many_topics(per_topic: int, luck: random.Random) -> tuple[RunConfig, list[LabelledParagraph]]:
    """Paragraphs of arbitrary characters of the small world, three of which are their topic's own."""
    characters = sorted({c for row in tiny.labelled_paragraphs() for c in str(row["text"])})
    config = RunConfig(
        topics=tuple(TopicConfig(id=f"t{number}", zh=f"第{number}号") for number in range(MANY)),
        finetuning={"epochs": 6, "learning_rate": 3e-3, "least_steps": 0, "bf16": False},  # type: ignore[arg-type]
    )
    marks = [luck.sample(characters, 3) for _ in range(MANY)]
    paragraphs = []
    for topic, mark in zip(config.topic_set, marks, strict=True):
        for _ in range(per_topic):
            drawn = [*luck.choices(characters, k=7), *mark]
            luck.shuffle(drawn)
            paragraphs.append(LabelledParagraph("".join(drawn), frozenset({topic})))
    luck.shuffle(paragraphs)
    return config, paragraphs


def test_many_topics_are_learnt(tmp_path: Path) -> None:
    luck = random.Random(4)
    config, paragraphs = many_topics(32, luck)
    learnt, asked = paragraphs[: -4 * MANY], paragraphs[-4 * MANY :]
    base = random_bert(tmp_path / "bert")
    setup = TrainingSetup.of(config, str(base), tmp_path)
    network = trained_network(setup, "work", learnt, [])
    scores = encoder_scores(network, setup.tokenizer, [paragraph.text for paragraph in asked], setup.window)
    right = np.mean(scores.argmax(axis=1) == targets(asked, config.topic_set).argmax(axis=1))
    assert right > 20 / MANY  # luck finds one


def test_what_is_known_begins_where_it_was(bundle_folder: Path, tmp_path: Path) -> None:
    start = WarmStart.of(bundle_folder)
    known = start.manifest.topics
    config = RunConfig.model_validate(
        {**start.config.model_dump(), "topics": [*start.config.model_dump()["topics"], {"id": "sport", "zh": "体育"}]}
    )
    *_, sport = config.topic_set
    paragraphs = [LabelledParagraph(f"第{n}场球赛。", frozenset({sport} if n % 10 == 0 else ())) for n in range(998)]
    network = initial_network(TrainingSetup.of(config, str(start.checkpoint), tmp_path, start), paragraphs)
    before = TopicNetwork.from_base(str(start.checkpoint), len(known), 0.1)
    *kept, fresh = network.topic_head.bias.tolist()
    assert kept == pytest.approx(before.topic_head.bias.tolist())
    assert sigmoid(np.array(fresh)) == pytest.approx(101 / 1000)
