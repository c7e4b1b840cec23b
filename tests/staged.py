"""A miniature bundle of three stages: the tiny encoder, the same one reading titles in pairs, and rules for each.

The stages' rules and the salience head are logistic regressions, fitted on the texts of `tests.tiny`. The bounds of
certainty are quantiles, so that each stage decides about some texts.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from baozhai_model.bundle import MANIFEST, NGRAMS, Bundle, Manifest, sha256
from baozhai_model.digest.salience import paragraphs_of, sentence_states
from baozhai_model.encoder.salience_head import places_of
from baozhai_model.encoder.spec import EncoderSpec
from baozhai_model.model import Model
from baozhai_model.stages import DigestSpec, Stage
from baozhai_model.topics.calibration import SCORES, Rules, TopicRule
from tests import tiny

Floats = NDArray[np.float64]
LEAVING = (0.5, 0.6)  # shares of texts that the first and the second stage are certain of


def stage_bundle(trained: Path, folder: Path) -> Path:
    """The bundle of three stages in ``folder``, from the one in ``trained``."""
    joint = Bundle.load(trained)
    folder.mkdir(parents=True)
    shutil.copy(trained / NGRAMS, folder / NGRAMS)
    for name in ("small", "large"):
        (folder / name).mkdir()
        for file in ("model.onnx", "tokenizer.json"):
            shutil.copy(trained / file, folder / name / file)
    cls, sep = (joint.tokenizer.token_to_id(name) for name in ("[CLS]", "[SEP]"))
    specs = {
        name: EncoderSpec(f"{name}/model.onnx", f"{name}/tokenizer.json", joint.manifest.window, titled, cls, sep)
        for name, titled in (("small", 0), ("large", 12))
    }
    weights = {"encoder": 1.0, "first": 0.5, "bias": 0.0}
    digests = {name: DigestSpec(weights, f"{name}/salience.onnx", reads) for name, reads in _READS}
    fit_head(joint, folder)
    manifest = Manifest("staged-1", joint.manifest.topics, (), digests, {}, titles=True)
    unfitted = tuple(
        Stage(name, _equal(len(manifest.topics), SCORES[: number + 1]), encoder=specs.get(name))
        for number, name in enumerate(SCORES)
    )
    fitted = _fitted(write(folder, manifest, unfitted), len(manifest.topics), unfitted)
    return write(folder, manifest, fitted)


_READS = (("small", "paragraphs"), ("large", "article"))


def write(folder: Path, manifest: Manifest, stages: Sequence[Stage]) -> Path:
    """Write the manifest of the files in ``folder``."""
    files = {
        path.relative_to(folder).as_posix(): sha256(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    }
    whole = replace(manifest, stages=tuple(stages), files=files)
    (folder / MANIFEST).write_text(json.dumps(whole.to_json(), ensure_ascii=False), encoding="utf-8")
    return folder


def fit_head(joint: Bundle, folder: Path) -> None:
    """Fit a linear salience head on the digested articles, and write it for both encoders."""
    rows, kept = [], []
    reader = joint.reader
    for article in tiny.digested_articles():
        text = reader.paragraphs(str(article["text"]))
        title = reader.title(str(article["title"]))
        assert title is not None
        *outputs, about = joint.encoder.encode([*text.windows, title])
        states = sentence_states(text, outputs)
        paragraph, place = paragraphs_of(text.text, text.sentences)
        places = places_of(paragraph, place, np.array([len(span.stripped(text.text)) for span in text.sentences]))
        rows.append(np.concatenate([states, states * about.states[1:-1].mean(axis=0), places], axis=1))
        kept += [(span.start, span.end) in article["digest"] for span in text.sentences]  # type: ignore[operator]
    fitted = LogisticRegression(max_iter=1000).fit(np.concatenate(rows), kept)
    for name, _ in _READS:
        write_head(fitted.coef_[0].astype(np.float32), float(fitted.intercept_[0]), folder / name / "salience.onnx")


def write_head(weights: NDArray[np.float32], bias: float, path: Path) -> None:
    """A graph of the contract's signature: [sentences, sentences * title, place] @ weights + bias."""
    make, kinds = onnx.helper, onnx.TensorProto
    width = (len(weights) - 6) // 2
    constants = [
        onnx.numpy_helper.from_array(weights, "weights"),
        onnx.numpy_helper.from_array(np.array([bias], dtype=np.float32), "bias"),
    ]
    nodes = [
        make.make_node("Mul", ["sentences", "title"], ["about"]),
        make.make_node("Concat", ["sentences", "about", "place"], ["features"], axis=1),
        make.make_node("MatMul", ["features", "weights"], ["product"]),
        make.make_node("Add", ["product", "bias"], ["salience"]),
    ]
    inputs = [
        make.make_tensor_value_info("sentences", kinds.FLOAT, ["n", width]),
        make.make_tensor_value_info("title", kinds.FLOAT, [width]),
        make.make_tensor_value_info("place", kinds.FLOAT, ["n", 6]),
    ]
    output = make.make_tensor_value_info("salience", kinds.FLOAT, ["n"])
    graph = make.make_graph(nodes, "salience", inputs, [output], constants)
    onnx.save(make.make_model(graph, opset_imports=[make.make_opsetid("", 17)], ir_version=9), str(path))


def _equal(topics: int, scores: Sequence[str]) -> Rules:
    return Rules((TopicRule(dict.fromkeys(scores, 1.0), 0.0, 0.5, 0.5),) * topics)


def _fitted(folder: Path, topics: int, stages: Sequence[Stage]) -> list[Stage]:
    """The stages with rules fitted on the scores of the bundle in ``folder``."""
    model = Model.load(folder)
    rows = tiny.labelled_paragraphs()
    texts = [str(row["text"]) for row in rows]
    truth = np.array([[topic.zh in row["topics"] for topic in model.topics] for row in rows])  # type: ignore[operator]
    both = [_scores(model.bundle, texts, titles) for titles in ([None] * len(rows), [str(r["title"]) for r in rows])]
    fitted = []
    for stage, leaving in zip(stages, (*LEAVING, None), strict=True):
        untitled, titled = (_stage_rules(stage.scores, scores, truth, leaving) for scores in both)
        fitted.append(Stage(stage.name, untitled, titled, stage.encoder))
    return fitted


def _scores(bundle: Bundle, texts: Sequence[str], titles: Sequence[str | None]) -> dict[str, Floats]:
    """Scores of short texts, one window each, (texts, topics)."""
    assert bundle.large is not None
    small = [bundle.reader.text(text).windows[0] for text in texts]
    large = [bundle.large.reader.pairs(text, title)[0] for text, title in zip(texts, titles, strict=True)]
    found = {
        "ngrams": [bundle.ngrams.logits(text, title) for text, title in zip(texts, titles, strict=True)],
        "small": [output.topic_logits for output in bundle.encoder.encode(small, states=False)],
        "large": [output.topic_logits for output in bundle.large.encode(large, states=False)],
    }
    return {name: np.stack(rows).astype(np.float64) for name, rows in found.items()}


def _stage_rules(
    names: Sequence[str], scores: dict[str, Floats], truth: NDArray[np.bool_], leaving: float | None
) -> Rules:
    rules = []
    for topic in range(truth.shape[1]):
        columns = np.stack([scores[name][:, topic] for name in names], axis=1)
        fitted = LogisticRegression().fit(columns, truth[:, topic])
        weights = dict(zip(names, map(float, fitted.coef_[0]), strict=True))
        rules.append(TopicRule(weights, float(fitted.intercept_[0]), 0.5, 0.5))
    found = Rules(tuple(rules))
    if leaving is None:
        return found
    bound = float(np.quantile(np.abs(found.leads(found.logits(scores))).min(axis=1), 1 - leaving))
    bounded = (TopicRule(r.weights, r.bias, r.threshold, r.margin, -bound, bound) for r in found)
    return Rules(tuple(bounded))
