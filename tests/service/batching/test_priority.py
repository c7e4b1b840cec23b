"""The encoder's threads step back, those that answer do not."""

import os
import sys
import threading

import pytest

from baozhai_service.batching.priority import lower_priority, priority_lowered

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has priorities of threads")


def nice() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


def inherited() -> int:
    found = []
    thread = threading.Thread(target=lambda: found.append(nice()))
    thread.start()
    thread.join()
    return found[0]


def test_work_and_the_threads_it_starts_step_back_and_the_caller_does_not() -> None:
    before = nice()
    assert priority_lowered(3, nice) == min(before + 3, 19)
    assert priority_lowered(3, inherited) == min(before + 3, 19)
    assert nice() == before


def test_nobody_steps_back_further_than_there_is() -> None:
    def twice() -> int:
        lower_priority(15)
        lower_priority(15)
        return nice()

    assert priority_lowered(0, twice) == 19


def test_errors_come_back() -> None:
    def fail() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        priority_lowered(1, fail)
