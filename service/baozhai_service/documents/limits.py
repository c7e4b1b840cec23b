"""How much of a document is read, and for how long."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one document.

    Attributes:
        seconds: that reading may take, from start to end.
        memory: bytes of address space of the process that reads.
        size: bytes of the file.
        unpacked: bytes of one part of a file that is an archive (DOCX, OFD, ZIP), and of all that is read of it.
        pages: of a PDF or OFD file.
        pixels: of one image.
        characters: of the text that was read.
    """

    seconds: float = 120.0
    memory: int = 4 * 2**30
    size: int = 64 * 2**20
    unpacked: int = 128 * 2**20
    pages: int = 500
    pixels: int = 120_000_000
    characters: int = 1_000_000

    def to_json(self) -> dict[str, Any]:
        """The limits as plain values."""
        return asdict(self)
