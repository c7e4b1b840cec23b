"""Where the n-grams are better without the encoder, the bundle answers by them alone and says so."""

import random
from pathlib import Path

import pytest
from typer.testing import CliRunner

from baozhai_model.bundle import read_manifest
from baozhai_model.model import Model
from baozhai_model.results import Prediction
from baozhai_training.cli import app
from tests import tiny
from tests.training.encoders import random_bert
from tests.training.tables import labels_csv, own_rows

pytestmark = pytest.mark.filterwarnings("ignore")  # torch's exporter has much to say
UNTAUGHT = tiny.CONFIG.replace("epochs = 6", "epochs = 1").replace("learning_rate = 3e-3", "learning_rate = 1e-9")

MISTAKEN = 0.3  # share of labels: on clean ones both halves are perfect


def test_an_encoder_that_learns_nothing_has_no_say(tmp_path: Path) -> None:
    base = random_bert(tmp_path / "bert")
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(UNTAUGHT.partition("[curve]")[0], encoding="utf-8")
    luck, topics = random.Random(2), [topic for topic in tiny.SUBJECTS if topic]
    mistaken = [
        (text, luck.choice(topics) if luck.random() < MISTAKEN else named, title) for text, named, title in own_rows()
    ]
    data = labels_csv(tmp_path / "labels.csv", mistaken)
    arguments = ["run", recipe, "--data", data, "--base", base, "--work", tmp_path / "work", "--hold-out", "0"]
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output

    bundle = tmp_path / "work" / "bundle"
    manifest = read_manifest(bundle)
    assert manifest.about["metrics"]["encoder_silent"]
    assert [rule.weights["small"] for rule in manifest.rules] == [0.0] * len(manifest.topics)
    assert "the n-grams alone" in (bundle / "MODEL_CARD.md").read_text(encoding="utf-8")
    (answer,) = Model.load(bundle).classify(["河长办治理污染河道、修复湿地，取得了明显成效。"])
    assert isinstance(answer, Prediction)
    assert [topic.zh for topic in answer.topics] == ["生态"]
