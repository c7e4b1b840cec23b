"""Servers under test as processes on loopback, and what they cost."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LONGEST_START = 120.0  # seconds


@dataclass
class Server:
    """A running server: its process, its port, and how long it took to answer."""

    process: subprocess.Popen[bytes]
    port: int
    seconds_to_ready: float

    @property
    def resident(self) -> float:
        """Its resident memory, with that of its children, in megabytes."""
        return sum(_resident(pid) for pid in _family(self.process.pid))


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def running(command: list[str], port: int, health: str, **environment: str) -> Iterator[Server]:
    """Run ``command`` until ``health`` answers 200, and end it, with all that it started, afterwards."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        while not _answers(f"http://127.0.0.1:{port}{health}"):
            if process.poll() is not None or time.perf_counter() - began > LONGEST_START:
                raise RuntimeError(f"{' '.join(command)} did not start (status {process.poll()})")
            time.sleep(0.01)
        yield Server(process, port, time.perf_counter() - began)
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # what it left behind: LitServe's workers outlive it


@contextlib.contextmanager
def baozhai(bundle: Path | None, **environment: str) -> Iterator[Server]:
    """``baozhai serve`` on a free port; settings as ``BAOZHAI_...``."""
    port = free_port()
    command = [sys.executable, "-m", "baozhai_service", "serve", "--port", str(port)]
    if bundle is not None:
        command += ["--bundle", str(bundle)]
    with running(command, port, "/health/ready", BAOZHAI_LOG_LEVEL="warning", **environment) as server:
        yield server


@contextlib.contextmanager
def largest_child() -> Iterator[list[float]]:
    """The most resident memory, in megabytes, that any process had which this one started meanwhile.

    Read from each as it runs: what ``getrusage`` tells of a child includes what its parent held before it.
    """
    peak, over = [0.0], threading.Event()

    def watch() -> None:
        while not over.wait(0.1):
            peak[0] = max(peak[0], *(_resident(pid, "VmHWM") for pid in _family(os.getpid())[1:]), 0.0)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peak
    finally:
        over.set()
        watcher.join()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url) as reply:
            return bool(reply.status == 200)
    except (urllib.error.URLError, ConnectionError):
        return False


def _family(pid: int) -> list[int]:
    """``pid`` and all that it and its threads started."""
    children: list[int] = []
    for thread in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            children += map(int, thread.read_text(encoding="ascii").split())
    return [pid, *(each for child in children for each in _family(child))]


def _resident(pid: int, what: str = "VmRSS") -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith(what)), 0.0)
