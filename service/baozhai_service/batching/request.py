"""One admitted request: until when it is wanted, and where its time goes."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from baozhai_model.errors import DeadlineExceeded
from baozhai_service.batching.jobs import Job
from baozhai_service.errors import ClientGone


class RequestContext:
    """Passed along with a request's work. `abandon` may be called from another thread than the one that works."""

    def __init__(self, size: int, seconds: float) -> None:
        """A ticket for a body of ``size`` bytes that is to be answered within ``seconds``."""
        self.size = size
        self.seconds = seconds
        self.started = time.monotonic()
        self.stages: dict[str, float] = defaultdict(float)
        self.model_version: str | None = None
        self._gone = False
        self._job: Job | None = None

    @property
    def remaining(self) -> float:
        """Seconds until the deadline.

        Raises:
            ClientGone: nobody waits for the answer.
            DeadlineExceeded: there are none left.
        """
        if self._gone:
            raise ClientGone("the client hung up")
        left = self.started + self.seconds - time.monotonic()
        if left <= 0:
            raise DeadlineExceeded(
                f"the answer took longer than {self.seconds:g} seconds; send less text at once, or try again later"
            )
        return left

    def abandon(self) -> None:
        """Nobody waits any more: what is queued of it is not computed."""
        self._gone = True
        if (job := self._job) is not None:
            job.fail(ClientGone("the client hung up"))

    @contextmanager
    def waiting_for(self, job: Job) -> Iterator[None]:
        """While ``job`` is in work, `abandon` ends it."""
        self._job = job
        try:
            if self._gone:  # between the check of `remaining` and here
                job.fail(ClientGone("the client hung up"))
            yield
        finally:
            self._job = None

    def book(self, stage: str, since: float | None, until: float | None) -> None:
        """Book the time between two moments on ``stage``, if there were both."""
        if since is not None and until is not None:
            self.stages[stage] += until - since

    def spent(self, stage: str, since: float) -> None:
        """Book the time since ``since`` on ``stage``."""
        self.book(stage, since, time.monotonic())

    def close(self, stage: str, since: float) -> None:
        """Book what of the time since ``since`` no other stage has, the body's arrival aside, on ``stage``."""
        others = sum(seconds for name, seconds in self.stages.items() if name != "receive")
        self.stages[stage] += max(time.monotonic() - since - others, 0.0)
