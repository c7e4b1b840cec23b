"""Search an indexed archive, cold or again and again; times and memory as JSON.

.venv/bin/python -m benchmarks.explore_queries ARCHIVE cold|warm
"""

from __future__ import annotations

import json
import statistics
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from baozhai_service.archive.explore.explorer import Explorer, Search
from baozhai_service.archive.explore.similar import similar_paragraphs
from baozhai_service.archive.explore.trends import trends
from baozhai_service.archive.output.folder import Output
from baozhai_service.archive.search.filters import Filters
from baozhai_service.archive.search.hits import Sort
from baozhai_service.archive.search.index import SearchIndex, index_folder

QUERIES = {"two": "垃圾 分类", "common": "人民", "not": "人民 NOT 群众", "word": "垃圾分类", "rare": "吉惠贷"}
AGAIN = 5
_LOOK = 0.02  # seconds between looks at the memory


def main() -> None:
    """Measure, and print what was measured."""
    output = Output(sys.argv[1])
    print(json.dumps(cold(output) if sys.argv[2] == "cold" else warm(output)))


def cold(output: Output) -> dict[str, float]:
    """Open and search once; seconds since the start of it."""
    began = time.monotonic()
    first_page(SearchIndex(output, index_folder(output)), Search(QUERIES["two"]))
    return {"cold": time.monotonic() - began}


def warm(output: Output) -> dict[str, float]:
    """Median times (ms of searches, s of trends) and the most memory (MB)."""
    index = SearchIndex(output, index_folder(output))
    measured: dict[str, float] = {}
    with Memory() as memory:
        for key, query in QUERIES.items():
            search = Search(query, Filters(roles=("body",)))
            measured[key] = 1e3 * timed(lambda search=search: first_page(index, search))  # type: ignore[misc]
        measured["browse"] = 1e3 * timed(lambda: first_page(index, Search(), "newest"))
        measured["trends"] = timed(lambda: trends(Explorer(index), [Search()], period="month"))
        measured["trends_auto"] = timed(lambda: trends(Explorer(index), [Search()]))
        measured["trends_word"] = timed(lambda: trends(Explorer(index), [Search("人民")], period="month"))
        explorer = Explorer(index)
        (hit,) = explorer.page(Search("河长制", Filters(roles=("body",))), "relevance", 0, 1)
        measured["similar"] = 1e3 * timed(lambda: similar_paragraphs(explorer, hit["article"], hit["paragraph"]))
    index.close()
    return {**measured, "memory": memory.resident, "private": memory.private}


def first_page(index: SearchIndex, search: Search, sort: Sort = "relevance") -> None:
    """Hits, the first twenty with their texts, and the counts of all."""
    explorer = Explorer(index)  # which remembers nothing yet
    hits = explorer.hits(search)
    explorer.page(search, sort, 0, 20)
    hits.facets()


def timed(work: Callable[[], Any]) -> float:
    """The median time of some runs after a first one, in seconds."""
    work()
    times = []
    for _ in range(AGAIN):
        began = time.monotonic()
        work()
        times.append(time.monotonic() - began)
    return statistics.median(times)


class Memory:
    """The most memory of this process while it is watched, in MB: resident, and of that its own (not of files)."""

    def __init__(self) -> None:
        self.resident = self.private = 0.0
        self._ended = threading.Event()
        self._watch = threading.Thread(target=self._watched, daemon=True)

    def __enter__(self) -> Memory:
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._watch.join()

    def _watched(self) -> None:
        while not self._ended.wait(_LOOK):
            told = dict(
                line.split(":", 1) for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
            )
            self.resident = max(self.resident, int(told["VmRSS"].split()[0]) / 1024)
            self.private = max(self.private, int(told["RssAnon"].split()[0]) / 1024)


if __name__ == "__main__":
    main()
