"""The keys of records seen so far, on disk, since they may not fit in memory."""

from __future__ import annotations

import hashlib
import sqlite3
from types import TracebackType

from baozhai_service.archive.input.record import Place


class SeenKeys:
    """The keys of records seen so far, and where each was first seen. A context manager."""

    def __init__(self) -> None:
        # Without a name, SQLite uses a temporary file that it unlinks at once, so a killed run leaves nothing behind.
        self._db = sqlite3.connect("", isolation_level=None)
        try:
            self._db.executescript(
                "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-32768;"
                "CREATE TABLE keys (key BLOB PRIMARY KEY, place TEXT NOT NULL) WITHOUT ROWID; BEGIN;"
            )
        except sqlite3.Error:
            self._db.close()  # `__exit__` will not be called
            raise

    def __enter__(self) -> SeenKeys:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()

    def claim(self, key: tuple[str, ...], place: Place) -> str | None:
        """Register ``key`` for the record at ``place``; return ``file:line`` of an earlier record with this key."""
        digest = hashlib.blake2b(repr(key).encode(errors="surrogateescape"), digest_size=16).digest()
        cursor = self._db.execute("INSERT OR IGNORE INTO keys VALUES (?, ?)", (digest, str(place)))
        if cursor.rowcount:
            return None
        (first,) = self._db.execute("SELECT place FROM keys WHERE key = ?", (digest,)).fetchone()
        return str(first)
