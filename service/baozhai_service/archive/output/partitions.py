"""Hive partitions of the output, by year and source."""

from __future__ import annotations

LONGEST_NAME = 255  # bytes of a folder name
UNDATED = 0  # the year of undated records: pyarrow refuses Hive's null partition where it is the only one
_ESCAPED = frozenset("\"#%'*/:=?\\{}[]^") | {chr(code) for code in (*range(32), 127)}
_NULL = "__HIVE_DEFAULT_PARTITION__"


def source_folder(source: str) -> str:
    """The folder name of ``source``, escaped as Hive does."""
    escaped = "".join(f"%{ord(char):02X}" if char in _ESCAPED else char for char in source)
    if escaped == _NULL:  # otherwise readers take the source for null
        escaped = f"%{ord(_NULL[0]):02X}{_NULL[1:]}"
    return f"source={escaped}"


def partition(table: str, year: int | None, source: str, shard: str) -> str:
    """The name of the file of ``shard`` for one year and source.

    >>> partition("articles", 2023, "a/b日报", "c0ffee")
    'articles/year=2023/source=a%2Fb日报/c0ffee.parquet'
    >>> partition("articles", 2023, "__HIVE_DEFAULT_PARTITION__", "c0ffee")
    'articles/year=2023/source=%5F_HIVE_DEFAULT_PARTITION__/c0ffee.parquet'
    """
    return f"{table}/year={year or UNDATED}/{source_folder(source)}/{shard}.parquet"


def check_source(source: str) -> None:
    """Refuse a source whose folder name would be too long.

    Raises:
        ValueError: the escaped source is longer than `LONGEST_NAME`.
    """
    if len(source_folder(source).encode(errors="replace")) > LONGEST_NAME:
        raise ValueError(f"the source {source[:20]}… is too long to name a folder of the output after it")
