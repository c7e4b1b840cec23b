"""A text is read as far as a decision is in doubt, and no further; the answer is the same whatever comes with it."""

import json
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from baozhai_model.bundle import MANIFEST, Bundle, read_manifest
from baozhai_model.digest.digester import Budget
from baozhai_model.errors import BundleCorrupt, TextFailed
from baozhai_model.model import Model
from baozhai_model.results import Prediction
from tests.service.encoders import NotANumber, Recording
from tests.tiny import digested_articles, labelled_paragraphs

ROWS = labelled_paragraphs()
TEXTS = [str(row["text"]) for row in ROWS]
TITLES = [str(row["title"]) for row in ROWS]
PAGE = "\n\n".join(f"{a['title']}\n\n本报讯（记者 李明）{a['text']}" for a in digested_articles()[:3])
relaxed = settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


def stages(answers: list) -> Counter[int]:
    return Counter(answer.stage for answer in answers if isinstance(answer, Prediction))


def test_every_stage_decides_about_some_texts(staged_model: Model) -> None:
    for titles in (None, TITLES):
        assert set(stages(staged_model.classify(TEXTS, titles))) == {1, 2, 3}


@given(
    asked=st.lists(st.sampled_from(range(len(ROWS))), min_size=1, max_size=12),
    titled=st.booleans(),
    order=st.randoms(use_true_random=False),
)
@relaxed
def test_a_text_is_answered_alike_alone_in_a_batch_and_in_any_order(
    staged_model: Model, asked: list[int], titled: bool, order
) -> None:
    titles = [TITLES[i] if titled else None for i in asked]
    together = staged_model.classify([TEXTS[i] for i in asked], titles)
    shuffled = order.sample(range(len(asked)), len(asked))
    mixed = staged_model.classify([TEXTS[asked[k]] for k in shuffled], [titles[k] for k in shuffled])
    for place, k in enumerate(shuffled):
        (alone,) = staged_model.classify([TEXTS[asked[k]]], [titles[k]])
        assert together[k] == mixed[place] == alone


def test_what_a_stage_is_certain_of_no_later_one_is_asked(staged_folder: Path) -> None:
    model = Model.load(staged_folder)
    first = [text for text, answer in zip(TEXTS, model.classify(TEXTS), strict=True) if answer.stage == 1]
    fresh = Model.load(staged_folder)
    recording = Recording(fresh.bundle.encoder)
    watched = Model(replace(fresh.bundle, encoder=recording))
    assert stages(watched.classify(first)) == {1: len(first)}
    assert recording.batches == []
    assert fresh.bundle.large is not None
    assert not fresh.bundle.large.loaded  # nor loaded


@pytest.mark.parametrize("last", [1, 2, 3])
def test_no_stage_beyond_the_last_allowed_is_asked(staged_folder: Path, staged_model: Model, last: int) -> None:
    limited = Model.load(staged_folder, stages=last)
    assert (limited.bundle.large is None) == (last < 3)
    for full, answer in zip(staged_model.classify(TEXTS), limited.classify(TEXTS), strict=True):
        assert isinstance(full, Prediction)
        assert isinstance(answer, Prediction)
        assert answer.stage == min(full.stage, last)
        if full.stage <= last:
            assert answer == full


def test_a_stage_can_be_asked_about_all(staged_model: Model) -> None:
    for stage in (1, 2, 3):
        assert stages(staged_model.classify(TEXTS, TITLES, stage=stage)) == {stage: len(TEXTS)}


def test_the_large_encoder_reads_the_title(staged_model: Model) -> None:
    (bare,), (titled,) = (staged_model.classify(TEXTS[:1], titles, stage=3) for titles in (None, TITLES[:1]))
    assert bare.confidences != titled.confidences
    large = staged_model.bundle.large
    assert large is not None
    (window,) = large.reader.pairs(TEXTS[0], TITLES[0])
    cls, sep = window[0], window[-1]
    assert window.count(cls) == 1
    assert window.count(sep) == 2


def test_a_long_text_goes_on_as_a_whole(staged_model: Model) -> None:
    text = "足球队公布了新的比赛日程。" * 40 + "河长办治理污染河道、修复湿地，取得了明显成效。"
    (answer,) = staged_model.classify([text])
    spans = [span.of(text) for span in staged_model.tokenize(text).window_spans]
    windows = staged_model.classify(spans, stage=answer.stage)
    assert len(windows) == answer.coverage.windows > 1
    for topic, confidence in answer.confidences.items():
        assert confidence == max(window.confidences[topic] for window in windows)


def test_evidence_is_read_at_the_stage_that_decided(staged_model: Model) -> None:
    seen = set()
    for first, second, title in zip(TEXTS[:60], TEXTS[1:61], TITLES[:60], strict=True):
        text = first + second
        (whole,) = staged_model.classify([text], [title])
        for topic, pieces in staged_model.evidence(text, title, stage=whole.stage).items():
            for piece in pieces:
                rest = text[: piece.span.start] + text[piece.span.end :]
                (left,) = staged_model.classify([rest], [title], stage=whole.stage)
                assert piece.drop == whole.confidences[topic] - left.confidences[topic]
                seen.add(whole.stage)
        assert staged_model.evidence(text, title) == staged_model.evidence(text, title, stage=whole.stage)
    assert len(seen) > 1


def test_one_pass_serves_topics_and_digests(staged_folder: Path) -> None:
    bundle = Bundle.load(staged_folder)
    recording = Recording(bundle.encoder)
    page = Model(replace(bundle, encoder=recording)).read(PAGE, Budget(sentences=2))
    assert all(article.digest for article in page.articles)
    encoded = [window for batch in recording.batches for window in batch]
    assert len(encoded) == len(set(encoded))
    lines = [
        tuple(window)
        for p in page.articles
        for q in p.paragraphs
        for window in bundle.reader.text(q.paragraph.text).windows
    ]
    assert set(lines) <= set(encoded)


def test_a_paragraph_is_read_for_a_digest_as_it_is_for_topics(staged_model: Model) -> None:
    reader = staged_model.bundle.reader
    paragraphs = [TEXTS[0], "　　" + TEXTS[1], "", TEXTS[2] * 9, "他说：“好！”随后离开。"]
    article = reader.paragraphs("\n".join(paragraphs))
    assert list(article.windows) == [w for p in paragraphs if p for w in reader.text(p).windows]
    assert article.read == article.characters
    whole = reader.text("\n".join(paragraphs))
    assert article.sentences == whole.sentences
    counts = [
        [sum(len(tokens) for _, tokens in pieces) for pieces in text.sentence_tokens] for text in (article, whole)
    ]
    assert counts[0] == counts[1]


def test_long_articles_have_digests_too(staged_model: Model) -> None:
    text = "\n".join(TEXTS * 2)
    assert len(staged_model.tokenize(text).sentences) > 512
    assert len(staged_model.digest(text, Budget(sentences=5)).sentences) == 5


def test_a_text_that_the_large_encoder_fails_on_is_lost_alone(staged_folder: Path) -> None:
    bundle = Bundle.load(staged_folder)
    assert bundle.large is not None
    doubtful = [i for i, answer in enumerate(Model(bundle).classify(TEXTS)) if answer.stage == 3]
    (bad,) = bundle.large.reader.pairs(TEXTS[doubtful[0]], None)
    broken = NotANumber(bundle.large.load(), bad)

    def failing(windows, *, states=True):
        return [
            output if np.isfinite(output.topic_logits).all() else TextFailed()
            for output in broken.encode(windows, states=states)
        ]

    model = Model(bundle)
    answers = model.through(lambda encode: failing if encode == bundle.large.encode else encode).classify(TEXTS)
    assert isinstance(answers[doubtful[0]], TextFailed)
    expected = model.classify(TEXTS)
    assert [a for i, a in enumerate(answers) if i != doubtful[0]] == [
        a for i, a in enumerate(expected) if i != doubtful[0]
    ]


def test_a_manifest_of_stages_says_again_what_it_was_told(staged_folder: Path) -> None:
    raw = json.loads((staged_folder / MANIFEST).read_text(encoding="utf-8"))
    assert read_manifest(staged_folder).to_json() == raw
    assert raw["format"] == 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: m["stages"].pop(1), "with small"),
        (lambda m: m["stages"].reverse(), "in this order"),
        (lambda m: m["stages"][0].update(name="huge"), "no stage 'huge'"),
        (lambda m: m["stages"][0]["rules"]["untitled"].pop(), "rules for 3 topics"),
        (lambda m: m["stages"][0]["rules"]["untitled"][0]["weights"].update(large=1.0), "weighs large"),
        (lambda m: m["stages"][1].pop("window"), "missing or ill-typed entry: 'window'"),
        (lambda m: m["digest"].pop("small"), "no entry for small"),
        (lambda m: m["digest"]["small"].update(reads="tea"), "not 'tea'"),
        (lambda m: m["files"].pop("large/model.onnx"), r"lists no checksum for large/model\.onnx"),
        (lambda m: m["files"].pop("small/salience.onnx"), r"lists no checksum for small/salience\.onnx"),
    ],
)
def test_stages_that_cannot_be_asked_are_refused(staged_folder: Path, tmp_path: Path, change, message: str) -> None:
    folder = shutil.copytree(staged_folder, tmp_path / "bundle")
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    change(manifest)
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(BundleCorrupt, match=message):
        Bundle.load(folder)


def test_a_bundle_may_do_without_the_large_stage(staged_folder: Path, staged_model: Model, tmp_path: Path) -> None:
    folder = shutil.copytree(staged_folder, tmp_path / "bundle")
    raw = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    raw["stages"].pop()
    raw["digest"].pop("large")
    (folder / MANIFEST).write_text(json.dumps(raw), encoding="utf-8")
    answers = Model.load(folder).classify(TEXTS)
    assert set(stages(answers)) == {1, 2}
    assert answers == Model.load(staged_folder, stages=2).classify(TEXTS)
