"""Handle one request: admit it, read its body, work in a thread, and stop if the client disconnects."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from baozhai_model.errors import DeadlineExceeded, Overloaded
from baozhai_model.model import Model
from baozhai_service.api.parsing import parse
from baozhai_service.api.render import to_json
from baozhai_service.batching.engine import Engine
from baozhai_service.batching.request import RequestContext
from baozhai_service.errors import (
    BodyTooLarge,
    BodyTooSlow,
    ClientGone,
    MalformedBody,
    WrongContentEncoding,
    WrongContentType,
)
from baozhai_service.http.admission import Admission
from baozhai_service.http.uploads import essence
from baozhai_service.metrics import Metrics
from baozhai_service.settings import Settings

B = TypeVar("B", bound=BaseModel)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Lane:
    """Admission control and threads for one kind of request."""

    admission: Admission
    submit: Callable[[RequestContext, Callable[[Model], bytes]], Future[bytes]]

    def leaving(self, request_context: RequestContext) -> Callable[[Future[bytes]], None]:
        """Release the request when its thread is done, since an abandoned request still occupies its thread."""
        loop = asyncio.get_running_loop()

        def leave(_: Future[bytes]) -> None:
            loop.call_soon_threadsafe(self.admission.leave, request_context)

        return leave


class Dispatcher:
    """Answers requests with JSON bodies: `handle` for inference, `control` for requests that change stored data."""

    def __init__(
        self, engine: Engine, admission: Admission, control: Admission, settings: Settings, metrics: Metrics
    ) -> None:
        self._inference = _Lane(admission, engine.submit)
        self._control = _Lane(control, engine.submit_control)
        self._settings = settings
        self._metrics = metrics

    async def handle(self, request: Request, kind: type[B], answer: Callable[[Model, B], dict[str, Any]]) -> Response:
        """Parse the body as ``kind`` and respond with ``answer(live model, body)``.

        Raises:
            BaozhaiError: the request is refused, or ``answer`` failed.
        """
        response, request_context = await self._respond(self._inference, request, kind, answer)
        self._metrics.answers.labels(request_context.model_version).inc()
        return response

    async def control(self, request: Request, kind: type[B], answer: Callable[[Model, B], dict[str, Any]]) -> Response:
        """The same for a control request, which inference load neither refuses nor delays.

        Raises:
            BaozhaiError: the request is refused, or ``answer`` failed.
        """
        response, _ = await self._respond(self._control, request, kind, answer)
        return response

    async def _respond(
        self, lane: _Lane, request: Request, kind: type[B], answer: Callable[[Model, B], dict[str, Any]]
    ) -> tuple[Response, RequestContext]:
        _require_json(request)
        try:
            request_context = lane.admission.enter(declared_size(request))
        except Overloaded:
            self._metrics.refusals.labels("overloaded").inc()
            raise
        request.scope["state"]["request_context"] = request_context
        work: Future[bytes] | None = None
        try:
            began = time.monotonic()
            body = await self.receive(request, request_context, self._settings.max_body_bytes)
            request_context.spent("receive", began)
            work = lane.submit(request_context, lambda model: to_json(answer(model, parse(body, kind))))
            work.add_done_callback(lane.leaving(request_context))
            payload = await self.wanted(request, request_context, work)
        finally:
            if work is None:
                lane.admission.leave(request_context)
        return Response(payload, media_type="application/json"), request_context

    async def receive(self, request: Request, request_context: RequestContext, limit: int) -> bytes:
        """The body of ``request``, of at most ``limit`` bytes.

        Raises:
            BaozhaiError: the body is too large or too slow, or the client has disconnected.
        """
        body = bytearray()
        try:
            async with asyncio.timeout(request_context.remaining):
                async for chunk in request.stream():
                    body += chunk
                    if len(body) > limit:
                        raise BodyTooLarge(limit)
        except TimeoutError:
            raise BodyTooSlow(request_context.seconds) from None
        except ClientDisconnect:
            raise ClientGone("the client hung up while it sent the request") from None
        return bytes(body)

    async def wanted(self, request: Request, request_context: RequestContext, work: Future[T]) -> T:
        """The result of ``work``, if the client stays connected and the deadline does not pass.

        Raises:
            BaozhaiError: what ``work`` raised, or the client has disconnected.
        """
        done = asyncio.wrap_future(work)
        gone = asyncio.ensure_future(request.receive())  # after the body, only a disconnection can arrive
        either: set[asyncio.Future[Any]] = {done, gone}
        try:
            await asyncio.wait(either, timeout=request_context.remaining, return_when=asyncio.FIRST_COMPLETED)
            if done.done():
                return done.result()
            if gone.done():
                self._metrics.abandoned.inc()
                raise ClientGone("the client hung up")
            raise DeadlineExceeded(
                f"the answer took longer than {request_context.seconds:g} seconds; send less text at once"
            )
        finally:
            gone.cancel()
            if not done.done():
                request_context.abandon()
                done.add_done_callback(_retrieved)


def _retrieved(done: asyncio.Future[Any]) -> None:
    """Retrieve the result of an abandoned request, so that asyncio does not warn about it."""
    if not done.cancelled():
        done.exception()


def is_json(request: Request) -> bool:
    """Whether the media type of a request is JSON."""
    kind = essence(request)
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


def _require_json(request: Request) -> None:
    given = request.headers.get("content-type", "")
    if not is_json(request):
        raise WrongContentType(given)
    for parameter in given.lower().split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip() == "charset" and value.strip(' "') not in ("utf-8", "utf8"):
            raise WrongContentType(given)
    require_unencoded(request)


def require_unencoded(request: Request) -> None:
    """Refuse a compressed body.

    Raises:
        WrongContentEncoding: the body is compressed.
    """
    if (encoding := request.headers.get("content-encoding", "").strip()).lower() not in ("", "identity"):
        raise WrongContentEncoding(encoding)


def declared_size(request: Request) -> int | None:
    """The declared size of a request's body in bytes; None if it declares none.

    Raises:
        MalformedBody: the declared size is not a number.
    """
    given = request.headers.get("content-length")
    if given is None:
        return None
    if not (given.isascii() and given.isdigit() and len(given) < 20):
        raise MalformedBody("the content length is no number")
    return int(given)
