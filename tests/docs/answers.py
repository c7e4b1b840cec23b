"""Compare the answer that a document shows with the real one, and write the real one as the document shows it.

``"…"`` in a shown JSON answer stands for anything: as a value for any value, as the last element of a list for the
rest of it, as a key for the other keys. In shown text ``…`` stands for anything within a line, and a line of it alone
for any lines.
"""

from __future__ import annotations

import json
import re
from typing import Any
from unicodedata import east_asian_width

ELISION = "…"
WIDTH = 100
TOLERANCE = 0.02  # of a confidence: processors round sums in different ways, and activations are rounded to 8 bits


def read_json(text: str) -> list[Any]:
    """The JSON values of ``text``, one after another."""
    decoder, values, place = json.JSONDecoder(), [], 0
    while place < len(text):
        if text[place].isspace():
            place += 1
            continue
        value, place = decoder.raw_decode(text, place)
        values.append(value)
    return values


def elided(shown: Any, actual: Any) -> Any:
    """``actual`` with the elisions of ``shown``."""
    if shown == ELISION:
        return ELISION
    if isinstance(shown, dict) and isinstance(actual, dict):
        kept = [key for key in actual if key in shown or ELISION not in shown]
        rest = {ELISION: ELISION} if ELISION in shown else {}
        return {key: elided(shown.get(key), actual[key]) for key in kept} | rest
    if isinstance(shown, list) and isinstance(actual, list):
        if shown[-1:] == [ELISION]:
            return [elided(*pair) for pair in zip(shown[:-1], actual, strict=False)] + [ELISION]
        padded = shown + [None] * (len(actual) - len(shown))
        return [elided(*pair) for pair in zip(padded, actual, strict=False)]
    return actual


def agree(shown: Any, actual: Any) -> bool:
    """Whether the shown JSON value is the real one, but for what it elides and how processors round."""
    return _close(shown, elided(shown, actual))


def _close(left: Any, right: Any) -> bool:
    if isinstance(left, float) or isinstance(right, float):
        numbers = isinstance(left, int | float) and isinstance(right, int | float)
        return numbers and abs(left - right) <= TOLERANCE
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_close(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_close, left, right))
    return type(left) is type(right) and bool(left == right)


def text_agrees(shown: str, actual: str) -> bool:
    """Whether the shown text is the real one, but for what it elides and for blanks at the ends of lines."""
    lines = [line.rstrip() for line in shown.strip("\n").split("\n")]
    pattern = "\n".join(".*" if line == ELISION else ".*?".join(map(re.escape, line.split(ELISION))) for line in lines)
    pattern = re.sub(r"(?m)^\.\*$", "(?s:.*)", pattern)
    return re.fullmatch(pattern, "\n".join(line.rstrip() for line in actual.strip("\n").split("\n"))) is not None


def wrapped(value: Any, indent: int = 0, before: int = 0) -> str:
    """``value`` as JSON whose lines stay within `WIDTH` columns where they can; a Chinese character takes two.

    >>> print(wrapped({"topics": ["党建"], "uncertain": False}))
    {"topics": ["党建"], "uncertain": false}
    """
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or not value or indent + before + _columns(line) < WIDTH:
        return line
    inner = indent + 2
    if isinstance(value, list):
        parts = [wrapped(each, inner) for each in value]
    else:
        names = [json.dumps(key, ensure_ascii=False) + ": " for key in value]
        pairs = zip(names, value.values(), strict=True)
        parts = [name + wrapped(each, inner, _columns(name)) for name, each in pairs]
    opening, closing = "[]" if isinstance(value, list) else "{}"
    separator = ",\n" + " " * inner
    return f"{opening}\n{' ' * inner}{separator.join(parts)}\n{' ' * indent}{closing}"


def _columns(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
