"""Seconds from process start to ready, and resident memory: ``.venv/bin/python -m benchmarks.service_start``."""

from __future__ import annotations

import asyncio
from pathlib import Path
from statistics import median
from typing import Annotated

import typer

from benchmarks.service_load import Client, bodies, closed_loop, paragraphs
from benchmarks.service_process import baozhai

BOUND = 3.0  # seconds


def main(
    bundle: Annotated[Path | None, typer.Option(help="Bundle to serve; the shipped one if none.")] = None,
    times: Annotated[int, typer.Option(min=1, max=20)] = 5,
) -> None:
    """Start the service some times over."""
    seconds, resident = [], []
    for _ in range(times):
        with baozhai(bundle) as server:
            seconds.append(server.seconds_to_ready)
            asyncio.run(_work(server.port))
            resident.append(server.resident)
    typer.echo(f"ready in {median(seconds):.2f} s (median of {times}; longest {max(seconds):.2f} s)")
    typer.echo(f"resident after 200 requests: {median(resident):.0f} MB")
    raise SystemExit(0 if median(seconds) <= BOUND else 1)


async def _work(port: int) -> None:
    client = Client(port)
    await closed_loop(client, bodies(paragraphs(200)), 8)
    client.close()


if __name__ == "__main__":
    typer.run(main)
