"""The salience head: it reads every signal, and serving reads what training wrote."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np

from baozhai_model.digest.salience import PLAIN, SIGNALS
from baozhai_model.encoder.salience_head import SalienceHead
from baozhai_training.learners.salience_head import (
    PLACE,
    HeadSettings,
    SentenceStates,
    export_head,
    head_logits,
    train_head,
)


def articles(count: int) -> list[SentenceStates]:
    """Six sentences each; one signal alone tells which is kept."""
    chance = np.random.default_rng(4)
    found = []
    for _ in range(count):
        kept = np.arange(6) == chance.integers(6)
        signals = chance.normal(size=(6, len(SIGNALS)))
        signals[:, SIGNALS.index("overlap")] += 4.0 * kept
        states = chance.normal(size=(6, 16)).astype(np.float32)
        found.append(SentenceStates(states, states[0], np.zeros((6, PLACE), np.float32), signals, kept))
    return found


def test_a_signal_that_tells_is_learnt_and_served(tmp_path: Path) -> None:
    known, asked = articles(120)[:100], articles(120)[100:]
    head = train_head(known, HeadSettings(epochs=12.0), seed=2)
    logits = head_logits(head, asked)
    best = [int(found.argmax()) for found in logits]
    right = sum(bool(each.kept[place]) for each, place in zip(asked, best, strict=True) if each.kept is not None)
    assert right > 0.8 * len(asked)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's exporter has much to say
        export_head(head, tmp_path / "head.onnx")
    served = SalienceHead(tmp_path / "head.onnx")
    for each, expected in zip(asked, logits, strict=True):
        signals = each.signals[:, PLAIN].astype(np.float32)
        found = served.salience(each.sentences, each.title, each.place, signals)
        np.testing.assert_allclose(found, expected, atol=1e-4)


def test_the_encoders_own_columns_are_not_read() -> None:
    known = articles(20)
    head = train_head(known, HeadSettings(epochs=1.0), seed=2)
    other = known[0].signals.copy()
    other[:, [place for place in range(len(SIGNALS)) if place not in PLAIN]] = 9.0
    assert np.array_equal(*head_logits(head, [known[0], replace(known[0], signals=other)]))
