"""A shard: the unit that is scored whole or not at all, named by a hash of all that its output depends on."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from baozhai_model.bundle import MANIFEST, read_manifest, sha256
from baozhai_service.archive.input.record import DeadLetter
from baozhai_service.archive.input.segment import Segment
from baozhai_service.archive.output.schema import SCHEMA
from baozhai_service.archive.settings import ScoreSettings


@dataclass(frozen=True, slots=True)
class Basis:
    """What all shards of a run depend on, beside their own records."""

    settings: ScoreSettings
    model_version: str
    bundle: str
    release: str

    @classmethod
    def of(cls, settings: ScoreSettings, bundle_folder: Path) -> Basis:
        """The basis of scoring with the bundle in ``bundle_folder``.

        Raises:
            BundleError: there is no bundle there.
        """
        manifest = read_manifest(bundle_folder)
        return cls(settings, manifest.version, sha256(bundle_folder / MANIFEST), version("baozhai"))

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {"schema": SCHEMA, **asdict(self)}


@dataclass(frozen=True, slots=True)
class Shard:
    """Records to score together.

    Attributes:
        id: 16 hexadecimal digits.
        pieces: runs of records, in order.
        rejected: files that cannot be read at all.
        duplicates: of each record whose key an earlier record has: its file, its line and where the earlier one is.
        size: bytes of input.
    """

    id: str
    segments: tuple[Segment, ...]
    rejected: tuple[DeadLetter, ...]
    duplicates: tuple[tuple[str, int, str], ...]
    size: int


def identity(
    basis: Basis,
    segments: tuple[Segment, ...],
    rejected: tuple[DeadLetter, ...],
    duplicates: tuple[tuple[str, int, str], ...],
) -> str:
    """The id of the shard of these records."""
    told = [
        basis.to_json(),
        [asdict(segment) for segment in segments],
        [[asdict(item.place), item.reason, item.detail] for item in rejected],
        duplicates,
    ]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]
