"""The process that reads untrusted files: it takes questions on its standard input, one after the other."""

from __future__ import annotations

import io
import os
import sys
from typing import Any

from baozhai_service.documents import extraction
from baozhai_service.documents.document import to_json
from baozhai_service.documents.errors import DocumentError, DocumentTooLarge
from baozhai_service.documents.limits import Limits
from baozhai_service.documents.sandbox import receive, send


def main() -> None:
    """Answer until nobody asks any more."""
    answers = io.BufferedWriter(io.FileIO(os.dup(1), "wb"))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # whatever a library prints is no answer
    while True:
        try:
            question, data = receive(sys.stdin.buffer)
        except EOFError:
            return
        send(answers, *_answered(question, data))


def _answered(question: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
    limits = Limits(**question["limits"])
    _bound(limits)
    try:
        if question["ask"] == "picture":
            return {}, extraction.picture(data, question["name"], question["page"], question["width"], limits)
        return to_json(extraction.extract(data, question["name"], limits)), b""
    except DocumentError as error:
        return {"error": {"code": error.code, "detail": str(error)}}, b""
    except MemoryError:
        return _failed(DocumentTooLarge(f"reading the document needs more than {limits.memory} bytes of memory"))
    except RecursionError:
        return _failed(DocumentTooLarge("the document is nested too deeply"))
    except Exception as error:
        return {"error": {"code": "broken_document", "detail": f"the document cannot be read: {_told(error)}"}}, b""


def _failed(error: DocumentError) -> tuple[dict[str, Any], bytes]:
    return {"error": {"code": error.code, "detail": str(error)}}, b""


def _told(error: Exception) -> str:
    said = " ".join(str(error).split())[:200]
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def _bound(limits: Limits) -> None:
    """Take no more memory and write no larger file than allowed, where the system can be told so."""
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = limits.memory if hard == resource.RLIM_INFINITY else min(limits.memory, hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))


if __name__ == "__main__":
    main()
