"""Paragraphs to label, out of a file: a table of texts, or a page."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from baozhai_model.page.reader import read_page
from baozhai_model.text.encodings import Undecodable, decode_page
from baozhai_service.errors import FieldProblem, InvalidRequest

MOST = 5000  # paragraphs of one file
_MOST_TITLE = 1000


def decoded(raw: bytes) -> str:
    """The text of a file.

    Raises:
        InvalidRequest: it is in no encoding that is known, or it is empty.
    """
    try:
        text = decode_page(raw).text
    except Undecodable as error:
        raise InvalidRequest([FieldProblem("file", str(error))]) from None
    if not text.strip():
        raise InvalidRequest([FieldProblem("file", "is empty; it needs at least one paragraph")])
    return text


def candidates(raw: bytes, name: str) -> list[dict[str, Any]]:
    """The paragraphs {text, title, source} of a file: rows of ``.csv`` and ``.jsonl``, else those of a page.

    Raises:
        InvalidRequest: it cannot be read so; the message names the line.
    """
    text = decoded(raw)
    rows: Iterator[Mapping[str, Any]]
    match name.rpartition(".")[2].lower():
        case "csv":
            rows = _csv(text)
        case "jsonl" | "ndjson":
            rows = _jsonl(text)
        case _:
            rows = _page(text)
    found = []
    for row in rows:
        if isinstance(row.get("text"), str) and row["text"].strip():
            title, source = row.get("title"), row.get("source")
            found.append(
                {
                    "text": row["text"].strip(),
                    "title": title[:_MOST_TITLE] if isinstance(title, str) and title.strip() else None,
                    "source": (source if isinstance(source, str) and source else name)[:_MOST_TITLE],
                }
            )
        if len(found) == MOST:
            break
    if not found:
        raise InvalidRequest([FieldProblem("file", "has no paragraph; tables need a column or field 'text'")])
    return found


def _csv(text: str) -> Iterator[Mapping[str, Any]]:
    csv.field_size_limit(sys.maxsize)
    rows = csv.DictReader(io.StringIO(text, newline=""))
    if "text" not in (rows.fieldnames or ()):
        columns = ", ".join(map(str, rows.fieldnames or ()))[:200]
        raise InvalidRequest([FieldProblem("file", f"has the columns {columns}; it needs one called 'text'")])
    try:
        yield from rows
    except csv.Error as error:
        raise InvalidRequest([FieldProblem("file", f"line {rows.line_num} is not CSV: {error}")]) from None


def _jsonl(text: str) -> Iterator[Mapping[str, Any]]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            raise InvalidRequest([FieldProblem("file", f"line {number} is not JSON")]) from None
        if not isinstance(row, dict):
            raise InvalidRequest([FieldProblem("file", f"line {number} is no object with a field 'text'")])
        yield row


def _page(text: str) -> Iterator[Mapping[str, Any]]:
    for article in read_page(text).articles:
        for paragraph in article.paragraphs:
            yield {"text": paragraph.text, "title": article.headline}
