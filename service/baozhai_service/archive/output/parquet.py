"""A shard's rows as Parquet files, one for each year and source; the same rows give the same bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from baozhai_service.archive.output.ledger import WrittenFile

UNDATED = 0  # a year of its own: Hive's null partition is refused by pyarrow where there is no other
_ESCAPED = frozenset("\"#%'*/:=?\\{}[]^") | {chr(code) for code in (*range(32), 127)}
_NULL = "__HIVE_DEFAULT_PARTITION__"
ROWS_TOGETHER = 8  # dead letters of up to a megabyte each
GROUP = 65_536


def source_folder(source: str) -> str:
    """The folder of ``source``; what may not stand in a name is written as Hive writes it."""
    escaped = "".join(f"%{ord(char):02X}" if char in _ESCAPED else char for char in source)
    if escaped == _NULL:  # DuckDB takes it for a name then; pyarrow, and so pandas, for none even so
        escaped = f"%{ord(_NULL[0]):02X}{_NULL[1:]}"
    return f"source={escaped}"


def partition(table: str, year: int | None, source: str, shard: str) -> str:
    """The file of ``shard`` for one year and source.

    >>> partition("articles", 2023, "a/b日报", "c0ffee")
    'articles/year=2023/source=a%2Fb日报/c0ffee.parquet'
    >>> partition("articles", 2023, "__HIVE_DEFAULT_PARTITION__", "c0ffee")
    'articles/year=2023/source=%5F_HIVE_DEFAULT_PARTITION__/c0ffee.parquet'
    """
    return f"{table}/year={year or UNDATED}/{source_folder(source)}/{shard}.parquet"


def write_table(path: Path, rows: Iterable[dict[str, Any]], schema: pa.Schema, *, together: int = GROUP) -> int:
    """Write ``rows`` to ``path``, ``together`` at a time; how many they were."""
    count = 0
    with pq.ParquetWriter(path, schema, compression="zstd", compression_level=3, version="2.6") as writer:
        for group in _groups(rows, together):
            writer.write_table(pa.Table.from_pylist(group, schema=schema), row_group_size=GROUP)
            count += len(group)
    return count


def described(path: Path, name: str, rows: int) -> WrittenFile:
    """``path`` as the ledger tells of it once it is called ``name``."""
    with path.open("rb") as file:
        return WrittenFile(name, rows, path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


def _groups(rows: Iterable[dict[str, Any]], size: int) -> Iterator[list[dict[str, Any]]]:
    waiting = iter(rows)
    while group := list(islice(waiting, size)):
        yield group
