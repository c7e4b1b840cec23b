"""JSON Lines of a file that a person made."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from baozhai_model.text.encodings import Undecodable, decode


def numbered_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Each line of JSONL that is not blank, and its number."""
    lines = path.read_bytes().removeprefix(codecs.BOM_UTF8).split(b"\n")
    yield from ((number, line) for number, line in enumerate(lines, 1) if line.strip())


def json_object(line: bytes) -> dict[str, Any] | str:
    """The object that ``line`` holds, or why it holds none."""
    try:
        record = json.loads(decode(line).text)
    except Undecodable as error:
        return f"not JSON: {error}"
    except ValueError as error:
        return f"not JSON: {error}"
    except RecursionError:
        return "JSON nested too deeply"
    return record if isinstance(record, dict) else "not a JSON object"
