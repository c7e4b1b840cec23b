"""Which keys an archive has used: on disk, since there may be more than fit in memory."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import tempfile
from pathlib import Path
from types import TracebackType

from baozhai_service.archive.records import Place


class Keys:
    """The keys of records seen so far, and where each was first seen. A context manager."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="baozhai-keys-"))
        self._db = sqlite3.connect(self._folder / "keys.sqlite", isolation_level=None)
        try:  # no journal, no sync: it is a scratch file of this run
            self._db.executescript(
                "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-32768;"
                "CREATE TABLE keys (key BLOB PRIMARY KEY, place TEXT NOT NULL) WITHOUT ROWID; BEGIN;"
            )
        except sqlite3.Error:
            self._close()  # a full disk, say: there will be no `__exit__`
            raise

    def __enter__(self) -> Keys:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def _close(self) -> None:
        self._db.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def claim(self, key: tuple[str, ...], place: Place) -> str | None:
        """Take ``key`` for the record at ``place``; where an earlier record has it, ``file:line`` of that one."""
        digest = hashlib.blake2b(repr(key).encode(), digest_size=16).digest()
        cursor = self._db.execute("INSERT OR IGNORE INTO keys VALUES (?, ?)", (digest, f"{place.file}:{place.line}"))
        if cursor.rowcount:
            return None
        (first,) = self._db.execute("SELECT place FROM keys WHERE key = ?", (digest,)).fetchone()
        return str(first)
