"""Planted errors come first; what to label next is doubtful and not all alike; differences are what they say."""

import json
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
from typer.testing import CliRunner

from baozhai_model.active_learning import diverse, next_to_label
from baozhai_model.differences import differences
from baozhai_model.model import Model
from baozhai_model.topics.topic_set import Topic, TopicSet
from baozhai_training.cli import app
from baozhai_training.data.labels import LabelledParagraph
from baozhai_training.labelling.suspects import suspects
from tests import tiny
from tests.manifests import shifted

TOPICS = TopicSet([Topic("p", "党建"), Topic("g", "治理"), Topic("f", "金融"), Topic("e", "生态")])


def test_planted_errors_come_first() -> None:
    paragraphs = [
        LabelledParagraph(
            str(row["text"]), frozenset(TOPICS.named(str(name)) for name in row["topics"]), str(row["title"])
        )
        for row in tiny.labelled_paragraphs()
    ]
    choose = random.Random(4)
    planted = set(choose.sample(range(len(paragraphs)), 15))
    for place in planted:
        paragraphs[place] = replace(paragraphs[place], topics=paragraphs[place].topics ^ {choose.choice(list(TOPICS))})
    ranked = suspects(paragraphs, TOPICS, folds=3)
    assert sorted(suspect.place for suspect in ranked) == list(range(len(paragraphs)))
    assert len(planted & {suspect.place for suspect in ranked[:15]}) >= 10  # by chance, less than one


def test_the_most_doubtful_come_first_and_copies_last() -> None:
    texts = ["甲乙丙丁戊己庚辛", "甲乙丙丁戊己庚辛", "子丑寅卯辰巳午未", "天地玄黄宇宙洪荒"]
    assert diverse(texts, np.array([0.9, 0.89, 0.5, 0.4]), 3) == [0, 2, 3]
    assert diverse(texts, np.array([0.1, 0.2, 0.3, 0.4]), 1) == [3]
    assert diverse([], np.zeros(0), 3) == []


def test_what_cannot_be_read_is_not_worth_labelling(model: Model) -> None:
    places = next_to_label(model, ["农商银行发放贷款。", " ", "足球队比赛。"], 9)
    assert sorted(places) == [0, 2]


def test_next_prints_lines_as_they_came(bundle_folder: Path, tmp_path: Path) -> None:
    lines = [json.dumps({"id": i, "text": text}) for i, text in enumerate(["农商银行发放贷款。", "足球队比赛。"])]
    (tmp_path / "pool.jsonl").write_text("\n".join(lines), encoding="utf-8")
    result = CliRunner().invoke(app, ["next", str(tmp_path / "pool.jsonl"), "--bundle", str(bundle_folder)])
    assert result.exit_code == 0, result.output
    assert sorted(result.stdout.splitlines()) == sorted(lines)


def test_differences_name_the_topics_lost_and_gained(model: Model) -> None:
    texts = [str(row["text"]) for row in tiny.labelled_paragraphs()[:60]]
    assert differences(model, model, texts).changed == []
    finance = model.topics.index("金融")
    blind = Model(replace(model.bundle, manifest=shifted(model.manifest, -100.0, finance)))
    report = differences(model, blind, texts)
    had = [i for i, answer in enumerate(model.classify(texts)) if "金融" in [topic.zh for topic in answer.topics]]
    assert [change.place for change in report.changed] == had
    assert (report.lost, report.gained) == ({"金融": len(had)}, {})
    assert differences(blind, model, texts).gained == {"金融": len(had)}
