"""The figures of a report, by day, month and source: counts by DuckDB, estimates by `prevalence`."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from baozhai_service.archive.report.prevalence import ErrorRates, Sums, estimate
from baozhai_service.archive.report.query import ScoredArchive, quoted

MOST_SOURCES = 30
MOST_LINES = 6  # sources that have lines of their own


@dataclass(frozen=True, slots=True)
class Cell:
    """One topic in one source on one day; ``day`` is None for undated paragraphs."""

    day: datetime.date | None
    source: str
    topic: str
    sums: Sums


@dataclass(frozen=True)
class Figures:
    """What the charts show; each a list of plain rows."""

    topics: tuple[str, ...]
    rates: dict[str, ErrorRates | None]
    days: list[dict[str, Any]]
    months: list[dict[str, Any]]
    sources: list[dict[str, Any]]
    source_months: list[dict[str, Any]]
    overall: list[dict[str, Any]]
    coverage: list[dict[str, Any]]


def figures(scores: ScoredArchive) -> Figures:
    """Count and estimate."""
    names = scores.manifest.basis["settings"]["names"]
    topics = tuple(topic["id" if names == "id" else "zh"] for topic in scores.manifest.topics)
    rates = {name: ErrorRates.of(topic) for name, topic in zip(topics, scores.manifest.topics, strict=True)}
    cells = list(_cells(scores, topics)) if scores.has["paragraphs"] else []
    sizes: defaultdict[str, int] = defaultdict(int)
    for cell in cells:
        sizes[cell.source] += cell.sums.m
    largest = sorted(sizes, key=lambda source: (-sizes[source], source))
    dated = [cell for cell in cells if cell.day]
    return Figures(
        topics=topics,
        rates=rates,
        days=_estimates(dated, rates, lambda cell: {"time": f"{cell.day}"}),
        months=_estimates(dated, rates, lambda cell: {"time": _month(cell)}),
        sources=_estimates(
            [cell for cell in cells if cell.source in largest[:MOST_SOURCES]], rates, lambda c: {"source": c.source}
        ),
        source_months=_estimates(
            [cell for cell in dated if cell.source in largest[:MOST_LINES]],
            rates,
            lambda cell: {"time": _month(cell), "source": cell.source},
        ),
        overall=_estimates(cells, rates, lambda cell: {}),
        coverage=_coverage(scores, largest[:MOST_SOURCES]),
    )


def characters(scores: ScoredArchive) -> int:
    """How many characters the scored paragraphs have."""
    if not scores.has["paragraphs"]:
        return 0
    return int(scores.rows("SELECT sum(length(text)) AS characters FROM paragraphs")[0]["characters"])


def _cells(scores: ScoredArchive, topics: tuple[str, ...]) -> Iterator[Cell]:
    counted = ", ".join(
        f"count(*) FILTER (list_contains(topics, {quoted(name)})) AS x{i}" for i, name in enumerate(topics)
    )
    summed = ", ".join(
        f"sum(x{i}) AS x{i}, sum(x{i} * x{i}) AS xx{i}, sum(x{i} * m) AS xm{i}" for i in range(len(topics))
    )
    rows = scores.rows(
        f"WITH a AS (SELECT date, source, count(*) AS m, {counted} FROM paragraphs "
        "GROUP BY date, source, file, line, article) "
        f"SELECT date, source, count(*) AS articles, sum(m) AS m, sum(m * m) AS mm, {summed} FROM a "
        "GROUP BY date, source ORDER BY date, source"
    )
    for row in rows:
        for i, name in enumerate(topics):
            sums = Sums(row["articles"], *(int(row[k]) for k in ("m", f"x{i}", "mm", f"xx{i}", f"xm{i}")))
            yield Cell(row["date"], row["source"], name, sums)


def _estimates(
    cells: Iterable[Cell], rates: dict[str, ErrorRates | None], key: Callable[[Cell], dict[str, Any]]
) -> list[dict[str, Any]]:
    """One row for each topic and value of ``key``, in the order of both."""
    sums: defaultdict[tuple[tuple[str, Any], ...], Sums] = defaultdict(Sums)
    for cell in cells:
        at = (*key(cell).items(), ("topic", cell.topic))
        sums[at] = sums[at] + cell.sums
    rows = []
    for at, total in sums.items():
        found = estimate(total, rates[dict(at)["topic"]])
        rows.append(
            {
                **dict(at),
                "share": found.share,
                "low": found.low,
                "high": found.high,
                "raw": found.raw,
                "paragraphs": total.m,
                "given": total.x,
            }
        )
    return rows


def _coverage(scores: ScoredArchive, sources: list[str]) -> list[dict[str, Any]]:
    if not scores.has["articles"]:
        return []
    rows = scores.rows(
        "SELECT strftime(date, '%Y-%m') AS time, source, count(*) AS articles, sum(characters)::BIGINT AS characters "
        "FROM articles WHERE date IS NOT NULL GROUP BY ALL ORDER BY ALL"
    )
    return [row for row in rows if row["source"] in sources]


def _month(cell: Cell) -> str:
    return f"{cell.day:%Y-%m}" if cell.day else ""
