"""How often something was written about, over time and by source, for one search or several side by side.

Counting and estimating are the report's own (`report.cells`, `report.prevalence`): without a search the figures equal
the report's.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

import duckdb
import numpy as np
import pyarrow as pa

from baozhai_service.archive.explore.explorer import Explorer, Search
from baozhai_service.archive.report.cells import Cell, cells_query, read_cells
from baozhai_service.archive.report.estimates import estimate_cells
from baozhai_service.archive.report.figures import topics_and_rates
from baozhai_service.archive.report.periods import PERIODS, Period, by_period, period_of, readable_period
from baozhai_service.archive.search.columns import UNDATED
from baozhai_service.archive.search.errors import InvalidFilter
from baozhai_service.archive.search.filters import Filters
from baozhai_service.archive.search.hits import Hits

By = Literal["time", "source"]
MOST_SEARCHES = 6
MOST_ROWS = 10_000
FEW = 5  # hits in the median period; with fewer a longer period is chosen

_HITS = "hits"


def trends(
    explorer: Explorer, searches: Sequence[Search], *, period: Period | None = None, by: By = "time"
) -> dict[str, Any]:
    """For each search, its share of the paragraphs in its scope, and the shares of the topics among its hits.

    The scope of a search is all paragraphs of its dates, sources and pages. The share of the search in its scope is
    not corrected, since whether a paragraph contains the words is observed, not estimated. The shares of topics are
    taken among the paragraphs that contain the words (the filters on topic, confidence and uncertainty are ignored)
    and corrected for the classifier's error rates as in the report.

    Args:
        explorer: of the archive.
        searches: one to `MOST_SEARCHES`.
        period: of time; None for the shortest that says something of all searches.
        by: whether there is a row for each period or for each source.

    Raises:
        InvalidQuery, InvalidFilter: a search cannot be carried out, or there are too many rows.
    """
    if not 1 <= len(searches) <= MOST_SEARCHES:
        raise InvalidFilter(f"there are {len(searches)} searches; from 1 to {MOST_SEARCHES} are compared")
    topics, rates = topics_and_rates(explorer.index.manifest)
    counted = [(search, *_cells(explorer, search, topics)) for search in searches]
    chosen = period or PERIODS[max(PERIODS.index(_period(own, among, rates)) for _, own, among in counted)]
    series = []
    for search, own, among in counted:
        shown = [name for name in topics if name in search.filters.topics or not search.filters.topics]
        among = [cell for cell in among if cell.topic in shown]
        if by == "time":
            dated_own, dated_among = ([cell for cell in cells if cell.day] for cells in (own, among))
            share, by_topic = by_period(dated_own, {_HITS: None}, chosen), by_period(dated_among, rates, chosen)
        else:
            share = estimate_cells(own, {_HITS: None}, lambda cell: {"source": cell.source})
            by_topic = estimate_cells(among, rates, lambda cell: {"source": cell.source})
        _check_size(len(share) + len(by_topic))
        overall = next(iter(estimate_cells(own, {_HITS: None}, lambda cell: {})), None)
        series.append(
            {
                "search": search.to_json(),
                "name": search.name,
                "overall": _untitled(overall) if overall else None,
                "share": [_untitled(row) for row in share],
                "topics": by_topic,
                "undated": sum(cell.sums.x for cell in own if cell.day is None),
            }
        )
    return {"period": chosen if by == "time" else None, "by": by, "series": series}


def _cells(explorer: Explorer, search: Search, topics: Sequence[str]) -> tuple[list[Cell], list[Cell]]:
    """Cells of the search's share in its scope, and of the topics among what has its words."""
    wide = replace(search.filters, topics=(), confidence=None, uncertain=None, roles=())
    scope = explorer.hits(Search("", replace(wide, roles=("body",))))
    worded = explorer.hits(Search(search.query, replace(wide, roles=("body",))))
    own = worded if _only_scope(search.filters) else explorer.hits(replace(search)).bodies()
    share = _share_cells(scope, own)
    table = _table(worded, {f"x{place}": _flags(worded, place) for place in range(len(topics))})
    return share, _counted(table, {name: f"x{place}" for place, name in enumerate(topics)})


def _only_scope(filters: Filters) -> bool:
    return not filters.topics and not filters.paragraphs_only and filters.roles in ((), ("body",))


def _share_cells(scope: Hits, own: Hits) -> list[Cell]:
    edges = np.cumsum([0, *(part.size for part in scope.parts)])
    is_hit = np.zeros(edges[-1], np.bool_)
    is_hit[own.row + edges[own.part]] = True
    return _counted(_table(scope, {"hit": is_hit[scope.row + edges[scope.part]]}), {_HITS: "hit"})


def _flags(hits: Hits, topic: int) -> Any:
    bits = [part.paragraphs.topics[rows] for part, rows in hits.by_part()]
    return (np.concatenate([np.empty(0, np.uint64), *bits]) >> np.uint64(topic)) & np.uint64(1)


def _table(hits: Hits, flags: dict[str, Any]) -> Any:
    """A row for each hit: its day, source and article, and 0 or 1 for each flag."""
    names = list(dict.fromkeys(name for part in hits.parts for name in part.names.sources))
    places = {name: place for place, name in enumerate(names)}
    days, sources, articles = [np.empty(0, np.int32)], [np.empty(0, np.int32)], [np.empty(0, np.int64)]
    for number, (part, rows) in enumerate(hits.by_part()):
        article = part.paragraphs.article[rows]
        codes = np.array([places[name] for name in part.names.sources], np.int32)
        days.append(part.articles.day[article])
        sources.append(codes[part.articles.source[article]])
        articles.append(article.astype(np.int64) + (number << 32))
    return pa.table(
        {
            "date": np.concatenate(days),
            "source": np.concatenate(sources),
            "article": np.concatenate(articles),
            **{name: values.astype(np.uint8) for name, values in flags.items()},
        }
    ).replace_schema_metadata({"sources": "\x1f".join(names)})


def _counted(table: Any, flags: dict[str, str]) -> list[Cell]:
    names = table.schema.metadata[b"sources"].decode().split("\x1f")
    with duckdb.connect() as database:
        database.execute("SET memory_limit = '512MB'")
        database.register("hits", table)
        found = database.execute(cells_query("hits", "article", flags))
        columns = [column[0] for column in found.description]
        rows = [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
    for row in rows:
        row["date"] = datetime.date.fromordinal(row["date"]) if row["date"] != UNDATED else None
        row["source"] = names[row["source"]]
    return sorted(read_cells(rows, flags), key=lambda cell: (cell.day or datetime.date.max, cell.source))


def _period(own: list[Cell], among: list[Cell], rates: dict[str, Any]) -> Period:
    """The shortest period that says something of a search: with narrow intervals, and not only a hit or none."""
    dated = [cell for cell in own if cell.day]
    if all(cell.sums.x == cell.sums.m for cell in dated):  # everything in scope is a hit: the topics are what is asked
        return readable_period(among, rates)
    for period in PERIODS[PERIODS.index(readable_period(dated, {_HITS: None})) :]:
        given: dict[str, int] = {}
        for cell in dated:
            time = period_of(cell.day, period)
            given[time] = given.get(time, 0) + cell.sums.x
        if given and sorted(given.values())[len(given) // 2] >= FEW:
            return period
    return "year"


def _check_size(rows: int) -> None:
    if rows > MOST_ROWS:
        raise InvalidFilter(f"the answer would have {rows} rows; at most {MOST_ROWS} are given: choose a longer period")


def _untitled(row: dict[str, Any]) -> dict[str, Any]:
    """A row of a search's own share, which is corrected for nothing."""
    return {name: value for name, value in row.items() if name not in ("topic", "raw")}
