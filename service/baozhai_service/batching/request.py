"""The context of one admitted request: its deadline, its client, and the time spent in each stage."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from baozhai_model.errors import DeadlineExceeded
from baozhai_service.batching.jobs import Job
from baozhai_service.errors import ClientGone


class RequestContext:
    """Passed along with the work of a request. The event loop may call `abandon` while a thread does that work."""

    def __init__(self, size: int, seconds: float) -> None:
        """The context of a request whose body has ``size`` bytes and whose deadline is in ``seconds``."""
        self.size = size
        self.seconds = seconds
        self.encoder_seconds = seconds  # the longest that one encoder pass may wait
        self.started = time.monotonic()
        self.stages: dict[str, float] = defaultdict(float)
        self.model_version: str | None = None
        self._gone = False
        self._job: Job | None = None

    @property
    def remaining(self) -> float:
        """Seconds until the deadline.

        Raises:
            ClientGone: the client hung up.
            DeadlineExceeded: the deadline has passed.
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
        """Note that the client hung up; windows of this request that are still queued are not computed."""
        self._gone = True
        if (job := self._job) is not None:
            job.fail(ClientGone("the client hung up"))

    @contextmanager
    def waiting_for(self, job: Job) -> Iterator[None]:
        """Within this context, `abandon` ends ``job``."""
        self._job = job
        try:
            if self._gone:  # between the check of `remaining` and here
                job.fail(ClientGone("the client hung up"))
            yield
        finally:
            self._job = None

    def book(self, stage: str, since: float | None, until: float | None) -> None:
        """Add the time between ``since`` and ``until`` to ``stage``, if both are known."""
        if since is not None and until is not None:
            self.stages[stage] += until - since

    def spent(self, stage: str, since: float) -> None:
        """Add the time since ``since`` to ``stage``."""
        self.book(stage, since, time.monotonic())

    def close(self, stage: str, since: float) -> None:
        """Add the time since ``since`` that no other stage but ``receive`` accounts for to ``stage``."""
        others = sum(seconds for name, seconds in self.stages.items() if name != "receive")
        self.stages[stage] += max(time.monotonic() - since - others, 0.0)
