"""``/v1/labels``: store and list labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from baozhai_model.errors import DeadlineExceeded, InputError
from baozhai_model.model import Model
from baozhai_model.results import Prediction as Predicted
from baozhai_service.api.render import to_json
from baozhai_service.errors import FieldProblem, InvalidRequest, WorkerDown
from baozhai_service.http.auth import Permission
from baozhai_service.http.context import AppContext
from baozhai_service.http.openapi import GET_STATUSES, POST_STATUSES, OpenAPIBuilder
from baozhai_service.labels.records import Label, Prediction
from baozhai_service.labels.schemas import GivenLabel, KeptResponse, LabelRequest, LabelsResponse
from baozhai_service.registry.routes import asked_by

if TYPE_CHECKING:  # slow to import, so `Resources` imports it after the start
    from baozhai_service.labels.database import LabelDatabase

MOST = 1000  # labels in one page of the list


def label_routes(context: AppContext, openapi: OpenAPIBuilder, database: Callable[[], LabelDatabase]) -> APIRouter:
    """The routes; ``database`` returns the label store, which its first call opens."""
    router = APIRouter(prefix="/v1/labels", tags=["labels"], dependencies=[Depends(context.needs(Permission.LABEL))])

    @router.post("", **openapi.route(*POST_STATUSES, body=LabelRequest, answer=KeptResponse))
    async def give(request: Request) -> Response:
        """Store labels, each with the live model's prediction unless the encoder is too busy to give it."""
        keep = partial(_kept, database=database, who=asked_by(request))
        return await context.dispatcher.control(request, LabelRequest, keep)

    described = openapi.route(*GET_STATUSES, 403, 422, 503, answer=LabelsResponse)
    described["openapi_extra"]["parameters"] = [
        _parameter("after", 0, 0, 2**53, "Start after this number: `next` of the previous page."),
        _parameter("limit", MOST, 1, MOST, "Maximum number of labels."),
    ]

    @router.get("", **described)
    async def look(request: Request) -> Response:
        """Labels, oldest first."""
        after, limit = _number(request, "after", 0, 0, 2**53), _number(request, "limit", MOST, 1, MOST)
        found = await run_sync(lambda: database().page(after, limit))
        body = {
            "labels": [label.to_json() for _, label in found],
            "next": found[-1][0] if len(found) == limit else None,
        }
        return Response(to_json(body), media_type="application/json")

    return router


def _kept(model: Model, body: LabelRequest, *, database: Callable[[], LabelDatabase], who: str) -> dict[str, Any]:
    predictions = _predictions(model, body)
    problems, kept = [], []
    for place, (given, prediction) in enumerate(zip(body.labels, predictions, strict=True)):
        try:
            if isinstance(prediction, InputError):
                raise ValueError(str(prediction))
            if "\x00" in given.text + (given.title or "") + given.source:
                raise ValueError("contains a NUL character, which databases cannot store")
            topics = _topic_ids(model, given, new=body.new_topics)
        except ValueError as error:
            problems.append(FieldProblem(f"labels[{place}]", str(error)))
            continue
        predicted = _record(model.version, prediction) if prediction is not None else None
        kept.append(
            Label.new(
                given.text, topics, who, id=given.id, title=given.title, source=given.source, prediction=predicted
            )
        )
    if problems:
        raise InvalidRequest(problems)
    database().add(kept)
    return {"model_version": model.version, "labels": [label.to_json() for label in kept]}


def _predictions(model: Model, body: LabelRequest) -> Sequence[Predicted | InputError | None]:
    """The prediction for each text; None if the encoder is down or too busy: labels are stored nevertheless."""
    texts = [given.text for given in body.labels]
    try:
        return model.classify(texts, [given.title for given in body.labels])
    except (WorkerDown, DeadlineExceeded):
        return [_refusal(model, text) for text in texts]


def _refusal(model: Model, text: str) -> InputError | None:
    """The error of a ``text`` that the model can never process; None for any other."""
    try:
        model.tokenize(text)
    except InputError as error:
        return error
    return None


def _record(version: str, prediction: Predicted) -> Prediction:
    confidences = {topic.id: confidence for topic, confidence in prediction.confidences.items()}
    return Prediction(version, tuple(topic.id for topic in prediction.topics), confidences)


def _topic_ids(model: Model, given: GivenLabel, *, new: bool) -> tuple[str, ...]:
    ids: dict[str, None] = {}  # an ordered set
    for name in given.topics:
        try:
            ids[model.topics.named(name).id] = None
        except KeyError as error:
            if not new or not name.strip() or "\x00" in name or ";" in name:
                raise ValueError(error.args[0]) from None
            ids[name] = None
    return tuple(ids)


def _number(request: Request, name: str, default: int, least: int, most: int) -> int:
    given = request.query_params.get(name)
    if given is None:
        return default
    if not (given.isascii() and given.isdigit() and len(given) < 20 and least <= int(given) <= most):
        raise InvalidRequest([FieldProblem(name, f"must be a whole number from {least} to {most}")])
    return int(given)


def _parameter(name: str, default: int, least: int, most: int, description: str) -> dict[str, Any]:
    schema = {"type": "integer", "minimum": least, "maximum": most, "default": default}
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": description}
