"""Errors in the settings: each message names where the setting was given, its value, and what would be accepted."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

# Variables that Kubernetes sets in every container when a Service is named "baozhai".
_LINKS = re.compile("BAOZHAI_(?:SERVICE_(?:HOST|PORT.*)|PORT_[0-9]+_.*)")


class SettingsError(ValueError):
    """Settings with invalid values; the message has one line for each."""

    def __init__(self, error: ValidationError, origin: Mapping[str, str], schemas: Mapping[str, Any]) -> None:
        """Write one line for each problem in ``error``.

        Args:
            error: what pydantic found.
            origin: for each setting that was given, its place: an option, a variable, or a file and its key.
            schemas: the JSON schema of each setting.
        """
        lines = []
        for problem in error.errors(include_url=False):
            if problem["loc"]:
                name = str(problem["loc"][0])
                given, accepted = _shown(problem["input"]), _accepted(schemas[name])
                lines.append(f"{origin.get(name, name)}: {given} is not accepted; it must be {accepted}")
            else:  # two settings that contradict each other
                message = str(problem["ctx"]["error"])
                places = [place for name, place in origin.items() if name in message.split()]
                lines.append(f"{' and '.join(places)}: {message}")
        super().__init__("\n".join(dict.fromkeys(lines)))


def refuse_unknown_variables(prefix: str, settings: Sequence[str]) -> None:
    """Refuse environment variables that begin with ``prefix`` but are not settings; they are probably misspelt.

    Raises:
        ValueError: there are such variables; the message has one line for each.
    """
    known = [f"{prefix}{name.upper()}" for name in settings]
    found = {name for name in os.environ if name.upper().startswith(prefix) and not _LINKS.fullmatch(name)}
    if problems := [unknown(name, known) for name in sorted(found) if name.upper() not in known]:
        raise ValueError("\n".join(problems))


def unknown(name: str, known: Sequence[str]) -> str:
    """The message for a ``name`` that is not a setting; it lists the ``known`` names."""
    near = get_close_matches(name, known, 1)
    meant = f"did you mean {near[0]}? " if near else ""
    return f"{name} is not a setting; {meant}Settings are {', '.join(known)}"


def _accepted(schema: Mapping[str, Any]) -> str:
    schema = schema.get("anyOf", [schema])[0]
    if "enum" in schema:
        return " or ".join(schema["enum"])
    match schema["type"]:
        case "integer":
            return f"a whole number{_bounds(schema)}"
        case "number":
            return f"a number{_bounds(schema)}"
        case "array":
            return "a list of names, or names separated by commas"
    if schema.get("format") == "path":
        return "a path"
    return "text that is not blank" if "pattern" in schema else "text"


def _bounds(schema: Mapping[str, Any]) -> str:
    least, most = schema.get("minimum", schema.get("exclusiveMinimum")), schema.get("maximum")
    if most is None:
        return f" of at least {least}"
    return f" above {least:g} and at most {most:g}" if "exclusiveMinimum" in schema else f" from {least:g} to {most:g}"


def _shown(value: Any) -> str:
    """``value`` as the user wrote it, cut to 100 characters."""
    written = str(value).lower() if isinstance(value, bool) else repr(value)
    return written if len(written) <= 100 else f"{written[:100]}…"
