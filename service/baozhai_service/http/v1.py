"""``/v1``: each route names its bodies, its role and its answer."""

from __future__ import annotations

from functools import partial

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from baozhai_service.api import operations
from baozhai_service.api.render import to_json
from baozhai_service.api.requests import ClassifyRequest, DigestRequest, ReadRequest
from baozhai_service.api.responses import ClassifyResponse, DigestResponse, ModelsResponse, ReadResponse
from baozhai_service.http.auth import Permission
from baozhai_service.http.context import AppContext
from baozhai_service.http.openapi import GET_STATUSES, POST_STATUSES, OpenAPIBuilder


def v1_routes(context: AppContext, openapi: OpenAPIBuilder) -> APIRouter:
    """Classify, digest, read, and the models that do it."""
    router = APIRouter(prefix="/v1", tags=["v1"], dependencies=[Depends(context.needs(Permission.READ))])
    classified = partial(operations.classify, limits=context.limits)

    @router.post("/classify", **openapi.route(*POST_STATUSES, body=ClassifyRequest, answer=ClassifyResponse))
    async def classify(request: Request) -> Response:
        """Name the topics of each text."""
        return await context.dispatcher.handle(request, ClassifyRequest, classified)

    @router.post("/digest", **openapi.route(*POST_STATUSES, body=DigestRequest, answer=DigestResponse))
    async def digest(request: Request) -> Response:
        """Take a digest of an article: verbatim sentences with their offsets."""
        return await context.dispatcher.handle(request, DigestRequest, operations.digest)

    @router.post("/read", **openapi.route(*POST_STATUSES, body=ReadRequest, answer=ReadResponse))
    async def read(request: Request) -> Response:
        """Read a page: its articles, their paragraphs' topics and their digests."""
        return await context.dispatcher.handle(request, ReadRequest, operations.read)

    @router.get("/models", **openapi.route(*GET_STATUSES, answer=ModelsResponse))
    async def models() -> Response:
        """List the model versions with their measured scores; tell which is live."""
        listed = await run_sync(operations.models, context.live.model, context.store)
        return Response(to_json(listed), media_type="application/json")

    return router
