"""Query a scored archive with DuckDB; the tables hold the files of the manifest's shards only."""

from __future__ import annotations

import re
from types import TracebackType
from typing import Any

import duckdb

from baozhai_service.archive.errors import OutputRefused
from baozhai_service.archive.output.folder import TABLES, Output
from baozhai_service.archive.output.integrity import damaged
from baozhai_service.archive.output.manifest import Manifest, read_manifest


class ScoredArchive:
    """A finished output, open for queries. A context manager."""

    def __init__(self, url: str) -> None:
        """Open the output at ``url``.

        Raises:
            OutputRefused: there is no finished output at ``url``, or it is incomplete.
        """
        self.output = Output(url)
        manifest = read_manifest(self.output)
        if manifest is None:
            raise OutputRefused(
                f"{url} has no manifest: it is not the output of baozhai score, or its first run has not finished"
            )
        self.manifest: Manifest = manifest
        self._db = duckdb.connect()
        self._db.execute("SET memory_limit = '1GB'")
        if self.output.folder is None:
            self._db.register_filesystem(self.output.filesystem)
        self._db.execute("CREATE TABLE shards AS SELECT unnest($1::VARCHAR[]) AS shard", [list(manifest.shards)])
        self.has = {name: self._view(name) for name in TABLES}
        self._check_rows()

    def __enter__(self) -> ScoredArchive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()

    def rows(self, query: str, values: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """Run a query over ``paragraphs``, ``articles`` and ``dead_letters``.

        Raises:
            OutputRefused: a file of these tables cannot be read.
        """
        try:
            found = self._db.execute(query, values or {})
            names = [column[0] for column in found.description]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        except duckdb.Error as error:
            cause = str(error).partition("\n")[0]
            raise damaged(self.output, self.manifest.shards, f"it cannot be read: {cause}") from error

    def _view(self, name: str) -> bool:
        """Create the view of a table; return whether the table has files."""
        if not self.output.files(name):
            return False
        files = quoted(f"{_literal(self.output.address)}/{name}/**/*.parquet")
        typed = "hive_types = {'year': INTEGER, 'source': VARCHAR}, " if name != "dead_letters" else ""
        self.rows(
            f"CREATE VIEW {name} AS SELECT * FROM read_parquet({files}, hive_partitioning = true, {typed}"
            "filename = true) WHERE parse_filename(filename, true) IN (SELECT shard FROM shards)"
        )
        return True

    def _check_rows(self) -> None:
        """Compare the tables with the manifest's counts, since a view over a glob does not notice a missing file."""
        expected = {**self.manifest.counts, "dead_letters": self.manifest.dead_letters}
        for name in TABLES:
            whole = "WHERE part = 0" if name == "dead_letters" else ""
            found = self.rows(f"SELECT count(*) AS rows FROM {name} {whole}")[0]["rows"] if self.has[name] else 0
            if found != expected[name]:
                symptom = f"{name} has {found} rows, but its manifest says {expected[name]}"
                raise damaged(self.output, self.manifest.shards, symptom)


def quoted(text: str) -> str:
    """``text`` as an SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def _literal(path: str) -> str:
    """``path`` as a glob pattern that matches itself only."""
    return re.sub(r"([\[*?])", r"[\1]", path)
