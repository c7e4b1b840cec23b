"""``/v1``: each route names its bodies, its role and its answer."""

from __future__ import annotations

from functools import partial

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from baozhai_service import answers
from baozhai_service.access import Role
from baozhai_service.documents import LOOK, WORK, Documents
from baozhai_service.parts import Parts
from baozhai_service.render import to_json
from baozhai_service.responses import ClassifyResponse, DigestResponse, ModelsResponse, ReadResponse
from baozhai_service.schemas import ClassifyRequest, DigestRequest, ReadRequest


def v1_routes(parts: Parts, documents: Documents) -> APIRouter:
    """Classify, digest, read, and the models that do it."""
    router = APIRouter(prefix="/v1", tags=["v1"], dependencies=[Depends(parts.needs(Role.READ))])
    classified = partial(answers.classify, limits=parts.limits)

    @router.post("/classify", **documents.route(*WORK, body=ClassifyRequest, answer=ClassifyResponse))
    async def classify(request: Request) -> Response:
        """Name the topics of each text."""
        return await parts.calls.answer(request, ClassifyRequest, classified)

    @router.post("/digest", **documents.route(*WORK, body=DigestRequest, answer=DigestResponse))
    async def digest(request: Request) -> Response:
        """Take a digest of an article: verbatim sentences with their offsets."""
        return await parts.calls.answer(request, DigestRequest, answers.digest)

    @router.post("/read", **documents.route(*WORK, body=ReadRequest, answer=ReadResponse))
    async def read(request: Request) -> Response:
        """Read a page: its articles, their paragraphs' topics and their digests."""
        return await parts.calls.answer(request, ReadRequest, answers.read)

    @router.get("/models", **documents.route(*LOOK, answer=ModelsResponse))
    async def models() -> Response:
        """List the model versions with their measured scores; tell which is live."""
        listed = await run_sync(answers.models, parts.live.model, parts.store)
        return Response(to_json(listed), media_type="application/json")

    return router
