"""模型: versions with their quality, training runs, the gate's report, and what a version would change."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from pathlib import PurePath
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from baozhai_model.bundle import Manifest, read_manifest
from baozhai_model.differences import differences
from baozhai_model.errors import BundleError, VersionNotFound
from baozhai_model.model import Model
from baozhai_model.registry.store import Store
from baozhai_service.api import render
from baozhai_service.api.requests import Text
from baozhai_service.desk.charts import forest
from baozhai_service.desk.desk import Desk
from baozhai_service.desk.signin import small_body
from baozhai_service.errors import FieldProblem, InvalidRequest, LabelStoreDown, RunRefused
from baozhai_service.http.auth import Permission
from baozhai_service.registry.routes import asked_by
from baozhai_service.resources import Resources
from baozhai_service.training_runs.runner import FORMATS

_SAMPLE = 300  # paragraphs of the label store that two versions are compared on
_SHOWN = 100  # changes that are shown
LEAST_LABELS = 10  # with a topic, and without it: what the trainer needs of each


class CompareRequest(BaseModel):
    """Which version to compare with the live one, and on what: the last labelled texts if nothing is given."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    version: Annotated[str, Field(min_length=1, max_length=200)]
    texts: Annotated[list[Text], Field(max_length=1000)] = []


def model_pages(desk: Desk, resources: Resources | None) -> APIRouter:
    """``/models``, ``/models/{version}``, ``/desk/runs`` and ``/desk/compare``."""
    context = desk.context
    router = desk.router()
    store = resources.store if resources else None
    comparing = threading.Lock()

    @router.get("/models", dependencies=[Depends(desk.page_needs(Permission.READ))])
    async def models(request: Request) -> Response:
        live = context.live.model
        trainer = bool(resources and store and resources.runner.available)
        return desk.page(
            request,
            "models.html",
            tab="models",
            versions=await run_sync(versions, live, store),
            live=live.version,
            history=list(reversed(await run_sync(store.history.entries))) if store else None,
            previous=len(await run_sync(store.live_history)) > 1 if store else False,
            labels=bool(resources and resources.label_overview),
            short=await run_sync(short_of_labels, live, resources),
            least=LEAST_LABELS,
            trainer=trainer,
            formats=",".join(FORMATS),
        )

    @router.get("/models/{version}", dependencies=[Depends(desk.page_needs(Permission.READ))])
    async def one(request: Request, version: str) -> Response:
        live = context.live.model
        manifest = live.manifest if version == live.version else await run_sync(_manifest, store, version)
        verdict = await run_sync(store.verdict, version) if store else None
        contests = verdict.figures.get("contests", []) if verdict else []
        return desk.page(
            request,
            "model.html",
            tab="models",
            each=described(version, manifest),
            live=live.version,
            verdict=verdict,
            contests=contests,
            chart=forest(contests),
            objections=await run_sync(store.objections, version) if store else ["this service serves one bundle only"],
        )

    data = APIRouter(include_in_schema=False)
    operate = [Depends(desk.data_needs(Permission.OPERATE))]

    @data.post("/desk/runs", dependencies=operate)
    async def train(request: Request) -> Response:
        """Begin a run on a table that is posted as it is."""
        suffix = PurePath(request.query_params.get("name", "")).suffix.lower()
        if suffix not in FORMATS:
            raise InvalidRequest([FieldProblem("file", f"must end in one of {', '.join(FORMATS)}")])
        raw = await small_body(request, context.settings.max_table_bytes)
        if resources is None or store is None:
            raise RunRefused("this service serves one bundle only; start it without --bundle to train")
        quick, who = request.query_params.get("quick") == "1", asked_by(request)
        run = await run_sync(
            lambda: resources.runner.start(
                raw, who=who, quick=quick, home=resources.home, base=store.live_folder, format=suffix
            )
        )
        return Response(render.to_json(asdict(run)), media_type="application/json")

    @data.post("/desk/compare", dependencies=operate)
    async def compare(request: Request) -> Response:
        def compared(model: Model, body: CompareRequest) -> dict[str, Any]:
            if resources is None or store is None:
                raise RunRefused("this service serves one bundle only")
            if not comparing.acquire(blocking=False):
                raise RunRefused("another comparison is under way; try again in a moment")
            try:
                texts = body.texts or _labelled(resources)
                return what_changes(model, lambda: resources.load(store.folder(body.version)), texts)
            finally:
                comparing.release()

        return await context.dispatcher.control(request, CompareRequest, compared)

    router.include_router(data)
    return router


def versions(live: Model, store: Store | None) -> list[dict[str, Any]]:
    """Every version there is, the newest first, with what the gate said; broken ones with what is wrong."""
    found: dict[str, Manifest | BundleError] = {live.version: live.manifest}
    if store is not None:
        found = {**store.versions(), live.version: live.manifest}
    listed: list[dict[str, Any]] = []
    for version, manifest in found.items():
        if isinstance(manifest, BundleError):
            listed.append({"version": version, "error": str(manifest), "created": ""})
            continue
        verdict = None
        if store is not None and (said := store.verdict(version)) is not None:
            verdict = "passed" if said.passed else "refused"
        listed.append({**described(version, manifest), "error": None, "verdict": verdict})
    return sorted(listed, key=lambda each: (str(each["created"]), each["version"]), reverse=True)


def described(version: str, manifest: Manifest) -> dict[str, Any]:
    """What a version says of itself, for a template."""
    metrics = manifest.about.get("metrics") or {}
    measured = {row.get("topic"): row for row in (metrics.get("topics") or {}).get("topics") or []}
    rows = [{"topic": topic.zh, **measured.get(topic.zh, {})} for topic in manifest.topics]
    scores = [row["f1"] for row in rows if "f1" in row]
    return {
        "version": version,
        "created": str(manifest.about.get("created") or version[:10]),
        "topics": [topic.zh for topic in manifest.topics],
        "rows": rows,
        "f1": {row["topic"]: row["f1"] for row in rows if "f1" in row},
        "macro_f1": sum(scores) / len(scores) if scores else None,
        "digests": {
            name: value for name, value in (metrics.get("digests") or {}).items() if isinstance(value, int | float)
        },
        "base": manifest.about.get("base"),
    }


def what_changes(live: Model, load: Callable[[], Model], texts: list[str]) -> dict[str, Any]:
    """Which of ``texts`` would get other topics from the version that ``load`` loads.

    Raises:
        InvalidRequest: there is no text to compare on.
    """
    if not texts:
        raise InvalidRequest([FieldProblem("texts", "is empty, and no text is labelled yet: paste some paragraphs")])
    report = differences(live, load(), texts)
    return {
        "paragraphs": report.paragraphs,
        "changed": len(report.changed),
        "lost": dict(Counter(report.lost).most_common()),
        "gained": dict(Counter(report.gained).most_common()),
        "examples": [
            {"text": texts[change.place], "lost": list(change.lost), "gained": list(change.gained)}
            for change in report.changed[:_SHOWN]
        ],
    }


def short_of_labels(live: Model, resources: Resources | None) -> dict[str, int]:
    """How many labelled texts each topic has, of the topics that have too few (or leave too few) to be trained."""
    if resources is None or resources.label_overview is None:
        return {}
    try:
        progress = resources.label_overview.progress()
    except LabelStoreDown:
        return {}  # what matters on this page does not depend on the store
    counts = {topic.zh: progress.topics.get(topic.id, 0) for topic in live.topics}
    return {name: count for name, count in counts.items() if min(count, progress.texts - count) < LEAST_LABELS}


def _labelled(resources: Resources) -> list[str]:
    """The texts that were labelled last."""
    if resources.label_overview is None:
        return []
    return [label.text for label in resources.labels().latest()[-_SAMPLE:]]


def _manifest(store: Store | None, version: str) -> Manifest:
    """The manifest of ``version``.

    Raises:
        VersionNotFound, BundleError: it is not there, or broken.
    """
    if store is None:
        raise VersionNotFound(version, [])
    return read_manifest(store.folder(version))
