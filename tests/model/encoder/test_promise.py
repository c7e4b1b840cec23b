"""An encoder keeps its promise on any processor: a window has the same bytes alone and in any batch."""

from pathlib import Path

import numpy as np
import pytest

from baozhai_model.bundle import MODEL
from baozhai_model.encoder import encoder as module
from baozhai_model.encoder.encoder import Encoder
from baozhai_model.encoder.promise import keeps_promise
from baozhai_model.encoder.runtimes import Floats, Ids, OnnxRuntime
from baozhai_model.errors import RuntimeUnavailable
from baozhai_model.model import Model
from tests.tiny import labelled_paragraphs


class ByHeight(OnnxRuntime):
    """A processor whose kernels depend on the height of a matrix."""

    def run(self, ids: Ids, mask: Ids, *, states: bool) -> dict[str, Floats]:
        outputs = super().run(ids, mask, states=states)
        return {name: output + np.float32(len(ids) * 1e-6) for name, output in outputs.items()}


class ByLuck(OnnxRuntime):
    """A processor that never adds in the same order."""

    runs = 0

    def run(self, ids: Ids, mask: Ids, *, states: bool) -> dict[str, Floats]:
        self.runs += 1
        outputs = super().run(ids, mask, states=states)
        return {name: output + np.float32(self.runs * 1e-3) for name, output in outputs.items()}


def test_batches_are_given_up_where_they_change_bytes(
    bundle_folder: Path, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "load_runtime", lambda _, path, threads: ByHeight(path, threads))
    held_back = Encoder(bundle_folder / MODEL, threads=1, batch_tokens=4096)
    windows = [window for row in labelled_paragraphs() for window in model.tokenize(str(row["text"])).windows]
    together = held_back.encode(windows)
    for window, output in zip(windows, together, strict=True):
        (alone,) = held_back.encode([window])
        assert alone.topic_logits.tobytes() == output.topic_logits.tobytes()
        assert alone.states.tobytes() == output.states.tobytes()


def test_a_runtime_without_any_order_is_refused(bundle_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "load_runtime", lambda _, path, threads: ByLuck(path, threads))
    with pytest.raises(RuntimeUnavailable, match="other bytes each time"):
        Encoder(bundle_folder / MODEL, threads=1)


def test_the_default_runtime_may_batch(bundle_folder: Path) -> None:
    assert keeps_promise(OnnxRuntime(bundle_folder / MODEL, 1), 4096)
