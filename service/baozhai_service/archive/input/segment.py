"""A run of records of one file: what a shard is made of."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from baozhai_service.archive.input.record import DeadLetter, Record


@dataclass(frozen=True, slots=True)
class Segment:
    """Records of one file, and the hash that tells whether they are still the same.

    Attributes:
        path: of the file, below the input.
        kind: how it is read: page, document, zip, jsonl, csv, parquet; None for a file of another kind.
        source: of its records that name none.
        start, end: bytes, or rows of a Parquet file, or members of a ZIP archive; ``end`` None is the end of the file.
        line: the number of its first line, from 1.
        header: a CSV file's columns.
        delimiter: what parts its cells.
        digest: SHA-256 of its records and where they lie.
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
        """Read what `dataclasses.asdict` gave."""
        return cls(**{**raw, "header": tuple(raw["header"])})


@dataclass
class Fingerprint:
    """Hashes records as they come by."""

    count: int = 0
    _digest: Any = field(default_factory=hashlib.sha256)

    def add(self, item: Record | DeadLetter) -> None:
        """Take in one record or dead letter."""
        place = item.place
        told = (place.line, place.start, place.end, item.reason if isinstance(item, DeadLetter) else "")
        detail = item.detail.encode(errors="replace") if isinstance(item, DeadLetter) and item.raw is None else b""
        self._digest.update(repr((told, len(item.raw or b""))).encode() + (item.raw or b"") + detail)
        self.count += 1

    def hexdigest(self) -> str:
        """The hash so far."""
        value: str = self._digest.hexdigest()
        return value
