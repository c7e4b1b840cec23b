"""The outermost middleware: request ids, the request log, metrics, and the headers of every response."""

from __future__ import annotations

import re
import time
import traceback
import uuid
from typing import Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from baozhai_service.batching.request import RequestContext
from baozhai_service.errors import InternalError
from baozhai_service.http.problems import problem
from baozhai_service.metrics import Metrics

log = structlog.get_logger("baozhai.requests")

_SOUND_ID = re.compile(rb"[A-Za-z0-9._:/+=-]{1,128}")
_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
]


class RequestLogMiddleware:
    """Logs and counts every request; whatever fails inside, the client gets a response and the log a line."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        began = time.perf_counter()
        status = 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                given = list(message.get("headers", []))
                named = {name.lower() for name, _ in given}
                defaults = [
                    header for header in _HEADERS if header[0] not in named
                ]  # pages of the desk have their own policy
                message["headers"] = [*given, *defaults, (b"x-request-id", request_id.encode())]
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as error:
            # The message may quote the client's text, so the log gets the error's type and where it was raised.
            where = [
                f"{frame.name} {frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)
            ]
            log.error("internal error", request_id=request_id, error=type(error).__name__, where=where[-6:])
            if not status:
                await problem(InternalError(), request_id)(scope, receive, sending)
        finally:
            self._record(scope, request_id, status, time.perf_counter() - began)

    def _record(self, scope: Scope, request_id: str, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unknown")  # the route template, since a path may hold private data
        self._metrics.requests.labels(route, str(status)).inc()
        self._metrics.request_seconds.labels(route).observe(seconds)
        fields: dict[str, Any] = {}
        if isinstance(request_context := scope["state"].get("request_context"), RequestContext):
            for stage, spent in list(request_context.stages.items()):
                self._metrics.stage_seconds.labels(stage).observe(spent)
                fields[f"{stage}_ms"] = round(1000 * spent, 1)
            fields |= {"bytes": request_context.size, "model_version": request_context.model_version}
        log.info(
            "request",
            request_id=request_id,
            method=scope["method"] if scope["method"] in _METHODS else "other",
            route=route,
            status=status,
            ms=round(1000 * seconds, 1),
            key=scope["state"].get("key"),
            **fields,
        )


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def _request_id(scope: Scope) -> str:
    """The client's request id if it is valid, otherwise a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _SOUND_ID.fullmatch(value):
            return str(value.decode())
    return uuid.uuid4().hex
