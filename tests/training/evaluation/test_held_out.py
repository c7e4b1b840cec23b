"""What is locked away for the gate, and what a run refuses to begin with."""

from dataclasses import replace
from pathlib import Path

import pytest
from tokenizers import Tokenizer, models

from baozhai_training.config import RunConfig
from baozhai_training.data.labels import read_labelled
from baozhai_training.learners.setup import TrainingSetup
from baozhai_training.recipe.retraining import TEST, TRAIN, Retraining
from baozhai_training.recipe.workdir import OtherRun, TooFewExamples, claim, held_out
from tests import tiny
from tests.training.tables import labels_csv, own_rows


@pytest.fixture
def config(tmp_path: Path) -> RunConfig:
    """The small world's recipe."""
    (tmp_path / "tiny.toml").write_text(tiny.CONFIG, encoding="utf-8")
    return RunConfig.read(tmp_path / "tiny.toml")


def test_a_work_folder_serves_one_run(config: RunConfig, tmp_path: Path) -> None:
    work = tmp_path / "work"
    setup = TrainingSetup(config, "a base", Tokenizer(models.BPE()), work)
    claim(setup, "some data")
    claim(setup, "some data")  # the same again, after a kill
    with pytest.raises(OtherRun, match="another config, data;"):
        claim(replace(setup, config=config.model_copy(update={"seed": 8})), "other data")
    with pytest.raises(OtherRun, match="another base;"):
        claim(replace(setup, base="other base"), "some data")


def test_a_topic_with_hardly_any_examples_is_named_before_anything_is_trained(
    bundle_folder: Path, tmp_path: Path
) -> None:
    rows = [row for row in own_rows() if "金融" not in row[1]]
    data = labels_csv(tmp_path / "labels.csv", rows)
    with pytest.raises(TooFewExamples, match="金融 has 0"):
        Retraining(data, tmp_path / "work", base=str(bundle_folder)).run()
    assert {path.name for path in (tmp_path / "work").iterdir()} == {TRAIN, TEST}


def test_what_is_locked_away_stays_so_when_labels_are_added(config: RunConfig, tmp_path: Path) -> None:
    paragraphs = read_labelled(labels_csv(tmp_path / "labels.csv", own_rows()), config.topic_set)
    few, many = held_out(paragraphs[:100], 0.2), held_out(paragraphs, 0.2)
    assert many[:100] == few
    assert 0.1 < sum(many) / len(many) < 0.3
