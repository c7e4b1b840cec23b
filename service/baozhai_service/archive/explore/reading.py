"""Read what a search led to: an article as it was scored, and the issue of a day."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np

from baozhai_service.archive.explore.explorer import Explorer
from baozhai_service.archive.explore.order import neighbours, of_source
from baozhai_service.archive.report.daily_digest import page_order
from baozhai_service.archive.search.errors import NotInArchive
from baozhai_service.archive.search.part import Part

MOST_PARAGRAPHS = 1_000  # of an article in one answer
MOST_ARTICLES = 500  # of an issue in one answer
LONGEST = 100_000  # characters of a paragraph in one answer; more are left to the export


def read_article(explorer: Explorer, name: str) -> dict[str, Any]:
    """An article with its paragraphs, topics and digest, and what stands before and after it.

    Raises:
        NotInArchive: there is no such article.
    """
    part, article = explorer.find_article(name)
    (row,) = explorer.rows.read("articles", [explorer.article_place(part, article)])
    first, count = int(part.articles.first[article]), int(part.articles.paragraphs[article])
    numbers = range(first, first + min(count, MOST_PARAGRAPHS))
    paragraphs = explorer.rows.read("paragraphs", [explorer.paragraph_place(part, number) for number in numbers])
    return {
        **_place(explorer, part, article),
        "headline": row["headline"],
        "topics": row["topics"],
        "characters": row["characters"],
        "digest": [sentence["text"] for sentence in row["digest"] or []],
        "paragraph_count": count,
        "paragraphs": [
            {
                "paragraph": found["paragraph"],
                "text": found["text"][:LONGEST],
                "topics": found["topics"],
                "confidences": found["confidences"],
                "uncertain": found["uncertain"],
            }
            for found in paragraphs
        ],
        "file": row["file"],
        "line": row["line"],
        "model_version": row["model_version"],
        **neighbours(explorer, part, article),
    }


def read_issue(explorer: Explorer, day: datetime.date, source: str | None = None) -> dict[str, Any]:
    """The articles of a day, in the order of the paper, and the days before and after it that have any.

    Raises:
        NotInArchive: nothing is dated so; the message names the nearest days.
    """
    found: list[tuple[Part, int]] = []
    days: set[int] = set()
    for part in explorer.index.parts:
        among = of_source(part, source)
        days.update(np.unique(part.articles.day[among]).tolist())
        here = among & (part.articles.day == day.toordinal()) & (part.articles.paragraphs > 0)
        found.extend((part, int(article)) for article in np.flatnonzero(here))
    days.discard(0)
    earlier = max((each for each in days if each < day.toordinal()), default=None)
    later = min((each for each in days if each > day.toordinal()), default=None)
    if not found:
        near = " and ".join(str(datetime.date.fromordinal(each)) for each in (earlier, later) if each)
        told = f"nothing was scored for {day}" + (f" of {source}" if source else "")
        raise NotInArchive(f"{told}; the nearest days are {near}" if near else told)
    found.sort(key=lambda at: (_source(*at), page_order(_page(*at))))
    rows = explorer.rows.read("articles", [explorer.article_place(*at) for at in found[:MOST_ARTICLES]])
    return {
        "date": str(day),
        "sources": sorted({_source(*at) for at in found}),
        "article_count": len(found),
        "articles": [
            {
                **_place(explorer, *at),
                "headline": row["headline"],
                "topics": row["topics"],
                "characters": row["characters"],
                "digest": [sentence["text"] for sentence in row["digest"] or []],
            }
            for at, row in zip(found, rows, strict=False)
        ],
        "previous": str(datetime.date.fromordinal(earlier)) if earlier else None,
        "next": str(datetime.date.fromordinal(later)) if later else None,
    }


def _place(explorer: Explorer, part: Part, article: int) -> dict[str, Any]:
    told = explorer.place(part, part.size + article)
    return {name: told[name] for name in ("article", "source", "date", "page")}


def _source(part: Part, article: int) -> str:
    return part.names.sources[int(part.articles.source[article])]


def _page(part: Part, article: int) -> str:
    return part.names.pages[int(part.articles.page[article])]
