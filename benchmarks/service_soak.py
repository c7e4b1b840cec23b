"""Does memory grow? ``python benchmarks/service_soak.py [--minutes 20]``.

Open loop at 70 % of capacity, with bad requests and clients that hang up among the good ones. Resident memory is read
every few seconds; its slope over the second half, when caches are full, is what counts. Loopback only.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from service_load import Client, Sample, bodies, closed_loop, open_loop, paragraphs, percentile, statuses
from service_process import Server, baozhai

SLICE = 10.0  # seconds between two looks at memory
MOST_GROWTH = 0.5  # megabytes a minute
BAD = [b"{", b'{"texts": [5]}', b'{"texts": ["\\ud800", ""]}', b'{"texts": []}', b"\xff\xfe"]


def main(
    bundle: Annotated[Path | None, typer.Option(help="Bundle to serve; the shipped one if none.")] = None,
    minutes: Annotated[float, typer.Option(help="How long.", max=60)] = 20.0,
) -> None:
    """Load the service for ``minutes`` and print the slope of its memory."""
    with baozhai(bundle) as server:
        raise SystemExit(0 if asyncio.run(_soak(server, minutes)) else 1)


async def _soak(server: Server, minutes: float) -> bool:
    client = Client(server.port)
    requests = bodies(paragraphs(400)) + bodies(paragraphs(20, seed=9, sentences=(20, 200)))
    _, capacity = await closed_loop(client, requests, 32)
    mixed = [body for number, good in enumerate(requests) for body in (*BAD[number % 10 : number % 10 + 1], good)]
    typer.echo(f"capacity {capacity:.0f} requests/s; 70 % of it for {minutes:g} minutes")
    seen: list[Sample] = []
    moments, resident = [], []
    began = time.monotonic()
    while (now := time.monotonic() - began) < 60 * minutes:
        seen += await open_loop(client, mixed, 0.7 * capacity, SLICE)
        moments.append(now / 60)
        resident.append(server.resident)
    half = len(moments) // 2
    slope = float(np.polyfit(moments[half:], resident[half:], 1)[0]) if half > 1 else float("nan")
    good = [sample for sample in seen if sample.status == 200]
    typer.echo(f"{len(seen)} requests: {statuses(seen)}")
    typer.echo(f"p50 {percentile(good, 0.5):.1f} ms, p99 {percentile(good, 0.99):.1f} ms")
    typer.echo(
        f"resident MB: {resident[0]:.0f} at first, {resident[half]:.0f} at half time, {resident[-1]:.0f} at the end"
    )
    typer.echo(f"slope over the second half: {slope:+.3f} MB a minute")
    kept = slope < MOST_GROWTH and not [sample for sample in seen if sample.status >= 500 or sample.status == 0]
    typer.echo("kept    memory does not grow, no 5xx" if kept else "BROKEN  memory does not grow, no 5xx")
    return kept


if __name__ == "__main__":
    typer.run(main)
