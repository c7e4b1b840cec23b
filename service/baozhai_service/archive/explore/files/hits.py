"""Hits as a file: CSV, Excel, JSON Lines or Parquet; each row says which search of which archive it is from."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from baozhai_service.archive.explore.explorer import Explorer, Search
from baozhai_service.archive.search.hits import Sort

ExportFormat = Literal["csv", "xlsx", "jsonl", "parquet"]
FORMATS: dict[str, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
}
MOST_EXCEL = 1_048_575  # rows of a sheet, its head aside
_CELL = 32_767  # characters that a cell of Excel holds
_TOGETHER = 500
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

COLUMNS = (
    *("article", "paragraph", "role", "source", "date", "page", "headline", "text", "topics", "confidences"),
    *("uncertain", "model_version", "archive", "query"),
)
"""``archive`` is the fingerprint of what was scored, ``query`` the search in JSON."""


def export(
    explorer: Explorer, search: Search, form: ExportFormat, to: BinaryIO, *, sort: Sort = "newest", most: int
) -> int:
    """Write up to ``most`` hits to ``to``; how many were written.

    Raises:
        InvalidQuery, InvalidFilter: the search cannot be carried out.
    """
    rows = _rows(explorer, search, sort, min(most, MOST_EXCEL) if form == "xlsx" else most)
    match form:
        case "csv":
            return _csv(rows, to)
        case "jsonl":
            return _jsonl(rows, to)
        case "parquet":
            return _parquet(rows, to)
        case "xlsx":
            return _xlsx(rows, to, explorer, search)


def format_of(path: Path) -> ExportFormat:
    """The form that a file's name asks for.

    Raises:
        ValueError: it asks for none.
    """
    form = path.suffix.lower().removeprefix(".")
    if form not in FORMATS:
        raise ValueError(f"{path}: must end in .csv, .xlsx, .jsonl or .parquet")
    return form  # type: ignore[return-value]  # it is one of them


def _rows(explorer: Explorer, search: Search, sort: Sort, most: int) -> Iterator[dict[str, Any]]:
    hits = explorer.hits(search)
    told = json.dumps(search.to_json(), ensure_ascii=False)
    version = explorer.index.manifest.basis["model_version"]
    places = hits.sorted(sort, 0, min(most, len(hits)))
    for start in range(0, len(places), _TOGETHER):
        chosen = places[start : start + _TOGETHER]
        texts = explorer.texts([(hits.parts[int(hits.part[at])], int(hits.row[at])) for at in chosen])
        for row, text in zip(explorer.described(hits, np.asarray(chosen)), texts, strict=True):
            yield {
                **{name: row[name] for name in COLUMNS if name in row},
                "text": text,
                "model_version": version,
                "archive": explorer.index.fingerprint,
                "query": told,
            }


def _csv(rows: Iterator[dict[str, Any]], to: BinaryIO) -> int:
    """With a byte order mark, by which Excel and WPS know UTF-8; what they would take for a formula is quoted."""
    text = io.TextIOWrapper(to, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    count = 0
    for row in rows:
        writer.writerow([_unformulated(_flat(row[name])) for name in COLUMNS])
        count += 1
    text.detach()
    return count


def _jsonl(rows: Iterator[dict[str, Any]], to: BinaryIO) -> int:
    count = 0
    for row in rows:
        to.write(json.dumps({name: row[name] for name in COLUMNS}, ensure_ascii=False).encode() + b"\n")
        count += 1
    return count


def _parquet(rows: Iterator[dict[str, Any]], to: BinaryIO) -> int:
    schema = pa.schema(
        [
            *((name, pa.string()) for name in COLUMNS[:1]),
            ("paragraph", pa.int32()),
            *((name, pa.string()) for name in ("role", "source", "date", "page", "headline", "text")),
            ("topics", pa.list_(pa.string())),
            ("confidences", pa.string()),
            ("uncertain", pa.bool_()),
            *((name, pa.string()) for name in ("model_version", "archive", "query")),
        ]
    )
    count = 0
    with pq.ParquetWriter(to, schema, compression="zstd") as writer:
        block: list[dict[str, Any]] = []
        for row in rows:
            count += 1
            block.append({**row, "confidences": json.dumps(row["confidences"], ensure_ascii=False)})
            if len(block) == _TOGETHER:
                writer.write_table(pa.Table.from_pylist(block, schema=schema))
                block = []
        writer.write_table(pa.Table.from_pylist(block, schema=schema))
    return count


def _xlsx(rows: Iterator[dict[str, Any]], to: BinaryIO, explorer: Explorer, search: Search) -> int:
    import xlsxwriter

    count = 0
    with xlsxwriter.Workbook(to, {"constant_memory": True, "strings_to_formulas": False}) as book:
        sheet, head = book.add_worksheet("命中"), book.add_format({"bold": True})
        sheet.freeze_panes(1, 0)
        for column, name in enumerate(COLUMNS):
            sheet.write_string(0, column, name, head)
        for count, row in enumerate(rows, 1):
            for column, name in enumerate(COLUMNS):
                sheet.write_string(count, column, str(_flat(row[name]))[:_CELL])
        about = book.add_worksheet("出处")
        for line, (name, value) in enumerate(
            (
                ("检索", json.dumps(search.to_json(), ensure_ascii=False)),
                ("命中", str(len(explorer.hits(search)))),
                ("导出", str(count)),
                ("存档指纹", explorer.index.fingerprint),
                ("模型版本", explorer.index.manifest.basis["model_version"]),
            )
        ):
            about.write_string(line, 0, name, head)
            about.write_string(line, 1, value)
    return count


def _flat(value: Any) -> Any:
    """A value as it fits into a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ";".join(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value


def _unformulated(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
