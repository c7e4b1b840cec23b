"""How often something was written about, over time and by source, for one search or several side by side.

Counting and estimating are the report's own (`report.cells`, `report.prevalence`): without a search the figures equal
the report's.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Callable, Sequence
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
from baozhai_service.archive.search.columns import UNDATED, Array
from baozhai_service.archive.search.errors import InvalidFilter
from baozhai_service.archive.search.filters import Filters
from baozhai_service.archive.search.hits import Hits
from baozhai_service.archive.search.part import Part

By = Literal["time", "source"]
MOST_SEARCHES = 6
MOST_ROWS = 10_000
FEW = 5  # hits in the median period; with fewer a longer period is chosen

_HITS = ""  # which is no topic's name


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
    worded = scope if not search.query else explorer.hits(Search(search.query, replace(wide, roles=("body",))))
    own = worded if _only_scope(search.filters) else explorer.hits(replace(search)).bodies()
    is_hit = _marked(own)
    if worded is scope:  # there is no query: one pass counts both
        both = _counted(
            scope, [_HITS, *topics], lambda part, rows: [is_hit[part][rows], *_flags(scope.parts[part], rows)]
        )
        return [cell for cell in both if cell.topic == _HITS], [cell for cell in both if cell.topic != _HITS]
    share = _counted(scope, [_HITS], lambda part, rows: [is_hit[part][rows]])
    return share, _counted(worded, topics, lambda part, rows: _flags(worded.parts[part], rows))


def _only_scope(filters: Filters) -> bool:
    return not filters.topics and not filters.paragraphs_only and filters.roles in ((), ("body",))


def _marked(hits: Hits) -> list[Array]:
    """For each part, whether each of its paragraphs is a hit."""
    marked = [np.zeros(part.size, np.bool_) for part in hits.parts]
    for part, rows in zip(*_places(hits), strict=True):
        marked[part][rows] = True
    return marked


def _places(hits: Hits) -> tuple[list[int], list[Array]]:
    """The parts that have hits, and the rows of each."""
    edges = hits.edges()
    parts = [part for part in range(len(hits.parts)) if edges[part] < edges[part + 1]]
    return parts, [hits.row[edges[part] : edges[part + 1]] for part in parts]


def _flags(part: Part, rows: Array) -> list[Array]:
    """For each topic, whether each paragraph was given it."""
    bits = part.paragraphs.topics[rows]
    return [bits & np.uint64(1 << topic) != 0 for topic in range(len(part.names.topics))]


def _counted(hits: Hits, names: Sequence[str], flags: Callable[[int, Array], list[Array]]) -> list[Cell]:
    """Cells of hits that are paragraphs, and of those with each flag.

    The paragraphs of an article are counted here, since they stand together; the rest is the report's query.

    Args:
        hits: paragraphs.
        names: of the flags.
        flags: for a part and rows of it, an array of truth values for each flag.
    """
    sources = list(dict.fromkeys(name for part in hits.parts for name in part.names.sources))
    places = {name: place for place, name in enumerate(sources)}
    columns: defaultdict[str, list[Array]] = defaultdict(list)
    for number, rows in zip(*_places(hits), strict=True):
        part = hits.parts[number]
        article = part.paragraphs.article[rows]
        begins = np.flatnonzero(np.r_[True, article[1:] != article[:-1]])
        of = article[begins]
        columns["date"].append(part.articles.day[of])
        columns["source"].append(
            np.array([places[name] for name in part.names.sources], np.int32)[part.articles.source[of]]
        )
        columns["m"].append(np.diff(np.r_[begins, len(rows)]).astype(np.int32))
        for place, flag in enumerate(flags(number, rows)):
            columns[f"x{place}"].append(np.add.reduceat(flag, begins, dtype=np.int32))
    if not columns:
        return []
    with duckdb.connect() as database:
        database.execute("SET memory_limit = '512MB'")
        database.register("articles", pa.table({name: np.concatenate(values) for name, values in columns.items()}))
        found = database.execute(cells_query("articles", len(names)))
        titles = [column[0] for column in found.description]
        counted = [dict(zip(titles, row, strict=True)) for row in found.fetchall()]
    for row in counted:
        row["date"] = datetime.date.fromordinal(row["date"]) if row["date"] != UNDATED else None
        row["source"] = sources[row["source"]]
    return sorted(read_cells(counted, names), key=lambda cell: (cell.day or datetime.date.max, cell.source))


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
