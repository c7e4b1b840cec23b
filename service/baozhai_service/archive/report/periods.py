"""Choose days, months or years as the period of a chart, so that the intervals are narrow enough to read."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any, Literal

from baozhai_service.archive.report.cells import Cell
from baozhai_service.archive.report.estimates import estimate_cells
from baozhai_service.archive.report.prevalence import ErrorRates

Period = Literal["day", "month", "year"]
PERIODS: tuple[Period, ...] = ("day", "month", "year")

WIDEST = 0.2  # median width of the 95 % intervals: a share of 30 % can then be distinguished from 10 or 50 %
MOST_DAYS = 1_000  # more points than a chart can show


def period_of(day: datetime.date | None, period: Period) -> str:
    """The name of the period of ``day``, e.g. ``2023-07``; "" if undated."""
    if day is None:
        return ""
    return str(day)[: {"day": 10, "month": 7, "year": 4}[period]]


def by_period(cells: Sequence[Cell], rates: Mapping[str, ErrorRates | None], period: Period) -> list[dict[str, Any]]:
    """An estimate for each topic and period."""
    return estimate_cells(cells, rates, lambda cell: {"time": period_of(cell.day, period)})


def readable_period(cells: Sequence[Cell], rates: Mapping[str, ErrorRates | None]) -> Period:
    """The shortest period whose median interval is at most `WIDEST` wide; otherwise years."""
    dated = [cell for cell in cells if cell.day]
    for period in PERIODS[:-1]:
        rows = by_period(dated, rates, period)
        times = {row["time"] for row in rows}
        if rows and len(times) <= MOST_DAYS and median(row["high"] - row["low"] for row in rows) <= WIDEST:
            return period
    return "year"
