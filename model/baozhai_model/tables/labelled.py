"""Rows of a table of labels, whatever its format: what is said of each text, or why a row says nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from baozhai_model.errors import InputError, UnreadableTable
from baozhai_model.tables.delimited import (
    BYTES,
    BadRow,
    DelimitedRows,
    RawRow,
    rows_apart,
    sniffed_delimiter,
)
from baozhai_model.tables.excel import excel_rows
from baozhai_model.tables.headings import AmbiguousHeading, columns, named_fields
from baozhai_model.tables.jsonlines import json_object, numbered_lines
from baozhai_model.tables.topic_cell import topics_of
from baozhai_model.text.encodings import Undecodable, decode_page
from baozhai_model.text.tokens import check_text
from baozhai_model.topics.topic_set import Topic, TopicSet

FIELDS = ("text", "topics", "title", "source")
NEEDED = ("text", "topics")
MAX_CHARACTERS = 1_000_000
_LARGEST_ROW = 16 * 2**20  # bytes

Fields = dict[str, Any]
Row = tuple[int, Fields | str]
"""A row's number, and its fields or why it has none."""


@dataclass(frozen=True, slots=True)
class LabelledText:
    """A text, the topics that a person gave it (none: it has no topic), its article's title and its source."""

    text: str
    topics: frozenset[Topic]
    title: str | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that nothing is taken from, and why."""

    row: int
    reason: str


def read_labelled_rows(path: Path, topics: TopicSet) -> Iterator[tuple[int, LabelledText] | RejectedRow]:
    """Each row of ``path`` by its number: the labelled text that it holds, or why it is rejected.

    Numbers are those that a person sees: lines of JSONL, spreadsheet rows (the heading is row 1) of the others.

    Raises:
        UnreadableTable: the file's name, encoding or heading is none that can be read.
    """
    for number, fields in read_rows(path):
        try:
            if isinstance(fields, str):
                raise ValueError(fields)
            yield number, labelled_text(fields, topics)
        except (InputError, ValueError) as error:
            yield RejectedRow(number, str(error))


def labelled_text(fields: Fields, topics: TopicSet) -> LabelledText:
    """What the ``fields`` of a row say.

    Raises:
        InputError: the text cannot be read.
        ValueError: a field is not what it should be.
    """
    text = fields["text"]
    if text is None:
        raise ValueError("the text is empty")
    if not isinstance(text, str):
        raise ValueError(f"the text is a {type(text).__name__}, not words")
    check_text(text, MAX_CHARACTERS)
    title, source = fields.get("title"), fields.get("source")
    named = topics_of(fields["topics"], topics)
    return LabelledText(text, named, str(title) if title else None, str(source or ""))


def read_rows(path: Path) -> Iterator[Row]:
    """Each row's number and its `FIELDS` by their English names, or the reason why it cannot be read.

    Raises:
        UnreadableTable: as `read_labelled_rows`.
    """
    readers: dict[str, Callable[[Path], Iterator[Row]]] = {
        ".csv": _delimited, ".tsv": _delimited, ".jsonl": _jsonl, ".ndjson": _jsonl, ".parquet": _parquet,
        ".xlsx": _excel,
    }  # fmt: skip
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise UnreadableTable(f"{path} must end in one of {', '.join(readers)}")
    return reader(path)


def _jsonl(path: Path) -> Iterator[Row]:
    for number, line in numbered_lines(path):
        record = json_object(line)
        if isinstance(record, str):
            yield number, record
            continue
        try:
            fields = named_fields(record, FIELDS)
        except AmbiguousHeading as error:
            yield number, str(error)
            continue
        missing = [name for name in NEEDED if name not in fields]
        yield number, f"no field {' and no field '.join(missing)}" if missing else fields


def _delimited(path: Path) -> Iterator[Row]:
    try:
        text = decode_page(path.read_bytes()).text
    except Undecodable as error:
        raise UnreadableTable(f"{path} cannot be read: {error}") from None
    raw = text.encode() if "\n" in text else text.replace("\r", "\n").encode()  # as old Macs end lines
    delimiter = sniffed_delimiter(raw.partition(b"\n")[0], path.name)
    names: list[str | None] = []
    common: Counter[str] = Counter()  # what stands in the column of topics of rows that are surely one line
    for each in DelimitedRows(BytesIO(raw), delimiter=delimiter, largest=_LARGEST_ROW).read():
        if isinstance(each, RawRow) and not names:
            names = _names(path, _decoded(each.cells))
        elif isinstance(each, RawRow) and len(each.cells) == len(names) and each.raw.count(b"\n") < 2:
            common[_decoded(each.cells)[names.index("topics")]] += 1
    if not names:
        raise UnreadableTable(f"{path} is empty")
    rows = DelimitedRows(BytesIO(raw), delimiter=delimiter, largest=_LARGEST_ROW)
    heading, within = True, 0  # lines within rows: a person's spreadsheet counts a row of several lines once
    for each in rows_apart(rows, delimiter, names, "topics", lambda cell: _decoded([cell])[0] in common):
        if isinstance(each, BadRow):
            yield each.line - within, each.detail
            continue
        if not heading:
            yield each.line - within, _cells(names, _decoded(each.cells))
        heading = False
        within += max(each.raw.count(b"\n") - 1, 0)


def _cells(names: list[str | None], cells: list[str]) -> Fields | str:
    if len(cells) > len(names):
        return f"{len(cells)} cells under {len(names)} headings; quote a text that has commas"
    fields = {name: cell for name, cell in zip(names, cells, strict=False) if name is not None}
    missing = [name for name in NEEDED if name not in fields]
    return f"no cell for {' and '.join(missing)}" if missing else fields


def _decoded(cells: list[str]) -> list[str]:
    return [cell.encode(BYTES).decode(errors="replace").removeprefix("\ufeff") for cell in cells]


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
            yield number, {name: cell for name, cell in zip(names, record.values(), strict=True) if name is not None}
            number += 1


def _excel(path: Path) -> Iterator[Row]:
    return excel_rows(path, lambda heading: _names(path, heading))


def _names(path: Path, heading: list[Any]) -> list[str | None]:
    try:
        names = columns(heading, FIELDS)
    except AmbiguousHeading as error:
        raise UnreadableTable(f"{path}: {error}") from None
    for needed in NEEDED:
        if needed not in names:
            found = ", ".join(str(cell) for cell in heading)
            raise UnreadableTable(f"{path} needs one column {needed!r}; its columns are: {found}")
    return names
