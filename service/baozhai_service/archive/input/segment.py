"""Segments: runs of consecutive records of one file, of which shards consist."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from baozhai_service.archive.input.record import DeadLetter, Record


@dataclass(frozen=True, slots=True)
class Segment:
    """Consecutive records of one file, and a hash to check that they have not changed.

    Attributes:
        path: path of the file, relative to the input.
        kind: the reader: page, document, zip, jsonl, csv or parquet; None if there is none for the file.
        source: source of records without one.
        start, end: range in bytes, or in rows of a Parquet file, or in members of a ZIP archive; None is its end.
        line: number of the first line, from 1.
        header: column names of a CSV file.
        delimiter: delimiter of a CSV file.
        digest: SHA-256 of the records and their places.
    """

    path: str
    kind: str | None
    source: str
    start: int = 0
    end: int | None = None
    line: int = 1
    header: tuple[str, ...] = ()
    delimiter: str = ","
    digest: str = ""

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> Segment:
        """Read the output of `dataclasses.asdict`."""
        return cls(**{**raw, "header": tuple(raw["header"])})


@dataclass
class Fingerprint:
    """An incremental hash of records and dead letters."""

    count: int = 0
    _digest: Any = field(default_factory=hashlib.sha256)

    def add(self, item: Record | DeadLetter) -> None:
        """Add a record or dead letter to the hash."""
        place = item.place
        where = (place.line, place.start, place.end, item.reason if isinstance(item, DeadLetter) else "")
        detail = item.detail.encode(errors="replace") if isinstance(item, DeadLetter) and item.raw is None else b""
        self._digest.update(repr((where, len(item.raw or b""))).encode() + (item.raw or b"") + detail)
        self.count += 1

    def hexdigest(self) -> str:
        """The hash of everything added so far."""
        value: str = self._digest.hexdigest()
        return value
