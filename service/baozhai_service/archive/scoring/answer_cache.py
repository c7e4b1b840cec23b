"""A cache of rendered results: archives repeat paragraphs, and a changed file is mostly unchanged.

The cache only saves time; without it the output is the same.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from baozhai_service.api import render

BATCH = 500  # keys in one query


class AnswerCache:
    """Rendered results by a hash of their input, in a SQLite file that several processes share, or in memory."""

    def __init__(self, path: Path | None) -> None:
        """Open the cache at ``path``; with None, a cache in memory for one shard."""
        self._path = path
        self._db: sqlite3.Connection | None = None
        try:
            self._db = self._opened()
        except sqlite3.DatabaseError:  # another format, or damaged: start again, as it is only a cache
            if path is not None:
                path.unlink(missing_ok=True)
            self._db = self._opened()

    def _opened(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._path or ":memory:", isolation_level=None, timeout=60)
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=NORMAL")
        database.execute("CREATE TABLE IF NOT EXISTS answers (key BLOB PRIMARY KEY, answer BLOB) WITHOUT ROWID")
        return database

    def get(self, keys: Iterable[bytes]) -> dict[bytes, dict[str, Any]]:
        """The cached results of ``keys``."""
        wanted = list(dict.fromkeys(keys))
        found: dict[bytes, dict[str, Any]] = {}
        for start in range(0, len(wanted), BATCH):
            some = wanted[start : start + BATCH]
            marks = ",".join("?" * len(some))
            rows = self._run(f"SELECT key, answer FROM answers WHERE key IN ({marks})", some)
            found.update((key, json.loads(answer)) for key, answer in rows)
        return found

    def put(self, answers: Mapping[bytes, dict[str, Any]]) -> None:
        """Store ``answers``; if that fails (a full disk), stop using the cache."""
        if self._db is None or not answers:
            return
        try:
            with self._db:
                self._db.execute("BEGIN IMMEDIATE")
                rows = [(key, render.to_json(answer)) for key, answer in answers.items()]
                self._db.executemany("INSERT OR IGNORE INTO answers VALUES (?, ?)", rows)
        except sqlite3.DatabaseError:
            self.close()

    def count(self) -> int:
        """The number of cached results."""
        rows = self._run("SELECT count(*), NULL FROM answers", [])
        return int(rows[0][0]) if rows else 0

    def close(self) -> None:
        """Close the file; later calls find and store nothing."""
        if self._db is not None:
            self._db.close()
            self._db = None

    def _run(self, query: str, values: list[bytes]) -> list[tuple[bytes, bytes]]:
        if self._db is None:
            return []
        try:
            return self._db.execute(query, values).fetchall()
        except sqlite3.DatabaseError:
            self.close()
            return []


def key_of(*asked: object) -> bytes:
    """The cache key of a computation with the inputs ``asked``."""
    return hashlib.blake2b(repr(asked).encode(errors="surrogatepass"), digest_size=16).digest()
