"""Score an archive from end to end: plan the shards, score those that are not done, and write the manifest."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from baozhai_model.bundle import read_manifest as read_bundle
from baozhai_model.encoder.runtimes import check_runtime
from baozhai_service.archive.errors import OutputRefused, RunFailed
from baozhai_service.archive.executors.local import InProcess, ShardExecutor
from baozhai_service.archive.input.filenames import readable
from baozhai_service.archive.input.source import Source
from baozhai_service.archive.output.folder import LEDGER, MANIFEST, PRIVATE, TABLES, Output
from baozhai_service.archive.output.ledger import Ledger
from baozhai_service.archive.output.lock import locked
from baozhai_service.archive.output.manifest import Manifest, check, claim, input_fingerprint
from baozhai_service.archive.progress import Progress
from baozhai_service.archive.report.prevalence import total_measured
from baozhai_service.archive.scoring.counts import Counts
from baozhai_service.archive.scoring.shard_worker import WorkerSpec
from baozhai_service.archive.settings import ScoreSettings
from baozhai_service.archive.shards.planner import plan
from baozhai_service.archive.shards.shard import Basis, Shard

_SHARD_FILE = re.compile(r".*/([0-9a-f]{16})\.(?:parquet|json)")


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a run.

    Attributes:
        manifest: the manifest of the whole output.
        scored: number of shards that this run scored.
        kept: number of shards that earlier runs scored.
        paragraphs: number of paragraphs that this run scored.
        seconds: duration of this run.
    """

    manifest: Manifest
    scored: int
    kept: int
    paragraphs: int
    seconds: float


class ArchiveRun:
    """One run over an archive."""

    def __init__(
        self,
        source: str,
        output: str,
        bundle: Path,
        settings: ScoreSettings,
        *,
        executor: ShardExecutor | None = None,
        cached: bool = True,
        threads: int = 1,
        shown: bool = False,
    ) -> None:
        """Prepare to score ``source`` into ``output``; nothing is written yet.

        Args:
            source: a file or folder, or a URL that fsspec knows.
            output: a folder, or a URL that fsspec knows.
            bundle: folder of the model version to score with.
            settings: settings of the run.
            executor: scores the shards; by default this process.
            cached: cache results in the output folder, for repeated paragraphs.
            threads: cores for one encoder batch.
            shown: show a progress bar.
        """
        self._source, self._output = Source(_absolute(source)), Output(_absolute(output))
        self._bundle, self._settings = bundle, settings
        self._engine = executor or InProcess()
        self._cached, self._threads, self._shown = cached, threads, shown
        self._order: list[str] = []
        self._kept = self._scored = self._paragraphs = 0

    def score(self) -> Outcome:
        """Score the shards that are not scored yet.

        Raises:
            ArchiveError, BundleError, RuntimeUnavailable: the run cannot start or finish; finished shards are kept.
        """
        began = time.monotonic()
        _check_name(self._output.url)
        self._refuse_nesting()
        check_runtime(self._settings.runtime)  # fails here with a clear message rather than in every worker
        basis = Basis.of(self._settings, self._bundle)
        total = self._source.measure()
        check(self._output, self._source.url)
        try:
            with locked(self._output):
                claim(self._output, self._source.url)
                self._output.clear_drafts()
                progress = Progress(total, shown=self._shown)
                try:
                    self._score_shards(basis, progress)
                finally:
                    progress.close()
                manifest = self._conclude(basis, total)
        except (OSError, sqlite3.Error) as error:
            cause = f"{error.strerror} ({error.filename})" if isinstance(error, OSError) and error.filename else error
            raise RunFailed(
                f"a file cannot be written: {cause}; finished shards are kept: fix that and run the same command again"
            ) from error
        return Outcome(manifest, self._scored, self._kept, self._paragraphs, time.monotonic() - began)

    def _score_shards(self, basis: Basis, progress: Progress) -> None:
        spec = WorkerSpec(
            self._source.url, self._output.url, self._bundle, self._settings, self._cache(basis), self._threads
        )
        for shard, receipt in self._engine.run(spec, self._unfinished(basis, progress)):
            self._scored += 1
            self._paragraphs += receipt.counts["paragraphs"]
            progress.scored(shard.size, receipt.counts)

    def _unfinished(self, basis: Basis, progress: Progress) -> Iterator[Shard]:
        ledger = Ledger(self._output)
        for shard in plan(self._source, basis):
            self._order.append(shard.id)
            if ledger.finished(shard.id):
                self._kept += 1
                progress.skipped(shard.size)
            else:
                yield shard

    def _conclude(self, basis: Basis, total: int) -> Manifest:
        """Write the manifest, then remove the files of shards that are not in it: their inputs changed or are gone."""
        ledger, tally = Ledger(self._output), Counts()
        for shard in self._order:
            tally.add(ledger.receipt(shard).counts)
        shards = tuple(self._order)
        measured = {"fingerprint": input_fingerprint(shards), "bytes": total}
        manifest = Manifest(basis.to_json(), measured, shards, tally.to_json(), _measured(self._bundle))
        self._output.write(MANIFEST, manifest.to_bytes())
        current = set(shards)
        for folder in (LEDGER, *TABLES):
            for name in self._output.files(folder):
                found = _SHARD_FILE.fullmatch(name)
                if found and found[1] not in current:
                    self._output.remove(name)
        self._forget_other_caches(basis)
        return manifest

    def _cache(self, basis: Basis) -> Path | None:
        if not self._cached or self._output.folder is None:
            return None
        return self._output.folder / PRIVATE / _cache_name(basis)

    def _forget_other_caches(self, basis: Basis) -> None:
        if self._output.folder is not None:
            for path in (self._output.folder / PRIVATE).glob("answers-*"):
                if not path.name.startswith(_cache_name(basis)):
                    path.unlink()

    def _refuse_nesting(self) -> None:
        source, output = self._source.root, self._output.root
        if (
            self._source.is_local
            and self._output.folder
            and Path(output).resolve().is_relative_to(Path(source).resolve())
        ):
            raise OutputRefused(f"{output} lies within the input {source}: the next run would read its own output")


def _absolute(url: str) -> str:
    return url if "://" in url else Path(url).absolute().as_posix()


def _check_name(output: str) -> None:
    try:
        output.encode()
    except UnicodeEncodeError:
        raise OutputRefused(
            f"{readable(output)}: the path of the output is not valid UTF-8; give another folder"
        ) from None


def _cache_name(basis: Basis) -> str:
    settings = basis.settings
    kind = f"{settings.names}-{settings.runtime}-{settings.stages}"
    return f"answers-{basis.bundle[:12]}-{basis.release}-{kind}.sqlite"


def _measured(bundle: Path) -> tuple[dict[str, object], ...]:
    """Each topic with its measured precision and recall."""
    manifest = read_bundle(bundle)
    measures = manifest.about.get("metrics", {}).get("topics", {}).get("topics", [])
    by_topic = {measure["topic"]: measure for measure in measures}
    return tuple(
        {
            "id": topic.id,
            "zh": topic.zh,
            **{name: by_topic.get(topic.zh, {}).get(name) for name in ("precision", "recall", "count")},
            "total": total_measured(by_topic.get(topic.zh, {}).get("reliability")),
        }
        for topic in manifest.topics
    )
