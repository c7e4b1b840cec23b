"""Where a shard's rows lie in the output: Hive partitions by year and source."""

from __future__ import annotations

LONGEST_NAME = 255  # bytes of a folder's name
UNDATED = 0  # a year of its own: pyarrow refuses Hive's null partition where there is no other
_ESCAPED = frozenset("\"#%'*/:=?\\{}[]^") | {chr(code) for code in (*range(32), 127)}
_NULL = "__HIVE_DEFAULT_PARTITION__"


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


def check_source(source: str) -> None:
    """Refuse a source whose folder would have a name that is too long.

    Raises:
        ValueError: it is too long once it is escaped.
    """
    if len(source_folder(source).encode(errors="replace")) > LONGEST_NAME:
        raise ValueError(f"the source {source[:20]}… is too long to name a folder of the output after it")
