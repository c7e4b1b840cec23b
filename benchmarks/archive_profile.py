"""Where the time of scoring goes, and how near the encoder comes to the machine's matrix-product speed."""

from __future__ import annotations

import cProfile
import json
import pstats
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from transformers import AutoConfig

from baozhai_model.model import Model
from baozhai_service.archive.run import ArchiveRun
from baozhai_service.archive.settings import ScoreSettings

_PARTS = {
    "run": "the encoder (ONNX Runtime)",
    "tokenize": "tokenizing",
    "logits": "n-grams",
    "plan": "planning",
    "read_jsonl": "reading, in planning and again in scoring",
    "write_table": "writing Parquet",
    "get": "looking up known answers",
    "put": "keeping answers",
    "publish": "moving files into place",
}


def profile(bundle: Path, paragraphs: Sequence[str], count: int, seconds: Mapping[str, float]) -> None:
    """Print where one worker's time goes, and how near the whole archive comes to the speed of the machine.

    Args:
        bundle: whose encoder.
        paragraphs: of the archive.
        count: of them to profile.
        seconds: that the archive took, by runtime.
    """
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "archive.jsonl"
        source.write_text("".join(json.dumps({"text": text}) + "\n" for text in paragraphs[:count]), encoding="utf-8")
        run = ArchiveRun(str(source), f"{folder}/scores", bundle, ScoreSettings(digests=False))
        profiler = cProfile.Profile()
        profiler.runcall(run.score)
    stats = pstats.Stats(profiler)
    total = stats.total_tt  # type: ignore[attr-defined]
    print(f"one worker, topics alone, {total:.1f} s under the profiler:")
    parts: dict[str, float] = {}
    for (file, _, name), (*_, spent, _) in stats.stats.items():  # type: ignore[attr-defined]
        if name in _PARTS and ("onnxruntime" if name == "run" else "baozhai") in file:
            parts[name] = max(spent, parts.get(name, 0.0))  # one may call another of its name
    for name, spent in sorted(parts.items(), key=lambda item: -item[1]):
        print(f"  {_PARTS[name]}: {spent / total:.0%}")
    model = Model.load(bundle)
    tokens = sum(len(window) for text in dict.fromkeys(paragraphs) for window in model.tokenize(text).windows)
    _peaks(bundle, tokens, seconds)


def _peaks(bundle: Path, tokens: int, seconds: Mapping[str, float]) -> None:
    """Identical paragraphs are computed once, and the padding of windows is nobody's work."""
    config = AutoConfig.from_pretrained(bundle / "checkpoint")
    width, inner = config.hidden_size, config.intermediate_size
    gated = 3 if config.model_type == "modernbert" else 2
    work = 2 * config.num_hidden_layers * (4 * width * width + gated * width * inner)  # operations a token
    for name, product in (
        ("float32", _torch(width, inner, torch.float32)),
        ("bfloat16", _torch(width, inner, torch.bfloat16)),
        ("int8", _int8(width, inner)),
    ):
        peak = 2 * 2048 * width * inner / _seconds(product)
        shares = ", ".join(f"{work * tokens / took / peak:.0%} with {runtime}" for runtime, took in seconds.items())
        print(f"{name} products of these shapes: {peak / 1e9:.0f} G/s; the whole archive reaches {shares}")


def _torch(width: int, inner: int, precision: torch.dtype) -> Callable[[], object]:
    a, b = torch.ones((2048, width), dtype=precision), torch.ones((inner, width), dtype=precision)
    return lambda: torch.nn.functional.linear(a, b)


def _int8(width: int, inner: int) -> Callable[[], object]:
    """A product of bytes by bytes, as ONNX Runtime does it."""
    helper, kinds = onnx.helper, onnx.TensorProto
    node = helper.make_node("MatMulInteger", ["a", "b"], ["c"])
    values = helper.make_tensor(
        "b", kinds.INT8, [width, inner], np.ones((width, inner), dtype=np.int8).tobytes(), raw=True
    )
    graph = helper.make_graph(
        [node],
        "product",
        [helper.make_tensor_value_info("a", kinds.UINT8, [2048, width])],
        [helper.make_tensor_value_info("c", kinds.INT32, [2048, inner])],
        [values],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    session = onnxruntime.InferenceSession(made.SerializeToString(), providers=["CPUExecutionProvider"])
    given = {"a": np.ones((2048, width), dtype=np.uint8)}
    return lambda: session.run(None, given)


def _seconds(work: Callable[[], object]) -> float:
    """The best of 200: something else may run for a moment."""
    times = []
    for _ in range(200):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)
