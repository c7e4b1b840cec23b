"""A bundle of stages, made from the miniature one by the recipe, and served."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from baozhai_model.bundle import read_manifest, verify_files
from baozhai_model.digest.digester import Budget
from baozhai_model.model import Model
from baozhai_model.results import Prediction
from baozhai_training.config import DistillationConfig, LargeConfig, LargeStudentConfig
from baozhai_training.learners.network import TopicNetwork
from baozhai_training.learners.pair_encoder import pair_logits
from baozhai_training.learners.stored_weights import read_weights
from baozhai_training.learners.warm_start import WarmStart
from baozhai_training.recipe.retraining import Retraining
from baozhai_training.recipe.staging import Staging
from tests import tiny


@pytest.fixture(scope="module")
def staging(bundle_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Staging:
    work = tmp_path_factory.mktemp("staging")
    data = bundle_folder.parent
    held = tiny.write_lines(
        work / "held.jsonl", [{**row, "text": f"据本报讯，{row['text']}"} for row in tiny.labelled_paragraphs()]
    )
    student = LargeStudentConfig(epochs=1, learning_rate=1e-3, head_learning_rate=1e-3)
    large = LargeConfig(
        epochs=2, window=64, title_tokens=16, learning_rate=2e-3, head_learning_rate=2e-3, student=student
    )
    distillation = DistillationConfig(paragraphs=80, epochs=2, learning_rate=1e-3)
    recipe = {"large": large, "distillation": distillation, "archive_sample": 20}
    return Staging(
        bundle=bundle_folder,
        labels=data / "labels.jsonl",
        held=held,
        corpus=data / "corpus",
        work=work / "work",
        out=work / "bundle",
        digests=data / "digests.jsonl",
        large=bundle_folder / "checkpoint",
        origin="The large encoder is the small one once more.",
        config=WarmStart.of(bundle_folder).config.model_copy(update=recipe),
    )


@pytest.fixture(scope="module")
def staged(staging: Staging) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's exporter has much to say
        staging.run()
    return staging.out


def test_a_staged_bundle_answers_by_stages(staged: Path) -> None:
    manifest = read_manifest(staged)
    assert [stage.name for stage in manifest.stages] == ["ngrams", "small", "large"]
    model = Model.load(staged)
    answers = model.classify([str(row["text"]) for row in tiny.labelled_paragraphs()])
    assert all(isinstance(answer, Prediction) for answer in answers)
    shares = manifest.about["metrics"]["archive"]
    assert sum(shares["answered"].values()) == pytest.approx(1.0)
    assert shares["changed"] <= 0.006


def test_the_stages_before_the_last_learn_its_answers(staged: Path, bundle_folder: Path) -> None:
    manifest = read_manifest(staged)
    taught = manifest.about["data"]["distilled"]
    assert taught > 10
    assert f"answers on {taught} unlabelled paragraphs" in (staged / "MODEL_CARD.md").read_text(encoding="utf-8")
    before, after = WarmStart.of(bundle_folder), WarmStart.of(staged)
    assert not np.array_equal(before.ngrams.weights, after.ngrams.weights)
    work = staged.parent / "work"
    teacher, student = (
        read_weights(work / "exported" / name / "model.safetensors") for name in ("large", "large-student")
    )
    moved = {name for name, value in teacher.items() if not np.array_equal(value.numpy(), student[name].numpy())}
    assert any("attn" in name or "attention" in name for name in moved)


def test_a_run_that_is_begun_again_ends_in_the_same_bundle(staging: Staging, staged: Path, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        replace(staging, out=tmp_path / "bundle").run()
    assert read_manifest(tmp_path / "bundle").files == read_manifest(staged).files


def test_a_staged_bundle_makes_digests(staged: Path) -> None:
    model = Model.load(staged)
    article = tiny.digested_articles()[0]
    digest = model.digest(str(article["text"]), Budget(sentences=2), title=str(article["title"]))
    assert digest.sentences


def test_the_checkpoint_holds_the_weights_that_the_graph_points_to(staged: Path) -> None:
    network = TopicNetwork.from_base(str(staged / "small"), 4, 0.0)
    for name in ("small", "large"):
        weights = read_weights(staged / name / "model.safetensors")
        assert weights.keys() == network.encoder.state_dict().keys()
        assert b"model.safetensors" in (staged / name / "model.onnx").read_bytes()


def test_the_checkpoint_reads_as_the_graph_does(staged: Path) -> None:
    bundle = Model.load(staged).bundle
    windows = [bundle.reader.text(str(row["text"])).windows[0] for row in tiny.labelled_paragraphs()]
    served = np.stack([output.topic_logits for output in bundle.encoder.encode(windows, states=False)])
    network = TopicNetwork.from_base(str(staged / "small"), 4, 0.0).eval()
    read = pair_logits(network, windows, pad=0)
    assert np.abs(served - read).mean() < 0.02 * np.abs(read).mean()


@pytest.fixture(scope="module", params=[False, True], ids=["heads", "thorough"])
def learnt_further(request: pytest.FixtureRequest, staged: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = [{**row, "text": f"本报讯（记者某某），{row['text']}"} for row in tiny.labelled_paragraphs()]
    work = tmp_path_factory.mktemp("learnt")
    data = tiny.write_lines(work / "labels.jsonl", rows)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's exporter has much to say
        retraining = Retraining(data, work / "work", base=str(staged), quick=True, hold_out=0.0, thorough=request.param)
        return retraining.run().bundle


def test_a_bundle_of_stages_stays_one(learnt_further: Path, staged: Path) -> None:
    before, after = read_manifest(staged), read_manifest(learnt_further)
    verify_files(learnt_further, after)
    assert [stage.name for stage in after.stages] == [stage.name for stage in before.stages]
    assert after.digests == before.digests
    assert after.version != before.version
    old, new = Model.load(staged), Model.load(learnt_further)
    rows = tiny.labelled_paragraphs()
    texts, truth = [str(row["text"]) for row in rows], [row["topics"] for row in rows]
    for model in (old, new):
        found = [answer for answer in model.classify(texts) if isinstance(answer, Prediction)]
        right = sum(sorted(t.zh for t in each.topics) == sorted(said) for each, said in zip(found, truth, strict=True))  # type: ignore[call-overload]
        assert right > 0.8 * len(rows)
    article = tiny.digested_articles()[0]
    text, title = str(article["text"]), str(article["title"])
    every = Budget(sentences=100)
    was, now = ({s.start: s.salience for s in model.digest(text, every, title=title).sentences} for model in (old, new))
    shared = sorted(was.keys() & now.keys())
    assert len(shared) > 5
    agreed = np.corrcoef([was[start] for start in shared], [now[start] for start in shared])[0, 1]
    assert agreed > 0.9  # the head goes on reading what it learnt to read


def test_digested_articles_teach_the_salience_head_anew(staged: Path, bundle_folder: Path, tmp_path: Path) -> None:
    data = bundle_folder.parent
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's exporter has much to say
        retraining = Retraining(
            data / "labels.jsonl",
            tmp_path / "work",
            base=str(staged),
            quick=True,
            hold_out=0.0,
            digests=data / "digests.jsonl",
        )
        bundle = retraining.run().bundle
    before, after = ((folder / "small" / "salience.onnx").read_bytes() for folder in (staged, bundle))
    assert after != before
    assert b"states_map" not in after
    article = tiny.digested_articles()[0]
    assert Model.load(bundle).digest(str(article["text"]), Budget(sentences=2), title=str(article["title"])).sentences


def test_a_staged_bundle_can_be_learnt_from(staged: Path, bundle_folder: Path) -> None:
    before, after = WarmStart.of(bundle_folder), WarmStart.of(staged)
    expected = {name: getattr(after.config, name) for name in ("large", "distillation", "archive_sample")}
    assert after.config == before.config.model_copy(update=expected)
    assert after.ngrams.weights.shape == before.ngrams.weights.shape
    assert TopicNetwork.from_base(str(after.checkpoint), 4, 0.0).topic_head.out_features == 4


def test_topics_from_scratch_get_stages_too(staged: Path, tmp_path: Path) -> None:
    data = tiny.write_lines(tmp_path / "labels.jsonl", tiny.labelled_paragraphs())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's exporter has much to say
        retraining = Retraining(data, tmp_path / "work", base=str(staged), quick=True, hold_out=0.0, reset_topics=True)
        bundle = retraining.run().bundle
    assert [stage.name for stage in read_manifest(bundle).stages] == ["ngrams", "small", "large"]
    rows = tiny.labelled_paragraphs()
    found = Model.load(bundle).classify([str(row["text"]) for row in rows])
    right = sum(
        sorted(topic.zh for topic in each.topics) == sorted(row["topics"])  # type: ignore[call-overload]
        for each, row in zip(found, rows, strict=True)
        if isinstance(each, Prediction)
    )
    assert right > 0.8 * len(rows)
