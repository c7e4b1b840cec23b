"""标注: the page where topics are corrected, and what its script asks for."""

from __future__ import annotations

from dataclasses import asdict
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from baozhai_model.active_learning import doubt, most_worth
from baozhai_model.model import Model
from baozhai_model.results import Prediction
from baozhai_service.api import render
from baozhai_service.api.requests import Text
from baozhai_service.desk.candidates import candidates, decoded
from baozhai_service.desk.desk import Desk
from baozhai_service.desk.signin import small_body
from baozhai_service.http.auth import Permission
from baozhai_service.registry.routes import asked_by

if TYPE_CHECKING:
    from baozhai_service.labels.overview import LabelOverview

_SUSPECTS = 100


class Candidate(BaseModel):
    """A paragraph that may be worth labelling."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    text: Text
    title: Text | None = None
    source: Text = ""


class NextRequest(BaseModel):
    """Paragraphs to put in the order in which they are worth labelling."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    items: Annotated[list[Candidate], Field(min_length=1, max_length=1000)]


def labelling_pages(desk: Desk, overview: LabelOverview | None) -> APIRouter:
    """``/label``, ``/desk/text``, ``/desk/candidates``, ``/desk/next`` and ``/desk/labels``."""
    context = desk.context
    router = desk.router()
    most = context.settings.max_body_bytes

    @router.get("/label", dependencies=[Depends(desk.page_needs(Permission.LABEL))])
    async def label(request: Request) -> Response:
        trainer = bool(find_spec("torch"))
        return desk.page(request, "label.html", tab="label", installed=overview is not None, trainer=trainer)

    data = APIRouter(include_in_schema=False)
    read, write = [Depends(desk.data_needs(Permission.READ))], [Depends(desk.data_needs(Permission.LABEL))]

    @data.post("/desk/text", dependencies=read)
    async def text(request: Request) -> Response:
        raw = await small_body(request, most)
        return _json({"text": await run_sync(decoded, raw)})

    @data.post("/desk/candidates", dependencies=write)
    async def from_file(request: Request) -> Response:
        raw, name = await small_body(request, most), request.query_params.get("name", "")[:200]
        return _json({"items": await run_sync(candidates, raw, name)})

    @data.post("/desk/next", dependencies=write)
    async def rank(request: Request) -> Response:
        who = asked_by(request)
        return await context.dispatcher.handle(
            request, NextRequest, lambda model, body: in_order(model, body, overview, who)
        )

    @data.get("/desk/labels", dependencies=write)
    async def labels() -> Response:
        if overview is None:
            return _json({"progress": None, "suspects": []})
        return _json(await run_sync(looked_at, overview))

    router.include_router(data)
    return router


def in_order(model: Model, body: NextRequest, overview: LabelOverview | None, who: str) -> dict[str, Any]:
    """The items that ``who`` has not labelled yet, with what the model says of them, the most worth labelling first.

    What the model cannot read is left out, and counted.
    """
    texts = [item.text for item in body.items]
    known = overview.labelled_by(who, texts) if overview is not None else [False] * len(texts)
    new = [item for item, labelled in zip(body.items, known, strict=True) if not labelled]
    answers = model.classify([item.text for item in new], [item.title for item in new])
    read = [(item, answer) for item, answer in zip(new, answers, strict=True) if isinstance(answer, Prediction)]
    order = most_worth([item.text for item, _ in read], doubt(model, [answer for _, answer in read]), len(read))
    items = [{**read[place][0].model_dump(), **render.prediction(read[place][1], "id")} for place in order]
    return {
        "model_version": model.version,
        "items": items,
        "known": len(texts) - len(new),
        "unreadable": len(new) - len(read),
    }


def looked_at(overview: LabelOverview) -> dict[str, Any]:
    """Progress and suspects as JSON."""
    suspects = [
        {"label": each.label.to_json(), "topic": each.topic, "given": each.given, "likely": round(each.likely, 4)}
        for each in overview.suspects(_SUSPECTS)
    ]
    return {"progress": asdict(overview.progress()), "suspects": suspects}


def _json(body: dict[str, Any]) -> Response:
    return Response(render.to_json(body), media_type="application/json")
