"""The search index of a scored archive: built by the ledger, opened as a whole."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from baozhai_service.archive.errors import OutputRefused, RunFailed
from baozhai_service.archive.output.folder import PRIVATE, Output
from baozhai_service.archive.output.integrity import damaged
from baozhai_service.archive.output.ledger import Ledger
from baozhai_service.archive.output.lock import held
from baozhai_service.archive.output.manifest import Manifest, read_manifest
from baozhai_service.archive.search.builder import DRAFTS, build_part
from baozhai_service.archive.search.errors import IndexUnusable
from baozhai_service.archive.search.filters import Filters
from baozhai_service.archive.search.hits import Hits
from baozhai_service.archive.search.part import Part
from baozhai_service.archive.search.plan import FORMAT, LEAST, MOST, PartPlan, plan_parts
from baozhai_service.archive.search.query import parse_query

CONTENTS = "index.json"
T = TypeVar("T")

Shown = Callable[[int, int], None]
"""Called with the number of paragraphs that are indexed, and of all paragraphs."""


@dataclass(frozen=True, slots=True)
class PartSize:
    """How many paragraphs a part holds: another size makes another index."""

    least: int = LEAST
    most: int = MOST


def index_folder(output: Output, given: Path | None = None) -> Path:
    """Where the index of ``output`` lies.

    Raises:
        OutputRefused: the archive is in a remote store, and no folder is given.
    """
    if given is not None:
        return given
    if output.folder is None:
        raise OutputRefused(f"{output.url} is no local folder; say with --index where its search index shall be kept")
    return output.folder / PRIVATE / "search"


def finished_manifest(output: Output) -> Manifest:
    """The manifest of a finished archive.

    Raises:
        OutputRefused: there is none, or it is of another schema.
    """
    manifest = read_manifest(output)
    if manifest is None:
        raise OutputRefused(
            f"{output.url} has no manifest: it is no output of baozhai score, or its first run is not over"
        )
    return manifest


def topic_names(manifest: Manifest) -> tuple[str, ...]:
    """Topics as the archive calls them."""
    kind = manifest.basis["settings"]["names"]
    return tuple(topic["id" if kind == "id" else "zh"] for topic in manifest.topics)


def build_index(
    output: Output,
    folder: Path,
    *,
    workers: int = 1,
    size: PartSize | None = None,
    shown: Shown | None = None,
) -> int:
    """Index new shards and remove parts that the archive no longer has; returns the number of paragraphs indexed.

    A killed run can be repeated at any time: a part is published whole or not at all.

    Args:
        output: the scored archive.
        folder: of the index; made if it is not there.
        workers: processes that build parts.
        size: of parts.
        shown: called after each part.

    Raises:
        OutputRefused: the archive is not finished, or a file of it is missing.
        OutputBusy: another process is at it.
        RunFailed: a worker ended, or the disk is full; what is finished is kept.
    """
    manifest = finished_manifest(output)
    plans = _plans(output, manifest, size or PartSize())
    total = sum(plan.paragraphs for plan in plans)
    with held(folder, str(folder), "--index"):
        shutil.rmtree(folder / DRAFTS, ignore_errors=True)
        missing = [plan for plan in plans if not (folder / plan.name).is_dir()]
        done = total - sum(plan.paragraphs for plan in missing)
        topics = topic_names(manifest)
        try:
            for plan in _built(output, missing, topics, folder, workers):
                done += plan.paragraphs
                if shown:
                    shown(done, total)
        except FileNotFoundError as error:
            raise damaged(output, manifest.shards, f"{error.filename} is missing") from error
        except OSError as error:
            raise RunFailed(
                f"the index cannot be written: {error.strerror or error}; what was finished is kept: mend that and run"
                " the same command again"
            ) from error
        contents = {
            "format": FORMAT,
            "fingerprint": manifest.input["fingerprint"],
            "parts": [plan.name for plan in plans],
        }
        _replace(folder / CONTENTS, json.dumps(contents, indent=1) + "\n")
        current = {plan.name for plan in plans}
        for path in folder.iterdir():
            if path.is_dir() and path.name not in current:
                shutil.rmtree(path, ignore_errors=True)
    return sum(plan.paragraphs for plan in missing)


class SearchIndex:
    """All parts of an index, open for search. Threads may share it."""

    def __init__(self, output: Output, folder: Path, *, threads: int = 2) -> None:
        """Open the index of ``output`` in ``folder``.

        Args:
            output: the scored archive.
            folder: of the index.
            threads: parts that are searched at a time.

        Raises:
            OutputRefused: the archive is not finished.
            IndexUnusable: there is no index, it is of another state of the archive, or it is damaged.
        """
        self.output, self.folder = output, folder
        self.manifest = finished_manifest(output)
        self.fingerprint: str = self.manifest.input["fingerprint"]
        self.topics = topic_names(self.manifest)
        again = f"; index it with: baozhai index {output.url}"
        try:
            told = json.loads((folder / CONTENTS).read_text(encoding="utf-8"))
            names, state, form = list(told["parts"]), told["fingerprint"], told["format"]
        except FileNotFoundError:
            raise IndexUnusable(f"{output.url} has no search index{again}") from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise IndexUnusable(f"{folder / CONTENTS} cannot be read ({error}){again}") from error
        if form != FORMAT:
            raise IndexUnusable(f"the search index of {output.url} is of another release{again}")
        if state != self.fingerprint:
            raise IndexUnusable(f"{output.url} was scored again since it was indexed{again}")
        self.parts = [Part(folder / name) for name in names]
        self._pool = ThreadPoolExecutor(max(threads, 1), thread_name_prefix="archive-search")

    def __len__(self) -> int:
        """Paragraphs."""
        return sum(part.size for part in self.parts)

    def search(self, query: str = "", filters: Filters | None = None) -> Hits:
        """Everything that matches.

        Raises:
            InvalidQuery: see `query.parse_query`.
            InvalidFilter: a topic is none of the archive.
        """
        node = parse_query(query)
        names = "id" if self.manifest.basis["settings"]["names"] == "id" else "zh"
        chosen = (filters or Filters()).with_topics_of(self.manifest.topics, names)
        return Hits.of(self.parts, self.each_part(lambda part: part.matching(node, chosen)), node)

    def each_part(self, work: Callable[[Part], T]) -> list[T]:
        """What ``work`` gives for each part, some at a time."""
        return list(self._pool.map(work, self.parts))

    def close(self) -> None:
        """Let go of its threads."""
        self._pool.shutdown()


def _plans(output: Output, manifest: Manifest, size: PartSize) -> list[PartPlan]:
    ledger = Ledger(output)
    try:
        counts = [(shard, int(ledger.receipt(shard).counts["paragraphs"])) for shard in manifest.shards]
    except (ValueError, OSError) as error:
        raise damaged(output, manifest.shards, f"a receipt cannot be read: {error}") from error
    return list(plan_parts(counts, least=size.least, most=size.most))


def _built(
    output: Output, plans: Sequence[PartPlan], topics: Sequence[str], folder: Path, workers: int
) -> Iterator[PartPlan]:
    """Build ``plans``; each as it is done."""
    if workers <= 1 or len(plans) <= 1:
        for plan in plans:
            build_part(output, plan, topics, folder)
            yield plan
        return
    pool = ProcessPoolExecutor(min(workers, len(plans)), mp_context=multiprocessing.get_context("spawn"))
    try:
        work = {pool.submit(_build_apart, output.url, plan, topics, folder): plan for plan in plans}
        for future in as_completed(work):
            future.result()
            yield work[future]
    except BrokenProcessPool:
        raise RunFailed(
            "a process that was indexing was killed, perhaps for want of memory; what was finished is kept:"
            " run the same command again, with fewer --workers"
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _build_apart(url: str, plan: PartPlan, topics: Sequence[str], folder: Path) -> None:
    build_part(Output(url), plan, topics, folder)


def _replace(path: Path, text: str) -> None:
    draft = path.with_suffix(".draft")
    with draft.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
