"""The executor protocol, and the executors of one machine: this process, or several processes."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import connection
from typing import Protocol

from baozhai_service.archive.errors import RunFailed
from baozhai_service.archive.output.ledger import Receipt
from baozhai_service.archive.scoring.shard_worker import ShardScorer, WorkerSpec
from baozhai_service.archive.shards.shard import Shard

AHEAD = 2  # shards that wait for each worker, beside the one that it scores


class ShardExecutor(Protocol):
    """Scores a stream of shards."""

    def run(self, spec: WorkerSpec, shards: Iterator[Shard]) -> Iterator[tuple[Shard, Receipt]]:
        """Score ``shards`` in any order; yield each with its receipt, which is in the ledger by then."""
        ...


class InProcess:
    """Scores in the calling process."""

    def run(self, spec: WorkerSpec, shards: Iterator[Shard]) -> Iterator[tuple[Shard, Receipt]]:
        """Score one shard after the other."""
        scorer: ShardScorer | None = None
        for shard in shards:
            scorer = scorer or ShardScorer(spec)
            yield shard, scorer.score(shard)


class Processes:
    """Scores in a pool of worker processes."""

    def __init__(self, workers: int) -> None:
        """Use ``workers`` processes."""
        self._workers = workers

    def run(self, spec: WorkerSpec, shards: Iterator[Shard]) -> Iterator[tuple[Shard, Receipt]]:
        """Score several shards at a time. Only a few are planned ahead, so memory stays flat.

        Raises:
            RunFailed: a worker was killed, for example because memory ran out.
        """
        pool = ProcessPoolExecutor(
            self._workers, multiprocessing.get_context("spawn"), initializer=_start, initargs=(spec,)
        )
        waiting: dict[Future[Receipt], Shard] = {}
        try:
            for shard in shards:
                waiting[pool.submit(_score, shard)] = shard
                if len(waiting) >= self._workers * (1 + AHEAD):
                    yield from _finished(waiting)
            while waiting:
                yield from _finished(waiting)
        except BrokenProcessPool:
            raise RunFailed(
                "a worker process was killed, perhaps because memory ran out; run the same command again, with fewer "
                "--workers if it happens again"
            ) from None
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _finished(waiting: dict[Future[Receipt], Shard]) -> Iterator[tuple[Shard, Receipt]]:
    done, _ = wait(waiting, return_when=FIRST_COMPLETED)
    for future in done:
        yield waiting.pop(future), future.result()


_scorer: ShardScorer | None = None


def _start(spec: WorkerSpec) -> None:
    """Load the model; end this process when its parent ends, even if the parent was killed."""
    global _scorer
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _scorer = ShardScorer(spec)


def _score(shard: Shard) -> Receipt:
    assert _scorer is not None
    return _scorer.score(shard)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    connection.wait([parent.sentinel])
    os._exit(1)
