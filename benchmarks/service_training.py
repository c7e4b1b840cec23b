"""What a training run beside the service costs its answers.

    .venv/bin/python -m benchmarks.service_training [--bundle DIR]

Requests of one paragraph at random moments (open loop), at a share of what the machine can answer: first alone, then
while ``POST /v1/runs`` trains on labels that were handed in. Loopback only; a few minutes.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.service_load import Client, Sample, bodies, closed_loop, open_loop, paragraphs, percentile, statuses
from benchmarks.service_process import Server, baozhai

# What made-up paragraphs say, and what it is about.
_ABOUT = {"专题学习": "党建", "服务窗口": "治理", "信用贷款": "金融", "淤积的河床": "生态"}
_BEGUN = "loss"  # the trainer's log from its first steps on


def main(
    bundle: Annotated[Path | None, typer.Option(help="Bundle to serve; the shipped one if none.")] = None,
    labels: Annotated[int, typer.Option(help="Labelled paragraphs to train on.")] = 600,
    seconds: Annotated[float, typer.Option(help="Seconds of each measurement.")] = 30.0,
    share: Annotated[float, typer.Option(help="Of what is answered in a closed loop, this much is asked.")] = 0.2,
) -> None:
    """Print both rows and their ratio."""
    with tempfile.TemporaryDirectory() as home, baozhai(bundle, BAOZHAI_HOME=home) as server:
        calm, training, capacity = asyncio.run(_measured(server, labels, seconds, share))
    typer.echo(f"asked {share * capacity:.0f} requests/s, {share:.0%} of the {capacity:.0f}/s that 4 clients get\n")
    typer.echo("| | requests | p50 | p95 | p99 | longest |\n|---|---|---|---|---|---|")
    for name, samples in (("alone", calm), ("while a run trains", training)):
        times = " | ".join(f"{percentile(samples, each):.1f} ms" for each in (0.5, 0.95, 0.99, 1.0))
        typer.echo(f"| {name} | {statuses(samples)} | {times} |")
    ratios = (f"{percentile(training, each) / percentile(calm, each):.2f}" for each in (0.5, 0.95, 0.99))
    typer.echo(f"| ratio | | {' | '.join(ratios)} | |")


async def _measured(
    server: Server, labels: int, seconds: float, share: float
) -> tuple[list[Sample], list[Sample], float]:
    client = Client(server.port)
    requests = bodies(paragraphs(400))
    await closed_loop(client, requests[:100], 4)
    _, capacity = await closed_loop(client, requests, 4)
    calm = await open_loop(client, requests, share * capacity, seconds)
    given = [{"text": text, "topics": _topics(text)} for text in dict.fromkeys(paragraphs(labels, 9, (2, 4)))]
    for start in range(0, len(given), 100):
        await _posted(client, {"labels": given[start : start + 100]}, "/v1/labels")
    await _posted(client, {}, "/v1/runs")
    while _BEGUN not in (run := await _run(client))["log"]:
        if run["state"] != "running":
            raise RuntimeError(f"the run is over: {run}")
        await asyncio.sleep(1)
    training = await open_loop(client, requests, share * capacity, seconds)
    if (run := await _run(client))["state"] != "running":
        raise RuntimeError(f"the run ended too early: {run}")
    return calm, training, capacity


def _topics(text: str) -> list[str]:
    return [topic for words, topic in _ABOUT.items() if words in text]


async def _posted(client: Client, body: dict[str, Any], path: str) -> None:
    sample = await client.send(json.dumps(body, ensure_ascii=False).encode(), path)
    if sample.status != 200:
        raise RuntimeError(f"POST {path} was answered with {sample.status}")


async def _run(client: Client) -> dict[str, Any]:
    (newest, *_) = json.loads(await client.get("/v1/runs"))["runs"]
    found: dict[str, Any] = json.loads(await client.get(f"/v1/runs/{newest['id']}"))
    return found


if __name__ == "__main__":
    typer.run(main)
