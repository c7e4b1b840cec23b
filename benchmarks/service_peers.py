"""Requests a second and latency beside two peers, in one run on one machine.

``uv run --all-extras --with litserve python -m benchmarks.service_peers``: LitServe is no dependency of the project.
Loopback only; about five minutes. Each server gets the same paragraphs, one a request: one client at a time for
latency, then an open loop whose rate grows until p99 passes `BOUND`. Made-up paragraphs mix subjects that no article
mixes, so nearly all of them reach the large encoder; ``--texts`` sends paragraphs of real articles.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Annotated

import numpy as np
import onnxruntime
import typer

from baozhai_model.bundle import DEFAULT_BUNDLE
from baozhai_model.encoder.encoder import padded
from baozhai_model.model import Model
from benchmarks.runtimes import usable_runtimes
from benchmarks.service_load import Client, bodies, closed_loop, open_loop, paragraphs, percentile, statuses
from benchmarks.service_process import Server, baozhai, free_port, running

BOUND = 250.0  # milliseconds
STEP = 1.3  # from one rate to the next


def main(
    bundle: Annotated[Path, typer.Option(help="Bundle that all serve.")] = DEFAULT_BUNDLE,
    repeat: Annotated[int, typer.Option(help="Requests for latency.")] = 300,
    seconds: Annotated[float, typer.Option(help="Seconds at each rate.")] = 6.0,
    texts: Annotated[Path | None, typer.Option(help="JSONL of paragraphs, `text` each; made-up ones without.")] = None,
) -> None:
    """Measure ours, the pipeline and LitServe, and the bare session for the cost of one request."""
    sent = _given(texts, repeat) if texts else paragraphs(repeat)
    servers = {f"baozhai, {name}": baozhai(bundle, BAOZHAI_RUNTIME=name) for name in usable_runtimes()}
    servers["baozhai, stages = 2"] = baozhai(bundle, BAOZHAI_STAGES="2")  # as the peers, which have no large encoder
    servers["FastAPI + transformers pipeline"] = _peer("pipeline", bundle)
    if find_spec("litserve"):
        servers["LitServe, same ONNX file"] = _peer("litserve", bundle)
    else:
        typer.echo("litserve is not installed: left out")
    rows = []
    for name, server in servers.items():
        with server as running_server:
            rows.append((name, *asyncio.run(_measure(running_server, sent, seconds))))
    ours = rows[0]
    typer.echo(
        f"| server | p50, one client | p99, one client | requests/s with p99 <= {BOUND:g} ms | ours is | resident MB |"
    )
    typer.echo("|---|---|---|---|---|---|")
    for name, p50, p99, rate, resident in rows:
        ratio = f"{ours[3] / rate:.1f}x" if rate else "-"
        typer.echo(f"| {name} | {p50:.1f} ms | {p99:.1f} ms | {rate:.0f} | {ratio} | {resident:.0f} |")
    session, model = _bare(bundle, sent)
    typer.echo(
        f"\np50 of the bare ONNX session {session:.2f} ms, of the model in process (tokens, n-grams, calibration) "
        f"{model:.2f} ms; the service adds {ours[1] - session:.2f} and {ours[1] - model:.2f} ms"
    )


def _given(path: Path, count: int) -> list[str]:
    """The first ``count`` paragraphs of a file."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line in islice(lines, count)]


async def _measure(server: Server, texts: Sequence[str], seconds: float) -> tuple[float, float, float, float]:
    client = Client(server.port)
    requests = bodies(texts)
    await closed_loop(client, requests[:50], 1)
    alone, _ = await closed_loop(client, requests, 1)
    if statuses(alone) != {200: len(texts)}:
        raise RuntimeError(f"answers by status: {statuses(alone)}")
    _, capacity = await closed_loop(client, requests, 32)
    best, rate = 0.0, capacity / 3
    while True:
        samples = await open_loop(client, requests, rate, seconds)
        if percentile(samples, 0.99) > BOUND or any(sample.status != 200 for sample in samples):
            break
        best, rate = rate, rate * STEP
    client.close()
    return percentile(alone, 0.5), percentile(alone, 0.99), best, server.resident


@contextlib.contextmanager
def _peer(name: str, bundle: Path) -> Iterator[Server]:
    port = free_port()
    command = [sys.executable, "-m", f"benchmarks.service_peer_{name}", str(bundle), str(port)]
    with running(command, port, "/health") as server:
        yield server


def _bare(bundle: Path, texts: Sequence[str]) -> tuple[float, float]:
    """The median time of the same texts in this process: the session alone, and the model; milliseconds."""
    model = Model.load(bundle)
    session = onnxruntime.InferenceSession(str(bundle / model.manifest.small.model), providers=["CPUExecutionProvider"])
    feeds = []
    for text in texts:
        window = model.tokenize(text).windows[0]
        ids = np.zeros((1, padded(len(window))), dtype=np.int64)
        ids[0, : len(window)] = window
        feeds.append(
            {"input_ids": ids, "attention_mask": (np.arange(ids.shape[1]) < len(window))[None].astype(np.int64)}
        )
    return (
        _median([lambda feed=feed: session.run(["topic_logits"], feed) for feed in feeds]),  # type: ignore[misc]
        _median([lambda text=text: model.classify([text]) for text in texts]),  # type: ignore[misc]
    )


def _median(works: list[Callable[[], object]]) -> float:
    times = []
    for work in works:
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return 1000 * sorted(times)[len(times) // 2]


if __name__ == "__main__":
    typer.run(main)
