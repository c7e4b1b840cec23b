"""What the service promises under load, shown: ``.venv/bin/python -m benchmarks.service_promises [--bundle DIR]``.

Overload (open loop at twice capacity), a thousand clients that hang up, and SIGTERM under load. Loopback only; about
two minutes. Ends with status 1 when a promise is broken.
"""

from __future__ import annotations

import asyncio
import re
import signal
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.service_load import Client, Sample, bodies, closed_loop, open_loop, paragraphs, percentile, statuses
from benchmarks.service_process import Server, baozhai


def main(
    bundle: Annotated[Path | None, typer.Option(help="Bundle to serve; the shipped one if none.")] = None,
    seconds: Annotated[float, typer.Option(help="Seconds of overload.")] = 20.0,
    hangers: Annotated[int, typer.Option(help="Clients that hang up.")] = 1000,
) -> None:
    """Show the promises one after the other."""
    kept = []
    for title, show in (
        ("Open loop at twice capacity", partial(overload, seconds=seconds)),
        (f"{hangers} clients that hang up", partial(hang_ups, hangers=hangers)),
        ("SIGTERM under load", stopping),
    ):
        typer.echo(f"\n## {title}")
        with baozhai(bundle) as server:
            kept.append(asyncio.run(show(server)))
    raise SystemExit(0 if all(kept) else 1)


async def overload(server: Server, seconds: float) -> bool:
    """Open loop at twice capacity: refusals are fast, what is accepted is answered, and the queue is bounded."""
    client = Client(server.port)
    requests = bodies(paragraphs(500))
    await closed_loop(client, requests[:100], 8)
    _, capacity = await closed_loop(client, requests * 2, 32)
    most = [0.0]
    watching = asyncio.create_task(_watch(client, "baozhai_requests_in_work", most))
    samples = await open_loop(client, requests, 2 * capacity, seconds)
    watching.cancel()
    accepted = [sample for sample in samples if sample.status == 200]
    refused = [sample for sample in samples if sample.status == 429]
    typer.echo(
        f"capacity {capacity:.0f} requests/s; offered {2 * capacity:.0f}/s for {seconds:g} s: {statuses(samples)}"
    )
    typer.echo(f"answered {len(accepted) / seconds:.0f}/s, p50 {_ms(accepted, 0.5)}, p99 {_ms(accepted, 0.99)}")
    typer.echo(f"refused p50 {_ms(refused, 0.5)}, p99 {_ms(refused, 0.99)}; most in work {most[0]:.0f}")
    return _all(
        ("every request ended with an answer or a refusal", len(accepted) + len(refused) == len(samples)),
        ("every refusal has Retry-After", all(sample.retry_after for sample in refused)),
        ("some are refused, 99 of 100 within 50 ms", bool(refused) and percentile(refused, 0.99) < 50),
        ("never more than 64 in work", most[0] <= 64),
        ("overload costs less than a third of capacity", len(accepted) / seconds > 2 / 3 * capacity),
    )


async def hang_ups(server: Server, hangers: int) -> bool:
    """Clients hang up: their work is dropped, and those who stay are answered as before."""
    client = Client(server.port)
    requests = bodies(paragraphs(300, seed=2))
    await closed_loop(client, requests[:100], 8)
    before, _ = await closed_loop(client, requests, 4)
    done = await _metric(client, "baozhai_batch_windows_sum")
    long = bodies(paragraphs(hangers, seed=3, sentences=(60, 80)))
    for start in range(0, hangers, 50):
        await asyncio.gather(*(client.hang_up(body) for body in long[start : start + 50]))
    while await _metric(client, "baozhai_requests_in_work"):
        await asyncio.sleep(0.05)
    computed = await _metric(client, "baozhai_batch_windows_sum") - done
    abandoned = await _metric(client, "baozhai_abandoned_total")
    refused = await _metric(client, 'baozhai_requests_total{route="/v1/classify",status="429"}')
    after, _ = await closed_loop(client, requests, 4)
    offered = hangers * 8  # windows, at least
    typer.echo(f"{hangers} hung up: {abandoned:.0f} noticed in work, {refused:.0f} refused before")
    typer.echo(f"windows computed for them: {computed:.0f} of more than {offered}")
    typer.echo(f"p50 before {_ms(before, 0.5)}, after {_ms(after, 0.5)}")
    return _all(
        ("afterwards every request is answered", statuses(after) == {200: len(after)}),
        ("less than a fifth of the abandoned work was done", computed < offered / 5),
        ("afterwards it is as fast as before (within 1.5x)", percentile(after, 0.5) < 1.5 * percentile(before, 0.5)),
    )


async def stopping(server: Server) -> bool:
    """SIGTERM under load: whatever was accepted is answered."""
    client = Client(server.port)
    requests = bodies(paragraphs(300, seed=4))
    await closed_loop(client, requests[:100], 8)
    sent: list[asyncio.Task[Sample]] = [asyncio.create_task(client.send(body)) for body in requests[:60]]
    while await _metric(client, "baozhai_requests_in_work") < 30 and not all(task.done() for task in sent):
        await asyncio.sleep(0)
    server.process.send_signal(signal.SIGTERM)
    samples = await asyncio.gather(*sent)
    status = await asyncio.to_thread(server.process.wait, 60)
    typer.echo(f"60 requests in flight at SIGTERM: {statuses(samples)}; the process ended with {status}")
    return _all(("no accepted request was lost", statuses(samples) == {200: 60}))


async def _metric(client: Client, name: str) -> float:
    text = (await client.get("/metrics")).decode()
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0


async def _watch(client: Client, name: str, most: list[float]) -> None:
    while True:
        most[0] = max(most[0], await _metric(client, name))
        await asyncio.sleep(0.2)


def _ms(samples: list[Sample], share: float) -> str:
    return f"{percentile(samples, share):.1f} ms"


def _all(*promises: tuple[str, bool]) -> bool:
    for promise, kept in promises:
        typer.echo(f"{'kept  ' if kept else 'BROKEN'}  {promise}")
    return all(kept for _, kept in promises)


if __name__ == "__main__":
    typer.run(main)
