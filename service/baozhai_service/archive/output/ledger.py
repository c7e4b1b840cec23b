"""The ledger: a receipt for each finished shard, written after all its files are in place."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

from baozhai_service.archive.output.folder import LEDGER, Output


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file of the output, with its checksum."""

    name: str
    rows: int
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """The receipt of a shard: its files and its counts (see `scoring.counts.Counts`)."""

    shard: str
    files: tuple[WrittenFile, ...]
    counts: dict[str, Any]

    def to_bytes(self) -> bytes:
        """The receipt as one line of JSON with a checksum."""
        body = json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)
        check = hashlib.sha256(body.encode()).hexdigest()
        return f'{{"receipt": {body}, "sha256": "{check}"}}\n'.encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Receipt:
        """Read the output of `to_bytes`.

        Raises:
            ValueError: the receipt is damaged.
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
        """The receipt of ``shard`` if its files are complete; None if the shard must be scored."""
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
            ValueError, OSError: the receipt cannot be read.
        """
        return Receipt.from_bytes(self._output.read(f"{LEDGER}/{shard}.json"))


def enter(output: Output, receipt: Receipt) -> None:
    """Write ``receipt``; from then on its shard counts as done."""
    output.write(f"{LEDGER}/{receipt.shard}.json", receipt.to_bytes())
