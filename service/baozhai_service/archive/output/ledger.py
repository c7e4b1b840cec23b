"""Receipts: the proof that a shard is done, written after all its files are in place."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

from baozhai_service.archive.output.folder import LEDGER, Output


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file of the output."""

    name: str
    rows: int
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What scoring a shard gave: its files and its counts (see `tally.Tally`)."""

    shard: str
    files: tuple[WrittenFile, ...]
    counts: dict[str, Any]

    def to_bytes(self) -> bytes:
        """One line of JSON that carries its own checksum."""
        body = json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)
        check = hashlib.sha256(body.encode()).hexdigest()
        return f'{{"receipt": {body}, "sha256": "{check}"}}\n'.encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Receipt:
        """Read what `to_bytes` gave.

        Raises:
            ValueError: it is torn or altered.
        """
        try:
            outer = json.loads(data)
            body = outer["receipt"]
            again = json.dumps(body, ensure_ascii=False, sort_keys=True)
            if hashlib.sha256(again.encode()).hexdigest() != outer["sha256"]:
                raise ValueError("its checksum does not match")
            return cls(body["shard"], tuple(WrittenFile(**file) for file in body["files"]), body["counts"])
        except (KeyError, TypeError, UnicodeDecodeError) as error:
            raise ValueError(f"no receipt: {error}") from error


class Ledger:
    """The receipts of an output."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._known = {name.rpartition("/")[2] for name in output.files(LEDGER)}

    def finished(self, shard: str) -> Receipt | None:
        """The receipt of ``shard`` if it is done and all its files are there; None if it must be scored."""
        if f"{shard}.json" not in self._known:
            return None
        try:
            receipt = self.receipt(shard)
        except (ValueError, OSError):
            return None
        there = self._output.folder is None or all(self._output.size(f.name) == f.size for f in receipt.files)
        return receipt if there else None

    def receipt(self, shard: str) -> Receipt:
        """The receipt of ``shard``.

        Raises:
            ValueError, OSError: it cannot be read.
        """
        return Receipt.from_bytes(self._output.read(f"{LEDGER}/{shard}.json"))


def enter(output: Output, receipt: Receipt) -> None:
    """Write ``receipt``: from now on its shard is done."""
    output.write(f"{LEDGER}/{receipt.shard}.json", receipt.to_bytes())
