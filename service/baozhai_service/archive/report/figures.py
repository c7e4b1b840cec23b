"""The figures of a report, by period and source: DuckDB counts, `prevalence` estimates."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from baozhai_service.archive.output.manifest import Manifest
from baozhai_service.archive.report.cells import Cell, articles_query, cells_query, read_cells
from baozhai_service.archive.report.estimates import estimate_cells
from baozhai_service.archive.report.periods import Period, by_period, period_of, readable_period
from baozhai_service.archive.report.prevalence import ErrorRates
from baozhai_service.archive.report.query import ScoredArchive, quoted

MOST_SOURCES = 30  # sources in a chart
MOST_LINES = 6  # sources with a line of their own


@dataclass(frozen=True)
class Figures:
    """The data of the charts.

    Attributes:
        topics: topic names as in the archive.
        rates: the classifier's error rates for each topic; None where they were not measured.
        period: the shortest period whose intervals are narrow enough to read.
        times, sources, source_times, overall: estimates by topic and by period, source, both, or neither.
        days: days with dated paragraphs.
        coverage: articles and characters by month and source.
    """

    topics: tuple[str, ...]
    rates: dict[str, ErrorRates | None]
    period: Period
    times: list[dict[str, Any]]
    days: list[datetime.date]
    sources: list[dict[str, Any]]
    source_times: list[dict[str, Any]]
    overall: list[dict[str, Any]]
    coverage: list[dict[str, Any]]


def figures(scores: ScoredArchive) -> Figures:
    """Compute the figures of an archive."""
    topics, rates = topics_and_rates(scores.manifest)
    cells = list(_cells(scores, topics)) if scores.has["paragraphs"] else []
    sizes: defaultdict[str, int] = defaultdict(int)
    for cell in cells:
        sizes[cell.source] += cell.sums.m
    largest = sorted(sizes, key=lambda source: (-sizes[source], source))
    dated = [cell for cell in cells if cell.day]
    period = readable_period(dated, rates)
    return Figures(
        topics=topics,
        rates=rates,
        period=period,
        times=by_period(dated, rates, period),
        days=sorted({cell.day for cell in dated if cell.day}),
        sources=estimate_cells(
            [cell for cell in cells if cell.source in largest[:MOST_SOURCES]], rates, lambda c: {"source": c.source}
        ),
        source_times=estimate_cells(
            [cell for cell in dated if cell.source in largest[:MOST_LINES]],
            rates,
            lambda cell: {"time": period_of(cell.day, period), "source": cell.source},
        ),
        overall=estimate_cells(cells, rates, lambda cell: {}),
        coverage=_coverage(scores, largest[:MOST_SOURCES]),
    )


def topics_and_rates(manifest: Manifest) -> tuple[tuple[str, ...], dict[str, ErrorRates | None]]:
    """The topic names as in the archive, and the classifier's error rates for each topic."""
    names = manifest.basis["settings"]["names"]
    topics = tuple(topic["id" if names == "id" else "zh"] for topic in manifest.topics)
    return topics, {name: ErrorRates.of(topic) for name, topic in zip(topics, manifest.topics, strict=True)}


def _cells(scores: ScoredArchive, topics: tuple[str, ...]) -> Iterator[Cell]:
    flags = {name: f"list_contains(topics, {quoted(name)})::UTINYINT" for name in topics}
    articles = articles_query("paragraphs", "file, line, article", flags)
    return read_cells(scores.rows(cells_query(f"({articles})", len(topics))), topics)


def characters(scores: ScoredArchive) -> int:
    """The number of characters in the scored paragraphs."""
    if not scores.has["paragraphs"]:
        return 0
    return int(scores.rows("SELECT sum(length(text)) AS characters FROM paragraphs")[0]["characters"])


def _coverage(scores: ScoredArchive, sources: list[str]) -> list[dict[str, Any]]:
    if not scores.has["articles"]:
        return []
    rows = scores.rows(
        "SELECT strftime(date, '%Y-%m') AS time, source, count(*) AS articles, sum(characters)::BIGINT AS characters "
        "FROM articles WHERE date IS NOT NULL GROUP BY ALL ORDER BY ALL"
    )
    return [row for row in rows if row["source"] in sources]
