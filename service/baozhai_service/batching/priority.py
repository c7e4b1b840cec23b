"""Thread priorities: when every core is busy, the encoder waits for the event loop and not the other way round."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


def lower_priority(nice: int) -> None:
    """Add ``nice`` to the niceness of the calling thread and of threads that it starts later. Linux only."""
    if nice and sys.platform == "linux":  # elsewhere niceness belongs to the whole process
        thread = threading.get_native_id()
        with contextlib.suppress(OSError):  # a sandbox may forbid it; the service works without it
            os.setpriority(os.PRIO_PROCESS, thread, min(os.getpriority(os.PRIO_PROCESS, thread) + nice, 19))


def priority_lowered(nice: int, work: Callable[[], T]) -> T:
    """Run ``work`` in a thread of lower priority, and return its result or raise its error.

    An ONNX session that is created there runs its own threads at that priority.
    """
    outcome: Future[T] = Future()

    def run() -> None:
        lower_priority(nice)
        try:
            outcome.set_result(work())
        except BaseException as error:
            outcome.set_exception(error)

    threading.Thread(target=run, name="baozhai-loading").start()
    return outcome.result()
