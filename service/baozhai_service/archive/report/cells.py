"""Cells: paragraphs summed up by day, source and topic, from which reports and trends compute their estimates."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from baozhai_service.archive.report.prevalence import Sums


@dataclass(frozen=True, slots=True)
class Cell:
    """The sums of one topic in one source on one day; ``day`` is None for undated paragraphs."""

    day: datetime.date | None
    source: str
    topic: str
    sums: Sums


def articles_query(table: str, article: str, flags: Mapping[str, str]) -> str:
    """The DuckDB query of the paragraphs of each article, and of those with each topic, which `cells_query` sums up.

    Args:
        table: a table with a row for each paragraph, and the columns ``date`` and ``source``.
        article: the columns that identify an article.
        flags: for each topic, an expression that is 1 for a paragraph with it and 0 for others.
    """
    counted = "".join(f", sum({flag}) AS x{i}" for i, flag in enumerate(flags.values()))
    return f"SELECT date, source, count(*) AS m{counted} FROM {table} GROUP BY date, source, {article}"


def cells_query(articles: str, topics: int) -> str:
    """SQL (DuckDB) that sums articles up by day and source; `read_cells` reads its rows.

    Args:
        articles: a table or query in parentheses with a row for each article: ``date``, ``source``, its number of
            paragraphs ``m``, and of those with each topic, ``x0``, ``x1`` and so on.
        topics: how many topics there are.
    """
    summed = "".join(f", sum(x{i}) AS x{i}, sum(x{i} * x{i}) AS xx{i}, sum(x{i} * m) AS xm{i}" for i in range(topics))
    return (
        f"SELECT date, source, count(*) AS articles, sum(m) AS m, sum(m * m) AS mm{summed} FROM {articles} "
        "GROUP BY date, source ORDER BY date, source"
    )


def read_cells(rows: Iterable[Mapping[str, Any]], topics: Iterable[str]) -> Iterator[Cell]:
    """The cells in the ``rows`` of a `cells_query`."""
    names = list(topics)
    for row in rows:
        for i, name in enumerate(names):
            sums = Sums(row["articles"], *(int(row[k]) for k in ("m", f"x{i}", "mm", f"xx{i}", f"xm{i}")))
            yield Cell(row["date"], row["source"], name, sums)
