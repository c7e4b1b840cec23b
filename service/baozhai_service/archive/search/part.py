"""A part of the index, open for search."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import numpy as np

from baozhai_service.archive.search.columns import SCALE, UNDATED, Array, read_columns
from baozhai_service.archive.search.engine import TextIndex
from baozhai_service.archive.search.errors import IndexUnusable
from baozhai_service.archive.search.filters import EVERYTHING, NO_TOPIC, Filters
from baozhai_service.archive.search.query import Node

_ALL_PARAGRAPHS = Filters(roles=("body",))


class Part:
    """Columns and text index of some shards. Its rows are its paragraphs, and after them its articles' headlines."""

    def __init__(self, folder: Path) -> None:
        """Open the part in ``folder``.

        Raises:
            IndexUnusable: a file is missing or damaged.
        """
        self.folder = folder
        try:
            self.paragraphs, self.articles, self.names = read_columns(folder)
            self._text = TextIndex(folder)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise IndexUnusable(
                f"{folder} is damaged ({str(error).splitlines()[0]}): remove it, and index the archive again"
            ) from error
        self.size = len(self.paragraphs.article)

    @cached_property
    def _headlines(self) -> Array:
        return np.flatnonzero(self.articles.headed) + self.size

    def matching(self, node: Node | None, filters: Filters) -> tuple[Array, Array]:
        """The rows that match, int64 and ascending, and how relevant each is, float32; alike without a query."""
        if node is None:
            rows = np.arange(self.size)
            if filters.roles != ("body",):
                rows = np.concatenate([rows, self._headlines])
            scores = np.zeros(len(rows), np.float32)
            if filters == _ALL_PARAGRAPHS:
                return rows, scores
        else:
            rows, scores = self.find(node)
        if filters != EVERYTHING:
            kept = self._kept(rows, filters)
            rows, scores = rows[kept], scores[kept]
        return rows, scores

    def find(self, node: Node) -> tuple[Array, Array]:
        """The rows whose text matches, int64 and ascending, and how relevant each is, float32."""
        numbers, scores = self._text.search(node)
        rows = np.where(numbers < 0, self.size - 1 - numbers, numbers)
        order = np.argsort(rows)
        return rows[order], scores[order]

    def best_paragraphs(self, node: Node, most: int) -> tuple[Array, Array]:
        """The paragraphs among the ``most`` most relevant rows, the best first, and how relevant each is."""
        numbers, scores = self._text.best(node, most)
        body = numbers >= 0
        return numbers[body], scores[body]

    def rarity(self, character: str) -> int:
        """How many rows have a folded character."""
        return self._text.rarity(character)

    def article_of(self, rows: Array) -> Array:
        """The place of the article of each row."""
        body = rows < self.size
        articles = rows - self.size
        articles[body] = self.paragraphs.article[rows[body]]
        return articles

    def topics_of(self, rows: Array) -> Array:
        """The bits of the topics of each row."""
        body = rows < self.size
        bits = np.empty(len(rows), np.uint64)
        bits[body] = self.paragraphs.topics[rows[body]]
        bits[~body] = self.articles.topics[rows[~body] - self.size]
        return bits

    def _kept(self, rows: Array, filters: Filters) -> Array:
        """Whether each row fulfils ``filters``."""
        body = rows < self.size
        kept = np.ones(len(rows), np.bool_)
        if filters.roles:
            kept &= np.where(body, "body" in filters.roles, "headline" in filters.roles)
        if filters.paragraphs_only:
            kept &= body
        if filters.first or filters.last or filters.sources or filters.pages:
            kept &= self._articles_kept(filters)[self.article_of(rows)]
        if filters.topics:
            kept &= self._with_topics(self.topics_of(rows), filters.topics)
        if filters.uncertain is not None:
            kept[body] &= self.paragraphs.uncertain[rows[body]] == filters.uncertain
        if filters.confidence is not None:
            kept[body] &= self._confident(rows[body], filters.confidence, filters.topics)
        return kept

    def _articles_kept(self, filters: Filters) -> Array:
        articles = self.articles
        kept = np.ones(len(articles.id), np.bool_)
        if filters.first or filters.last:
            kept &= articles.day != UNDATED
        if filters.first:
            kept &= articles.day >= filters.first.toordinal()
        if filters.last:
            kept &= articles.day <= filters.last.toordinal()
        for wanted, names, column in (
            (filters.sources, self.names.sources, articles.source),
            (filters.pages, self.names.pages, articles.page),
        ):
            if wanted:
                kept &= np.isin(column, [place for place, name in enumerate(names) if name in wanted])
        return kept

    def _with_topics(self, bits: Array, topics: tuple[str, ...]) -> Array:
        kept: Array = (bits & self._mask(topics)) != 0
        return np.logical_or(kept, bits == 0) if NO_TOPIC in topics else kept

    def _mask(self, topics: tuple[str, ...]) -> np.uint64:
        return np.uint64(sum(1 << place for place, name in enumerate(self.names.topics) if name in topics))

    def _confident(self, rows: Array, confidence: float, topics: tuple[str, ...]) -> Array:
        """Whether a topic that was given, one of ``topics`` if there are any, has at least ``confidence``."""
        bits, kept = self.paragraphs.topics[rows], np.zeros(len(rows), np.bool_)
        for place, name in enumerate(self.names.topics):
            if name in topics or not topics:
                given = (bits >> np.uint64(place)) & np.uint64(1) != 0
                enough = self.paragraphs.confidences[place][rows].astype(np.float64) / SCALE >= confidence
                kept |= given & enough
        return kept
