"""One admitted request: its deadline, and where its time goes."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from baozhai_model.errors import DeadlineExceeded
from baozhai_service.batching.jobs import Job
from baozhai_service.errors import ClientGone


class RequestContext:
    """Passed along with a request's work; the event loop may call `abandon` while a thread works on the request."""

    def __init__(self, size: int, seconds: float) -> None:
        """The context of a request with a body of ``size`` bytes that is to be answered within ``seconds``."""
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
        """The client hung up: windows of this request that still queue are not computed."""
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
        """Add the time between two moments to ``stage``, if both came."""
        if since is not None and until is not None:
            self.stages[stage] += until - since

    def spent(self, stage: str, since: float) -> None:
        """Add the time since ``since`` to ``stage``."""
        self.book(stage, since, time.monotonic())

    def close(self, stage: str, since: float) -> None:
        """Add the time since ``since`` that no other stage accounts for to ``stage``; ``receive`` was before it."""
        others = sum(seconds for name, seconds in self.stages.items() if name != "receive")
        self.stages[stage] += max(time.monotonic() - since - others, 0.0)
