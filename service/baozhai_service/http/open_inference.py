"""The Open Inference Protocol (``/v2``, REST) for classifying, so that standard clients and gateways work."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from baozhai_model.encoder.runtimes import RuntimeName
from baozhai_model.model import Model
from baozhai_service.api import operations
from baozhai_service.api.render import to_json
from baozhai_service.api.requests import ClassifyRequest, Text
from baozhai_service.errors import FieldProblem, InvalidRequest, NotFound
from baozhai_service.http.auth import Permission
from baozhai_service.http.context import AppContext
from baozhai_service.http.health import check_alive, check_ready
from baozhai_service.http.openapi import GET_STATUSES, POST_STATUSES, OpenAPIBuilder

NAME = "baozhai"
_PLATFORMS: dict[RuntimeName, str] = {"onnxruntime": "onnxruntime_onnx", "openvino-bf16": "openvino_onnx"}


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class TextTensor(_Body):
    """The input ``text``: one string per text."""

    name: Literal["text"]
    shape: list[int] = Field(min_length=1, max_length=1, description="[number of texts]")
    datatype: Literal["BYTES"]
    data: list[Text] = Field(min_length=1)
    parameters: dict[str, Any] | None = None


class WantedOutput(_Body):
    """The name of a requested output."""

    name: Literal["confidences", "topics", "uncertain", "stage", "error"]
    parameters: dict[str, Any] | None = None


class InferRequest(_Body):
    """Texts to classify, as a tensor, and the requested outputs (all by default). Parameters are ignored."""

    id: str | None = Field(None, max_length=200)
    inputs: list[TextTensor] = Field(min_length=1, max_length=1)
    outputs: list[WantedOutput] | None = None
    parameters: dict[str, Any] | None = None


class OutputTensor(BaseModel):
    """``confidences`` and ``topics`` are [texts, topics] in the order of the model's metadata, the others [texts]."""

    name: str
    shape: list[int]
    datatype: str
    data: list[Any]


class InferResponse(BaseModel):
    """One row per text; ``error`` is empty where the text was read, and ``stage`` is 0 where it was not."""

    model_name: str
    model_version: str
    id: str | None = None
    outputs: list[OutputTensor]


class TensorMetadata(BaseModel):
    """A tensor's name, type and shape; -1 is any."""

    name: str
    datatype: str
    shape: list[int]


class ModelMetadata(BaseModel):
    """The inputs and outputs of the model; ``parameters`` name its topics in order."""

    name: str
    versions: list[str]
    platform: str
    inputs: list[TensorMetadata]
    outputs: list[TensorMetadata]
    parameters: dict[str, Any]


class ServerMetadata(BaseModel):
    """The server's name and version."""

    name: str
    version: str
    extensions: list[str]


class Live(BaseModel):
    """Whether the server is alive."""

    live: bool


class Ready(BaseModel):
    """Whether the server is ready."""

    ready: bool


class ModelReady(BaseModel):
    """Whether the model is ready."""

    name: str
    ready: bool


def infer(model: Model, request: InferRequest, limits: operations.Limits) -> dict[str, Any]:
    """Classify the texts of an Open Inference request.

    Raises:
        InputError: the shape does not match the data, or the request exceeds ``limits``.
    """
    (tensor,) = request.inputs
    count = len(tensor.data)
    if tensor.shape != [count]:
        raise InvalidRequest([FieldProblem("inputs[0].shape", f"is {tensor.shape}; the data has the shape [{count}]")])
    answer = operations.classify(model, ClassifyRequest(texts=tensor.data, names="id"), limits)
    results = answer["results"]
    ids = model.topics.ids
    outputs = {
        "confidences": ("FP64", [r["confidences"][i] if "error" not in r else 0.0 for r in results for i in ids]),
        "topics": ("BOOL", [i in r.get("topics", ()) for r in results for i in ids]),
        "uncertain": ("BOOL", [r.get("uncertain", False) for r in results]),
        "stage": ("INT32", [r.get("stage", 0) for r in results]),
        "error": ("BYTES", [r["error"]["detail"] if "error" in r else "" for r in results]),
    }
    wanted = [output.name for output in request.outputs] if request.outputs else list(outputs)
    return {
        "model_name": NAME,
        "model_version": answer["model_version"],
        **({"id": request.id} if request.id is not None else {}),
        "outputs": [
            {
                "name": name,
                "shape": [count, len(ids)] if name in ("confidences", "topics") else [count],
                "datatype": outputs[name][0],
                "data": outputs[name][1],
            }
            for name in wanted
        ],
    }


def v2_routes(context: AppContext, openapi: OpenAPIBuilder) -> APIRouter:
    """Health, metadata and ``infer``, with and without ``/versions/{version}``."""
    router = APIRouter(prefix="/v2", tags=["Open Inference Protocol"])
    guarded = [Depends(context.needs(Permission.READ))]

    @router.get("/health/live", **openapi.route(500, 503, answer=Live))
    async def live() -> Response:
        """Liveness: 200 unless the process must be restarted."""
        check_alive(context)
        return _json({"live": True})

    @router.get("/health/ready", **openapi.route(500, 503, answer=Ready))
    async def ready() -> Response:
        """Readiness: 200 if new requests are answered."""
        check_ready(context)
        return _json({"ready": True})

    @router.get("", dependencies=guarded, **openapi.route(*GET_STATUSES, answer=ServerMetadata))
    async def server() -> Response:
        """The name and version of the server."""
        return _json({"name": NAME, "version": version("baozhai"), "extensions": []})

    @router.get("/models/{name}", dependencies=guarded, **openapi.route(404, 422, *GET_STATUSES, answer=ModelMetadata))
    @router.get(
        "/models/{name}/versions/{model_version}",
        dependencies=guarded,
        **openapi.route(404, 422, *GET_STATUSES, answer=ModelMetadata),
    )
    async def metadata(name: str, model_version: str | None = None) -> Response:
        """The inputs and outputs of the model."""
        return _json(_metadata(_named(context, name, model_version), _PLATFORMS[context.settings.runtime]))

    @router.get(
        "/models/{name}/ready", dependencies=guarded, **openapi.route(404, 422, 503, *GET_STATUSES, answer=ModelReady)
    )
    @router.get(
        "/models/{name}/versions/{model_version}/ready",
        dependencies=guarded,
        **openapi.route(404, 422, 503, *GET_STATUSES, answer=ModelReady),
    )
    async def model_ready(name: str, model_version: str | None = None) -> Response:
        """Whether the model is ready."""
        _named(context, name, model_version)
        check_ready(context)
        return _json({"name": NAME, "ready": True})

    @router.post(
        "/models/{name}/infer",
        dependencies=guarded,
        **openapi.route(404, *POST_STATUSES, body=InferRequest, answer=InferResponse),
    )
    @router.post(
        "/models/{name}/versions/{model_version}/infer",
        dependencies=guarded,
        **openapi.route(404, *POST_STATUSES, body=InferRequest, answer=InferResponse),
    )
    async def infer_texts(request: Request, name: str, model_version: str | None = None) -> Response:
        """Classify the texts of a tensor."""
        _named(context, name, model_version)

        def answer(model: Model, body: InferRequest) -> dict[str, Any]:
            if model_version not in (None, model.version):  # it was replaced since the request was admitted
                raise NotFound(f"version {model.version} is live now")
            return infer(model, body, context.limits)

        return await context.dispatcher.handle(request, InferRequest, answer)

    return router


def _named(context: AppContext, name: str, model_version: str | None) -> Model:
    model = context.live.model
    if name != NAME or model_version not in (None, model.version):
        raise NotFound(f"there is no such model; there is {NAME!r}, version {model.version}")
    return model


def _metadata(model: Model, platform: str) -> dict[str, Any]:
    topics = len(model.topics)
    return {
        "name": NAME,
        "versions": [model.version],
        "platform": platform,
        "inputs": [{"name": "text", "datatype": "BYTES", "shape": [-1]}],
        "outputs": [
            {"name": "confidences", "datatype": "FP64", "shape": [-1, topics]},
            {"name": "topics", "datatype": "BOOL", "shape": [-1, topics]},
            {"name": "uncertain", "datatype": "BOOL", "shape": [-1]},
            {"name": "stage", "datatype": "INT32", "shape": [-1]},
            {"name": "error", "datatype": "BYTES", "shape": [-1]},
        ],
        "parameters": {"topics": list(model.topics.ids), "names": [topic.zh for topic in model.topics]},
    }


def _json(body: dict[str, Any]) -> Response:
    return Response(to_json(body), media_type="application/json")
