"""Score shards on a Ray cluster: Ray Data schedules the shards, retries them and replaces dead workers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import ray

from baozhai_service.archive.output.ledger import Receipt
from baozhai_service.archive.scoring.shard_worker import ShardScorer, WorkerSpec
from baozhai_service.archive.shards.shard import Shard

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # no telemetry from clusters started here


class RayExecutor:
    """Actors on the cluster at ``RAY_ADDRESS``, or on a cluster that is started on this machine.

    Every worker must reach the input, the output and the bundle by the same path or URL.
    """

    def __init__(self, workers: int) -> None:
        """Use ``workers`` actors."""
        self._workers = workers

    def run(self, spec: WorkerSpec, shards: Iterator[Shard]) -> Iterator[tuple[Shard, Receipt]]:
        """Score ``shards``. If a worker dies, another one scores its shard again, with the same output."""
        started = not ray.is_initialized()
        if started:
            ray.init(log_to_driver=False, logging_level="warning")
        try:
            ray.data.DataContext.get_current().enable_progress_bars = False
            planned = {shard.id: shard for shard in shards}
            if not planned:
                return
            data = ray.data.from_items(
                [{"shard": shard.to_text()} for shard in planned.values()],
                override_num_blocks=len(planned),
            ).map(
                _RayScorer,
                fn_constructor_args=(replace(spec, cache=None),),
                compute=ray.data.ActorPoolStrategy(min_size=1, max_size=self._workers),
                num_cpus=1,
            )  # by default, Ray Data restarts dead actors and repeats their work
            for row in data.iter_rows():
                receipt = Receipt.from_bytes(row["receipt"])
                yield planned[receipt.shard], receipt
        finally:
            if started:
                ray.shutdown()


class _RayScorer:
    """An actor that holds the loaded model."""

    def __init__(self, spec: WorkerSpec) -> None:
        self._scorer = ShardScorer(spec)

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        return {"receipt": self._scorer.score(Shard.from_text(row["shard"])).to_bytes()}
