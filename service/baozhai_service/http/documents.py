"""Requests whose body is a document: a separate process extracts its text before the model gets it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from baozhai_model.errors import Overloaded
from baozhai_model.model import Model
from baozhai_service.api.render import to_json
from baozhai_service.batching.engine import Engine
from baozhai_service.batching.request import RequestContext
from baozhai_service.documents import Document, Limits, open_document, page_picture
from baozhai_service.http.admission import Admission
from baozhai_service.http.dispatch import Dispatcher, declared_size, require_unencoded
from baozhai_service.http.uploads import document_of, require_document
from baozhai_service.metrics import Metrics
from baozhai_service.settings import Settings

T = TypeVar("T")


class DocumentDispatcher:
    """Answers requests whose body is a document; `Settings.document_processes` limits how many are read at a time."""

    def __init__(
        self, dispatcher: Dispatcher, engine: Engine, admission: Admission, settings: Settings, metrics: Metrics
    ) -> None:
        self._dispatcher, self._engine, self._admission = dispatcher, engine, admission
        self._settings, self._metrics = settings, metrics
        self._threads = ThreadPoolExecutor(settings.document_processes, thread_name_prefix="baozhai-document")

    async def read(
        self, request: Request, answer: Callable[[Model, Document], dict[str, Any]], name: str | None = None
    ) -> Response:
        """Read the body as a document and respond with ``answer(live model, document)``.

        Raises:
            BaozhaiError: the request is refused, or the document cannot be read.
        """
        async with self._opened(request, open_document, name) as (request_context, document, stages):
            stages.append(self._engine.submit(request_context, lambda model: to_json(answer(model, document))))
            payload = await self._dispatcher.wanted(request, request_context, stages[-1])
        self._metrics.answers.labels(request_context.model_version).inc()
        return Response(payload, media_type="application/json")

    async def picture(self, request: Request, page: int, width: int, name: str | None = None) -> Response:
        """Respond with a page of the posted document as a PNG of ``width`` pixels.

        Raises:
            BaozhaiError: the request is refused, or the page cannot be drawn.
        """

        def draw(data: bytes, called: str, limits: Limits) -> bytes:
            return page_picture(data, called, page, width, limits)

        async with self._opened(request, draw, name) as (_, picture, _stages):
            return Response(picture, media_type="image/png")

    @asynccontextmanager
    async def _opened(
        self, request: Request, work: Callable[[bytes, str, Limits], T], name: str | None
    ) -> AsyncIterator[tuple[RequestContext, T, list[Future[Any]]]]:
        """Admit a request and do ``work`` on its document; the request is released when its last stage is done."""
        require_document(request)
        require_unencoded(request)
        most = self._settings.max_document_bytes
        try:
            request_context = self._admission.enter(declared_size(request), most)
        except Overloaded:
            self._metrics.refusals.labels("overloaded").inc()
            raise
        request.scope["state"]["request_context"] = request_context
        stages: list[Future[Any]] = []
        try:
            began = time.monotonic()
            body = await self._dispatcher.receive(request, request_context, most)
            data, called = await document_of(request, body, name)
            request_context.spent("receive", began)
            stages.append(self._threads.submit(lambda: work(data, called, self._limits(request_context))))
            yield request_context, await self._dispatcher.wanted(request, request_context, stages[-1]), stages
        finally:
            if stages:
                stages[-1].add_done_callback(self._leaving(request_context))
            else:
                self._admission.leave(request_context)

    def _limits(self, request_context: RequestContext) -> Limits:
        """The limits on reading the document of a request."""
        settings = self._settings
        return Limits(
            seconds=request_context.remaining, size=settings.max_document_bytes, characters=settings.max_characters
        )

    def _leaving(self, request_context: RequestContext) -> Callable[[Future[Any]], None]:
        loop = asyncio.get_running_loop()

        def leave(_: Future[Any]) -> None:
            loop.call_soon_threadsafe(self._admission.leave, request_context)

        return leave
