"""Answer JSON Lines: one line out per line in, in order. An invalid line gives an error line."""

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
    """The number of lines, blank ones left out, and how many of them failed."""

    lines: int = 0
    failed: int = 0


def answer_lines(
    lines: Iterable[bytes],
    kind: type[B],
    answer: Callable[[Sequence[B]], Sequence[Answer]],
    counts: LineCounts,
    together: int = 1,
) -> Iterator[bytes]:
    """For each line that is not blank, its answer or error with its ``id``, as JSON with a line break.

    Args:
        lines: JSON objects.
        kind: the request type of a line.
        answer: answers several requests, in order.
        counts: counts the lines that are answered.
        together: lines answered in one call, which affects only the speed.
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
    """The id of a line, if it can be read, and its request or error."""
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
    except UnicodeEncodeError:  # an id with a lone surrogate, which only an escape can represent
        return json.dumps(body, separators=(",", ":")).encode()
