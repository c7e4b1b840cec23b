"""The thread that runs the encoder. It survives every failure and reports its state."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import TypeGuard

import numpy as np
import structlog

from baozhai_model.encoder.encoder import Encode, WindowOutput
from baozhai_model.errors import TextFailed
from baozhai_model.model import Model
from baozhai_service.batching.fair_queue import FairQueue
from baozhai_service.batching.jobs import Batch, Output, Place
from baozhai_service.batching.priority import lower_priority
from baozhai_service.errors import WorkerDown
from baozhai_service.metrics import Metrics

log = structlog.get_logger("baozhai.worker")

FIRST_RETRY = 0.1  # seconds
LONGEST_RETRY = 5.0
CANARY = "基层治理"
NO_STATES = np.zeros((0, 0), dtype=np.float32)


class State(StrEnum):
    """The state of the worker."""

    STARTING = "starting"
    READY = "ready"
    DOWN = "down"
    STOPPED = "stopped"


class EncoderWorker:
    """Takes batches from the queue and runs them; if a batch fails, it isolates the window that caused it.

    The worker bisects a failed batch until it finds the window that fails by itself; only that window gets an error.
    A *canary*, a window that every working encoder can process, tells a bad window from a broken encoder. If the
    canary fails, or anything else than the encoder raises, the worker is down: all waiting jobs fail with
    `WorkerDown`, and the worker retries the canary until it passes.
    """

    def __init__(
        self, queue: FairQueue, live: Callable[[], Model], stuck_seconds: float, metrics: Metrics, nice: int = 0
    ) -> None:
        """Make a worker; `start` starts it.

        Args:
            queue: the source of the batches.
            live: returns the live model, whose encoders the canary checks.
            stuck_seconds: the longest that one batch may run.
            metrics: counts batches and failures.
            nice: niceness that is added to the thread's (Linux).
        """
        self._queue = queue
        self._live = live
        self._stuck_seconds = stuck_seconds
        self._metrics = metrics
        self._nice = nice
        self._state = State.STARTING
        self._settled = threading.Event()
        self._busy_since: float | None = None
        self._thread = threading.Thread(target=self._supervise, name="baozhai-encoder", daemon=True)

    def start(self) -> None:
        """Start the thread and wait for the result of the first canary."""
        self._thread.start()
        self._settled.wait()

    def stop(self, seconds: float) -> bool:
        """Close the queue and finish the waiting jobs; return whether that took at most ``seconds``."""
        self._queue.close()
        self._thread.join(seconds)
        return not self._thread.is_alive()

    @property
    def state(self) -> State:
        """The current state; if the thread has died, it is ``DOWN``, whatever state the thread last set."""
        if self._state is State.READY and not self._thread.is_alive():
            return State.DOWN
        return self._state

    @property
    def stuck(self) -> bool:
        """Whether the current batch has run for more than ``stuck_seconds``."""
        since = self._busy_since
        return since is not None and time.monotonic() - since > self._stuck_seconds

    def _supervise(self) -> None:
        lower_priority(self._nice)
        retry = FIRST_RETRY
        while True:
            try:
                if all(map(self._canary_passes, self._loaded())):
                    self._enter(State.READY)
                    retry = FIRST_RETRY
                    self._work()
                if self._queue.wait_closed(0):
                    break
            except BaseException as error:  # nothing may end this thread; only the current work fails
                log.error("worker failed", error=type(error).__name__)
            self._enter(State.DOWN)
            self._metrics.worker_failures.inc()
            self._queue.fail_all(WorkerDown())
            if self._queue.wait_closed(retry):
                break
            retry = min(2 * retry, LONGEST_RETRY)
        self._queue.fail_all(WorkerDown())
        self._enter(State.STOPPED)

    def _enter(self, state: State) -> None:
        if state is not self._state:
            log.info("worker state", state=state.value)
        self._state = state
        self._settled.set()

    def _work(self) -> None:
        """Run batches until the queue is closed and empty, or an encoder of the live model fails the canary."""
        while batch := self._queue.take():
            self._busy_since = now = time.monotonic()
            for place in batch.places:
                if place.job.taken is None:
                    place.job.taken = now
            try:
                if not self._run(batch, tried=False) and batch.encode in self._loaded():
                    return
            except BaseException:
                for place in batch.places:
                    place.job.fail(WorkerDown())
                raise
            finally:
                self._busy_since = None

    def _run(self, batch: Batch, *, tried: bool) -> bool:
        """Run ``batch``; return False if its encoder fails the canary. ``tried``: the canary has passed already."""
        started = time.monotonic()
        try:
            outputs = batch.encode([place.window for place in batch.places], states=batch.states)
            if len(outputs) != len(batch.places):
                raise RuntimeError(f"{len(outputs)} outputs for {len(batch.places)} windows")
        except Exception as error:
            log.warning("batch failed", error=type(error).__name__, windows=len(batch.places), length=batch.length)
            if not tried and not self._canary_passes(batch.encode):
                for place in batch.places:
                    place.job.fail(WorkerDown())
                return False
            if len(batch.places) == 1:
                self._fail_window(batch.places[0])
            else:
                for half in batch.halves():
                    self._run(half, tried=True)
            return True
        self._metrics.batch(batch.tokens, len(batch.places), time.monotonic() - started)
        for place, output in zip(batch.places, outputs, strict=True):
            if not _is_sound(output):
                self._fail_window(place)
            elif place.job.states:
                place.job.put(place.index, output)
            else:  # only another job needs the states; a reference would keep those of the whole batch in memory
                place.job.put(place.index, WindowOutput(output.topic_logits, output.salience, NO_STATES))
        return True

    def _fail_window(self, place: Place) -> None:
        self._metrics.failed_windows.inc()
        place.job.put(place.index, TextFailed())

    def _loaded(self) -> list[Encode]:
        """The encoders of the live model that are in memory; each must pass the canary."""
        bundle = self._live().bundle
        large = [bundle.large.encode] if bundle.large is not None and bundle.large.loaded else []
        return [bundle.encoder.encode, *large]

    def _canary_passes(self, encode: Encode) -> bool:
        try:
            return all(map(_is_sound, encode(canary_of(self._live(), encode), states=False)))
        except Exception as error:
            log.error("canary failed", error=type(error).__name__)
            return False


def canary_of(model: Model, encode: Encode | None = None) -> Sequence[list[int]]:
    """The canary as ``model`` tokenizes it for ``encode``, without checking the limit on the length of texts."""
    large = model.bundle.large
    if large is not None and encode == large.encode:
        return large.reader.pairs(CANARY, None)
    return model.bundle.reader.text(CANARY).windows


def _is_sound(output: Output) -> TypeGuard[WindowOutput]:
    """Whether ``output`` is an encoder output with finite numbers only."""
    return (
        isinstance(output, WindowOutput)
        and bool(np.isfinite(output.topic_logits).all())
        and bool(np.isfinite(output.salience).all())
    )
