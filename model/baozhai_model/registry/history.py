"""The log of promotions and roll-backs: who made which model version live, when and why.

The log *is* the pointer to the live version: one append makes a version live and records it, so the two can never
disagree. A last line that a crash cut short is ignored.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from baozhai_model.errors import BundleCorrupt


class Action(StrEnum):
    """What was done."""

    ADD = "add"
    PROMOTE = "promote"
    ROLL_BACK = "roll back"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: at ``at`` (ISO 8601, UTC), ``who`` did ``action`` with ``version``, ``was`` being live, and why."""

    at: str
    who: str
    action: Action
    version: str
    was: str
    why: str


class History:
    """The log of one store."""

    def __init__(self, path: Path) -> None:
        """Use the log at ``path``; it is made with its first entry."""
        self._path = path

    @property
    def stamp(self) -> int:
        """Its length in bytes, which changes with every entry."""
        return self._path.stat().st_size if self._path.exists() else 0

    def entries(self) -> list[Entry]:
        """All entries, oldest first.

        Raises:
            BundleCorrupt: a line is not what this class writes.
        """
        if not self._path.exists():
            return []
        whole, _, _ = self._path.read_bytes().rpartition(b"\n")
        found = []
        for number, line in enumerate(whole.split(b"\n") if whole else [], 1):
            try:
                raw = json.loads(line)
                found.append(Entry(**{**raw, "action": Action(raw["action"])}))
            except (ValueError, TypeError, KeyError) as error:
                raise BundleCorrupt(f"{self._path} line {number} cannot be read: {error}") from error
        return found

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes and threads from deciding at the same time."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def append(self, who: str, action: Action, version: str, was: str, why: str) -> Entry:
        """Add an entry, on the disk before this returns; call it inside `locked`."""
        entry = Entry(datetime.now(UTC).isoformat(timespec="milliseconds"), who, action, version, was, why)
        with self._path.open("a+b") as file:
            file.seek(0)
            whole, newline, _ = file.read().rpartition(b"\n")
            file.truncate(len(whole) + len(newline))  # what a crash left half written
            file.write(json.dumps(asdict(entry), ensure_ascii=False).encode("utf-8", "replace") + b"\n")
            file.flush()
            os.fsync(file.fileno())
        return entry
