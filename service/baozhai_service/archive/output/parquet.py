"""Write the rows of a shard as Parquet; equal rows give equal bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from baozhai_service.archive.output.ledger import WrittenFile

ROWS_TOGETHER = 8  # dead letters in memory at a time, of up to a megabyte each
GROUP = 65_536  # rows of a row group


def write_table(path: Path, rows: Iterable[dict[str, Any]], schema: pa.Schema, *, together: int = GROUP) -> int:
    """Write ``rows`` to ``path``, ``together`` at a time; return their number."""
    count = 0
    with pq.ParquetWriter(path, schema, compression="zstd", compression_level=3, version="2.6") as writer:
        for group in _groups(rows, together):
            writer.write_table(pa.Table.from_pylist(group, schema=schema), row_group_size=GROUP)
            count += len(group)
    return count


def described(path: Path, name: str, rows: int) -> WrittenFile:
    """The ledger's entry for the file at ``path``, which will be published as ``name``."""
    with path.open("rb") as file:
        return WrittenFile(name, rows, path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


def _groups(rows: Iterable[dict[str, Any]], size: int) -> Iterator[list[dict[str, Any]]]:
    waiting = iter(rows)
    while group := list(islice(waiting, size)):
        yield group
