"""要览 for any days or search: the articles by topic, the most salient first, with repeats across papers folded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from baozhai_service.archive.explore.explorer import Explorer, Search
from baozhai_service.archive.report.daily_digest import NO_DIGESTS, NO_TOPIC
from baozhai_service.archive.search.errors import NotInArchive
from baozhai_service.archive.search.part import Part

MOST_ARTICLES = 2_000  # that are looked at; of more, those with the most hits
MOST_SHOWN = 20  # under each topic
_REPEATED = 0.5  # share of paragraphs that say the same word for word, from which an article is a repeat


@dataclass(frozen=True)
class Entry:
    """An article of an overview; ``repeats`` are the places of those that say the same."""

    article: str
    headline: str | None
    source: str
    date: str | None
    page: str | None
    topics: tuple[str, ...]
    salience: float
    digest: tuple[str, ...]
    repeats: tuple[dict[str, Any], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "article": self.article,
            "headline": self.headline,
            "source": self.source,
            "date": self.date,
            "page": self.page,
            "topics": list(self.topics),
            "salience": self.salience,
            "digest": list(self.digest),
            "repeats": list(self.repeats),
        }


@dataclass(frozen=True)
class Overview:
    """An overview: entries under their first topic.

    Attributes:
        search: what it is of.
        articles: how many there are in all, repeats included.
        left_out: how many of each topic are not shown.
        note: what a reader must know, such as that no digests were taken.
    """

    search: Search
    model_version: str
    fingerprint: str
    articles: int
    topics: dict[str, tuple[Entry, ...]]
    left_out: dict[str, int]
    note: str

    @property
    def title(self) -> str:
        """Its headline."""
        filters = self.search.filters
        if filters.first and filters.first == filters.last:
            days = f"{filters.first.year}年{filters.first.month}月{filters.first.day}日"
        elif filters.first or filters.last:
            days = f"{filters.first or '起始'}至{filters.last or '今'}"
        else:
            days = ""
        told = [*filters.sources, days, f"“{self.search.query}”" if self.search.query else ""]
        return f"{' '.join(part for part in told if part) or '全部存档'}要览"

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "title": self.title,
            "search": self.search.to_json(),
            "articles": self.articles,
            "model_version": self.model_version,
            "archive": self.fingerprint,
            "note": self.note or None,
            "topics": [
                {
                    "topic": topic,
                    "articles": [entry.to_json() for entry in entries],
                    "left_out": self.left_out.get(topic, 0),
                }
                for topic, entries in self.topics.items()
                if entries
            ],
        }


def make_overview(explorer: Explorer, search: Search, *, shown: int = MOST_SHOWN) -> Overview:
    """The overview of what a search finds.

    Raises:
        InvalidQuery, InvalidFilter: the search cannot be carried out.
        NotInArchive: nothing is found.
    """
    found = _articles(explorer, search)
    if not found:
        raise NotInArchive("nothing in this archive matches; widen the dates or the query")
    rows = explorer.rows.read("articles", [explorer.article_place(*at) for at in found[:MOST_ARTICLES]])
    entries = [(at, _entry(explorer, at, row)) for at, row in zip(found, rows, strict=False)]
    entries.sort(key=lambda each: (-each[1].salience, each[1].date or "", each[1].article))
    folded = _fold_repeats(entries)
    topics: dict[str, list[Entry]] = {name: [] for name in (*explorer.index.topics, NO_TOPIC)}
    for entry in folded:
        topics[next(iter(entry.topics), NO_TOPIC)].append(entry)
    basis = explorer.index.manifest.basis
    notes = [] if basis["settings"]["digests"] else [NO_DIGESTS]
    if len(found) > MOST_ARTICLES:
        notes.append(f"共 {len(found)} 篇，只看了其中命中最多的 {MOST_ARTICLES} 篇。")
    return Overview(
        search,
        basis["model_version"],
        explorer.index.fingerprint,
        len(found),
        {topic: tuple(each[:shown]) for topic, each in topics.items()},
        {topic: len(each) - shown for topic, each in topics.items() if len(each) > shown},
        " ".join(notes),
    )


def _articles(explorer: Explorer, search: Search) -> list[tuple[Part, int]]:
    """The articles that have hits, those with the most first."""
    counted: list[tuple[int, int, int]] = []
    hits = explorer.hits(search)
    for number, part in enumerate(hits.parts):
        rows = hits.row[hits.part == number].astype(np.int64)
        articles, counts = np.unique(part.article_of(rows), return_counts=True)
        counted += [(-count, number, at) for at, count in zip(articles.tolist(), counts.tolist(), strict=True)]
    return [(hits.parts[number], at) for _, number, at in sorted(counted)]


def _entry(explorer: Explorer, at: tuple[Part, int], row: dict[str, Any]) -> Entry:
    part, article = at
    place = explorer.place(part, part.size + article)
    digest = row["digest"] or []
    return Entry(
        place["article"],
        row["headline"] or None,
        place["source"],
        place["date"],
        place["page"],
        tuple(row["topics"]),
        max((sentence["salience"] for sentence in digest), default=0.0),
        tuple(sentence["text"] for sentence in digest),
    )


def _fold_repeats(entries: list[tuple[tuple[Part, int], Entry]]) -> list[Entry]:
    """Entries without those that repeat one before them, which is told where they stand."""
    kept: list[Entry] = []
    repeats: dict[int, list[dict[str, Any]]] = {}
    first: dict[int, int] = {}  # wording to the entry that had it first
    for (part, article), entry in entries:
        start, count = int(part.articles.first[article]), int(part.articles.paragraphs[article])
        wordings = part.paragraphs.wording[start : start + count].tolist()
        known = [first[wording] for wording in wordings if wording in first]
        original = max(set(known), key=known.count) if known else None
        if original is not None and known.count(original) >= _REPEATED * len(wordings):
            place = {"article": entry.article, "source": entry.source, "date": entry.date, "page": entry.page}
            repeats.setdefault(original, []).append(place)
            continue
        for wording in wordings:
            first.setdefault(wording, len(kept))
        kept.append(entry)
    return [Entry(**{**entry.__dict__, "repeats": tuple(repeats.get(number, ()))}) for number, entry in enumerate(kept)]
