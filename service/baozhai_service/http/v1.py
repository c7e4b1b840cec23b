"""``/v1``: each route names its bodies, its role and its answer."""

from __future__ import annotations

from functools import partial

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from baozhai_service.api import operations
from baozhai_service.api.render import to_json
from baozhai_service.api.requests import (
    ClassifyRequest,
    DigestRequest,
    DocumentOptions,
    PictureOptions,
    ReadRequest,
    VerifyRequest,
)
from baozhai_service.api.responses import ClassifyResponse, DigestResponse, ModelsResponse, ReadResponse, VerifyResponse
from baozhai_service.http.auth import Permission
from baozhai_service.http.context import AppContext
from baozhai_service.http.dispatch import is_json
from baozhai_service.http.openapi import GET_STATUSES, POST_STATUSES, OpenAPIBuilder
from baozhai_service.http.uploads import query_of


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

    @router.post(
        "/read",
        **openapi.document_route(*POST_STATUSES, body=ReadRequest, answer=ReadResponse, query=DocumentOptions),
    )
    async def read(request: Request) -> Response:
        """Read a page: its articles, their paragraphs' topics and their digests.

        The body is JSON with the page's text, or a document (PDF, Word, HTML, OFD, an image or text): by itself, or
        as the one file, `file`, of a form.
        """
        options = query_of(request, DocumentOptions)  # checked for JSON too, whose options are in its body
        if is_json(request):
            return await context.dispatcher.handle(request, ReadRequest, operations.read)
        answered = partial(operations.read_document, options=options)
        return await context.documents.read(request, answered, options.name)

    @router.post("/page-image", **openapi.document_route(*POST_STATUSES, query=PictureOptions, picture=True))
    async def page_image(request: Request) -> Response:
        """Draw a page of a document (PDF or image): a PNG."""
        options = query_of(request, PictureOptions)
        return await context.documents.picture(request, options.page, options.width, options.name)

    @router.post("/verify", **openapi.route(*POST_STATUSES, body=VerifyRequest, answer=VerifyResponse))
    async def verify(request: Request) -> Response:
        """Check a digest that somebody wrote: which sentences are verbatim, nearly so, or not in the source."""
        return await context.dispatcher.handle(
            request, VerifyRequest, lambda model, body: operations.verify(body, model.max_characters)
        )

    @router.get("/models", **openapi.route(*GET_STATUSES, answer=ModelsResponse))
    async def models() -> Response:
        """List the model versions with their measured scores; tell which is live."""
        listed = await run_sync(operations.models, context.live.model, context.store)
        return Response(to_json(listed), media_type="application/json")

    return router
