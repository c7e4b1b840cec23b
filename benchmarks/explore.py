"""Index and search a made archive, beside a scan by DuckDB and SQLite's trigram index, in one run on this machine.

    .venv/bin/python -m benchmarks.explore [--paragraphs 500000 1000000] [--work DIR] [--peers 200000]

For each size: the archive is made (see `made_archive`), indexed by two processes, opened by a fresh process whose files
are out of the page cache, and searched again and again. On a machine that others use too, the processor time is what
counts; the times on the clock are printed beside it, with the load.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from baozhai_service.archive.explore.explorer import Explorer, Search
from baozhai_service.archive.explore.trends import trends
from baozhai_service.archive.output.folder import Output
from baozhai_service.archive.search.filters import Filters
from baozhai_service.archive.search.index import SearchIndex, index_folder
from benchmarks.made_archive import make_archive

QUERIES = ("垃圾 分类", "人民 群众", "人民", "垃圾分类", "河长制", "吉惠贷", "人民 NOT 群众")
AGAIN = 5


def main() -> None:
    """Print a table for each size."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--paragraphs", type=int, nargs="+", default=[500_000])
    arguments.add_argument("--work", type=Path, help="folder to keep archives in; a temporary one if not given")
    arguments.add_argument("--peers", type=int, default=200_000, help="paragraphs that SQLite indexes")
    arguments.add_argument("--cold", type=Path, help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.cold:
        print(json.dumps(cold(given.cold)))
        return
    with tempfile.TemporaryDirectory() as folder:
        for paragraphs in given.paragraphs:
            out = (given.work or Path(folder)) / f"made-{paragraphs}"
            measure(out, paragraphs)
            peers(out, given.peers)


def measure(out: Path, paragraphs: int) -> None:
    """Make, index and search an archive of this size."""
    if not (out / "manifest.json").exists():
        make_archive(out, paragraphs)
    text = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["input"]["bytes"]
    output = Output(str(out))
    folder = index_folder(output)
    shutil.rmtree(folder, ignore_errors=True)
    print(f"\n{paragraphs:,} paragraphs, {text / 1e6:,.0f} MB of text; load {os.getloadavg()[0]:.1f}")
    began = time.monotonic()
    indexing = subprocess.run(
        [sys.executable, "-m", "benchmarks.explore_indexing", str(out)], check=True, capture_output=True, text=True
    )
    took = json.loads(indexing.stdout)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    cpu = took["cpu"] / paragraphs
    print(
        f"index: {paragraphs / (time.monotonic() - began):,.0f} paragraphs/s on the clock, {cpu * 1e6:.0f} µs of"
        f" processor each ({2 / cpu:,.0f}/s on two cores of one's own); {size / text:.2f} of the text's size;"
        f" largest process {took['largest'] / 1024:.0f} MB"
    )
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    first = subprocess.run(
        [sys.executable, "-m", "benchmarks.explore", "--cold", str(out)], check=True, capture_output=True, text=True
    )
    told = json.loads(first.stdout)
    print(f"cold: open and first hits {told['first']:.2f} s (processor {told['cpu']:.2f} s)")
    index = SearchIndex(output, folder)
    for query in QUERIES:
        search = Search(query, Filters(roles=("body",)))
        seconds, processor, found = timed(lambda search=search: _page(index, search))  # type: ignore[misc]
        print(f"warm: {query}: {found:,} hits, first page {seconds * 1e3:.0f} ms (processor {processor * 1e3:.0f} ms)")
    explorer = Explorer(index)
    for name, searches in (("everything", [Search()]), ("人民", [Search("人民")])):
        seconds, processor, _ = timed(lambda s=searches: trends(Explorer(index), s, period="month"))  # type: ignore[misc]
        print(f"trends over months, {name}: {seconds:.2f} s (processor {processor:.2f} s)")
    explorer.index.close()
    print(f"memory of this process: {_resident():.0f} MB resident at most, the index's mapped pages among them")


def peers(out: Path, most: int) -> None:
    """The same word by a scan of the Parquet files, and by SQLite's FTS5 with trigrams."""
    files = f"{out}/paragraphs/**/*.parquet"
    database = duckdb.connect()
    for word in ("垃圾", "垃圾分类"):
        sql = f"SELECT count(*) FROM read_parquet('{files}') WHERE contains(text, '{word}')"
        seconds, processor, _ = timed(lambda sql=sql: database.execute(sql).fetchone())  # type: ignore[misc]
        print(f"DuckDB scan for {word}: {seconds * 1e3:.0f} ms (processor {processor * 1e3:.0f} ms)")
    rows = database.execute(f"SELECT text FROM read_parquet('{files}') LIMIT {most}").fetchall()
    with tempfile.TemporaryDirectory() as folder:
        lite = sqlite3.connect(f"{folder}/fts.sqlite")
        lite.execute("CREATE VIRTUAL TABLE t USING fts5(text, content='', tokenize='trigram')")
        began, spent = time.monotonic(), time.process_time()
        lite.executemany("INSERT INTO t(text) VALUES (?)", rows)
        lite.commit()
        size = Path(f"{folder}/fts.sqlite").stat().st_size / sum(len(row[0].encode()) for row in rows)
        took, cpu = time.monotonic() - began, (time.process_time() - spent) / len(rows)
        print(
            f"SQLite FTS5 trigram: {len(rows) / took:,.0f}/s, {cpu * 1e6:.0f} µs of processor each; {size:.2f} of text"
        )
        found = lite.execute("SELECT count(*) FROM t WHERE t MATCH '\"垃圾\"'").fetchone()[0]
        print(f"SQLite FTS5 trigram finds 垃圾 (two characters) {found} times")


def cold(out: Path) -> dict[str, float]:
    """Open and search once; seconds since the start of it."""
    began = time.monotonic()
    output = Output(str(out))
    _page(SearchIndex(output, index_folder(output)), Search(QUERIES[0]))
    return {"first": time.monotonic() - began, "cpu": time.process_time()}


def timed(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """The median time of some runs on the clock, that of the processor, and what it gave."""
    clock, processor, found = [], [], work()
    for _ in range(AGAIN):
        began, spent = time.monotonic(), time.process_time()
        found = work()
        clock.append(time.monotonic() - began)
        processor.append(time.process_time() - spent)
    return statistics.median(clock), statistics.median(processor), found


def _page(index: SearchIndex, search: Search) -> int:
    explorer = Explorer(index)  # which remembers nothing yet
    hits = explorer.hits(search)
    explorer.page(search, "relevance", 0, 20)
    hits.facets()
    return len(hits)


def _resident() -> float:
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    main()
