"""Requests a second and latency beside two peers, in one run on one machine.

``python benchmarks/service_peers.py --bundle DIR --checkpoint DIR``: DIR as `baozhai-train` leaves them. Wants torch,
transformers and litserve. Loopback only; about five minutes. Each server gets the same paragraphs, one a request:
one client at a time for latency, then an open loop whose rate grows until p99 passes `BOUND`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from service_load import Client, bodies, closed_loop, open_loop, paragraphs, percentile
from service_process import Server, baozhai, free_port, running

BOUND = 250.0  # milliseconds
STEP = 1.3  # from one rate to the next
SECONDS = 6.0  # at each rate
PEERS = Path(__file__).parent / "service_peer_apps.py"


def main(
    bundle: Path, checkpoint: Path, repeat: Annotated[int, typer.Option(help="Requests for latency.")] = 300
) -> None:
    """Measure ours, the pipeline and LitServe, and the bare session for the cost of one request."""
    rows = []
    servers = {
        "baozhai": baozhai(bundle),
        **{name: _peer(name, bundle, checkpoint) for name in ("pipeline", "litserve")},
    }
    for name, server in servers.items():
        with server as running_server:
            rows.append((name, *asyncio.run(_measure(running_server, repeat))))
            typer.echo(f"{name}: {rows[-1]}")
    ours = rows[0]
    typer.echo(
        "\n| server | p50, one client | p99, one client | requests/s with p99 <= 250 ms | ours is | resident MB |"
    )
    typer.echo("|---|---|---|---|---|---|")
    for name, p50, p99, rate, resident in rows:
        ratio = f"{ours[3] / rate:.1f}x" if rate else "-"
        typer.echo(f"| {name} | {p50:.1f} ms | {p99:.1f} ms | {rate:.0f} | {ratio} | {resident:.0f} |")
    bare = _bare(bundle, repeat)
    typer.echo(f"\nbare model in process p50 {bare:.2f} ms; the service adds {ours[1] - bare:.2f} ms")


async def _measure(server: Server, repeat: int) -> tuple[float, float, float, float]:
    client = Client(server.port)
    requests = bodies(paragraphs(repeat))
    await closed_loop(client, requests[:50], 1)
    alone, _ = await closed_loop(client, requests, 1)
    _, capacity = await closed_loop(client, requests, 32)
    best, rate = 0.0, capacity / 3
    while True:
        samples = await open_loop(client, requests, rate, SECONDS)
        if percentile(samples, 0.99) > BOUND or any(sample.status != 200 for sample in samples):
            break
        best, rate = rate, rate * STEP
    client.close()
    return percentile(alone, 0.5), percentile(alone, 0.99), best, server.resident


@contextlib.contextmanager
def _peer(name: str, bundle: Path, checkpoint: Path) -> Iterator[Server]:
    port = free_port()
    command = [sys.executable, str(PEERS), name, str(bundle), str(checkpoint), str(port)]
    with running(command, port, "/health") as server:
        yield server


def _bare(bundle: Path, repeat: int) -> float:
    """The median time of the same texts in this process: tokenize, one session run, calibrate; milliseconds."""
    from baozhai_model.model import Model

    model = Model.load(bundle)
    texts = [json.loads(body)["texts"][0] for body in bodies(paragraphs(repeat))]
    times = []
    for text in texts:
        began = time.perf_counter()
        model.classify([text])
        times.append(time.perf_counter() - began)
    return 1000 * sorted(times)[len(times) // 2]


if __name__ == "__main__":
    typer.run(main)
