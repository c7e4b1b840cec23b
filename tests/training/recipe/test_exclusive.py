"""Topics that exclude each other: every text gets exactly one, from training to the service's answer."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from baozhai_model.active_learning import next_to_label
from baozhai_model.bundle import read_manifest
from baozhai_model.model import Model
from baozhai_model.results import Prediction
from baozhai_service.app import create_app
from baozhai_training.cli import app
from baozhai_training.evaluation.gate_run import prove
from tests import tiny
from tests.service.serving import LOOPBACK, classify
from tests.training.tables import labels_csv, own_rows

pytestmark = pytest.mark.filterwarnings("ignore")  # torch's exporter has much to say
RECIPE = "exclusive = true\n" + tiny.CONFIG.partition("[curve]")[0]
ONE_EACH = [row for row in own_rows() if row[1] and ";" not in row[1]]


def trained(folder: Path, base: Path, rows: list[tuple[str, str, str]], hold_out: str = "0.3") -> tuple[int, str]:
    recipe = folder / "recipe.toml"
    recipe.write_text(RECIPE, encoding="utf-8")
    data = labels_csv(folder / "labels.csv", rows)
    options = ["--data", data, "--base", base, "--reset-topics", "--work", folder / "work", "--hold-out", hold_out]
    result = CliRunner().invoke(app, ["run", str(recipe), *map(str, options)])
    return result.exit_code, result.output


@pytest.fixture(scope="module")
def work(bundle_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exclusive")
    code, output = trained(folder, bundle_folder, ONE_EACH)
    assert code == 0, output
    return folder / "work"


def test_every_text_gets_exactly_one_topic(work: Path) -> None:
    model = Model.load(work / "bundle")
    assert model.manifest.rules.exclusive
    strange = ["昨晚的足球友谊赛以平局收场。", "。", "abc", "镇党委推行一窗受理、下调贷款利率、植树造林。"]
    for answer in model.classify([text for text, _, _ in ONE_EACH] + strange):
        assert isinstance(answer, Prediction)
        assert len(answer.topics) == 1
        assert sum(answer.confidences.values()) == pytest.approx(1.0)
        assert answer.confidences[answer.topics[0]] == max(answer.confidences.values())
    answers = model.classify([text for text, _, _ in ONE_EACH])
    right = [answer.topics[0].zh == row[1] for answer, row in zip(answers, ONE_EACH, strict=True)]  # type: ignore[union-attr]
    assert sum(right) > 0.9 * len(right)


def test_its_figures_are_of_one_topic_each(work: Path) -> None:
    bundle = work / "bundle"
    topics = read_manifest(bundle).about["metrics"]["topics"]["topics"]
    assert sum(topic["wrongly_given"] for topic in topics) == sum(topic["missed"] for topic in topics)
    assert all(topic["linear_f1"] == topic["linear_f1_untuned"] for topic in topics)
    card = (bundle / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "exactly one topic" in card


def test_the_gate_and_the_next_labels_know_it(work: Path) -> None:
    report = prove(work / "bundle", work / "bundle", work / "train.jsonl", work / "test.jsonl")
    assert {contest.rival for contest in report.contests} == {"floor", read_manifest(work / "bundle").version}
    texts = [text for text, _, _ in ONE_EACH[:20]]
    doubtful = "农商银行组织党员开展主题教育学习、推进垃圾分类和减排降碳。"
    assert next_to_label(Model.load(work / "bundle"), [*texts, doubtful], 1) == [len(texts)]


def test_the_service_tells_that_there_is_no_threshold(work: Path) -> None:
    with TestClient(create_app(Model.load(work / "bundle")), base_url=LOOPBACK) as client:
        (result,) = classify(client, "足球队比赛。").json()["results"]
        assert len(result["topics"]) == 1
        (version,) = client.get("/v1/models").json()["models"]
    assert [topic["threshold"] for topic in version["topics"]] == [None] * 4


def test_labels_with_none_or_several_topics_are_refused(bundle_folder: Path, tmp_path: Path) -> None:
    code, output = trained(tmp_path, bundle_folder, own_rows(), hold_out="0")
    assert code != 0
    assert "exclusive = true" in output
    assert "党建, 治理" in output
    assert "has none" in output


def test_check_tells_what_a_run_would_refuse(tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.toml"
    rows = [*ONE_EACH, ("镇党委推行一窗受理。", "党建;治理", ""), ("昨晚有球赛。", "", "")]
    data = labels_csv(tmp_path / "labels.csv", rows)
    told = {}
    for exclusive in ("true", "false"):
        recipe.write_text(f"exclusive = {exclusive}\n" + tiny.CONFIG, encoding="utf-8")
        told[exclusive] = CliRunner().invoke(app, ["check", str(data), "--config", str(recipe)])
    assert told["true"].exit_code == 1
    assert f"row {len(ONE_EACH) + 2} has 党建, 治理:" in told["true"].output
    assert f"row {len(ONE_EACH) + 3} has none:" in told["true"].output
    assert told["true"].output.count("exactly one topic") == 2
    assert told["false"].exit_code == 0, told["false"].output


def test_one_topic_cannot_exclude_others(tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text('exclusive = true\n[[topics]]\nid = "a"\nzh = "甲"\n', encoding="utf-8")
    data = labels_csv(tmp_path / "labels.csv", ONE_EACH)
    result = CliRunner().invoke(app, ["run", str(tmp_path / "one.toml"), "--data", str(data), "--work", str(tmp_path)])
    assert result.exit_code != 0
    assert "at least two topics" in result.output
