"""What a search found: rows of the index, to sort, count and page through."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from baozhai_service.archive.search.columns import UNDATED, Array
from baozhai_service.archive.search.filters import NO_TOPIC
from baozhai_service.archive.search.part import Part
from baozhai_service.archive.search.query import Node

Sort = Literal["relevance", "newest", "oldest"]
SORTS: tuple[Sort, ...] = ("relevance", "newest", "oldest")
Facets = dict[str, dict[str, int]]


@dataclass(frozen=True)
class Hits:
    """Rows in the order of the archive.

    Attributes:
        parts: all parts of the index.
        part: of each hit, its place in ``parts``.
        row: of each hit, in its part.
        score: of each hit, how relevant it is; 0 without a query.
        node: the query.
    """

    parts: Sequence[Part]
    part: Array
    row: Array
    score: Array
    node: Node | None

    @classmethod
    def of(cls, parts: Sequence[Part], found: Sequence[tuple[Array, Array]], node: Node | None) -> Hits:
        """From the rows and scores that each part gave."""
        sizes = [len(rows) for rows, _ in found]
        rows = [rows.astype(np.int32) for rows, _ in found]
        scores = [scores for _, scores in found]
        return cls(
            parts,
            np.repeat(np.arange(len(parts), dtype=np.uint16), sizes),
            np.concatenate([np.empty(0, np.int32), *rows]),
            np.concatenate([np.empty(0, np.float32), *scores]),
            node,
        )

    def __len__(self) -> int:
        return len(self.row)

    @property
    def nbytes(self) -> int:
        """Bytes in memory."""
        return int(self.part.nbytes + self.row.nbytes + self.score.nbytes)

    def sorted(self, sort: Sort, start: int, stop: int) -> Array:
        """The places of hits ``start`` to ``stop`` in this order; what is alike stands as in the archive.

        Undated hits come last.
        """
        if sort == "relevance":
            keys = -self.score
        else:
            days = self.days().astype(np.float64)
            days[days == UNDATED] = np.inf if sort == "oldest" else -np.inf
            keys = days if sort == "oldest" else -days
        if 0 < stop < len(keys) // 8:  # only what can be among the first needs to be sorted
            most = np.partition(keys, stop - 1)[stop - 1]
            among = np.flatnonzero(keys <= most)
            return among[np.argsort(keys[among], kind="stable")][start:stop]
        return np.argsort(keys, kind="stable")[start:stop]

    def days(self) -> Array:
        """The day of each hit, int32."""
        return self._gather(lambda part, rows: part.articles.day[part.article_of(rows)], np.int32)

    def bodies(self) -> Hits:
        """The hits that are paragraphs."""
        sizes = np.array([part.size for part in self.parts], np.int64)
        kept = self.row < sizes[self.part] if len(self.parts) else np.empty(0, np.bool_)
        return Hits(self.parts, self.part[kept], self.row[kept], self.score[kept], self.node)

    def edges(self) -> Array:
        """Where the hits of each part begin, and the end of the last."""
        places = np.arange(len(self.parts) + 1, dtype=self.part.dtype)  # of another type, all would be copied first
        return np.searchsorted(self.part, places)

    def by_part(self) -> list[tuple[Part, Array]]:
        """Each part with its rows, ascending."""
        edges = self.edges()
        return [
            (part, self.row[edges[place] : edges[place + 1]].astype(np.int64))
            for place, part in enumerate(self.parts)
            if edges[place] < edges[place + 1]
        ]

    def facets(self) -> Facets:
        """How many hits there are by topic, source, year, month, page, role and certainty.

        A hit with two topics counts in both; undated hits and those without a page are under "".
        """
        counted: dict[str, Counter[str]] = {name: Counter() for name in _FACETS}
        for part, rows in self.by_part():
            articles = part.article_of(rows)
            body = rows < part.size
            _count(counted["source"], part.articles.source[articles], part.names.sources)
            _count(counted["page"], part.articles.page[articles], part.names.pages)
            _count_days(counted, part.articles.day[articles])
            bits = part.topics_of(rows)
            for place, name in enumerate(part.names.topics):
                counted["topic"][name] += int(np.count_nonzero((bits >> np.uint64(place)) & np.uint64(1)))
            counted["topic"][NO_TOPIC] += int(np.count_nonzero(bits == 0))
            counted["role"]["body"] += int(np.count_nonzero(body))
            counted["role"]["headline"] += int(np.count_nonzero(~body))
            uncertain = int(np.count_nonzero(part.paragraphs.uncertain[rows[body]]))
            counted["uncertain"]["true"] += uncertain
            counted["uncertain"]["false"] += int(np.count_nonzero(body)) - uncertain
        return {name: dict(sorted((key, n) for key, n in counts.items() if n)) for name, counts in counted.items()}

    def _gather(self, column: Callable[[Part, Array], Array], kind: type[np.generic]) -> Array:
        values = [column(part, rows) for part, rows in self.by_part()]
        return np.concatenate([np.empty(0, kind), *values])


_FACETS = ("topic", "source", "year", "month", "page", "role", "uncertain")


def _count(counter: Counter[str], places: Array, names: Sequence[str]) -> None:
    for name, count in zip(names, np.bincount(places, minlength=len(names)).tolist(), strict=True):
        counter[name] += count


def _count_days(counted: dict[str, Counter[str]], days: Array) -> None:
    """Count by year and month."""
    dated = days[days != UNDATED]
    for name in ("year", "month"):
        counted[name][""] += len(days) - len(dated)
    if not len(dated):
        return
    first = int(dated.min())
    by_day = np.bincount(dated - first)
    for day in np.flatnonzero(by_day).tolist():
        date = str(datetime.date.fromordinal(first + day))
        counted["year"][date[:4]] += int(by_day[day])
        counted["month"][date[:7]] += int(by_day[day])
