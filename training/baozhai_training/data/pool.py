"""Texts that nobody labelled, as people hand them over: JSON lines of ``{text, title?}``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from baozhai_model.errors import UnreadableTable
from baozhai_model.tables.jsonlines import json_object, numbered_lines


@dataclass(frozen=True, slots=True)
class PoolLine:
    """One line as it stands, and what it holds."""

    line: str
    text: str
    title: str | None


def read_pool(path: Path) -> list[PoolLine]:
    """Read ``path``; blank lines are passed over.

    Raises:
        UnreadableTable: a line is no object with a text; it is named by its number.
    """
    return [_pool_line(path, number, line) for number, line in numbered_lines(path)]


def _pool_line(path: Path, number: int, line: bytes) -> PoolLine:
    record = json_object(line)
    if isinstance(record, str):
        raise UnreadableTable(f"{path}, line {number}: {record}")
    text, title = record.get("text"), record.get("title")
    if not isinstance(text, str):
        raise UnreadableTable(f"{path}, line {number}: no field text with words in it")
    return PoolLine(line.decode("utf-8"), text, str(title) if title else None)
