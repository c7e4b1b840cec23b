"""The manifest: what was scored, with what, and the counts. It names neither the time nor the place of the run."""

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
    """A finished output.

    Attributes:
        basis: settings, bundle and release that it was scored with.
        input: fingerprint, files and bytes of what was scored.
        shards: ids of its shards, in the order of the input.
        counts: see `scoring.counts.Counts`.
        topics: (id, Chinese name, precision, recall) of each topic, as the bundle was measured; None where it was not.
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
    """The fingerprint of an input: shard ids hash all of it."""
    return hashlib.sha256("".join(shards).encode()).hexdigest()


def read_manifest(output: Output) -> Manifest | None:
    """The manifest of ``output``; None if it has none, as before the end of its first run.

    Raises:
        OutputRefused: it is of another schema, or no manifest of an archive.
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
        raise OutputRefused(f"{output.url}/{MANIFEST} is no manifest of a scored archive: {error}") from None


def check(output: Output, source: str) -> bool:
    """Whether ``output`` is already noted as the one for ``source``; False for a new or empty folder.

    Raises:
        OutputRefused: it holds something else; nothing was touched.
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
        told = json.loads(output.read(note))
        earlier, schema = told["input"], told["schema"]
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
    """Note that ``output`` is for ``source``, while no other process may write it.

    Raises:
        OutputRefused: see `check`.
    """
    if not check(output, source):
        told = {"format": FORMAT, "schema": SCHEMA, "input": source}
        with beginning(output.url, "--out"):
            # A path may be no Unicode, which only escapes can hold.
            output.write(f"{PRIVATE}/archive.json", (json.dumps(told) + "\n").encode())


def _only_private(output: Output) -> bool:
    return output.folder is not None and {path.name for path in output.folder.iterdir()} <= {PRIVATE}
