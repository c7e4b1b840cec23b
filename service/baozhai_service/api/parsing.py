"""Parse and validate request bodies; errors name the field and what would be accepted."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from baozhai_service.api.requests import json_kind
from baozhai_service.errors import FieldProblem, InvalidRequest, MalformedBody

B = TypeVar("B", bound=BaseModel)

MOST_PROBLEMS = 20  # listed for one request

_KINDS = {
    "bool_type": "a boolean",
    "int_type": "a whole number",
    "string_type": "a string",
    "list_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
    "float_type": "a number",
}


def parse(body: bytes, kind: type[B]) -> B:
    """Parse ``body`` as a ``kind``.

    Raises:
        MalformedBody: the body is not JSON in UTF-8.
        InvalidRequest: the body is JSON, but does not fit ``kind``.
    """
    return validate(parse_json(body), kind)


def parse_json(body: bytes, what: str = "the body") -> Any:
    """Parse ``body`` as JSON. A byte order mark is allowed; lone surrogates are checked later, text by text.

    Args:
        body: the bytes.
        what: the name of the input in error messages.

    Raises:
        MalformedBody: it is not JSON in UTF-8.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MalformedBody(
            f"byte {error.start} is not UTF-8; is the text GBK or GB18030? Convert it to UTF-8 first"
        ) from None
    if not text.strip():
        raise MalformedBody(f"{what} is empty; it must be a JSON object")
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        row = f"line {error.lineno}, " if "\n" in text else ""
        raise MalformedBody(f"{what} is not JSON: {error.msg} at {row}column {error.colno}") from None
    except RecursionError:
        raise MalformedBody(f"{what} is not JSON that is accepted here: it is nested too deeply") from None
    except _ConstantRefused as error:
        raise MalformedBody(f"{what} is not JSON that is accepted here: {error}") from None
    except ValueError:  # Python's own message tells how to raise its limit
        most = sys.get_int_max_str_digits()
        raise MalformedBody(f"{what} is not JSON that is accepted here: a number has more than {most} digits") from None


def validate(value: Any, kind: type[B], what: str = "the body") -> B:
    """Validate a parsed ``value`` as a ``kind``; ``what`` is its name in error messages.

    Raises:
        InvalidRequest: fields are missing, unknown or of a wrong type; it lists them.
    """
    if not isinstance(value, dict):
        fields = ", ".join(kind.model_fields)
        raise InvalidRequest([FieldProblem("", f"{what} is {json_kind(value)}; it must be an object with {fields}")])
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=True)
        listed = [_in_words(problem, kind, value) for problem in found[:MOST_PROBLEMS]]
        raise InvalidRequest(listed, len(found) - len(listed)) from None


def _in_words(problem: ErrorDetails, kind: type[BaseModel], value: Any) -> FieldProblem:
    field = _path(problem["loc"])
    given = problem["input"]
    context: Mapping[str, Any] = problem.get("ctx", {})
    match problem["type"]:
        case "extra_forbidden":
            return FieldProblem(field, f"unknown field; accepted are {', '.join(_fields(kind, problem['loc'][:-1]))}")
        case "string_unicode" if isinstance(_at(value, problem["loc"]), str):
            return FieldProblem(field, "is not valid Unicode: it holds a lone surrogate, which no encoding can carry")
        case "string_unicode" | "invalid_key":
            accepted = ", ".join(_fields(kind, problem["loc"]))
            return FieldProblem(field, f"a field's name is not valid Unicode; accepted are {accepted}")
        case "missing":
            return FieldProblem(field, "is missing")
        case "too_short":
            return FieldProblem(field, f"is empty; it needs at least {context['min_length']} item")
        case "too_long" | "string_too_long":
            count, of = len(given), "characters" if isinstance(given, str) else "items"
            return FieldProblem(field, f"has {count} {of}; at most {context['max_length']} are accepted")
        case "string_too_short":
            return FieldProblem(field, "is empty; it needs at least one character")
        case "string_pattern_mismatch" if not given.strip():
            return FieldProblem(field, "is blank; it needs at least one character that is not white space")
        case "literal_error":
            return FieldProblem(field, f"must be {context['expected']}")
        case "greater_than_equal":
            return FieldProblem(field, f"is {_shown(given)}; it must be at least {context['ge']}")
        case "less_than_equal":
            return FieldProblem(field, f"is {_shown(given)}; it must be at most {context['le']}")
        case "int_type" if isinstance(given, float):
            return FieldProblem(field, f"is {_shown(given)}; it must be a whole number, without a decimal point")
        case wrong if wrong in _KINDS:
            return FieldProblem(field, f"must be {_KINDS[wrong]}, not {json_kind(given)}")
    return FieldProblem(field, problem["msg"])


def _at(value: Any, path: tuple[int | str, ...]) -> Any:
    """The part of ``value`` at ``path``; None if the path has an internal name of pydantic."""
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _shown(value: Any) -> str:
    return str(value) if abs(value) < 10**12 else "too large a number"


def _fields(kind: type[BaseModel], path: tuple[int | str, ...]) -> list[str]:
    """The fields of the object at ``path`` of a ``kind``."""
    for step in path:
        annotation = kind.model_fields[step].annotation if isinstance(step, str) and step in kind.model_fields else None
        options = [annotation, *getattr(annotation, "__args__", ())]
        kind = next((o for o in options if isinstance(o, type) and issubclass(o, BaseModel)), kind)
    return list(kind.model_fields)


def _path(steps: tuple[int | str, ...]) -> str:
    """``texts[3]`` for ``("texts", 3)``."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{_plain(step)}" for step in steps).removeprefix(".")


def _plain(name: str) -> str:
    """A field name that is safe to repeat in a message, since a client may send anything."""
    return name[:60].encode(errors="replace").decode()


class _ConstantRefused(ValueError):
    """Refuse NaN and Infinity, which Python accepts and JSON does not."""


def _refuse_constant(name: str) -> NoReturn:
    raise _ConstantRefused(f"{name} is no JSON number")
