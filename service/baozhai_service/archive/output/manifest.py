"""The manifest: input, settings, model version and counts of an output. It holds neither time nor place of the run."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from baozhai_service.archive.errors import OutputRefused
from baozhai_service.archive.output.folder import MANIFEST, PRIVATE, Output, beginning
from baozhai_service.archive.output.schema import SCHEMA

FORMAT = "baozhai-archive"


@dataclass(frozen=True, slots=True)
class Manifest:
    """The manifest of a finished output.

    Attributes:
        basis: settings, model version, bundle and release.
        input: fingerprint and size of the input.
        shards: ids of the shards, in the order of the input.
        counts: see `scoring.counts.Counts`.
        topics: for each topic its id, Chinese name, precision and recall as the bundle states them, or None.
    """

    basis: dict[str, Any]
    input: dict[str, Any]
    shards: tuple[str, ...]
    counts: dict[str, Any]
    topics: tuple[dict[str, Any], ...]

    @property
    def dead_letters(self) -> int:
        """The number of dead letters."""
        return sum(self.counts["dead_letters"].values())

    def to_bytes(self) -> bytes:
        """The contents of ``manifest.json``."""
        body = {
            "format": FORMAT,
            "schema": SCHEMA,
            **{name: getattr(self, name) for name in ("basis", "input", "counts", "topics", "shards")},
        }
        return (json.dumps(body, ensure_ascii=False, indent=1) + "\n").encode()


def input_fingerprint(shards: tuple[str, ...]) -> str:
    """The fingerprint of an input: a hash of its shards' ids, which are hashes of its bytes."""
    return hashlib.sha256("".join(shards).encode()).hexdigest()


def read_manifest(output: Output) -> Manifest | None:
    """The manifest of ``output``; None before its first run has finished.

    Raises:
        OutputRefused: the manifest has another schema, or is not that of a scored archive.
    """
    try:
        raw = json.loads(output.read(MANIFEST))
        if raw["format"] != FORMAT:
            raise ValueError(f"its format is {raw['format']!r}")
        if raw["schema"] != SCHEMA:
            raise OutputRefused(
                f"{output.url} has schema {raw['schema']}, this release writes {SCHEMA}; "
                "score into a new folder, or use the release that wrote it"
            )
        return Manifest(raw["basis"], raw["input"], tuple(raw["shards"]), raw["counts"], tuple(raw["topics"]))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise OutputRefused(f"{output.url}/{MANIFEST} is not the manifest of a scored archive: {error}") from None


def check(output: Output, source: str) -> bool:
    """Whether ``output`` already belongs to ``source``; False for a new or empty folder.

    Raises:
        OutputRefused: the folder holds something else; nothing was changed.
    """
    note = f"{PRIVATE}/archive.json"
    if output.is_file():
        raise OutputRefused(f"{output.url} is a file; give a folder")
    if not output.exists(note):
        if not output.is_empty() and not _only_private(output):
            raise OutputRefused(
                f"{output.url} is not empty, and {note}, which says of what archive an output is, is missing; "
                "give another folder, or, if it holds scores, put that file back to go on"
            )
        return False
    try:
        noted = json.loads(output.read(note))
        earlier, schema = noted["input"], noted["schema"]
    except (ValueError, KeyError, TypeError):
        raise OutputRefused(f"{output.url}/{note} cannot be read; is this the output of baozhai score?") from None
    if schema != SCHEMA:
        raise OutputRefused(f"{output.url} has schema {schema}, this release writes {SCHEMA}; score into a new folder")
    if earlier != source:
        raise OutputRefused(
            f"{output.url} holds the scores of {earlier}, not of {source}; give another folder "
            f"(if the archive was moved, change the input in {note})"
        )
    read_manifest(output)
    return True


def claim(output: Output, source: str) -> None:
    """Write into ``output`` that it belongs to ``source``. The caller holds the lock.

    Raises:
        OutputRefused: see `check`.
    """
    if not check(output, source):
        noted = {"format": FORMAT, "schema": SCHEMA, "input": source}
        with beginning(output.url, "--out"):
            # ASCII with escapes, since a path may hold bytes that are not Unicode.
            output.write(f"{PRIVATE}/archive.json", (json.dumps(noted) + "\n").encode())


def _only_private(output: Output) -> bool:
    return output.folder is not None and {path.name for path in output.folder.iterdir()} <= {PRIVATE}
