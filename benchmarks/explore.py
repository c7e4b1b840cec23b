"""Index and search a made archive of growing size, beside a scan by DuckDB and SQLite's trigram index, in one run.

    .venv/bin/python -m benchmarks.explore --paragraphs 500000 1000000 2500000 5000000 [--work DIR] [--peers 200000]

One archive (see `made_archive`) grows from size to size. At each it is indexed anew by a process for each core, opened
by a fresh process whose files are out of the page cache, and searched again and again by another. The last thing
printed is a table of growth with the bars; on a machine that others use too, read it beside the load in its last row.
At 5 million paragraphs the work takes about 5 GB of disk.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from baozhai_service.archive.output.folder import Output
from baozhai_service.archive.search.index import index_folder
from benchmarks.explore_peers import duckdb_scans, sqlite_trigram
from benchmarks.made_archive import make_archive


@dataclass(frozen=True)
class Row:
    """A line of the table: a measure, its bar, and how a value is written."""

    key: str
    title: str
    bar: float | None = None
    form: str = "{:,.0f}"
    at_least: bool = False

    def written(self, value: float | None) -> str:
        """A value, marked if it misses the bar."""
        if value is None:
            return ""
        missed = self.bar is not None and (value < self.bar if self.at_least else value > self.bar)
        return self.form.format(value) + (" **missed**" if missed else "")

    @property
    def bar_written(self) -> str:
        """The bar."""
        return "" if self.bar is None else ("≥ " if self.at_least else "≤ ") + self.form.format(self.bar)


ROWS = (
    Row("text", "text, MB"),
    Row("rate", "indexed, paragraphs/s", 20_000, at_least=True),
    Row("size", "index, of the text's size", 1, "{:.2f}"),
    Row("indexer", "largest process that indexes, MB", 1000),
    Row("cold", "first hits of 垃圾 分类, cold, s", 2, "{:.2f}"),
    Row("two", "first hits of 垃圾 分类, warm, ms", 200),
    Row("common", "first hits of 人民 (3 % of paragraphs), warm, ms", 200),
    Row("not", "first hits of 人民 NOT 群众, warm, ms", 200),
    Row("word", "first hits of 垃圾分类, warm, ms", 200),
    Row("rare", "first hits of 吉惠贷, warm, ms", 200),
    Row("browse", "everything with all counts, newest first, ms"),
    Row("trends", "trends over all, by month, s", 1, "{:.2f}"),
    Row("trends_auto", "trends over all, period chosen, s", 1, "{:.2f}"),
    Row("trends_word", "trends of 人民, by month, s", 1, "{:.2f}"),
    Row("similar", "similar paragraphs, ms"),
    Row("memory", "searching process, resident at most, MB", 1000),
    Row("private", "of these its own, not mapped from the index, MB"),
    Row("duckdb", "peer: DuckDB scan for 垃圾, count alone, ms"),
    Row("sqlite_rate", "peer: SQLite FTS5 trigram, indexed, paragraphs/s"),
    Row("sqlite_size", "peer: SQLite FTS5 trigram, of the text's size", form="{:.2f}"),
    Row("load", "load of the machine", form="{:.1f}"),
)


def main() -> None:
    """Measure each size and print the table."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--paragraphs", type=int, nargs="+", default=[500_000])
    arguments.add_argument(
        "--work", type=Path, help="folder for the archive, which is kept; a temporary one if not given"
    )
    arguments.add_argument("--peers", type=int, default=200_000, help="paragraphs that SQLite indexes")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        out = (given.work or Path(folder)) / "made"
        if out.exists():
            arguments.error(f"{out} is there already; remove it, or give another --work")
        measured = {}
        for paragraphs in sorted(given.paragraphs):
            measured[paragraphs] = measure(out, paragraphs)
            print(json.dumps({"paragraphs": paragraphs, **measured[paragraphs]}), file=sys.stderr, flush=True)
        measured[max(measured)] |= sqlite_trigram(out, given.peers)
    print(table(measured))


def measure(out: Path, paragraphs: int) -> dict[str, float]:
    """Make, index and search an archive of this size."""
    text = make_archive(out, paragraphs, workers=os.cpu_count() or 1)
    folder = index_folder(Output(str(out)))
    shutil.rmtree(folder, ignore_errors=True)
    began = time.monotonic()
    indexing = _child("benchmarks.explore_indexing", out)
    rate = paragraphs / (time.monotonic() - began)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    _forget(out)
    return {
        "text": text / 1e6,
        "rate": rate,
        "size": size / text,
        "indexer": indexing["largest"] / 1024,
        **_child("benchmarks.explore_queries", out, "cold"),
        **_child("benchmarks.explore_queries", out, "warm"),
        **duckdb_scans(out),
        "load": os.getloadavg()[0],
    }


def table(measured: dict[int, dict[str, float]]) -> str:
    """The table of growth, in Markdown."""
    sizes = list(measured)
    lines = [
        "| | bar | " + " | ".join(f"{size:,}" for size in sizes) + " |",
        "|---|---|" + "---|" * len(sizes),
    ]
    for row in ROWS:
        cells = [row.written(measured[size].get(row.key)) for size in sizes]
        lines.append(f"| {row.title} | {row.bar_written} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _child(module: str, out: Path, *more: str) -> dict[str, Any]:
    """What a process of its own measured."""
    ran = subprocess.run([sys.executable, "-m", module, str(out), *more], check=True, stdout=subprocess.PIPE, text=True)
    measured: dict[str, Any] = json.loads(ran.stdout)
    return measured


def _forget(folder: Path) -> None:
    """Put the files of a folder out of the page cache."""
    os.sync()
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


if __name__ == "__main__":
    main()
