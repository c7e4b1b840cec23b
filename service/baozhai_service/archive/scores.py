"""The output of a run as DuckDB sees it: what the manifest vouches for, and nothing else."""

from __future__ import annotations

from types import TracebackType
from typing import Any

import duckdb

from baozhai_service.archive.errors import OutputRefused
from baozhai_service.archive.manifest import Manifest, read_manifest
from baozhai_service.archive.output import TABLES, Output


class Scores:
    """A finished output, open for questions. A context manager."""

    def __init__(self, url: str) -> None:
        """Open the output at ``url``.

        Raises:
            OutputRefused: there is no finished output there.
        """
        self.output = Output(url)
        manifest = read_manifest(self.output)
        if manifest is None:
            raise OutputRefused(
                f"{url} has no manifest: it is no output of baozhai score, or its first run is not over"
            )
        self.manifest: Manifest = manifest
        self._db = duckdb.connect()
        self._db.execute("SET memory_limit = '1GB'")
        if self.output.folder is None:
            self._db.register_filesystem(self.output.filesystem)
        self._db.execute("CREATE TABLE shards AS SELECT unnest($1::VARCHAR[]) AS shard", [list(manifest.shards)])
        self.has = {name: self._view(name) for name in TABLES}

    def __enter__(self) -> Scores:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()

    def rows(self, query: str, values: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """The rows of a query over ``paragraphs``, ``articles`` and ``dead_letters``."""
        found = self._db.execute(query, values or {})
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def _view(self, name: str) -> bool:
        """Whether there are rows of this table at all."""
        if not self.output.files(name):
            return False
        files = f"{self.output.address}/{name}/**/*.parquet".replace("'", "''")
        typed = "hive_types = {'year': INTEGER, 'source': VARCHAR}, " if name != "dead_letters" else ""
        self._db.execute(
            f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{files}', hive_partitioning = true, {typed}"
            "filename = true) WHERE parse_filename(filename, true) IN (SELECT shard FROM shards)"
        )
        return True


def quoted(text: str) -> str:
    """``text`` as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"
