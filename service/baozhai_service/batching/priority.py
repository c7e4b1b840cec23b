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
    """Lower the calling thread's priority by ``nice``, for good; threads that it starts inherit that. Linux only."""
    if nice and sys.platform == "linux":  # elsewhere a priority is the whole process's
        thread = threading.get_native_id()
        with contextlib.suppress(OSError):  # a sandbox may forbid it; it is a courtesy, not a need
            os.setpriority(os.PRIO_PROCESS, thread, min(os.getpriority(os.PRIO_PROCESS, thread) + nice, 19))


def priority_lowered(nice: int, work: Callable[[], T]) -> T:
    """Do ``work`` in a thread of lower priority, wait for it, and return or raise what it does.

    An ONNX session that is made there runs its threads at that priority.
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
