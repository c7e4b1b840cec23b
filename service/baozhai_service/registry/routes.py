"""``/v1/models/promote``, ``/rollback`` and ``/history``."""

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
    """Promote, roll back, and the log of both."""
    router = APIRouter(prefix="/v1/models", tags=["releases"])
    operate = [Depends(context.needs(Permission.OPERATE))]

    def released(entry: Entry) -> dict[str, Any]:
        if watcher.follow() != entry.version:
            raise BundleCorrupt(f"{entry.version} could not be loaded; what was live goes on")
        return {"live": entry.version, "entry": asdict(entry)}

    @router.post(
        "/promote",
        dependencies=operate,
        **openapi.route(*POST_STATUSES, 403, 404, 409, body=PromoteRequest, answer=ReleaseResponse),
    )
    async def promote(request: Request) -> Response:
        """Make a version live that the gate has passed."""
        who = asked_by(request)
        return await context.dispatcher.handle(
            request, PromoteRequest, lambda _, body: released(store.promote(body.version, who=who, why=body.why))
        )

    returning = openapi.route(*POST_STATUSES, 403, 409, body=RollBackRequest, answer=ReleaseResponse)

    @router.post("/rollback", dependencies=operate, **returning)
    async def roll_back(request: Request) -> Response:
        """Make the version live again that was so before."""
        who = asked_by(request)
        return await context.dispatcher.handle(
            request, RollBackRequest, lambda _, body: released(store.roll_back(who=who, why=body.why))
        )

    @router.get(
        "/history",
        dependencies=[Depends(context.needs(Permission.READ))],
        **openapi.route(*GET_STATUSES, 503, answer=HistoryResponse),
    )
    async def history() -> Response:
        """Who made which version live, when and why; refusals too."""
        entries = await run_sync(store.history.entries)
        return Response(to_json({"entries": [asdict(entry) for entry in entries]}), media_type="application/json")

    return router


def asked_by(request: Request) -> str:
    """The name of the key that a request came with; without keys, that it came from this machine."""
    key = request.scope["state"].get("key")
    return str(key) if key else "local"
