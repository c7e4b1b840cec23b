"""JSON Lines through the model: one line out per line in, in order. A bad line is an error line, the rest goes on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeAlias, TypeVar

from pydantic import BaseModel

from baozhai_model.errors import BaozhaiError
from baozhai_service.api import render
from baozhai_service.api.parsing import parse_json, validate

B = TypeVar("B", bound=BaseModel)

Answer: TypeAlias = dict[str, Any] | BaozhaiError


@dataclass
class LineCounts:
    """How many lines there were, blank ones aside, and how many of them failed."""

    lines: int = 0
    failed: int = 0


def answer_lines(
    lines: Iterable[bytes],
    kind: type[B],
    answer: Callable[[Sequence[B]], Sequence[Answer]],
    counts: LineCounts,
    together: int = 1,
) -> Iterator[bytes]:
    """For each line that is not blank its answer with its ``id``, or ``{"id", "error"}``, ended by a line break.

    Args:
        lines: JSON objects.
        kind: what they are read as.
        answer: what they are answered with, in order.
        counts: counts lines as their answers go out.
        together: lines that are answered at a time; the answers do not depend on it, the speed does.
    """
    waiting = ((number, line) for number, line in enumerate(lines, start=1) if line.strip())
    while chunk := list(islice(waiting, together)):
        read = [(number, *_read(line, kind)) for number, line in chunk]
        answers = iter(answer([request for _, _, request in read if not isinstance(request, BaozhaiError)]))
        for number, identity, request in read:
            body = request if isinstance(request, BaozhaiError) else next(answers)
            counts.lines += 1
            if isinstance(body, BaozhaiError):
                counts.failed += 1
                found = render.item_error(body)
                body = {"error": {**found, "detail": f"line {number}: {found['detail']}"}}
            yield _encoded({"id": identity, **body}) + b"\n"


def _read(line: bytes, kind: type[B]) -> tuple[Any, B | BaozhaiError]:
    """The line's id, as far as it can be told, and what it asks."""
    identity: Any = None
    try:
        value = parse_json(line.rstrip(b"\r\n"), "it")
        identity = value.get("id") if isinstance(value, dict) else None
        return identity, validate(value, kind, "it")
    except BaozhaiError as error:
        return identity, error


def _encoded(body: dict[str, Any]) -> bytes:
    try:
        return render.to_json(body)
    except UnicodeEncodeError:  # an id with a lone surrogate, which only an escape can give back
        return json.dumps(body, separators=(",", ":")).encode()
