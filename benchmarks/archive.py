"""Score an archive, beside other ways to do the same with the same encoders, in one run on this machine.

    .venv/bin/python -m benchmarks.archive CORPUS [--bundle DIR] [--records 2000]

CORPUS holds ``*.jsonl.xz`` of {date, title, text}; its first records, of every file alike, are unpacked into a folder
of JSONL and scored from end to end: start, planning, scoring, writing. The others classify a sample of the same
paragraphs: the transformers pipeline with the small encoder (one by one, as it comes, and in batches) and with the
large encoder on every text, datasets.map, and our HTTP endpoint.
"""

from __future__ import annotations

import argparse
import itertools
import json
import lzma
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

from baozhai_model.bundle import DEFAULT_BUNDLE
from benchmarks import archive_peers as peers
from benchmarks.archive_profile import profile
from benchmarks.runtimes import usable_runtimes
from benchmarks.service_process import free_port, largest_child, running

BATCH = 16


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("corpus", type=Path)
    arguments.add_argument("--bundle", type=Path, default=DEFAULT_BUNDLE)
    arguments.add_argument("--records", type=int, default=2000)
    arguments.add_argument("--sample", type=int, default=400, help="paragraphs that the others classify")
    arguments.add_argument("--runtimes", nargs="+", default=usable_runtimes())
    arguments.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        paragraphs = unpack(given.corpus, work / "archive", given.records)
        print(f"{given.workers} workers; load before: {os.getloadavg()[0]:.1f}")
        rates = {}
        for runtime in given.runtimes:
            options = [*("--bundle", str(given.bundle)), *("--workers", str(given.workers)), *("--runtime", runtime)]
            for kind, chosen in ((f"{runtime}, topics alone", ["--no-digests"]), (f"{runtime}, with digests", [])):
                rates[kind] = ours(kind, work, [*options, *chosen])
            memory(work, options)
        sample = paragraphs[:: max(len(paragraphs) // given.sample, 1)][: given.sample]
        encoders = peers.checkpoints(given.bundle)
        small, large = encoders.small, encoders.large
        works = {
            "transformers pipeline, small encoder, as it comes": peers.piped(small, sample, 1),
            f"the same, batches of {BATCH}": peers.piped(small, sample, BATCH),
            f"the same in bfloat16, batches of {BATCH}": peers.piped(small, sample, BATCH, torch.bfloat16),
            f"datasets.map, small encoder, batches of {BATCH}": peers.mapped(small, sample, BATCH),
            **({"transformers pipeline, large encoder": peers.piped(large, sample, 1)} if large else {}),
        }
        found = {name: measured(sample, work) for name, work in works.items()}
        found["our HTTP endpoint, 4 clients"] = http(given.bundle, sample)
        for name, rate in found.items():
            ratios = ", ".join(f"{ours / rate:.1f} times as fast: {kind}" for kind, ours in rates.items())
            print(f"{name}: {rate:.1f} paragraphs/s; {ratios}")
        profile(given.bundle, paragraphs, len(sample))


def unpack(corpus: Path, folder: Path, records: int) -> list[str]:
    """Write the first ``records`` of the corpus as an archive; its paragraphs."""
    folder.mkdir()
    files = sorted(corpus.glob("*.jsonl.xz"))
    if not files:
        sys.exit(f"{corpus} holds no .jsonl.xz")
    paragraphs = []
    for path in files:
        with lzma.open(path, "rt", encoding="utf-8") as lines, (folder / path.stem).open("w", encoding="utf-8") as out:
            for line in itertools.islice(lines, records // len(files)):
                record = json.loads(line)
                paragraphs += [part for part in record["text"].split("\n") if part.strip()]
                out.write(json.dumps({"text": record["text"], "title": record.get("title")}, ensure_ascii=False) + "\n")
    return paragraphs


def ours(name: str, work: Path, options: Sequence[str]) -> float:
    """Score the archive from end to end; paragraphs a second."""
    counts, seconds, peak = score(work / "archive", work / "scores", options)
    rate = counts["paragraphs"] / seconds
    print(
        f"baozhai score, {name}: {counts['paragraphs']} paragraphs in {seconds:.1f} s, {rate:.1f} paragraphs/s, "
        f"{counts['characters'] / seconds:,.0f} characters/s; largest process {peak:.0f} MB"
    )
    return rate


def score(source: Path, out: Path, options: Sequence[str]) -> tuple[dict[str, Any], float, float]:
    """One run of the program, with nothing known before: its counts, its seconds, its largest process's megabytes."""
    shutil.rmtree(out, ignore_errors=True)
    command = [sys.executable, "-m", "baozhai_service", "score", str(source), "--out", str(out), "--quiet", *options]
    began = time.perf_counter()
    with largest_child() as peak:
        ended = subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode
    seconds = time.perf_counter() - began
    if ended not in (0, 1):  # 1: there are dead letters
        sys.exit(f"{' '.join(command)} ended with {ended}")
    return json.loads((out / "manifest.json").read_text(encoding="utf-8"))["counts"], seconds, peak[0]


def memory(work: Path, options: Sequence[str]) -> None:
    """The most resident memory of any process, for four times the archive."""
    longer = work / "longer"
    for copy in range(4):
        shutil.copytree(work / "archive", longer / f"{copy}", dirs_exist_ok=True)
    _, _, peak = score(longer, work / "scores-longer", options)
    print(f"four times the archive: largest process {peak:.0f} MB")


def measured(sample: Sequence[str], work: Callable[[], object]) -> float:
    """Paragraphs a second, the better of two."""
    times = []
    for _ in range(2):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return len(sample) / min(times)


def http(bundle: Path, sample: Sequence[str]) -> float:
    """Paragraphs a second through the server."""
    port = free_port()
    command = [sys.executable, "-m", "baozhai_service", "serve", "--port", str(port), "--bundle", str(bundle)]
    with running(command, port, "/health/ready"):
        return measured(sample, lambda: peers.posted(port, sample, clients=4, together=BATCH))


if __name__ == "__main__":
    main()
