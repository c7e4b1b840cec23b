"""Trends are the report's own figures, and a search's are those of a scan."""

from collections import defaultdict
from datetime import date
from pathlib import Path

import pytest

from baozhai_service.archive.explore.explorer import Explorer, Search
from baozhai_service.archive.explore.files.chart import chart_file
from baozhai_service.archive.explore.trends import trends
from baozhai_service.archive.report.cells import Cell
from baozhai_service.archive.report.estimates import estimate_cells
from baozhai_service.archive.report.figures import figures, topics_and_rates
from baozhai_service.archive.report.periods import WIDEST, by_period, readable_period
from baozhai_service.archive.report.prevalence import Sums
from baozhai_service.archive.report.query import ScoredArchive
from baozhai_service.archive.search.errors import InvalidFilter
from baozhai_service.archive.search.filters import Filters
from tests.service.archive.search.scanning import scan


def alike(rows: list[dict[str, object]]) -> list[tuple[tuple[str, object], ...]]:
    return sorted(tuple(sorted(row.items())) for row in rows)


def test_without_a_search_they_equal_the_report(explorer: Explorer, papers: Path) -> None:
    with ScoredArchive(str(papers)) as scores:
        report = figures(scores)
    found = trends(explorer, [Search()])
    assert found["period"] == report.period
    assert alike(found["series"][0]["topics"]) == alike(report.times)
    by_source = trends(explorer, [Search()], by="source")
    assert alike(by_source["series"][0]["topics"]) == alike(report.sources)


@pytest.mark.parametrize("query", ["垃圾分类", "党 OR 贷款", "垃圾 NOT 志愿者"])
@pytest.mark.parametrize("filters", [Filters(), Filters(topics=("生态",)), Filters(first=date(2022, 1, 1))])
def test_a_search_is_counted_as_a_scan_counts_it(
    explorer: Explorer, papers: Path, query: str, filters: Filters
) -> None:
    (series,) = trends(explorer, [Search(query, filters)], period="year")["series"]
    expected: defaultdict[str, int] = defaultdict(int)
    for row in scan(papers, query, filters).values():
        if row["role"] == "body" and row["date"]:
            expected[str(row["date"].year)] += 1
    assert {row["time"]: row["given"] for row in series["share"] if row["given"]} == expected
    everything = scan(papers, "", Filters(first=filters.first, roles=("body",)))
    assert sum(row["paragraphs"] for row in series["share"]) == sum(bool(row["date"]) for row in everything.values())


def test_several_searches_have_one_period(explorer: Explorer) -> None:
    found = trends(explorer, [Search("垃圾分类"), Search("党"), Search()])
    assert found["period"] == "year"
    assert [series["name"] for series in found["series"]] == ["垃圾分类", "党", "全部"]
    assert chart_file(found, "svg").startswith(b"<svg")
    assert chart_file(found, "png").startswith(b"\x89PNG")
    assert "垃圾分类".encode() in chart_file(found, "svg")


def test_too_many_searches_are_refused(explorer: Explorer) -> None:
    with pytest.raises(InvalidFilter, match="from 1 to 6"):
        trends(explorer, [Search()] * 7)


@pytest.mark.parametrize(("a_day", "period"), [(2, "year"), (40, "month"), (4000, "day")])
def test_the_period_is_so_long_that_its_intervals_say_something(a_day: int, period: str) -> None:
    cells = [
        Cell(
            date(2023, 1 + n % 6, 1 + n % 28),
            "晨报",
            "党建",
            Sums(a_day, a_day, a_day // 2, a_day, a_day // 2, a_day // 2),
        )
        for n in range(84)
    ]
    chosen = readable_period(cells, {"党建": None})
    assert chosen == period
    if chosen != "year":
        widths = sorted(row["high"] - row["low"] for row in by_period(cells, {"党建": None}, chosen))
        assert widths[len(widths) // 2] <= WIDEST


def test_the_overall_figure_is_that_of_all_cells(explorer: Explorer, papers: Path) -> None:
    with ScoredArchive(str(papers)) as scores:
        report = figures(scores)
        topics, _ = topics_and_rates(scores.manifest)
    (series,) = trends(explorer, [Search("")], by="source")["series"]
    assert sum(row["given"] for row in series["topics"] if row["topic"] == topics[0]) == next(
        row["given"] for row in report.overall if row["topic"] == topics[0]
    )
    assert estimate_cells([], {}, lambda cell: {}) == []
