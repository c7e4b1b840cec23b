"""Who is let in: decided by counters alone, before a body is read, so that a refusal costs next to nothing."""

from __future__ import annotations

import math
import time
from collections import deque

from baozhai_model.errors import Overloaded, ShuttingDown
from baozhai_service.batching.request import RequestContext
from baozhai_service.errors import BodyTooLarge
from baozhai_service.settings import Settings

RECENT = 10.0  # seconds over which the pace of answers is measured


class Admission:
    """Counts requests and body bytes in work. Used from the event loop alone.

    Large bodies share ``max_pending_bytes``; small ones are bounded by their number, so that a few large requests do
    not shut out the small. A body alone is always let in.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._requests = 0
        self._bytes = 0
        self._done: deque[float] = deque()
        self._closing = False
        self._closed = False

    @property
    def requests(self) -> int:
        """Requests in work."""
        return self._requests

    @property
    def pending_bytes(self) -> int:
        """Bytes of the large bodies in work."""
        return self._bytes

    def warn(self) -> None:
        """Say that the door is about to close; who comes is still let in."""
        self._closing = True

    @property
    def closing(self) -> bool:
        """Whether requests had better go elsewhere."""
        return self._closing

    def close(self) -> None:
        """Let nobody in any more."""
        self._closing = self._closed = True

    def enter(self, size: int | None, most: int | None = None) -> RequestContext:
        """Let a request with a body of ``size`` bytes in; without a declared size, it counts as the largest.

        ``most`` is the largest that may be; `Settings.max_body_bytes` if None.

        Raises:
            BodyTooLarge: no body may be so large.
            ShuttingDown: nobody is let in any more.
            Overloaded: too much is in work already.
        """
        settings = self._settings
        most = settings.max_body_bytes if most is None else most
        if size is not None and size > most:
            raise BodyTooLarge(most, size)
        if self._closed:
            raise ShuttingDown("the service is shutting down; send the request to another one")
        request_context = RequestContext(most if size is None else size, settings.deadline_seconds)
        if self._requests >= settings.max_requests:
            raise Overloaded(f"{self._requests} requests are in work, as many as are let in", self._retry_after())
        weight = self._weight(request_context)
        if weight and self._bytes and self._bytes + weight > settings.max_pending_bytes:
            raise Overloaded(f"{self._bytes} bytes are in work; {weight} more are too many now", self._retry_after())
        self._requests += 1
        self._bytes += weight
        return request_context

    def leave(self, request_context: RequestContext) -> None:
        """The request is answered, or given up."""
        self._requests -= 1
        self._bytes -= self._weight(request_context)
        now = time.monotonic()
        self._done.append(now)
        while self._done[0] < now - RECENT:
            self._done.popleft()

    def _weight(self, request_context: RequestContext) -> int:
        return request_context.size if request_context.size > self._settings.small_bytes else 0

    def _retry_after(self) -> int:
        """Seconds in which what is in work should be done, at the pace of the last answers."""
        pace = len(self._done) / RECENT
        longest = math.ceil(self._settings.deadline_seconds)
        return min(max(math.ceil(self._requests / pace), 1), longest) if pace else min(5, longest)
