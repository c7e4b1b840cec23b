"""``/v1/models/promote``, ``/rollback`` and ``/history``: which model version is live."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from baozhai_model.errors import BundleCorrupt
from baozhai_model.registry.history import Entry
from baozhai_model.registry.store import Store
from baozhai_service.api.render import to_json
from baozhai_service.http.auth import Permission
from baozhai_service.http.context import AppContext
from baozhai_service.http.openapi import GET_STATUSES, POST_STATUSES, OpenAPIBuilder
from baozhai_service.registry.schemas import HistoryResponse, PromoteRequest, ReleaseResponse, RollBackRequest
from baozhai_service.registry.watcher import StoreWatcher


def release_routes(context: AppContext, openapi: OpenAPIBuilder, store: Store, watcher: StoreWatcher) -> APIRouter:
    """The routes that promote, roll back, and list the log. The model that was tested is the one that goes live."""
    router = APIRouter(prefix="/v1/models", tags=["releases"])
    operate = [Depends(context.needs(Permission.OPERATE))]

    def released(entry: Entry) -> dict[str, Any]:
        if watcher.follow() != entry.version:
            raise BundleCorrupt(f"{entry.version} could not be loaded; the previous version stays live in this service")
        return {"live": entry.version, "entry": asdict(entry)}

    @router.post(
        "/promote",
        dependencies=operate,
        **openapi.route(*POST_STATUSES, 404, 409, body=PromoteRequest, answer=ReleaseResponse),
    )
    async def promote(request: Request) -> Response:
        """Make a model version live that passed the gate."""
        who = asked_by(request)
        return await context.dispatcher.control(
            request,
            PromoteRequest,
            lambda _, body: released(store.promote(body.version, who=who, why=body.why, probe=watcher.prepare)),
        )

    returning = openapi.route(*POST_STATUSES, 409, body=RollBackRequest, answer=ReleaseResponse)

    @router.post("/rollback", dependencies=operate, **returning)
    async def roll_back(request: Request) -> Response:
        """Restore the previously live model version."""
        who = asked_by(request)
        return await context.dispatcher.control(
            request,
            RollBackRequest,
            lambda _, body: released(store.roll_back(who=who, why=body.why, probe=watcher.prepare)),
        )

    @router.get(
        "/history",
        dependencies=[Depends(context.needs(Permission.READ))],
        **openapi.route(*GET_STATUSES, 503, answer=HistoryResponse),
    )
    async def history() -> Response:
        """The log of promotions, roll-backs and refusals: who, when, which model version, and why."""
        entries = await run_sync(store.history.entries)
        return Response(to_json({"entries": [asdict(entry) for entry in entries]}), media_type="application/json")

    return router


def asked_by(request: Request) -> str:
    """The name of the request's key; ``local`` where the service has no keys."""
    key = request.scope["state"].get("key")
    return str(key) if key else "local"
