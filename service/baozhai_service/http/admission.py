"""Admission control: accept or refuse a request by counters alone, before its body is read, so refusals are cheap."""

from __future__ import annotations

import math
import time
from collections import deque

from baozhai_model.errors import Overloaded, ShuttingDown
from baozhai_service.batching.request import RequestContext
from baozhai_service.errors import BodyTooLarge
from baozhai_service.settings import Settings

RECENT = 10.0  # seconds over which the rate of answers is measured
CONTROL_REQUESTS = 16  # control requests in progress at a time


class Admission:
    """Counts the requests and body bytes in progress. Only the event loop's thread may use it.

    Large bodies share ``max_pending_bytes``. Small bodies are limited by their number only, so that a few large
    requests cannot keep small ones out. When nothing else is in work, any body of a permitted size is accepted.
    """

    def __init__(self, settings: Settings, max_requests: int | None = None) -> None:
        """Use the limits of ``settings``; ``max_requests`` overrides theirs."""
        self._settings = settings
        self._max_requests = settings.max_requests if max_requests is None else max_requests
        self._requests = 0
        self._bytes = 0
        self._done: deque[float] = deque()
        self._closing = False
        self._closed = False

    @property
    def requests(self) -> int:
        """Requests in progress."""
        return self._requests

    @property
    def pending_bytes(self) -> int:
        """Bytes of large bodies in progress."""
        return self._bytes

    def warn(self) -> None:
        """Announce that the service is about to stop; requests are still accepted."""
        self._closing = True

    @property
    def closing(self) -> bool:
        """Whether a load balancer should send requests elsewhere."""
        return self._closing

    def close(self) -> None:
        """Refuse every request from now on."""
        self._closing = self._closed = True

    def enter(self, size: int | None, most: int | None = None) -> RequestContext:
        """Accept a request with a body of ``size`` bytes; a body of undeclared size counts as the largest.

        ``most`` is the largest that may be; `Settings.max_body_bytes` if None.

        Raises:
            BodyTooLarge: the body exceeds ``max_body_bytes``.
            ShuttingDown: the service is stopping.
            Overloaded: too many requests or bytes are in progress.
        """
        settings = self._settings
        most = settings.max_body_bytes if most is None else most
        if size is not None and size > most:
            raise BodyTooLarge(most, size)
        if self._closed:
            raise ShuttingDown("the service is shutting down; send the request to another one")
        request_context = RequestContext(most if size is None else size, settings.deadline_seconds)
        if self._requests >= self._max_requests:
            raise Overloaded(f"{self._requests} requests are in work, as many as are let in", self._retry_after())
        weight = self._weight(request_context)
        if weight and self._bytes and self._bytes + weight > settings.max_pending_bytes:
            raise Overloaded(f"{self._bytes} bytes are in work; {weight} more are too many now", self._retry_after())
        self._requests += 1
        self._bytes += weight
        return request_context

    def leave(self, request_context: RequestContext) -> None:
        """Record that the request was answered or abandoned."""
        self._requests -= 1
        self._bytes -= self._weight(request_context)
        now = time.monotonic()
        self._done.append(now)
        while self._done[0] < now - RECENT:
            self._done.popleft()

    def _weight(self, request_context: RequestContext) -> int:
        return request_context.size if request_context.size > self._settings.small_bytes else 0

    def _retry_after(self) -> int:
        """Estimated seconds until the current requests are done, at the recent rate of answers."""
        pace = len(self._done) / RECENT
        longest = math.ceil(self._settings.deadline_seconds)
        return min(max(math.ceil(self._requests / pace), 1), longest) if pace else min(5, longest)
