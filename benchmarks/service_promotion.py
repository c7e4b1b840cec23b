"""What a promotion costs those who ask meanwhile: ``.venv/bin/python -m benchmarks.service_promotion [--bundle DIR]``.

One client classifies single paragraphs without a pause. Rounds alternate: a round alone, a round while another client
promotes and rolls back without a pause. Prints the latencies of both and their ratio, p50 and p99. Loopback only.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from baozhai_model.bundle import DEFAULT_BUNDLE, MANIFEST, read_manifest, sha256
from baozhai_model.registry.store import Store, Verdict
from benchmarks.service_load import Client, Sample, bodies, paragraphs, percentile
from benchmarks.service_process import baozhai

_WHY = {"why": "benchmark"}


def main(
    bundle: Annotated[Path, typer.Option(help="Bundle to serve.")] = DEFAULT_BUNDLE,
    rounds: Annotated[int, typer.Option(help="Rounds of each kind.")] = 5,
    requests: Annotated[int, typer.Option(help="Requests in a round.")] = 200,
) -> None:
    """Compare classify alone with classify while versions are promoted."""
    with tempfile.TemporaryDirectory() as folder:
        other = _other_version(bundle, Path(folder))
        with baozhai(None, BAOZHAI_HOME=f"{folder}/home") as server:
            alone, meanwhile, promotions = asyncio.run(_compare(Client(server.port), other, rounds, requests))
    typer.echo(f"{rounds} rounds of {requests} requests; {promotions} promotions and roll-backs meanwhile")
    for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99)):
        before, under = percentile(alone, share), percentile(meanwhile, share)
        typer.echo(f"{name}: alone {before:.1f} ms, while a version loads {under:.1f} ms, ratio {under / before:.2f}")
    longest = 1000 * max(sample.seconds for sample in meanwhile)
    typer.echo(f"longest while a version loads: {longest:.1f} ms")


def _other_version(bundle: Path, folder: Path) -> str:
    """A copy of ``bundle`` under another name, in the store, with a verdict of the gate against it."""
    shutil.copytree(bundle, folder / "other")
    manifest = read_manifest(bundle)
    changed = replace(manifest, version=f"{manifest.version}-again")
    (folder / "other" / MANIFEST).write_text(json.dumps(changed.to_json(), ensure_ascii=False), encoding="utf-8")
    store = Store(folder / "home" / "store", bundle)
    version = store.add(folder / "other", who="benchmark", why="benchmark")
    seen = sha256(store.folder(version) / MANIFEST)
    store.record(Verdict(version, manifest.version, True, (), seen))
    return version


async def _compare(client: Client, version: str, rounds: int, requests: int) -> tuple[list[Sample], list[Sample], int]:
    asked = bodies(paragraphs(requests))
    for body in asked[:20]:
        await client.send(body)
    alone: list[Sample] = []
    meanwhile: list[Sample] = []
    promotions = 0
    for _ in range(rounds):
        alone += [await client.send(body) for body in asked]
        promoting = asyncio.create_task(_promote(client, version))
        meanwhile += [await client.send(body) for body in asked]
        while not promoting.done():
            meanwhile += [await client.send(body) for body in asked[:10]]
        promotions += promoting.result()
    assert all(sample.status == 200 for sample in alone + meanwhile)
    return alone, meanwhile, promotions


async def _promote(client: Client, version: str, times: int = 3) -> int:
    for _ in range(times):
        for path, body in (("promote", {"version": version, **_WHY}), ("rollback", _WHY)):
            sample = await client.send(json.dumps(body).encode(), f"/v1/models/{path}")
            assert sample.status == 200, sample
    return 2 * times


if __name__ == "__main__":
    typer.run(main)
