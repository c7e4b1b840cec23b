"""A fifth topic is configuration and data: trained, judged, and live if the gate says so."""

from pathlib import Path

import pytest

from baozhai_model.bundle import read_manifest
from baozhai_model.errors import PromotionRefused
from baozhai_model.model import Model
from baozhai_model.registry.store import Store
from baozhai_model.results import Prediction
from baozhai_training.data.labels import read_labelled
from baozhai_training.evaluation.gate_run import prove, submit


def test_the_bundle_answers_with_five_topics(retrained: Path, bundle_folder: Path) -> None:
    model = Model.load(retrained / "bundle")
    assert model.topics.ids == (*read_manifest(bundle_folder).topics.ids, "sport")
    known = read_labelled(retrained / "train.jsonl", model.topics)
    right = {topic: 0 for topic in model.topics}
    for paragraph, answer in zip(known, model.classify([each.text for each in known]), strict=True):
        assert isinstance(answer, Prediction)
        assert list(answer.confidences) == list(model.topics)
        for topic in model.topics:
            right[topic] += (topic in paragraph.topics) == (topic in answer.topics)
    # What it was taught; machines differ in a few of these, not in a tenth.
    assert {topic.zh: count for topic, count in right.items() if count < 0.9 * len(known)} == {}


def test_it_goes_live_if_the_gate_says_so_and_back_again(retrained: Path, bundle_folder: Path, tmp_path: Path) -> None:
    candidate, old = retrained / "bundle", read_manifest(bundle_folder)
    store = Store(tmp_path / "store", bundle_folder)
    report = prove(candidate, store.live_folder, retrained / "train.jsonl", retrained / "test.jsonl")
    judged = [contest.part for contest in report.contests if contest.rival == old.version]
    assert judged == ["all", *(topic.zh for topic in old.topics)]  # the new topic has no champion to beat
    assert not any("体育" in reason for reason in report.reasons)
    version = submit(store, candidate, report, against=bundle_folder, who="editor")
    if not report.passed:
        with pytest.raises(PromotionRefused):
            store.promote(version, who="editor", why="knows sport")
    store.promote(version, who="editor", why="knows sport", skip_gate=not report.passed)
    assert Model.load(store.live_folder).topics.ids[-1] == "sport"
    assert store.roll_back(who="editor", why="to be sure").version == old.version


def test_the_way_back_to_four_topics_is_not_through_the_gate(retrained: Path, bundle_folder: Path) -> None:
    data = bundle_folder.parent / "labels.jsonl"
    report = prove(bundle_folder, retrained / "bundle", data, data)
    (reason,) = report.reasons
    assert reason.startswith(f"it lacks 体育, which {read_manifest(retrained / 'bundle').version} has")
