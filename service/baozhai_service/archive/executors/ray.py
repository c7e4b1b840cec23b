"""Score shards on a Ray cluster: Ray Data schedules, retries and replaces workers; the shards are the same."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import ray

from baozhai_service.archive.input.record import DeadLetter, Place
from baozhai_service.archive.input.segment import Segment
from baozhai_service.archive.output.ledger import Receipt
from baozhai_service.archive.scoring.shard_worker import ShardScorer, WorkerSpec
from baozhai_service.archive.shards.shard import Shard

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # no telemetry from a cluster that we start


class RayExecutor:
    """Actors on the cluster that ``RAY_ADDRESS`` names, or on one of this machine's own.

    Input, output and bundle must lie where every worker reaches them by the same path or URL.
    """

    def __init__(self, workers: int) -> None:
        """Use ``workers`` actors."""
        self._workers = workers

    def run(self, spec: WorkerSpec, shards: Iterator[Shard]) -> Iterator[tuple[Shard, Receipt]]:
        """Score ``shards``; one whose worker dies is scored again by another, to the same bytes."""
        started = not ray.is_initialized()
        if started:
            ray.init(log_to_driver=False, logging_level="warning")
        try:
            ray.data.DataContext.get_current().enable_progress_bars = False
            planned = {shard.id: shard for shard in shards}
            if not planned:
                return
            data = ray.data.from_items(
                [{"shard": to_text(shard)} for shard in planned.values()],
                override_num_blocks=len(planned),
            ).map(
                _RayScorer,
                fn_constructor_args=(replace(spec, cache=None),),
                compute=ray.data.ActorPoolStrategy(min_size=1, max_size=self._workers),
                num_cpus=1,
            )  # actors that die are restarted, and their shards scored again: Ray Data's default
            for row in data.iter_rows():
                receipt = Receipt.from_bytes(row["receipt"])
                yield planned[receipt.shard], receipt
        finally:
            if started:
                ray.shutdown()


class _RayScorer:
    """An actor with the model loaded."""

    def __init__(self, spec: WorkerSpec) -> None:
        self._scorer = ShardScorer(spec)

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        return {"receipt": self._scorer.score(from_text(row["shard"])).to_bytes()}


def to_text(shard: Shard) -> str:
    """``shard`` as JSON."""
    return json.dumps(dataclasses.asdict(shard))


def from_text(text: str) -> Shard:
    """The shard that `to_text` wrote."""
    raw = json.loads(text)
    return Shard(
        id=raw["id"],
        segments=tuple(Segment.from_json(segment) for segment in raw["pieces"]),
        rejected=tuple(DeadLetter(**{**item, "place": Place(**item["place"])}) for item in raw["rejected"]),
        duplicates=tuple((file, line, first) for file, line, first in raw["duplicates"]),
        size=raw["size"],
    )
