"""The order in which a source is read: by day, page and place on the page, through the whole archive."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

import numpy as np

from baozhai_service.archive.explore.explorer import Explorer
from baozhai_service.archive.report.daily_digest import page_order
from baozhai_service.archive.search.columns import UNDATED, Array
from baozhai_service.archive.search.part import Part


@dataclass(frozen=True)
class _Issue:
    """The articles of a source on one day, in reading order.

    Attributes:
        part, article: of each, its part and its place in that part.
        page: of each, its page as a number that orders the pages of the issue.
    """

    part: Array
    article: Array
    page: Array


def neighbours(explorer: Explorer, part: Part, article: int) -> dict[str, str | None]:
    """What stands before and after an article in its source.

    Returns:
        ``previous`` and ``next``: the articles before and after it, in another issue if need be.
        ``previous_page`` and ``next_page``: the first articles of the pages before and after its own.
        ``previous_issue`` and ``next_issue``: the nearest days on which the source has articles.
        Each is None where there is none; articles without a date are an issue of their own, with none around it.
    """
    parts = explorer.index.parts
    source = part.names.sources[int(part.articles.source[article])]
    day = int(part.articles.day[article])
    earlier, later = _days_around(parts, source, day)
    issue = _issue(parts, source, day)
    number = next(place for place, each in enumerate(parts) if each is part)
    at = int(np.flatnonzero((issue.part == number) & (issue.article == article))[0])
    before = _issue(parts, source, earlier) if earlier else None
    after = _issue(parts, source, later) if later else None
    pages = np.flatnonzero(np.r_[True, np.diff(issue.page) != 0])  # where each page begins
    page = int(np.searchsorted(pages, at, side="right")) - 1

    def named(of: _Issue, place: int) -> str:
        return f"{int(parts[int(of.part[place])].articles.id[int(of.article[place])]):016x}"

    def last_page(of: _Issue) -> int:
        return int(np.flatnonzero(of.page == of.page[-1])[0])

    return {
        "previous": named(issue, at - 1) if at else (named(before, -1) if before else None),
        "next": named(issue, at + 1) if at + 1 < len(issue.part) else (named(after, 0) if after else None),
        "previous_page": named(issue, int(pages[page - 1]))
        if page
        else (named(before, last_page(before)) if before else None),
        "next_page": named(issue, int(pages[page + 1]))
        if page + 1 < len(pages)
        else (named(after, 0) if after else None),
        "previous_issue": str(datetime.date.fromordinal(earlier)) if earlier else None,
        "next_issue": str(datetime.date.fromordinal(later)) if later else None,
    }


def of_source(part: Part, source: str | None) -> Any:
    """Whether each article of a part is of ``source``; all are of None."""
    if source is None:
        return np.ones(len(part.articles.id), np.bool_)
    if source not in part.names.sources:
        return np.zeros(len(part.articles.id), np.bool_)
    return part.articles.source == part.names.sources.index(source)


def _days_around(parts: list[Part], source: str, day: int) -> tuple[int | None, int | None]:
    """The nearest days before and after ``day`` on which a source has articles."""
    if day == UNDATED:
        return None, None
    earlier, later = UNDATED, np.iinfo(np.int32).max
    for part in parts:
        days = part.articles.day[of_source(part, source)]
        earlier = max(earlier, int(days[days < day].max(initial=UNDATED)))
        later = min(later, int(days[days > day].min(initial=np.iinfo(np.int32).max)))
    return earlier or None, later if later < np.iinfo(np.int32).max else None


def _issue(parts: list[Part], source: str, day: int) -> _Issue:
    numbers, articles, names = [], [], []
    for number, part in enumerate(parts):
        here = np.flatnonzero(of_source(part, source) & (part.articles.day == day))
        numbers.append(np.full(len(here), number))
        articles.append(here)
        names.append(np.array(part.names.pages, object)[part.articles.page[here]])
    found, page = np.unique(np.concatenate(names).astype(str), return_inverse=True)
    rank = np.empty(len(found), np.int64)
    rank[sorted(range(len(found)), key=lambda place: page_order(str(found[place])))] = np.arange(len(found))
    ranks = rank[page]
    order = np.argsort(ranks, kind="stable")  # what is on one page stands as in the archive
    return _Issue(np.concatenate(numbers)[order], np.concatenate(articles)[order], ranks[order])
