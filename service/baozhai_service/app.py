"""The HTTP service: wiring, and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from anyio.to_thread import run_sync
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware

from baozhai_model.errors import BaozhaiError
from baozhai_model.model import Model
from baozhai_service.access import Access
from baozhai_service.documents import Documents
from baozhai_service.envelope import Envelope
from baozhai_service.health import health_routes
from baozhai_service.inference import v2_routes
from baozhai_service.live import LiveModel
from baozhai_service.parts import Parts
from baozhai_service.problems import on_error, on_http_error
from baozhai_service.routes import v1_routes
from baozhai_service.settings import Settings
from baozhai_service.workplace import Workplace


def create_app(
    model: Model | LiveModel,
    settings: Settings | None = None,
    access: Access | None = None,
    workplace: Workplace | None = None,
) -> FastAPI:
    """The service for ``model``; its worker runs from the app's start to its end.

    Args:
        model: what answers; a `LiveModel` can be swapped under traffic.
        settings: limits and addresses; the defaults if None.
        access: who is admitted; what ``settings`` say if None.
        workplace: where versions, labels and runs are kept; without one there are no routes to them.

    Raises:
        ValueError: the settings want keys that there are none of.
    """
    settings = settings or Settings()
    live = model if isinstance(model, LiveModel) else LiveModel(model)
    parts = Parts.make(live, settings, access or Access.of(settings), workplace.store if workplace else None)
    documents = Documents()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await run_sync(parts.engine.start)
        if workplace is not None:
            await run_sync(workplace.start)
        yield
        parts.admission.close()
        if workplace is not None:
            await run_sync(workplace.stop)
        await run_sync(parts.engine.stop)

    app = FastAPI(
        title="baozhai 报摘",
        version=version("baozhai"),
        lifespan=lifespan,
        docs_url=None,  # their pages load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,  # a redirect would come before any check, and name whatever host was asked for
        exception_handlers={BaozhaiError: on_error, HTTPException: on_http_error},
    )
    app.state.parts = parts
    app.include_router(v1_routes(parts, documents))
    app.include_router(v2_routes(parts, documents))
    app.include_router(health_routes(parts, documents))
    if workplace is not None:
        for router in workplace.routers(parts, documents):
            app.include_router(router)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST"],
            allow_headers=["authorization", "content-type", "x-request-id"],
            expose_headers=["x-request-id", "retry-after"],
        )
    app.add_middleware(Envelope, metrics=parts.metrics)

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = documents.write(app, keys=parts.access.by_key)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own way to replace its document
    return app
