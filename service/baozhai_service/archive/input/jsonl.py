"""JSON Lines: one record per line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from baozhai_model.tables.headings import AmbiguousHeading, named_fields
from baozhai_model.text.encodings import Undecodable, decode
from baozhai_service.archive.input.bounded_lines import Line, read_lines
from baozhai_service.archive.input.record import FIELDS, BadRecord, DeadLetter, Place, Record, record_of
from baozhai_service.archive.input.segment import Segment


def read_jsonl(file: BinaryIO, segment: Segment, *, is_page: bool) -> Iterator[Record | DeadLetter]:
    """The records of ``segment``; blank lines are skipped, invalid lines are dead letters."""
    for line in read_lines(file, segment.path, segment.start, segment.line, segment.end):
        if isinstance(line, DeadLetter):
            yield line
        elif line.raw.strip():
            yield _record(line, segment, is_page)


def _record(line: Line, segment: Segment, is_page: bool) -> Record | DeadLetter:
    place = Place(segment.path, line.number, line.start, line.end)
    try:
        decoded = decode(line.raw)
        fields = _named(_object(decoded.text))
        return record_of(fields, place, line.raw, source=segment.source, encoding=decoded.encoding, is_page=is_page)
    except Undecodable as error:
        return DeadLetter(place, "undecodable", str(error), line.raw)
    except BadRecord as error:
        return DeadLetter(place, error.reason, error.detail, line.raw)


def _named(record: dict[str, Any]) -> dict[str, Any]:
    try:
        return named_fields(record, FIELDS)
    except AmbiguousHeading as error:
        raise BadRecord("bad_json", str(error).replace("the columns", "the fields")) from None


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text, object_pairs_hook=_without_repeats)
    except BadRecord:
        raise
    except json.JSONDecodeError as error:
        torn = "" if text.endswith("\n") else "; the line has no end, so the file may be cut off"
        raise BadRecord("bad_json", f"no JSON: {error.msg} at column {error.colno}{torn}") from None
    except (RecursionError, ValueError) as error:
        raise BadRecord("bad_json", f"no JSON that is read: {error}") from None
    if not isinstance(value, dict):
        raise BadRecord("bad_json", f"the line is a JSON {type(value).__name__}; it must be an object")
    return value


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise BadRecord("bad_json", "a field is given twice in one object")
    return fields
