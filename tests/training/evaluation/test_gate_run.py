"""What a candidate was trained on, and what it can answer, is checked before anything is compared."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from baozhai_model.bundle import MANIFEST, read_manifest, sha256
from baozhai_model.errors import PromotionRefused
from baozhai_model.registry.store import Store
from baozhai_model.topics.topic_set import Topic, TopicSet
from baozhai_training.cli import app
from baozhai_training.data.labels import LabelledParagraph
from baozhai_training.evaluation.gate import GateReport
from baozhai_training.evaluation.gate_run import leaks, prove, submit
from tests import tiny


def changed(bundle: Path, folder: Path, **changes: object) -> Path:
    """A copy of ``bundle`` whose manifest says something else."""
    shutil.copytree(bundle, folder)
    manifest = replace(read_manifest(folder), **changes)  # type: ignore[arg-type]
    (folder / MANIFEST).write_text(json.dumps(manifest.to_json(), ensure_ascii=False), encoding="utf-8")
    return folder


@pytest.fixture
def train(bundle_folder: Path) -> Path:
    """What the small bundle was trained on."""
    return bundle_folder.parent / "labels.jsonl"


def test_a_version_without_a_topic_of_the_champion_is_refused(bundle_folder: Path, train: Path, tmp_path: Path) -> None:
    manifest = read_manifest(bundle_folder)
    five = TopicSet([*manifest.topics, Topic("sport", "体育")])
    stages = manifest.with_rules(lambda rules: replace(rules, topics=(*rules, rules.topics[0]))).stages
    champion = changed(bundle_folder, tmp_path / "champion", version="five", topics=five, stages=stages)
    (reason,) = prove(bundle_folder, champion, train, train).reasons
    assert reason.startswith("it lacks 体育, which five has")
    assert "baozhai promote --skip-gate" in reason  # for who has other topics there is no other way


def test_other_training_data_than_it_says_is_refused(bundle_folder: Path, tmp_path: Path) -> None:
    fewer = tiny.write_lines(tmp_path / "fewer.jsonl", tiny.labelled_paragraphs()[1:])
    (reason,) = prove(bundle_folder, bundle_folder, fewer, fewer).reasons
    assert "not what it was trained on" in reason


NEW = {"text": "与别的都不相同的一段文字，讲的是夜空里的星星。", "topics": []}


@pytest.mark.parametrize(
    "alter", [str, lambda text: f"{text}！", lambda text: f" {text}"], ids=["the same", "nearly", "with a space"]
)
def test_leaked_test_rows_are_refused(alter, bundle_folder: Path, train: Path, tmp_path: Path) -> None:
    longest = max(tiny.labelled_paragraphs(), key=lambda row: len(str(row["text"])))
    leaked = {**longest, "text": alter(str(longest["text"]))}
    test = tiny.write_lines(tmp_path / "test.jsonl", [NEW, leaked])
    (reason,) = prove(bundle_folder, bundle_folder, train, test).reasons
    assert reason.startswith("1 test paragraphs are in its training data")


def test_the_command_refuses_leaked_rows_and_the_store_knows(bundle_folder: Path, train: Path, tmp_path: Path) -> None:
    champion = changed(bundle_folder, tmp_path / "champion", version="old")
    options = ["--bundle", bundle_folder, "--data", train, "--test", train, "--champion", champion]
    arguments = ["gate", tmp_path, *options, "--who", "ci", "--home", tmp_path / "home"]
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == 1, result.output
    assert "refused: " in result.output
    store = Store(tmp_path / "home" / "store", champion)
    with pytest.raises(PromotionRefused, match="in its training data"):
        store.promote(read_manifest(bundle_folder).version, who="editor", why="")


def test_short_texts_leak_only_when_they_are_the_same() -> None:
    known, same, other = (LabelledParagraph(text, frozenset()) for text in ("完", "完", "了"))
    assert leaks([known], [same, other]) == ["完"]


def test_an_empty_test_is_refused(bundle_folder: Path, train: Path, tmp_path: Path) -> None:
    (tmp_path / "test.jsonl").touch()
    (reason,) = prove(bundle_folder, bundle_folder, train, tmp_path / "test.jsonl").reasons
    assert "no paragraph to test with" in reason


def test_a_version_is_not_better_than_itself(bundle_folder: Path, train: Path, tmp_path: Path) -> None:
    """Told apart from its training data by a number before each paragraph, every model is asked the same."""
    rows = [
        {**row, "text": f"{place:09d}号消息，摘自{place * 7919:012d}期。{row['text']}"}
        for place, row in enumerate(tiny.labelled_paragraphs())
    ]
    test = tiny.write_lines(tmp_path / "test.jsonl", rows)
    champion = changed(bundle_folder, tmp_path / "champion", version="old")
    report = prove(bundle_folder, champion, train, test)
    assert any("not shown to be better" in reason for reason in report.reasons)
    (whole,) = (contest for contest in report.contests if contest.part == "all" and contest.rival == "old")
    assert (whole.low, whole.high, whole.ahead) == (0.0, 0.0, 0.5)


def test_the_gates_word_goes_with_the_version_into_the_store(bundle_folder: Path, tmp_path: Path) -> None:
    champion = changed(bundle_folder, tmp_path / "champion", version="old")
    store = Store(tmp_path / "store", champion)
    refused = GateReport(("it is worse",), ())
    version = submit(store, bundle_folder, refused, against=champion, who="ci")
    with pytest.raises(PromotionRefused, match="it is worse"):
        store.promote(version, who="editor", why="")
    submit(store, bundle_folder, GateReport((), ()), against=champion, who="ci")
    store.promote(version, who="editor", why="better")
    assert (store.live, sha256(store.live_folder / MANIFEST)) == (version, sha256(bundle_folder / MANIFEST))
    assert store.roll_back(who="editor", why="to be sure").version == "old"
