"""CSV and TSV with a header: one record per row; rows with quoted fields may span several lines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO

from baozhai_model.tables.delimited import BYTES, BadRow, DelimitedRows, RawRow, rows_apart, sniffed_delimiter
from baozhai_model.text.encodings import Undecodable, decode
from baozhai_service.archive.input.dates import parse_date
from baozhai_service.archive.input.record import BadRecord, DeadLetter, Place, Record, columns_of, record_of
from baozhai_service.archive.input.segment import Segment
from baozhai_service.archive.settings import LARGEST_RECORD


def read_header(file: BinaryIO, segment: Segment) -> tuple[list[str], str, int, int]:
    """The column names, the delimiter, and the offset and number of the line after the header; no names if it is empty.

    Columns that hold a field of a record get the name of that field; see `baozhai_model.tables.headings`.

    Raises:
        BadRecord: the file cannot be read as a table of records.
    """
    delimiter = sniffed_delimiter(file.readline(LARGEST_RECORD), segment.path)
    rows = DelimitedRows(file, delimiter=delimiter, largest=LARGEST_RECORD)
    first = next(rows.read(), None)
    if first is None:
        return [], delimiter, 0, 1
    if isinstance(first, BadRow):
        raise BadRecord("too_large" if first.raw is None else "bad_row", f"its header: {first.detail}")
    if first.raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadRecord("undecodable", "the file is UTF-16; convert it to UTF-8")
    names = columns_of(_header(first))
    if len(set(names)) < len(names):
        raise BadRecord("bad_row", "its header names a column twice")
    return names, delimiter, rows.start, rows.line


def read_csv(file: BinaryIO, segment: Segment, *, is_page: bool) -> Iterator[Record | DeadLetter]:
    """The records of ``segment``; a bad row is a dead letter."""
    path = segment.path
    rows = DelimitedRows(
        file, delimiter=segment.delimiter, start=segment.start, line=segment.line, largest=LARGEST_RECORD
    )
    for row in rows_apart(rows, segment.delimiter, segment.header, "date", _is_date, end=segment.end):
        if isinstance(row, BadRow):
            reason = "too_large" if row.raw is None else "bad_row"
            yield DeadLetter(Place(path, row.line, row.start, row.end), reason, row.detail, row.raw)
            continue
        place = Place(path, row.line, row.start, row.end)
        try:
            if len(row.cells) != len(segment.header):
                raise BadRecord("bad_row", f"the row has {len(row.cells)} fields; the header has {len(segment.header)}")
            values, encoding = _decoded(row.raw, row.cells)
            given = dict(zip(segment.header, values, strict=True))
            yield record_of(given, place, row.raw, source=segment.source, encoding=encoding, is_page=is_page)
        except Undecodable as error:
            yield DeadLetter(place, "undecodable", str(error), row.raw)
        except BadRecord as error:
            yield DeadLetter(place, error.reason, error.detail, row.raw)


def _is_date(cell: str) -> bool:
    with suppress(ValueError, Undecodable):
        return parse_date(decode(cell.encode(BYTES)).text) is not None
    return False


def _header(row: RawRow) -> list[str]:
    """The column names. Short Big5 names can be mistaken for GB18030, so both readings are tried."""
    names, encoding = _decoded(row.raw, row.cells)
    if encoding == "gb18030":
        with suppress(UnicodeDecodeError, BadRecord):
            other = [cell.encode(BYTES).decode("big5") for cell in row.cells]
            if "text" in columns_of(other) and not _names_text(names):
                return other
    return names


def _names_text(names: list[str]) -> bool:
    with suppress(BadRecord):
        return bool(columns_of(names))
    return False


def _decoded(raw: bytes, fields: list[str]) -> tuple[list[str], str]:
    encoding = decode(raw).encoding
    return [field.encode(BYTES).decode(encoding).removeprefix("\ufeff") for field in fields], encoding
