"""The inference engine: it runs requests in threads, and their encoder passes in batches shared by all requests."""

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

COMPUTE_SLOTS = 2  # inference threads that compute at a time; more would only compete with the event loop for the GIL
CONTROL_THREADS = 4  # control requests in progress at a time
CONTROL_ENCODER_SHARE = 0.5  # share of its deadline that a control request may wait for the encoder


class Engine:
    """Runs submitted work between `start` and `stop`; every submission ends with a result or an error."""

    def __init__(self, live: LiveModel, settings: Settings, metrics: Metrics) -> None:
        self._live = live
        self._metrics = metrics
        self._queue = FairQueue(settings.batch_tokens)
        self._worker = EncoderWorker(
            self._queue, lambda: live.model, settings.stuck_seconds, metrics, settings.encoder_nice
        )
        # One thread for each admitted request, so that those waiting for the encoder do not keep others from queuing.
        self._threads = ThreadPoolExecutor(settings.max_requests, thread_name_prefix="baozhai-request")
        self._slots = threading.Semaphore(COMPUTE_SLOTS)
        self._control_threads = ThreadPoolExecutor(CONTROL_THREADS, thread_name_prefix="baozhai-control")
        self._control_slots = threading.Semaphore(CONTROL_THREADS)  # one for each thread, so it is always free
        self._deadline = settings.deadline_seconds
        metrics.gauge("baozhai_queue_windows", "Windows that wait for the encoder.", lambda: self._queue.waiting[0])
        metrics.gauge("baozhai_queue_tokens", "Tokens that wait for the encoder.", lambda: self._queue.waiting[1])

    def start(self) -> None:
        """Start the encoder worker and wait until it has tested the model."""
        self._worker.start()

    def stop(self) -> None:
        """Finish all submitted work, then stop."""
        self._control_threads.shutdown(wait=True)
        self._threads.shutdown(wait=True)
        self._worker.stop(self._deadline)

    @property
    def ready(self) -> bool:
        """Whether the worker processes what is submitted now."""
        return self._worker.state is State.READY and not self._worker.stuck

    @property
    def alive(self) -> bool:
        """Whether the worker runs or can recover by itself; otherwise the process must be restarted."""
        return self._worker.state is not State.STOPPED and not self._worker.stuck

    def submit(self, request_context: RequestContext, work: Callable[[Model], T]) -> Future[T]:
        """Run the ``work`` of an inference request in a thread, with the model that is live when it begins."""
        return self._threads.submit(self._do, request_context, work, self._slots)

    def submit_control(self, request_context: RequestContext, work: Callable[[Model], T]) -> Future[T]:
        """Run the ``work`` of a control request (labels, promotions) in threads and slots of its own.

        Inference requests cannot delay it there. If it classifies texts, its windows queue for the encoder like all
        others, but for at most `CONTROL_ENCODER_SHARE` of its deadline, so that it can go on without predictions.
        """
        request_context.encoder_seconds = CONTROL_ENCODER_SHARE * request_context.seconds
        return self._control_threads.submit(self._do, request_context, work, self._control_slots)

    def _do(self, request_context: RequestContext, work: Callable[[Model], T], slots: threading.Semaphore) -> T:
        model = self._live.model  # read once, so that the whole request uses one model version
        request_context.model_version = model.version
        began = time.monotonic()
        try:
            with self._compute_slot(request_context, slots):
                return work(model.through(lambda encode: self._encoding(request_context, encode, slots)))
        finally:
            request_context.close("compute", began)

    @contextmanager
    def _compute_slot(self, request_context: RequestContext, slots: threading.Semaphore) -> Iterator[None]:
        began = time.monotonic()
        if not slots.acquire(timeout=request_context.remaining):
            raise DeadlineExceeded(f"no core was free within {request_context.seconds:g} seconds; try again later")
        try:
            request_context.spent("turn", began)
            _ = request_context.remaining  # raises if the client has hung up
            yield
        finally:
            slots.release()

    def _encoding(self, request_context: RequestContext, encode: Encode, slots: threading.Semaphore) -> Encode:
        """``encode``, but batched through the queue; the calling thread gives up its compute slot while it waits."""

        def batched(windows: Sequence[Sequence[int]], *, states: bool = True) -> Sequence[Output]:
            seconds = min(request_context.remaining, request_context.encoder_seconds)
            if self._worker.state is State.DOWN:
                raise WorkerDown
            job = Job(encode, windows, states=states)
            with request_context.waiting_for(job):
                self._queue.put(job)
                slots.release()
                try:
                    if not job.wait(seconds):
                        job.fail(
                            DeadlineExceeded(
                                f"the answer took longer than {request_context.seconds:g} seconds; send less"
                            )
                        )
                finally:
                    request_context.book("queue", job.submitted, job.taken)
                    request_context.book("encode", job.taken, time.monotonic())
                    began = time.monotonic()
                    slots.acquire()  # a short wait, since threads that wait for the encoder hold no slot
                    request_context.spent("turn", began)
            return job.outputs()

        return batched
