"""A shard: the unit of scoring. Its id is a hash of everything that its output depends on."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from baozhai_model.bundle import MANIFEST, read_manifest, sha256
from baozhai_service.archive.input.record import DeadLetter, Place
from baozhai_service.archive.input.segment import Segment
from baozhai_service.archive.output.schema import SCHEMA
from baozhai_service.archive.settings import ScoreSettings


@dataclass(frozen=True, slots=True)
class Basis:
    """Everything but its records that the output of a shard depends on: settings, bundle, release."""

    settings: ScoreSettings
    model_version: str
    bundle: str
    release: str

    @classmethod
    def of(cls, settings: ScoreSettings, bundle_folder: Path) -> Basis:
        """The basis of scoring with the bundle in ``bundle_folder``.

        Raises:
            BundleError: the folder holds no bundle.
        """
        manifest = read_manifest(bundle_folder)
        return cls(settings, manifest.version, sha256(bundle_folder / MANIFEST), version("baozhai"))

    def to_json(self) -> dict[str, Any]:
        """The basis as plain values."""
        return {"schema": SCHEMA, **asdict(self)}


@dataclass(frozen=True, slots=True)
class Shard:
    """Records to score together.

    Attributes:
        id: 16 hexadecimal digits.
        segments: runs of records of one file each, in order.
        rejected: files that cannot be read at all.
        duplicates: for each record whose key is taken: its file, its line, and the place of the first with that key.
        size: bytes of input.
    """

    id: str
    segments: tuple[Segment, ...]
    rejected: tuple[DeadLetter, ...]
    duplicates: tuple[tuple[str, int, str], ...]
    size: int

    def to_text(self) -> str:
        """The shard as JSON, to send it to another machine."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> Shard:
        """Read what `to_text` wrote."""
        raw = json.loads(text)
        return cls(
            id=raw["id"],
            segments=tuple(map(Segment.from_json, raw["segments"])),
            rejected=tuple(DeadLetter(**{**item, "place": Place(**item["place"])}) for item in raw["rejected"]),
            duplicates=tuple((file, line, first) for file, line, first in raw["duplicates"]),
            size=raw["size"],
        )


def identity(
    basis: Basis,
    segments: tuple[Segment, ...],
    rejected: tuple[DeadLetter, ...],
    duplicates: tuple[tuple[str, int, str], ...],
) -> str:
    """The id of a shard with this content."""
    content = [
        basis.to_json(),
        [asdict(segment) for segment in segments],
        [[asdict(item.place), item.reason, item.detail] for item in rejected],
        duplicates,
    ]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
