"""Any Chinese encoder in the transformers format can be the base: here a small BERT that nobody trained."""

from pathlib import Path

import pytest
from transformers import AutoConfig, AutoModel, AutoTokenizer
from typer.testing import CliRunner

from baozhai_model.bundle import read_manifest
from baozhai_model.model import Model
from baozhai_model.results import Prediction
from baozhai_training.cli import app
from tests import tiny
from tests.training.encoders import random_bert
from tests.training.tables import labels_csv, own_rows

pytestmark = pytest.mark.filterwarnings("ignore")  # torch's exporter has much to say
FEWER_EPOCHS = tiny.CONFIG.replace("epochs = 6", "epochs = 1")


def test_a_bundle_from_a_foreign_bert(tmp_path: Path) -> None:
    base = random_bert(tmp_path / "bert")
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(FEWER_EPOCHS, encoding="utf-8")
    data = labels_csv(tmp_path / "labels.csv", own_rows())
    arguments = ["run", recipe, "--data", data, "--base", base, "--work", tmp_path / "work"]
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output

    bundle = tmp_path / "work" / "bundle"
    assert read_manifest(bundle).about["base"] == "bert"
    assert AutoConfig.from_pretrained(bundle / "checkpoint").model_type == "bert"
    ours, theirs = (AutoTokenizer.from_pretrained(folder) for folder in (bundle / "checkpoint", base))
    long = "镇党委组织党员开展主题教育学习，取得了明显成效。" * 20
    assert ours(long)["input_ids"] == theirs(long)["input_ids"]
    assert AutoModel.from_pretrained(bundle / "checkpoint").config.hidden_size == 32

    model = Model.load(bundle)
    (answer,) = model.classify([long])
    assert isinstance(answer, Prediction)
    assert [topic.zh for topic in answer.confidences] == ["党建", "治理", "金融", "生态"]
    assert answer.coverage.read == len(long)
    assert answer.coverage.windows > 1
    assert model.digest(long).sentences


def test_an_encoder_knows_no_topics(tmp_path: Path) -> None:
    data = labels_csv(tmp_path / "labels.csv", own_rows())
    arguments = ["run", "--data", data, "--base", random_bert(tmp_path / "bert"), "--work", tmp_path / "work"]
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == 2
    assert "knows no topics: give a configuration" in result.output
