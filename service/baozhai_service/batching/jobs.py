"""Jobs (the windows that one request sends to the encoder) and batches (windows of several jobs)."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from baozhai_model.encoder.encoder import Encode, WindowOutput, padded
from baozhai_model.errors import BaozhaiError, TextFailed

Output = WindowOutput | TextFailed


class Job:
    """Windows for one encoder, and their outputs as they arrive.

    Only the queue changes ``waiting`` and ``tag``, under its lock; only the worker calls `put`. Any thread may call
    `fail`; a job that has ended does not change any more.
    """

    def __init__(self, encode: Encode, windows: Sequence[Sequence[int]], *, states: bool) -> None:
        self.encode = encode
        self.windows = windows
        self.states = states
        self.tag = 0.0
        self.waiting: dict[int, deque[int]] = {}
        for index, window in enumerate(windows):
            self.waiting.setdefault(padded(len(window)), deque()).append(index)
        self.submitted = time.monotonic()
        self.taken: float | None = None
        self.error: BaozhaiError | None = None
        self._outputs: list[Output | None] = [None] * len(windows)
        self._left = len(windows)
        self._done = threading.Event()
        if not windows:
            self._done.set()

    @property
    def waiting_windows(self) -> int:
        """The number of windows that are not in a batch yet."""
        return sum(map(len, self.waiting.values()))

    @property
    def waiting_tokens(self) -> int:
        """The tokens of these windows, padding included."""
        return sum(length * len(indices) for length, indices in self.waiting.items())

    @property
    def ended(self) -> bool:
        """Whether the job has all its outputs, or failed."""
        return self._done.is_set()

    def put(self, index: int, output: Output) -> None:
        """Store the output of window ``index``."""
        if self._outputs[index] is None:
            self._outputs[index] = output
            self._left -= 1
            if self._left == 0:
                self._done.set()

    def fail(self, error: BaozhaiError) -> None:
        """End the job without its outputs."""
        if not self._done.is_set():
            self.error = error
            self._done.set()

    def wait(self, seconds: float) -> bool:
        """Wait up to ``seconds`` for the end of the job; return whether it has ended."""
        return self._done.wait(seconds)

    def outputs(self) -> list[Output]:
        """All outputs in order.

        Raises:
            BaozhaiError: the job failed with this error.
        """
        if self.error is not None:
            raise self.error
        return [output for output in self._outputs if output is not None]


@dataclass(frozen=True, slots=True)
class Place:
    """Window ``index`` of ``job``."""

    job: Job
    index: int

    @property
    def window(self) -> Sequence[int]:
        """Its token ids."""
        return self.job.windows[self.index]


@dataclass(frozen=True, slots=True)
class Batch:
    """Windows of one padded length for one encoder."""

    encode: Encode
    length: int
    places: tuple[Place, ...]

    @property
    def tokens(self) -> int:
        """Tokens, padding included."""
        return self.length * len(self.places)

    @property
    def states(self) -> bool:
        """Whether any of its jobs needs the token states (the encoder's last hidden layer)."""
        return any(place.job.states for place in self.places)

    def halves(self) -> tuple[Batch, Batch]:
        """The batch split in two, to find the window that fails."""
        middle = len(self.places) // 2
        return (
            Batch(self.encode, self.length, self.places[:middle]),
            Batch(self.encode, self.length, self.places[middle:]),
        )
