"""Builds the OpenAPI document: all bodies and statuses of the routes, which the tests compare with behaviour."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from baozhai_service.api.responses import Problem
from baozhai_service.http.problems import MEDIA_TYPE
from baozhai_service.http.uploads import FIELD, FORM, SUFFIXES

DESCRIPTION = (
    "Topics and verbatim digests for Chinese newspaper pages. Offsets count code points of the posted text. Every"
    " error is application/problem+json; its type is stable, its detail says what would be accepted."
)
POST_STATUSES = (400, 401, 403, 408, 413, 415, 421, 422, 429, 500, 503, 504)
"""Statuses of requests with a body, beside 200."""
GET_STATUSES = (401, 421, 500)
"""Statuses of requests without a body, beside 200; routes that need more than a read key add 403."""

_WHY = {
    400: "The body is not JSON in UTF-8.",
    401: "No key, or an unknown one.",
    403: "The key's role does not include the permission, or a page of another site sent the request.",
    404: "There is no such path or resource.",
    408: "The body did not arrive in time.",
    409: "The current state does not allow it.",
    413: "The body is too large.",
    415: "The media type is not JSON in UTF-8, or the body is compressed.",
    421: "Without API keys: the host is neither a loopback name nor an allowed one.",
    422: "Fields are missing, unknown or wrong, or the text cannot be read.",
    429: "Too many requests are in progress; Retry-After says when to try again.",
    500: "An internal error.",
    503: "The service is starting, stopping, or its worker is being restarted.",
    504: "The answer took longer than the deadline.",
}


class OpenAPIBuilder:
    """Collects the request and response bodies of routes, and writes the document."""

    def __init__(self) -> None:
        self._models: dict[str, type[BaseModel]] = {Problem.__name__: Problem}

    def route(
        self, *statuses: int, answer: type[BaseModel] | None = None, body: type[BaseModel] | None = None
    ) -> dict[str, Any]:
        """Arguments of a route with the request ``body``, the response ``answer``, and problems with ``statuses``."""
        responses: dict[int, Any] = {status: _response(_WHY[status], MEDIA_TYPE, Problem) for status in statuses}
        for status in (429, 503):
            if status in responses:
                responses[status]["headers"] = {"Retry-After": {"schema": {"type": "integer", "minimum": 1}}}
        if answer is not None:
            self._models[answer.__name__] = answer
            responses[200] = _response((answer.__doc__ or "").strip(), "application/json", answer)
        extra: dict[str, Any] = {}
        if body is not None:
            self._models[body.__name__] = body
            extra["requestBody"] = {"required": True, "content": {"application/json": {"schema": _ref(body)}}}
        return {"responses": responses, "openapi_extra": extra, "response_model": None}

    def document_route(
        self,
        *statuses: int,
        query: type[BaseModel],
        answer: type[BaseModel] | None = None,
        body: type[BaseModel] | None = None,
        picture: bool = False,
    ) -> dict[str, Any]:
        """Arguments of a route whose body is a document (or a ``body`` in JSON), with options in the ``query``."""
        arguments = self.route(*statuses, answer=answer, body=body)
        extra = arguments["openapi_extra"]
        content = extra.setdefault("requestBody", {"required": True, "content": {}})["content"]
        binary = {"type": "string", "format": "binary"}
        form = {"type": "object", "properties": {FIELD: binary}, "required": [FIELD], "additionalProperties": False}
        content[FORM] = {"schema": form}
        content.update({kind: {"schema": binary} for kind in SUFFIXES})
        schema = query.model_json_schema()
        extra["parameters"] = [
            {"name": name, "in": "query", "required": False, "schema": field}
            for name, field in schema["properties"].items()
        ]
        if picture:
            arguments["responses"][200] = {"description": "The page.", "content": {"image/png": {"schema": binary}}}
        return arguments

    def write(self, app: FastAPI, *, keys: bool) -> dict[str, Any]:
        """The OpenAPI document of ``app``; with ``keys`` requests need an API key, otherwise an accepted host."""
        document = get_openapi(title=app.title, version=app.version, description=DESCRIPTION, routes=app.routes)
        _, schemas = models_json_schema(
            [(model, "validation") for model in self._models.values()], ref_template="#/components/schemas/{model}"
        )
        components = document.setdefault("components", {})
        components["schemas"] = schemas["$defs"]
        if keys:
            components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
        for method, operation in (each for operations in document["paths"].values() for each in operations.items()):
            if keys and "401" in operation["responses"]:
                operation["security"] = [{"key": []}]
            unkeyed = ("401",) if method == "post" else ("401", "403")  # 403: a page of another site may send one
            for status in ("421",) if keys else unkeyed:
                operation["responses"].pop(status, None)
        return document


def _response(description: str, media_type: str, model: type[BaseModel]) -> dict[str, Any]:
    return {"description": description, "content": {media_type: {"schema": _ref(model)}}}


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}
