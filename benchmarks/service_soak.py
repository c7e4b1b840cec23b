"""Does memory grow? ``.venv/bin/python -m benchmarks.service_soak [--minutes 20] [--rate 20]``.

Open loop of every kind of request (classify, with evidence, digest, read), with bad requests and clients that hang up
among them. Resident memory is read every few seconds; its slope over the second half, when caches are full, is what
counts. Loopback only.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from benchmarks.service_load import Client, Sample, bodies, closed_loop, paragraphs, percentile
from benchmarks.service_process import Server, baozhai

SLICE = 10.0  # seconds between two looks at memory
MOST_GROWTH = 0.5  # megabytes a minute
MOST_WAITING = 500  # requests that wait for an answer
BAD = [b"{", b'{"texts": [5]}', b'{"texts": ["\\ud800", ""]}', b'{"texts": []}', b"\xff\xfe"]


def main(
    bundle: Annotated[Path | None, typer.Option(help="Bundle to serve; the shipped one if none.")] = None,
    minutes: Annotated[float, typer.Option(help="How long.", max=60)] = 20.0,
    rate: Annotated[float, typer.Option(help="Requests a second; 0 for 70 % of what the service answers.")] = 0.0,
) -> None:
    """Load the service for ``minutes`` and print the slope of its memory."""
    with baozhai(bundle) as server:
        raise SystemExit(0 if asyncio.run(_soak(server, minutes, rate)) else 1)


async def _soak(server: Server, minutes: float, rate: float) -> bool:
    client = Client(server.port)
    texts = paragraphs(400) + paragraphs(20, seed=9, sentences=(20, 200))
    if not rate:
        _, capacity = await closed_loop(client, bodies(texts), 32)
        rate = 0.7 * capacity
    typer.echo(f"{rate:.1f} requests/s for {minutes:g} minutes")
    counted: Counter[int] = Counter()
    latest: list[Sample] = []
    moments, resident = [], []
    chance = random.Random(7)
    tasks: set[asyncio.Task[None]] = set()

    async def one(kind: float) -> None:
        text = chance.choice(texts)
        if kind < 0.03:
            await client.hang_up(_body(texts=[text] * 20), after=chance.uniform(0, 0.05))
            return
        if kind < 0.08:
            sample = await client.send(chance.choice(BAD))
        elif kind < 0.18:
            sample = await client.send(_body(text=text, max_sentences=2), "/v1/digest")
        elif kind < 0.24:
            sample = await client.send(_body(text="\n\n".join(chance.sample(texts[:400], 8))), "/v1/read")
        elif kind < 0.26:
            sample = await client.send(_body(texts=[chance.choice(texts[:400])], evidence=True))
        else:
            sample = await client.send(_body(texts=[text]))
        counted[sample.status] += 1
        latest.append(sample)

    began = look = at = time.monotonic()
    while at < began + 60 * minutes:
        at += chance.expovariate(rate)
        await asyncio.sleep(max(at - time.monotonic(), 0))
        if len(tasks) < MOST_WAITING:
            task = asyncio.create_task(one(chance.random()))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        if time.monotonic() >= look + SLICE:
            look = time.monotonic()
            moments.append((look - began) / 60)
            resident.append(server.resident)
            del latest[:-1000]
    await asyncio.gather(*tasks)
    half = len(moments) // 2
    slope = float(np.polyfit(moments[half:], resident[half:], 1)[0]) if half > 1 else float("nan")
    good = [sample for sample in latest if sample.status == 200]
    typer.echo(f"{counted.total()} answers: {dict(sorted(counted.items()))}")
    typer.echo(f"the last {len(good)}: p50 {percentile(good, 0.5):.1f} ms, p99 {percentile(good, 0.99):.1f} ms")
    every = max(len(moments) // 10, 1)
    typer.echo(
        "resident MB by minute: "
        + ", ".join(f"{moment:.1f}: {size:.1f}" for moment, size in list(zip(moments, resident, strict=True))[::every])
    )
    typer.echo(f"slope over the second half: {slope:+.3f} MB a minute; largest {max(resident, default=0):.0f} MB")
    kept = slope < MOST_GROWTH and not counted[0] and not any(status >= 500 for status in counted)
    typer.echo("kept    memory does not grow, no 5xx" if kept else "BROKEN  memory does not grow, no 5xx")
    return kept


def _body(**fields: object) -> bytes:
    return json.dumps(fields, ensure_ascii=False).encode()


if __name__ == "__main__":
    typer.run(main)
