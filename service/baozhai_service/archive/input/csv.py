"""CSV and TSV with a header: one record a row, which may go over several lines where a field is quoted."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import BinaryIO

from baozhai_model.text.encodings import Undecodable, decode
from baozhai_service.archive.input.bounded_lines import too_large
from baozhai_service.archive.input.record import BadRecord, DeadLetter, Place, Record, record_of
from baozhai_service.archive.input.segment import Segment
from baozhai_service.archive.settings import LARGEST_RECORD

BYTES = "latin-1"  # a character a byte: fields are parted as bytes, then decoded, since rows may differ in encoding


class _TooLarge(Exception):
    """A row goes on and on."""


class CsvRows:
    """The rows of a file from some offset on, each with the bytes that it was read from."""

    def __init__(self, file: BinaryIO, path: str, start: int, line: int) -> None:
        """Begin at the offset ``start``, which is the beginning of line ``line``."""
        csv.field_size_limit(2 * LARGEST_RECORD)  # of the whole process; rows are bounded here, before csv sees them
        self._file, self._path = file, path
        self.start, self.line = start, line
        self._dialect = "\t" if path.lower().endswith(".tsv") else ","
        self._taken: list[bytes] = []
        self._begin()

    def _begin(self) -> None:
        self._file.seek(self.start)
        self._reader = csv.reader(self._fed(), delimiter=self._dialect, strict=True)

    def _fed(self) -> Iterator[str]:
        size = 0
        while raw := self._file.readline(LARGEST_RECORD + 1):
            size = len(raw) + (size if self._taken else 0)
            self._taken.append(raw)
            if size > LARGEST_RECORD:
                raise _TooLarge
            yield raw.decode(BYTES)

    def read(self, end: int | None) -> Iterator[tuple[Place, bytes, list[str]] | DeadLetter]:
        """Rows up to the offset ``end``: where each lies, its bytes and its fields, a character a byte."""
        while end is None or self.start < end:
            self._taken.clear()
            try:
                row = next(self._reader)
            except StopIteration:
                return
            except (csv.Error, _TooLarge) as error:
                yield self._skipped(error)
                continue
            raw = b"".join(self._taken)
            place = Place(self._path, self.line, self.start, self.start + len(raw))
            self.start += len(raw)
            self.line += len(self._taken)
            if any(row):
                yield place, raw, row

    def _skipped(self, error: Exception) -> DeadLetter:
        """Give up the first line of a bad row, and go on after it: a stray quotation mark must not swallow the rest."""
        first = self._taken[0]
        if len(first) > LARGEST_RECORD:
            self._file.seek(self.start + len(first))
            rejected = too_large(self._file, self._path, first, self.start, self.line)
        else:
            place = Place(self._path, self.line, self.start, self.start + len(first))
            detail = f"no CSV row: {error}" if isinstance(error, csv.Error) else "no CSV row: a quotation has no end"
            rejected = DeadLetter(place, "bad_row", detail, first)
        self.start = rejected.place.end or 0
        self.line += 1
        self._begin()
        return rejected


def read_header(file: BinaryIO, segment: Segment) -> tuple[list[str], int, int]:
    """The columns' names, and the offset and number of the line after them; no columns for an empty file.

    Raises:
        BadRecord: the file cannot be read as a table of records.
    """
    rows = CsvRows(file, segment.path, 0, 1)
    first = next(rows.read(None), None)
    if first is None:
        return [], 0, 1
    if isinstance(first, DeadLetter):
        raise BadRecord(first.reason, f"its header: {first.detail}")
    _, raw, fields = first
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadRecord("undecodable", "the file is UTF-16; convert it to UTF-8")
    names = [name.strip() for name in _decoded(raw, fields)[0]]
    if "text" not in names:
        raise BadRecord("no_text", f"no column is called text; there are {', '.join(names)[:200]}")
    if len(set(names)) < len(names):
        raise BadRecord("bad_row", "its header names a column twice")
    return names, rows.start, rows.line


def read_csv(file: BinaryIO, segment: Segment, *, is_page: bool) -> Iterator[Record | DeadLetter]:
    """The records of ``segment``; a bad row is a dead letter."""
    for row in CsvRows(file, segment.path, segment.start, segment.line).read(segment.end):
        if isinstance(row, DeadLetter):
            yield row
            continue
        place, raw, fields = row
        try:
            if len(fields) != len(segment.header):
                raise BadRecord("bad_row", f"the row has {len(fields)} fields; the header has {len(segment.header)}")
            values, encoding = _decoded(raw, fields)
            given = dict(zip(segment.header, values, strict=True))
            yield record_of(given, place, raw, source=segment.source, encoding=encoding, is_page=is_page)
        except Undecodable as error:
            yield DeadLetter(place, "undecodable", str(error), raw)
        except BadRecord as error:
            yield DeadLetter(place, error.reason, error.detail, raw)


def _decoded(raw: bytes, fields: list[str]) -> tuple[list[str], str]:
    encoding = decode(raw).encoding
    return [field.encode(BYTES).decode(encoding).removeprefix("\ufeff") for field in fields], encoding
