"""An archive that is open to look into: what the command line, HTTP and the pages all ask."""

from __future__ import annotations

import datetime
import threading
from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from baozhai_service.archive.explore.excerpts import excerpt
from baozhai_service.archive.explore.rows import RowReader
from baozhai_service.archive.search.columns import SCALE, UNDATED, Array
from baozhai_service.archive.search.errors import NotInArchive
from baozhai_service.archive.search.filters import EVERYTHING, Filters
from baozhai_service.archive.search.hits import Hits, Sort
from baozhai_service.archive.search.index import SearchIndex
from baozhai_service.archive.search.part import Part
from baozhai_service.archive.search.query import words_to_mark

_REMEMBERED = 32 * 2**20  # bytes of hits of the latest searches, for the next page of the same


@dataclass(frozen=True, slots=True)
class Search:
    """A query with its filters."""

    query: str = ""
    filters: Filters = EVERYTHING

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {"query": self.query, **self.filters.to_json()}

    @property
    def name(self) -> str:
        """What it is called in a chart."""
        told = [self.query, *self.filters.topics, *self.filters.sources, *self.filters.pages]
        if self.filters.first or self.filters.last:
            told.append(f"{self.filters.first or ''}–{self.filters.last or ''}")
        return " ".join(part for part in told if part) or "全部"


class Explorer:
    """Looks into one indexed archive. Threads may share it."""

    def __init__(self, index: SearchIndex) -> None:
        self.index = index
        self.rows = RowReader(index.output)
        self._latest: OrderedDict[Search, Hits] = OrderedDict()
        self._lock = threading.Lock()

    def hits(self, search: Search) -> Hits:
        """Everything that a search finds; the latest searches are remembered.

        Raises:
            InvalidQuery, InvalidFilter: it cannot be carried out.
        """
        with self._lock:
            if search in self._latest:
                self._latest.move_to_end(search)
                return self._latest[search]
        hits = self.index.search(search.query, search.filters)
        with self._lock:
            self._latest[search] = hits
            while len(self._latest) > 1 and sum(kept.nbytes for kept in self._latest.values()) > _REMEMBERED:
                self._latest.popitem(last=False)
        return hits

    def page(self, search: Search, sort: Sort, start: int, count: int) -> list[dict[str, Any]]:
        """Hits ``start`` and following, with their text and what is known of them."""
        hits = self.hits(search)
        return self.described(hits, hits.sorted(sort, start, start + count))

    def described(self, hits: Hits, places: Array) -> list[dict[str, Any]]:
        """The hits at ``places``, with excerpts."""
        words = words_to_mark(hits.node)
        at = [(hits.parts[int(hits.part[place])], int(hits.row[place])) for place in places]
        found = []
        for (part, row), text, headline in zip(at, self.texts(at), self._headlines(at), strict=True):
            found.append(
                {
                    **self.place(part, row),
                    "headline": headline,
                    **self._scored(part, row),
                    "characters": len(text),
                    "excerpt": excerpt(text, words),
                }
            )
        return found

    def texts(self, at: list[tuple[Part, int]]) -> list[str]:
        """The whole text of each row."""
        bodies = [(part, row) for part, row in at if row < part.size]
        places = [self.paragraph_place(part, row) for part, row in bodies]
        read = iter(self.rows.read("paragraphs", places, ("text",)))
        headlines = iter(self._headlines([(part, row) for part, row in at if row >= part.size]))
        return [str(next(read)["text"]) if row < part.size else str(next(headlines)) for part, row in at]

    def place(self, part: Part, row: int) -> dict[str, Any]:
        """Where a row stands."""
        article = int(part.article_of(np.array([row]))[0])
        day = int(part.articles.day[article])
        body = row < part.size
        return {
            "article": f"{int(part.articles.id[article]):016x}",
            "paragraph": int(part.paragraphs.number[row]) if body else None,
            "role": "body" if body else "headline",
            "source": part.names.sources[part.articles.source[article]],
            "date": str(datetime.date.fromordinal(day)) if day != UNDATED else None,
            "page": part.names.pages[part.articles.page[article]] or None,
        }

    def paragraph_place(self, part: Part, row: int) -> tuple[str, int]:
        """The file and the row in it of a paragraph."""
        articles, article = part.articles, int(part.paragraphs.article[row])
        return part.names.files[articles.file[article]], int(articles.first_row[article]) + row - int(
            articles.first[article]
        )

    def article_place(self, part: Part, article: int) -> tuple[str, int]:
        """The file and the row in it of an article."""
        return part.names.files[part.articles.file[article]], int(part.articles.row[article])

    def find_article(self, name: str) -> tuple[Part, int]:
        """The part and the place in it of the article of this name.

        Raises:
            NotInArchive: there is none.
        """
        try:
            wanted = np.uint64(int(name, 16)) if len(name) == 16 else None
        except ValueError:
            wanted = None
        if wanted is not None:
            for part, (ids, order) in zip(self.index.parts, self._by_id, strict=True):
                at = int(np.searchsorted(ids, wanted))
                if at < len(ids) and ids[at] == wanted:
                    return part, int(order[at])
        raise NotInArchive(f"there is no article {name[:40]!r} in this archive")

    @cached_property
    def _by_id(self) -> list[tuple[Array, Array]]:
        """The ids of each part's articles in order, and the places that they stand at."""
        orders = [np.argsort(part.articles.id, kind="stable").astype(np.uint32) for part in self.index.parts]
        return [(part.articles.id[order], order) for part, order in zip(self.index.parts, orders, strict=True)]

    def _headlines(self, at: list[tuple[Part, int]]) -> list[str | None]:
        """The headline of the article of each row."""
        articles = [(part, int(part.article_of(np.array([row]))[0])) for part, row in at]
        places = [self.article_place(part, article) for part, article in articles]
        rows = self.rows.read("articles", places, ("headline",))
        return [row["headline"] or None for row in rows]

    def _scored(self, part: Part, row: int) -> dict[str, Any]:
        bits = int(part.topics_of(np.array([row]))[0])
        topics = [name for place, name in enumerate(part.names.topics) if bits >> place & 1]
        if row >= part.size:
            return {"topics": topics, "confidences": None, "uncertain": None}
        confidences = zip(part.names.topics, part.paragraphs.confidences, strict=True)
        return {
            "topics": topics,
            "confidences": {name: int(values[row]) / SCALE for name, values in confidences},
            "uncertain": bool(part.paragraphs.uncertain[row]),
        }
