"""Health checks and metrics."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from starlette.responses import Response

from baozhai_model.errors import ShuttingDown
from baozhai_service.api.render import to_json
from baozhai_service.api.responses import Health
from baozhai_service.errors import WorkerDown
from baozhai_service.http.auth import Permission
from baozhai_service.http.context import AppContext
from baozhai_service.http.openapi import GET_STATUSES, OpenAPIBuilder
from baozhai_service.metrics import CONTENT_TYPE


def check_alive(context: AppContext) -> None:
    """Raise unless the process works or can recover by itself."""
    if not context.engine.alive:
        raise WorkerDown


def check_ready(context: AppContext) -> None:
    """Raise unless new requests are answered."""
    if context.admission.closing:
        raise ShuttingDown("the service is shutting down; send requests to another one")
    if not context.engine.ready:
        raise WorkerDown


def health_routes(context: AppContext, openapi: OpenAPIBuilder) -> APIRouter:
    """``/health/live`` and ``/health/ready`` without a key, and ``/metrics`` with one."""
    router = APIRouter(tags=["operations"])
    ok = Response(to_json({"status": "ok"}), media_type="application/json").body

    @router.get("/health/live", **openapi.route(500, 503, answer=Health))
    async def live() -> Response:
        """Liveness: 200 unless the process must be restarted."""
        check_alive(context)
        return Response(ok, media_type="application/json")

    @router.get("/health/ready", **openapi.route(500, 503, answer=Health))
    async def ready() -> Response:
        """Readiness: 200 if new requests are answered."""
        check_ready(context)
        return Response(ok, media_type="application/json")

    described = openapi.route(*GET_STATUSES)
    described["responses"][200] = {
        "description": "Metrics in Prometheus' text format.",
        "content": {"text/plain": {"schema": {"type": "string"}}},
    }

    @router.get("/metrics", dependencies=[Depends(context.needs(Permission.READ))], **described)
    async def metrics() -> Response:
        """Prometheus metrics: queue, batches, latency by stage, refusals by reason, model versions."""
        context.metrics.live.clear()
        context.metrics.live.labels(context.live.model.version).set(1)
        return Response(context.metrics.text(), headers={"content-type": CONTENT_TYPE})

    return router
