"""Builds the HTTP application: routes, middleware, start and stop."""

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
from baozhai_service.batching.live_model import LiveModel
from baozhai_service.desk.desk import Desk
from baozhai_service.desk.routes import desk_routes
from baozhai_service.http.auth import Access
from baozhai_service.http.context import AppContext
from baozhai_service.http.health import health_routes
from baozhai_service.http.middleware import RequestLogMiddleware
from baozhai_service.http.open_inference import v2_routes
from baozhai_service.http.openapi import OpenAPIBuilder
from baozhai_service.http.problems import on_error
from baozhai_service.http.v1 import v1_routes
from baozhai_service.resources import Resources
from baozhai_service.settings import Settings


def create_app(
    model: Model | LiveModel,
    settings: Settings | None = None,
    access: Access | None = None,
    resources: Resources | None = None,
) -> FastAPI:
    """The application that serves ``model``; its encoder worker runs between startup and shutdown.

    Args:
        model: the model to serve; a `LiveModel` can be replaced under traffic.
        settings: limits and addresses; None for the defaults.
        access: access control; None for that of ``settings``.
        resources: model versions, labels and runs; without it their routes do not exist.

    Raises:
        ValueError: the settings require API keys, but there are none.
    """
    settings = settings or Settings()
    live = model if isinstance(model, LiveModel) else LiveModel(model)
    access = access or Access.of(settings)
    store, sessions = (resources.store, resources.sessions) if resources else (None, None)
    context = AppContext.make(live, settings, access, store, sessions)
    desk = Desk(context)
    openapi = OpenAPIBuilder()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await run_sync(context.engine.start)
        if resources is not None:
            await run_sync(resources.start)
        yield
        context.close()
        if resources is not None:
            await run_sync(resources.stop)
        await run_sync(context.engine.stop)

    app = FastAPI(
        title="baozhai 报摘",
        version=version("baozhai"),
        lifespan=lifespan,
        docs_url=None,  # FastAPI's pages load scripts from other sites
        redoc_url=None,
        redirect_slashes=False,  # a redirect would be sent before access control, to whatever host the request names
        exception_handlers={BaozhaiError: on_error, HTTPException: desk.on_http_error},
    )
    app.state.context = context
    app.include_router(v1_routes(context, openapi))
    app.include_router(v2_routes(context, openapi))
    app.include_router(health_routes(context, openapi))
    if resources is not None:
        for router in resources.routers(context, openapi):
            app.include_router(router)
    if settings.archive is not None:  # imported here: it needs the extra `archive`
        from baozhai_service.archive.http.opened import OpenedArchive
        from baozhai_service.archive.http.routes import ArchiveWork, archive_routes
        from baozhai_service.desk.archive import archive_pages

        work = ArchiveWork(context, OpenedArchive(settings.archive, settings.archive_index))
        app.include_router(archive_routes(context, openapi, work))
        app.include_router(archive_pages(desk, work))
    for router in desk_routes(desk, resources):
        app.include_router(router)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST"],
            allow_headers=["authorization", "content-type", "x-request-id"],
            expose_headers=["x-request-id", "retry-after"],
        )
    app.add_middleware(RequestLogMiddleware, metrics=context.metrics)

    def openapi_document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = openapi.write(app, keys=context.access.by_key)
        return app.openapi_schema

    app.openapi = openapi_document  # type: ignore[method-assign]  # FastAPI's own way to replace its document
    return app
