"""Answers with the live model: work in threads, encoder passes in batches that all requests share."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from baozhai_model.encoder.encoder import Encode
from baozhai_model.errors import DeadlineExceeded
from baozhai_model.model import Model
from baozhai_service.batching.encoder_worker import EncoderWorker, State
from baozhai_service.batching.fair_queue import FairQueue
from baozhai_service.batching.jobs import Job, Output
from baozhai_service.batching.live_model import LiveModel
from baozhai_service.batching.request import RequestContext
from baozhai_service.errors import WorkerDown
from baozhai_service.metrics import Metrics
from baozhai_service.settings import Settings

T = TypeVar("T")

COMPUTE_SLOTS = 2  # threads that compute at a time; more would only take the interpreter from the event loop


class Engine:
    """Runs requests' work. Between `start` and `stop` every submitted piece of work ends, with a value or an error."""

    def __init__(self, live: LiveModel, settings: Settings, metrics: Metrics) -> None:
        self._live = live
        self._metrics = metrics
        self._queue = FairQueue(settings.batch_tokens)
        self._worker = EncoderWorker(
            self._queue, lambda: live.model, settings.stuck_seconds, metrics, settings.encoder_nice
        )
        # One thread for each admitted request: one that waits for the encoder must not keep another from queuing.
        self._threads = ThreadPoolExecutor(settings.max_requests, thread_name_prefix="baozhai-request")
        self._slots = threading.Semaphore(COMPUTE_SLOTS)
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

    def submit(self, request_context: RequestContext, work: Callable[[Model], T]) -> Future[T]:
        """Do ``work`` in a thread, with the model that is live when it begins."""
        return self._threads.submit(self._do, request_context, work)

    def _do(self, request_context: RequestContext, work: Callable[[Model], T]) -> T:
        model = self._live.model  # read once: one request, one version
        request_context.model_version = model.version
        began = time.monotonic()
        try:
            with self._compute_slot(request_context):
                return work(model.through(self._encoding(request_context, model.bundle.encoder.encode)))
        finally:
            request_context.close("compute", began)

    @contextmanager
    def _compute_slot(self, request_context: RequestContext) -> Iterator[None]:
        began = time.monotonic()
        if not self._slots.acquire(timeout=request_context.remaining):
            raise DeadlineExceeded(f"no core was free within {request_context.seconds:g} seconds; try again later")
        try:
            request_context.spent("turn", began)
            _ = request_context.remaining  # its client may have hung up by now
            yield
        finally:
            self._slots.release()

    def _encoding(self, request_context: RequestContext, encode: Encode) -> Encode:
        """``encode`` through the queue; meanwhile another request has the calling thread's compute slot."""

        def batched(windows: Sequence[Sequence[int]], *, states: bool = True) -> Sequence[Output]:
            remaining = request_context.remaining
            if self._worker.state is State.DOWN:
                raise WorkerDown
            job = Job(encode, windows, states=states)
            with request_context.waiting_for(job):
                self._queue.put(job)
                self._slots.release()
                try:
                    if not job.wait(remaining):
                        job.fail(
                            DeadlineExceeded(
                                f"the answer took longer than {request_context.seconds:g} seconds; send less"
                            )
                        )
                finally:
                    request_context.book("queue", job.submitted, job.taken)
                    request_context.book("encode", job.taken, time.monotonic())
                    began = time.monotonic()
                    self._slots.acquire()  # a short wait: who waits for the encoder gives its turn away
                    request_context.spent("turn", began)
            return job.outputs()

        return batched
