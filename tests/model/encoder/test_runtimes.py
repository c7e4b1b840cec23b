"""Every runtime keeps the laws of answers; they differ from each other by little."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from baozhai_model.bundle import MODEL
from baozhai_model.encoder.encoder import Encoder
from baozhai_model.encoder.runtimes import RUNTIMES, RuntimeName
from baozhai_model.errors import RuntimeUnavailable
from baozhai_model.model import Model
from baozhai_model.results import Prediction
from tests.model.runtimes import usable
from tests.tiny import digested_articles, labelled_paragraphs

TEXTS = [str(row["text"]) for row in labelled_paragraphs()] + [str(row["text"]) for row in digested_articles()]


@pytest.mark.parametrize("name", RUNTIMES)
def test_windows_have_their_own_bytes(name: RuntimeName, model: Model, bundle_folder: Path) -> None:
    windows = [window for text in TEXTS for window in model.tokenize(text).windows]
    large = Encoder(bundle_folder / MODEL, threads=2, batch_tokens=4096, runtime=usable(name))
    alone = Encoder(bundle_folder / MODEL, threads=1, batch_tokens=1, runtime=name)
    for together, single in zip(large.encode(windows), alone.encode(windows), strict=True):
        for part in ("topic_logits", "salience", "states"):
            assert getattr(together, part).tobytes() == getattr(single, part).tobytes()


def test_half_precision_answers_nearly_the_same(model: Model, bundle_folder: Path) -> None:
    half = Model.load(bundle_folder, runtime=usable("openvino-bf16"))
    for full, answer in zip(model.classify(TEXTS), half.classify(TEXTS), strict=True):
        assert isinstance(full, Prediction)
        assert isinstance(answer, Prediction)
        assert list(answer.confidences.values()) == pytest.approx(list(full.confidences.values()), abs=0.02)
    windows = [model.tokenize(TEXTS[0]).windows[0]]
    (full_states,), (half_states,) = model.encode(windows), half.encode(windows)
    assert not np.array_equal(full_states.states, half_states.states)  # it does compute in another precision


def test_an_unknown_runtime_is_refused_with_those_there_are(bundle_folder: Path) -> None:
    with pytest.raises(RuntimeUnavailable, match="there are onnxruntime, openvino-bf16"):
        Model.load(bundle_folder, runtime="tensorrt")  # type: ignore[arg-type]


@pytest.mark.parametrize("name", RUNTIMES)
def test_nobody_is_told(name: RuntimeName, bundle_folder: Path, tmp_path: Path) -> None:
    """Runtimes that report to their makers keep in the home folder who reports, and what is still to send."""
    program = (
        "import sys; from pathlib import Path; from baozhai_model.model import Model\n"
        f"Model.load(Path({str(bundle_folder)!r}), runtime={usable(name)!r}).classify(['党支部组织学习。'])\n"
        "assert not [module for module in sys.modules if module.startswith('openvino_telemetry.')]"
    )
    quiet = {"CI", "ORT_DISABLE_TELEMETRY", "ORT_RUNNING_UNIT_TESTS"}  # what would silence them by itself
    environment = {name: value for name, value in os.environ.items() if name not in quiet}
    subprocess.run([sys.executable, "-c", program], check=True, env={**environment, "HOME": str(tmp_path)})
    assert list(tmp_path.iterdir()) == []
