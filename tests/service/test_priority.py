"""The encoder's threads step back, those that answer do not."""

import os
import sys
import threading

import pytest

from baozhai_service.priority import step_back, stepped_back

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
    assert stepped_back(3, nice) == min(before + 3, 19)
    assert stepped_back(3, inherited) == min(before + 3, 19)
    assert nice() == before


def test_nobody_steps_back_further_than_there_is() -> None:
    def twice() -> int:
        step_back(15)
        step_back(15)
        return nice()

    assert stepped_back(0, twice) == 19


def test_errors_come_back() -> None:
    def fail() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        stepped_back(1, fail)
