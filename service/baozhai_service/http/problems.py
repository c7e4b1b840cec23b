"""The HTTP status of each error, in one table, and errors as problem documents (RFC 9457)."""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from baozhai_model.errors import (
    BaozhaiError,
    BundleError,
    DeadlineExceeded,
    InputError,
    Overloaded,
    PromotionRefused,
    Unavailable,
    VersionNotFound,
)
from baozhai_service import errors
from baozhai_service.api.render import problem_type, to_json
from baozhai_service.documents import errors as documents

MEDIA_TYPE = "application/problem+json"

STATUS: dict[type[BaozhaiError], int] = {  # the entry of the nearest ancestor applies
    InputError: 422,
    errors.MalformedBody: 400,
    errors.Unauthenticated: 401,
    errors.AccessError: 403,
    errors.NotFound: 404,
    VersionNotFound: 404,
    errors.MethodNotAllowed: 405,
    errors.BodyTooSlow: 408,
    PromotionRefused: 409,
    errors.RunRefused: 409,
    errors.BodyTooLarge: 413,
    errors.WrongContentType: 415,
    errors.WrongContentEncoding: 415,
    documents.DocumentTooLarge: 413,
    documents.UnsupportedDocument: 415,
    documents.DocumentsNotInstalled: 415,
    errors.HostRefused: 421,
    Overloaded: 429,
    errors.ClientGone: 499,  # only logged: the client has disconnected
    BaozhaiError: 500,
    BundleError: 503,
    Unavailable: 503,
    DeadlineExceeded: 504,
}


def status_of(error: BaozhaiError) -> int:
    """The HTTP status of ``error``."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def problem(error: BaozhaiError, request_id: str, *, open_inference: bool = False) -> Response:
    """The response for ``error``; the Open Inference Protocol also requires its text as ``error``."""
    status = status_of(error)
    body: dict[str, Any] = {
        "type": problem_type(error),
        "title": error.code.replace("_", " ").capitalize(),
        "status": status,
        "detail": str(error),
        "request_id": request_id,
    }
    if isinstance(error, errors.InvalidRequest):
        body["errors"] = [{"field": found.field, "detail": found.detail} for found in error.problems]
    if open_inference:
        body["error"] = str(error)
    headers = {}
    if isinstance(error, Overloaded):
        headers["Retry-After"] = str(error.retry_after)
    elif status == 503:
        headers["Retry-After"] = "1"
    elif status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(to_json(body), status, headers, MEDIA_TYPE)


def request_id_of(request: Request) -> str:
    """The id that `RequestLogMiddleware` gave the request."""
    given: str = request.scope["state"]["request_id"]
    return given


async def on_error(request: Request, error: Exception) -> Response:
    """The exception handler of the service's own errors."""
    known = error if isinstance(error, BaozhaiError) else errors.InternalError()
    return problem(known, request_id_of(request), open_inference=request.url.path.startswith("/v2"))


async def on_http_error(request: Request, error: Exception) -> Response:
    """The exception handler of the router's errors 404 and 405."""
    if isinstance(error, HTTPException) and error.status_code == 404:
        return await on_error(
            request, errors.NotFound("there is nothing at this path; /openapi.json lists what there is")
        )
    if isinstance(error, HTTPException) and error.status_code == 405:
        allowed = (error.headers or {}).get("Allow", "")
        response = await on_error(request, errors.MethodNotAllowed(f"this path takes {allowed or 'other methods'}"))
        response.headers["Allow"] = allowed
        return response
    return await on_error(request, error)
