"""Training runs on the machine of the service: one at a time, each in a process of the lowest priority.

The service starts the trainer as a program, as a person would; it never imports it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import structlog

from baozhai_service.errors import NotFound, RunRefused

log = structlog.get_logger("baozhai.runs")
_NICE = 19
_STATE, _LOG = "state.json", "log.txt"
FORMATS = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet", ".xlsx")
"""Suffixes of the tables of labels that the trainer reads."""


class State(StrEnum):
    """The state of a run."""

    RUNNING = "running"
    PASSED = "passed"  # trained, and passed the gate: it can be promoted
    REFUSED = "refused"  # trained, but refused by the gate
    FAILED = "failed"
    CANCELLED = "cancelled"
    LOST = "lost"  # the service ended during the run


@dataclass(frozen=True, slots=True)
class Run:
    """A training run: who started it, when it began and ended (ISO 8601, UTC), and its state."""

    id: str
    who: str
    quick: bool
    state: State
    began: str
    ended: str | None = None


class TrainingRunner:
    """Starts and cancels training runs, and lists all runs so far."""

    def __init__(self, folder: Path, program: Sequence[str] = ()) -> None:
        """Store runs in ``folder``; ``program``, the trainer by default, takes the arguments of ``baozhai-train``."""
        self._folder = folder
        self._program = list(program or (sys.executable, "-m", "baozhai_training.cli"))
        self._own_trainer = not program
        self._lock = threading.Lock()
        self._running: Run | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None
        self._cancelled = False

    @property
    def available(self) -> bool:
        """Whether the trainer is installed on this machine."""
        return not self._own_trainer or all(map(find_spec, ("baozhai_training", "torch")))

    def start(
        self, labels: Iterable[str] | bytes, *, who: str, quick: bool, home: Path, base: Path, format: str = ".jsonl"
    ) -> Run:
        """Start a run that trains on ``labels`` and then runs the gate.

        Args:
            labels: lines of JSON, or the bytes of a table.
            who: who starts the run.
            quick: use fewer folds and epochs.
            home: the folder whose store gets the new model version.
            base: the bundle to start from, which is also the champion that the gate compares with.
            format: suffix of the table, one of `FORMATS`.

        Raises:
            RunRefused: another run is in progress, or the trainer is not installed.
        """
        if not self.available:
            raise RunRefused("this machine has no trainer: install baozhai[training], or train on another machine")
        with self._lock:
            if self._running is not None:
                raise RunRefused(f"run {self._running.id} is still in progress; only one can run at a time")
            run = Run(uuid.uuid4().hex[:12], who, quick, State.RUNNING, _now())
            folder = self._folder / run.id
            folder.mkdir(parents=True)
            table = folder / f"data{format}"
            table.write_bytes(labels if isinstance(labels, bytes) else "".join(labels).encode())
            _write(folder, run)
            work, data = str(folder / "work"), str(table)
            train = ["run", "--data", data, "--work", work, "--base", str(base), *(["--quick"] if quick else [])]
            gate = ["gate", work, "--champion", str(base), "--home", str(home), "--who", who]
            self._running, self._cancelled = run, False
            self._thread = threading.Thread(target=self._supervise, args=(run, train, gate), daemon=True)
            self._thread.start()
            return run

    def runs(self) -> list[Run]:
        """All runs, the newest first."""
        found = [self.run(path.parent.name) for path in self._folder.glob(f"*/{_STATE}")]
        return sorted(found, key=lambda run: run.began, reverse=True)

    def run(self, name: str) -> Run:
        """The run with the id ``name``.

        Raises:
            NotFound: there is no such run.
        """
        raw = json.loads(self._place(name, _STATE).read_text(encoding="utf-8"))
        run = Run(**{**raw, "state": State(raw["state"])})
        running = self._running
        if run.state is State.RUNNING and (running is None or running.id != run.id):
            return replace(run, state=State.LOST)
        return run

    def log(self, name: str, most: int = 64_000) -> str:
        """The last ``most`` bytes of the log of the run ``name``."""
        path = self._place(name, _LOG)
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - most))
            return file.read().decode("utf-8", "replace")

    def cancel(self, name: str) -> Run:
        """Stop the run ``name``; its files are kept.

        Raises:
            NotFound: there is no such run.
            RunRefused: the run is over.
        """
        run = self.run(name)
        with self._lock:
            if self._running is None or self._running.id != name:
                raise RunRefused(f"run {name} is over: {run.state}")
            self._cancelled = True
            if self._process is not None and self._process.poll() is None:
                with suppress(ProcessLookupError):  # it has just ended
                    os.killpg(self._process.pid, signal.SIGKILL)
            thread = self._thread
        if thread is not None:
            thread.join()
        return self.run(name)

    def stop(self) -> None:
        """Cancel the current run, if there is one."""
        if (running := self._running) is not None:
            try:
                self.cancel(running.id)
            except RunRefused:  # it has just ended by itself
                return

    def wait(self) -> None:
        """Wait for the end of the current run."""
        if self._thread is not None:
            self._thread.join()

    def _place(self, name: str, file: str) -> Path:
        path = self._folder / name / file
        if Path(name).name != name or not path.is_file():
            raise NotFound(f"there is no run {name!r}")
        return path

    def _supervise(self, run: Run, train: list[str], gate: list[str]) -> None:
        folder = self._folder / run.id
        state = State.FAILED
        try:
            with (folder / _LOG).open("wb") as output:
                if self._call(train, output) == 0:
                    state = {0: State.PASSED, 1: State.REFUSED}.get(self._call(gate, output), State.FAILED)
        finally:
            if self._cancelled:
                state = State.CANCELLED
            with self._lock:
                _write(folder, replace(run, state=state, ended=_now()))
                self._running = self._process = None
            log.info("run is over", run=run.id, state=state)

    def _call(self, arguments: list[str], output: Any) -> int:
        with self._lock:
            if self._cancelled:
                return -1
            self._process = subprocess.Popen(
                ["nice", "-n", str(_NICE), *self._program, *arguments],  # requests go first
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # cancelling kills its children too, and Ctrl-C does not reach it
                env={**os.environ, "PYTHONUNBUFFERED": "1", "OMP_NUM_THREADS": str(max(1, (os.cpu_count() or 2) - 1))},
            )
            _yield_group(self._process.pid)
        return self._process.wait()


def _yield_group(session: int) -> None:
    """Lower the priority of the session: with autogroups, Linux ignores the niceness of a process (sched(7))."""
    with suppress(OSError):  # the kernel has no autogroups, or the process has ended
        Path(f"/proc/{session}/autogroup").write_text(str(_NICE), encoding="ascii")


def _write(folder: Path, run: Run) -> None:
    partial = folder / f"{_STATE}.partial"
    partial.write_text(json.dumps(asdict(run), ensure_ascii=False), encoding="utf-8")
    partial.replace(folder / _STATE)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
