"""Answers with the live model: work in threads, encoder passes in batches that all requests share."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from baozhai_model.encoder import Encode
from baozhai_model.errors import DeadlineExceeded
from baozhai_model.model import Model
from baozhai_service.errors import WorkerDown
from baozhai_service.fair_queue import FairQueue
from baozhai_service.jobs import Job, Output
from baozhai_service.live import LiveModel
from baozhai_service.metrics import Metrics
from baozhai_service.settings import Settings
from baozhai_service.tickets import Ticket
from baozhai_service.worker import State, Worker

T = TypeVar("T")

TURNS = 2  # threads that compute at a time; more would only take the interpreter from the event loop


class Engine:
    """Runs requests' work. Between `start` and `stop` every submitted piece of work ends, with a value or an error."""

    def __init__(self, live: LiveModel, settings: Settings, metrics: Metrics) -> None:
        self._live = live
        self._metrics = metrics
        self._queue = FairQueue(settings.batch_tokens)
        self._worker = Worker(self._queue, lambda: live.model, settings.stuck_seconds, metrics, settings.encoder_nice)
        # One thread for each admitted request: one that waits for the encoder must not keep another from queuing.
        self._threads = ThreadPoolExecutor(settings.max_requests, thread_name_prefix="baozhai-request")
        self._turns = threading.Semaphore(TURNS)
        self._deadline = settings.deadline_seconds
        metrics.gauge("baozhai_queue_windows", "Windows that wait for the encoder.", lambda: self._queue.waiting[0])
        metrics.gauge("baozhai_queue_tokens", "Tokens that wait for the encoder.", lambda: self._queue.waiting[1])

    def start(self) -> None:
        """Start the worker and wait until it has tried the model."""
        self._worker.start()

    def stop(self) -> None:
        """Finish what was submitted, then stop."""
        self._threads.shutdown(wait=True)
        self._worker.stop(self._deadline)

    @property
    def ready(self) -> bool:
        """Whether work that comes now would be done."""
        return self._worker.state is State.READY and not self._worker.stuck

    @property
    def alive(self) -> bool:
        """Whether it is well or can get well by itself; if not, only a new process helps."""
        return self._worker.state is not State.STOPPED and not self._worker.stuck

    def submit(self, ticket: Ticket, work: Callable[[Model], T]) -> Future[T]:
        """Do ``work`` in a thread, with the model that is live when it begins."""
        return self._threads.submit(self._do, ticket, work)

    def _do(self, ticket: Ticket, work: Callable[[Model], T]) -> T:
        model = self._live.model  # read once: one request, one version
        ticket.model_version = model.version
        began = time.monotonic()
        try:
            with self._turn(ticket):
                return work(model.through(self._encoding(ticket, model.bundle.encoder.encode)))
        finally:
            ticket.close("compute", began)

    @contextmanager
    def _turn(self, ticket: Ticket) -> Iterator[None]:
        began = time.monotonic()
        if not self._turns.acquire(timeout=ticket.remaining):
            raise DeadlineExceeded(f"no core was free within {ticket.seconds:g} seconds; try again later")
        try:
            ticket.spent("turn", began)
            _ = ticket.remaining  # its client may have hung up by now
            yield
        finally:
            self._turns.release()

    def _encoding(self, ticket: Ticket, encode: Encode) -> Encode:
        """``encode`` through the queue, within ``ticket``; the calling thread's turn is another's meanwhile."""

        def batched(windows: Sequence[Sequence[int]], *, states: bool = True) -> Sequence[Output]:
            remaining = ticket.remaining
            if self._worker.state is State.DOWN:
                raise WorkerDown
            job = Job(encode, windows, states=states)
            with ticket.waiting_for(job):
                self._queue.put(job)
                self._turns.release()
                try:
                    if not job.wait(remaining):
                        job.fail(DeadlineExceeded(f"the answer took longer than {ticket.seconds:g} seconds; send less"))
                finally:
                    ticket.book("queue", job.submitted, job.taken)
                    ticket.book("encode", job.taken, time.monotonic())
                    began = time.monotonic()
                    self._turns.acquire()  # a short wait: who waits for the encoder gives its turn away
                    ticket.spent("turn", began)
            return job.outputs()

        return batched
