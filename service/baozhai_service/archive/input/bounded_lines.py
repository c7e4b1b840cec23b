"""Read lines of bounded length: longer lines are skipped without being held in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from baozhai_service.archive.input.record import DeadLetter, Place
from baozhai_service.archive.settings import LARGEST_RECORD


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its line break; ``start`` is its offset in the file in bytes, ``number`` counts from 1."""

    raw: bytes
    start: int
    number: int

    @property
    def end(self) -> int:
        """The offset after it."""
        return self.start + len(self.raw)


def read_lines(file: BinaryIO, path: str, start: int, number: int, end: int | None) -> Iterator[Line | DeadLetter]:
    """The lines of bytes ``[start, end)``; a line that is too long is a dead letter without its bytes."""
    file.seek(start)
    while end is None or start < end:
        raw = file.readline(LARGEST_RECORD + 1)
        if not raw:
            return
        if len(raw) > LARGEST_RECORD:
            rejected = too_large(file, path, raw, start, number)
            yield rejected
            start = rejected.place.end or 0
        else:
            yield Line(raw, start, number)
            start += len(raw)
        number += 1


def too_large(file: BinaryIO, path: str, begun: bytes, start: int, number: int) -> DeadLetter:
    """Skip the rest of the line that starts with ``begun``, and describe it as a dead letter."""
    digest, end, part = hashlib.sha256(begun), start + len(begun), begun
    while not part.endswith(b"\n") and (part := file.readline(2**20)):
        digest.update(part)
        end += len(part)
    detail = f"a record of {end - start} bytes; at most {LARGEST_RECORD} are read (SHA-256 {digest.hexdigest()})"
    return DeadLetter(Place(path, number, start, end), "too_large", detail, None)
