"""Parquet: one record per row, read in batches."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from baozhai_service.archive.input.record import FIELDS, BadRecord, DeadLetter, Place, Record, columns_of, record_of
from baozhai_service.archive.input.segment import Segment

BATCH = 256  # rows


class Unreadable(ValueError):
    """The file is not Parquet, or damaged."""


@dataclass(frozen=True, slots=True)
class _Broken:
    """A value that is invalid for the type of its column, such as text that is not UTF-8 or a day out of range."""

    kind: str
    text: str  # the raw value; bytes that are not UTF-8 are surrogate escapes

    def __str__(self) -> str:
        return self.text


def read_parquet(file: BinaryIO, segment: Segment, *, is_page: bool) -> Iterator[Record | DeadLetter]:
    """The records of rows ``[segment.start, segment.end)``; the ``raw`` bytes of a row are its fields as JSON.

    Raises:
        Unreadable: pyarrow cannot read the file.
        BadRecord: the file has no column ``text``.
    """
    for number, fields in _rows(file, segment.start, segment.end):
        place = Place(segment.path, number + 1)
        raw = json.dumps(fields, ensure_ascii=False, default=str).encode(errors="surrogateescape")
        try:
            if broken := [name for name, value in fields.items() if isinstance(value, _Broken)]:
                raise BadRecord(
                    "bad_field", f"the field {broken[0]} holds no {fields[broken[0]].kind} that can be read"
                )
            yield record_of(fields, place, raw, source=segment.source, encoding="utf-8", is_page=is_page)
        except BadRecord as error:
            yield DeadLetter(place, error.reason, error.detail, raw)


def _rows(file: BinaryIO, start: int, end: int | None) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        table = pq.ParquetFile(file)
        headings = table.schema_arrow.names
        meant = dict(zip(headings, columns_of(headings), strict=True))
        columns = [heading for heading, name in meant.items() if name in FIELDS]
        sizes = [table.metadata.row_group(i).num_rows for i in range(table.metadata.num_row_groups)]
        edges = [0, *accumulate(sizes)]
        wanted = [i for i in range(len(sizes)) if edges[i + 1] > start and (end is None or edges[i] < end)]
        number = edges[wanted[0]] if wanted else 0
        for batch in table.iter_batches(BATCH, row_groups=wanted, columns=columns, use_threads=False):
            if number + len(batch) > start:
                for row, fields in enumerate(_values(batch), number):
                    if end is not None and row >= end:
                        return
                    if row >= start:
                        yield row, {meant[heading]: value for heading, value in fields.items()}
            number += len(batch)
    except (pa.ArrowException, OSError) as error:
        raise Unreadable(f"no Parquet that can be read: {error}"[:300]) from None


def _values(batch: pa.RecordBatch) -> Iterator[dict[str, Any]]:
    """The rows of ``batch``; a value that cannot be converted becomes a `_Broken` in its row."""
    try:
        yield from batch.to_pylist()
    except (ValueError, OverflowError):
        for row in range(len(batch)):
            yield {name: _value(batch.column(name)[row]) for name in batch.schema.names}


def _value(scalar: pa.Scalar) -> object:
    try:
        return scalar.as_py()
    except (ValueError, OverflowError):
        kind = str(scalar.type)
    if pa.types.is_temporal(scalar.type):
        return _Broken(kind, str(scalar.cast(pa.int64() if scalar.type.bit_width == 64 else pa.int32())))
    return _Broken(kind, scalar.cast(pa.binary()).as_py().decode(errors="surrogateescape"))
