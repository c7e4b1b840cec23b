"""A fair queue of windows that wait for the encoder.

Start-time fair queuing (Goyal, Vin & Cheng 1996): each job has a tag that grows by the tokens it was served. The job
with the lowest tag is served next, and a new job starts at the tag now being served. So a paragraph that arrives after
a request of a thousand paragraphs waits for the running batch only.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

from baozhai_model.errors import BaozhaiError, ShuttingDown
from baozhai_service.batching.jobs import Batch, Job, Place


class FairQueue:
    """Takes jobs, returns batches; thread-safe. It is unbounded: `http.admission` limits what may wait."""

    def __init__(self, batch_tokens: int) -> None:
        """Make batches of at most ``batch_tokens`` tokens, padding included, or of a single longer window."""
        self._batch_tokens = batch_tokens
        self._changed = threading.Condition()
        self._jobs: list[Job] = []
        self._clock = 0.0
        self._closed = False

    def put(self, job: Job) -> None:
        """Add ``job``.

        Raises:
            ShuttingDown: the queue was closed.
        """
        with self._changed:
            if self._closed:
                raise ShuttingDown("the service is shutting down; send the request to another one")
            if not job.ended:
                job.tag = self._clock
                self._jobs.append(job)
                self._changed.notify()

    def take(self) -> Batch | None:
        """Wait for the next batch; None once the queue is closed and empty."""
        with self._changed:
            while True:
                self._jobs = [job for job in self._jobs if not job.ended]  # its client hung up, or it failed
                if self._jobs:
                    return self._next()
                if self._closed:
                    return None
                self._changed.wait()

    def fail_all(self, error: BaozhaiError) -> None:
        """End every waiting job with ``error``."""
        with self._changed:
            for job in self._jobs:
                job.fail(error)
            self._jobs.clear()

    def close(self) -> None:
        """Accept no more jobs; waiting jobs are still served."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def wait_closed(self, seconds: float) -> bool:
        """Wait up to ``seconds`` for the queue to be closed; return whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: self._closed, seconds)

    @property
    def waiting(self) -> tuple[int, int]:
        """The number of waiting windows, and that of their tokens."""
        with self._changed:
            jobs = [job for job in self._jobs if not job.ended]
            return sum(job.waiting_windows for job in jobs), sum(job.waiting_tokens for job in jobs)

    def _next(self) -> Batch:
        ordered = sorted(self._jobs, key=lambda job: job.tag)  # the sort is stable: first come, first served
        head = ordered[0]
        self._clock = head.tag
        length = min(head.waiting)
        room = max(self._batch_tokens // length, 1)
        places: list[Place] = []
        for job in ordered:
            if job.encode != head.encode or length not in job.waiting:
                continue
            indices = job.waiting[length]
            taken = [indices.popleft() for _ in range(min(len(indices), room - len(places)))]
            if not indices:
                del job.waiting[length]
            job.tag += length * len(taken)
            places += _places(job, taken)
            if len(places) == room:
                break
        self._jobs = [job for job in self._jobs if job.waiting]
        return Batch(head.encode, length, tuple(places))


def _places(job: Job, indices: Iterable[int]) -> list[Place]:
    return [Place(job, index) for index in indices]
