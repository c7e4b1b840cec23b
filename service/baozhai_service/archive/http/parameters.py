"""Query parameters: one table says what a route takes, how each is read, and what OpenAPI tells of it."""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import QueryParams

from baozhai_service.archive.input.dates import parse_date
from baozhai_service.errors import FieldProblem, InvalidRequest


@dataclass(frozen=True, slots=True)
class Parameter:
    """A query parameter.

    Attributes:
        name: of it.
        schema: JSON schema of one value: a string (with ``enum`` or the format ``date``), an integer, a number or a
            boolean; with its bounds and its default.
        description: what it does.
        most: how often it may be given; more than once makes it a list.
    """

    name: str
    schema: dict[str, Any]
    description: str
    most: int = 1

    def to_openapi(self) -> dict[str, Any]:
        """The parameter as OpenAPI has it."""
        many = {"type": "array", "items": self.schema, "maxItems": self.most}
        return {
            "name": self.name,
            "in": "query",
            "required": False,
            "schema": many if self.most > 1 else self.schema,
            "description": self.description,
        }


def read_parameters(given: QueryParams, known: Sequence[Parameter]) -> dict[str, Any]:
    """The value of each of ``known``: a list where it may be given often, None where it is missing and has no default.

    Raises:
        InvalidRequest: with everything that is unknown, given too often, or not what it must be.
    """
    problems = [
        FieldProblem(name[:40], f"unknown parameter; accepted are {', '.join(each.name for each in known)}")
        for name in dict.fromkeys(given.keys())
        if name not in {each.name for each in known}
    ]
    values: dict[str, Any] = {}
    for each in known:
        texts = [text for text in given.getlist(each.name) if text != ""]
        if len(texts) > each.most:
            problems.append(FieldProblem(each.name, f"is given {len(texts)} times; at most {each.most} is accepted"))
            continue
        try:
            read = [_read(text, each.schema) for text in texts]
        except ValueError as error:
            problems.append(FieldProblem(each.name, str(error)))
            continue
        values[each.name] = read if each.most > 1 else next(iter(read), each.schema.get("default"))
    if problems:
        raise InvalidRequest(problems)
    return values


def _read(text: str, schema: dict[str, Any]) -> Any:
    match schema["type"]:
        case "integer":
            return _number(text, schema, whole=True)
        case "number":
            return _number(text, schema, whole=False)
        case "boolean":
            if text not in ("true", "false"):
                raise ValueError(f"is {text[:40]!r}; it must be true or false")
            return text == "true"
    if "enum" in schema and text not in schema["enum"]:
        raise ValueError(f"is {text[:40]!r}; it must be one of {', '.join(schema['enum'])}")
    if schema.get("format") == "date":
        return _date(text)
    if len(text) > schema.get("maxLength", math.inf):
        raise ValueError(f"has {len(text)} characters; at most {schema['maxLength']} are accepted")
    return text


def _number(text: str, schema: dict[str, Any], *, whole: bool) -> int | float:
    least, most = schema["minimum"], schema["maximum"]
    kind = "a whole number" if whole else "a number"
    try:
        value: int | float = int(text) if whole and text.isascii() and len(text) < 20 else float(text[:40])
    except ValueError:
        value = math.nan
    if not least <= value <= most or (whole and not isinstance(value, int)):
        raise ValueError(f"is {text[:40]!r}; it must be {kind} from {least} to {most}")
    return value


def _date(text: str) -> datetime.date:
    day = parse_date(text[:40])
    if day is None:
        raise ValueError("is blank; give a day as 2023-07-19")
    return day
