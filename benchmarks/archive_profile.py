"""Where the time of scoring goes."""

from __future__ import annotations

import cProfile
import json
import pstats
import tempfile
from collections.abc import Sequence
from pathlib import Path

from baozhai_service.archive.run import ArchiveRun
from baozhai_service.archive.settings import ScoreSettings

_PARTS = {
    "run": "the encoders (ONNX Runtime)",
    "tokenize": "tokenizing",
    "logits": "n-grams",
    "plan": "planning",
    "read_jsonl": "reading, in planning and again in scoring",
    "write_table": "writing Parquet",
    "get": "looking up known answers",
    "put": "keeping answers",
    "publish": "moving files into place",
}


def profile(bundle: Path, paragraphs: Sequence[str], count: int) -> None:
    """Print where one worker's time goes when it scores ``count`` of the archive's ``paragraphs``."""
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
