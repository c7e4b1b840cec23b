"""Rows of a file of labels, whatever its format: CSV, TSV, JSONL, Parquet or Excel."""

from __future__ import annotations

import codecs
import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

# What people write over their columns.
_HEADINGS = {
    "text": "text", "文本": "text", "正文": "text", "段落": "text", "内容": "text",
    "topics": "topics", "topic": "topics", "labels": "topics", "主题": "topics", "标签": "topics", "标注": "topics",
    "title": "title", "标题": "title",
    "source": "source", "来源": "source",
}  # fmt: skip


class UnreadableTable(ValueError):
    """The file as a whole cannot be read as labels."""


Row = tuple[int, dict[str, Any] | str]  # its number, and its fields or why it has none


def read_rows(path: Path) -> Iterator[Row]:
    """Each row's number and its fields by their English names, or the reason why it cannot be read.

    Numbers are those that a person sees: lines of JSONL, spreadsheet rows (the heading is row 1) of the others.

    Raises:
        UnreadableTable: the file's name, encoding or heading is none that can be read.
    """
    readers: dict[str, Callable[[Path], Iterator[Row]]] = {
        ".csv": _csv, ".tsv": _csv, ".jsonl": _jsonl, ".ndjson": _jsonl, ".parquet": _parquet, ".xlsx": _excel,
    }  # fmt: skip
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise UnreadableTable(f"{path} must end in one of {', '.join(readers)}")
    return reader(path)


def numbered_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Each line of JSONL that is not blank, and its number."""
    lines = path.read_bytes().removeprefix(codecs.BOM_UTF8).split(b"\n")
    yield from ((number, line) for number, line in enumerate(lines, 1) if line.strip())


def json_object(line: bytes) -> dict[str, Any] | str:
    """The object that ``line`` holds, or why it holds none."""
    try:
        record = json.loads(line.decode("utf-8"))
    except ValueError as error:
        return f"not JSON in UTF-8: {error}"
    except RecursionError:
        return "JSON nested too deeply"
    return record if isinstance(record, dict) else "not a JSON object"


def _jsonl(path: Path) -> Iterator[Row]:
    for number, line in numbered_lines(path):
        record = json_object(line)
        if isinstance(record, str):
            yield number, record
            continue
        fields = {_HEADINGS[key]: value for key, value in record.items() if key in _HEADINGS}
        missing = [name for name in ("text", "topics") if name not in fields]
        yield number, f"no field {' and no field '.join(missing)}" if missing else fields


def _csv(path: Path) -> Iterator[Row]:
    lines = _decoded(path).splitlines(keepends=True)
    delimiter = "\t" if path.suffix.lower() == ".tsv" or (lines and "\t" in lines[0]) else ","
    rows = csv.reader(lines, delimiter=delimiter)
    heading = next(rows, None)
    if heading is None:
        raise UnreadableTable(f"{path} is empty")
    names = _names(path, heading)
    number = 2
    while True:
        try:
            cells = next(rows, None)
        except csv.Error as error:
            yield number, f"not CSV: {error}"
        else:
            if cells is None:
                return
            if len(cells) > len(names):
                yield number, f"{len(cells)} cells under {len(names)} headings; quote a text that has commas"
            elif any(cells):
                fields = _fields(names, cells)
                missing = [name for name in ("text", "topics") if name not in fields]
                yield number, f"no cell for {' and '.join(missing)}" if missing else fields
        number += 1


def _decoded(path: Path) -> str:
    """UTF-8, or the GB 18030 that Chinese spreadsheets write."""
    raw = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableTable(f"{path} is neither UTF-8 nor GB 18030")


def _parquet(path: Path) -> Iterator[Row]:
    import pyarrow as arrow
    from pyarrow import parquet

    try:
        table = parquet.ParquetFile(path)
    except (arrow.ArrowException, OSError) as error:
        raise UnreadableTable(f"{path} cannot be read as Parquet: {error}") from error
    names = _names(path, table.schema_arrow.names)
    number = 2
    for batch in table.iter_batches():
        for record in batch.to_pylist():
            yield number, _fields(names, list(record.values()))
            number += 1


def _excel(path: Path) -> Iterator[Row]:
    from openpyxl import load_workbook

    try:
        workbook = load_workbook(path, read_only=True, data_only=True)
    except Exception as error:  # it raises whatever the zip and XML parsers raise
        raise UnreadableTable(f"{path} cannot be read as Excel: {error}") from error
    try:
        rows = workbook.worksheets[0].iter_rows(values_only=True)
        names = _names(path, list(next(rows, ())))
        for number, cells in enumerate(rows, 2):
            if any(cell is not None for cell in cells):
                yield number, _fields(names, list(cells))
    finally:
        workbook.close()


def _names(path: Path, heading: list[Any]) -> list[str | None]:
    names = [_HEADINGS.get(str(cell).strip().lower()) for cell in heading]
    for needed in ("text", "topics"):
        if names.count(needed) != 1:
            found = ", ".join(str(cell) for cell in heading)
            raise UnreadableTable(f"{path} needs one column {needed!r}; its columns are: {found}")
    return names


def _fields(names: list[str | None], cells: list[Any]) -> dict[str, Any]:
    return {name: cell for name, cell in zip(names, cells, strict=False) if name is not None}
