"""Uploaded documents: their bytes and names, from the body itself or from the one file of a form."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from baozhai_service.api.parsing import validate
from baozhai_service.errors import MalformedBody, WrongContentType

B = TypeVar("B", bound=BaseModel)

FORM = "multipart/form-data"
FIELD = "file"
SUFFIXES = {
    "application/pdf": ".pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/msword": ".doc",
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/rtf": ".rtf",
    "application/ofd": ".ofd",
    "application/octet-stream": "",
    "application/xhtml+xml": ".html",
    "text/html": ".html",
    "text/plain": ".txt",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/tiff": ".tif",
    "image/bmp": ".bmp",
    "image/webp": ".webp",
}
"""The media types of documents, and for each the name of a file without one."""

_ACCEPTED = f"send JSON as 'application/json', or a document as {', '.join(SUFFIXES)} or {FORM}"


def essence(request: Request) -> str:
    """The media type that a request states, without parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def require_document(request: Request) -> None:
    """Refuse a body whose media type is not that of a document.

    Raises:
        WrongContentType: the media type is another one.
    """
    if essence(request) not in (FORM, *SUFFIXES):
        raise WrongContentType(request.headers.get("content-type", ""), _ACCEPTED)


async def document_of(request: Request, body: bytes, name: str | None) -> tuple[bytes, str]:
    """The bytes and the name of the document in ``body``.

    Raises:
        MalformedBody: the form is malformed, or does not have exactly one file.
    """
    kind = essence(request)
    if kind != FORM:
        return body, name or f"document{SUFFIXES[kind]}"
    try:
        form = await MultiPartParser(request.headers, _once(body), max_files=1, max_fields=0).parse()
    except (MultiPartException, KeyError, ValueError):
        raise MalformedBody(f"the body is no form with one file as its field {FIELD!r}, and nothing else") from None
    try:
        file = form.get(FIELD)
        if not isinstance(file, UploadFile):
            raise MalformedBody(f"the form has no file as its field {FIELD!r}")
        return await file.read(), name or file.filename or "document"
    finally:
        await form.close()


def query_of(request: Request, kind: type[B]) -> B:
    """The query of a request as a ``kind``; digits become whole numbers.

    Raises:
        InvalidRequest: the query does not fit ``kind``.
    """
    return validate(_numbers(request.query_params, kind), kind, "the query")


def _numbers(query: Mapping[str, str], kind: type[BaseModel]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in query.items():
        field = kind.model_fields.get(name)
        number = field is not None and int in (field.annotation, *getattr(field.annotation, "__args__", ()))
        whole = number and value.isascii() and value.isdigit() and len(value) < 10
        values[name] = int(value) if whole else value
    return values


async def _once(body: bytes) -> AsyncGenerator[bytes, None]:
    yield body
