"""Is it alive, is it ready, and what has it counted."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from starlette.responses import Response

from baozhai_model.errors import ShuttingDown
from baozhai_service.access import Role
from baozhai_service.documents import LOOK, Documents
from baozhai_service.errors import WorkerDown
from baozhai_service.metrics import CONTENT_TYPE
from baozhai_service.parts import Parts
from baozhai_service.render import to_json
from baozhai_service.responses import Health


def check_alive(parts: Parts) -> None:
    """Raise unless the process can do its work, now or after it has mended itself."""
    if not parts.engine.alive:
        raise WorkerDown


def check_ready(parts: Parts) -> None:
    """Raise unless a request that comes now would be answered."""
    if parts.admission.closing:
        raise ShuttingDown("the service is shutting down; send requests to another one")
    if not parts.engine.ready:
        raise WorkerDown


def health_routes(parts: Parts, documents: Documents) -> APIRouter:
    """``/health/live``, ``/health/ready`` for whoever asks, and ``/metrics`` for the holders of keys."""
    router = APIRouter(tags=["operations"])
    ok = Response(to_json({"status": "ok"}), media_type="application/json").body

    @router.get("/health/live", **documents.route(500, 503, answer=Health))
    async def live() -> Response:
        """Whether the process is to be left running."""
        check_alive(parts)
        return Response(ok, media_type="application/json")

    @router.get("/health/ready", **documents.route(500, 503, answer=Health))
    async def ready() -> Response:
        """Whether requests are to be sent here."""
        check_ready(parts)
        return Response(ok, media_type="application/json")

    described = documents.route(*LOOK)
    described["responses"][200] = {
        "description": "Metrics in Prometheus' text format.",
        "content": {"text/plain": {"schema": {"type": "string"}}},
    }

    @router.get("/metrics", dependencies=[Depends(parts.needs(Role.READ))], **described)
    async def metrics() -> Response:
        """Queue, batches, latency by stage, refusals by reason, model versions."""
        parts.metrics.live.clear()
        parts.metrics.live.labels(parts.live.model.version).set(1)
        return Response(parts.metrics.text(), headers={"content-type": CONTENT_TYPE})

    return router
