"""``/v1/runs``: train on the stored labels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from baozhai_model.model import Model
from baozhai_model.registry.store import Store
from baozhai_service.api.render import to_json
from baozhai_service.http.auth import Permission
from baozhai_service.http.context import AppContext
from baozhai_service.http.openapi import GET_STATUSES, POST_STATUSES, OpenAPIBuilder
from baozhai_service.labels.records import as_line
from baozhai_service.registry.routes import asked_by
from baozhai_service.training_runs.runner import TrainingRunner
from baozhai_service.training_runs.schemas import RunBody, RunLog, RunRequest, RunsResponse

if TYPE_CHECKING:  # slow to import, so `Resources` imports it after the start
    from baozhai_service.labels.database import LabelDatabase


def run_routes(
    context: AppContext,
    openapi: OpenAPIBuilder,
    runner: TrainingRunner,
    store: Store,
    database: Callable[[], LabelDatabase],
    home: Path,
) -> APIRouter:
    """The routes that start, list, show and cancel training runs."""
    router = APIRouter(prefix="/v1/runs", tags=["runs"], dependencies=[Depends(context.needs(Permission.OPERATE))])

    @router.post("", **openapi.route(*POST_STATUSES, 409, body=RunRequest, answer=RunBody))
    async def start(request: Request) -> Response:
        """Start a run; 409 while another one is running."""
        who = asked_by(request)

        def started(_: Model, body: RunRequest) -> dict[str, Any]:
            lines = map(as_line, database().latest())
            return asdict(runner.start(lines, who=who, quick=body.quick, home=home, base=store.live_folder))

        return await context.dispatcher.control(request, RunRequest, started)

    @router.get("", **openapi.route(*GET_STATUSES, 403, answer=RunsResponse))
    async def listed() -> Response:
        """All runs, the newest first."""
        found = await run_sync(runner.runs)
        return _json({"runs": [asdict(run) for run in found]})

    @router.get("/{run}", **openapi.route(*GET_STATUSES, 403, 404, answer=RunLog))
    async def look(run: str) -> Response:
        """The state of a run, and the end of its log."""
        return _json(await run_sync(lambda: {**asdict(runner.run(run)), "log": runner.log(run)}))

    @router.post("/{run}/cancel", **openapi.route(*GET_STATUSES, 403, 404, 409, answer=RunBody))
    async def cancel(run: str) -> Response:
        """Stop a run; its files are kept."""
        return _json(asdict(await run_sync(runner.cancel, run)))

    return router


def _json(body: dict[str, Any]) -> Response:
    return Response(to_json(body), media_type="application/json")
