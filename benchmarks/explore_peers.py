"""What a search is compared with: a scan of the Parquet files by DuckDB, and SQLite's FTS5 with trigrams."""

from __future__ import annotations

import sqlite3
import tempfile
import time
from pathlib import Path

import duckdb

from benchmarks.explore_queries import timed


def duckdb_scans(out: Path) -> dict[str, float]:
    """Milliseconds of counting the paragraphs that hold a word."""
    with duckdb.connect() as database:
        sql = f"SELECT count(*) FROM read_parquet('{out}/paragraphs/**/*.parquet') WHERE contains(text, '垃圾')"
        return {"duckdb": 1e3 * timed(lambda: database.execute(sql).fetchone())}


def sqlite_trigram(out: Path, most: int) -> dict[str, float]:
    """Paragraphs indexed a second, and the size of the index as a share of the text's; of the first ``most``.

    A query needs three characters: words of two, which most Chinese words are, are not found.
    """
    with duckdb.connect() as database:
        rows = database.execute(
            f"SELECT text FROM read_parquet('{out}/paragraphs/**/*.parquet') LIMIT {most}"
        ).fetchall()
    with tempfile.TemporaryDirectory() as folder:
        lite = sqlite3.connect(f"{folder}/fts.sqlite")
        lite.execute("CREATE VIRTUAL TABLE t USING fts5(text, content='', tokenize='trigram')")
        began = time.monotonic()
        lite.executemany("INSERT INTO t(text) VALUES (?)", rows)
        lite.commit()
        took = time.monotonic() - began
        lite.close()
        size = Path(f"{folder}/fts.sqlite").stat().st_size
    return {"sqlite_rate": len(rows) / took, "sqlite_size": size / sum(len(row[0].encode()) for row in rows)}
