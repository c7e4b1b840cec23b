"""Days, months or years: periods so long that the intervals of their estimates say something."""

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

WIDEST = 0.2  # of the 95 % interval that the median period has: a share of 30 % is then told from one of 10 or 50 %
MOST_DAYS = 1_000  # more points than that no chart shows


def period_of(day: datetime.date | None, period: Period) -> str:
    """What the period of ``day`` is called, e.g. ``2023-07``; "" if it is undated."""
    if day is None:
        return ""
    return str(day)[: {"day": 10, "month": 7, "year": 4}[period]]


def by_period(cells: Sequence[Cell], rates: Mapping[str, ErrorRates | None], period: Period) -> list[dict[str, Any]]:
    """An estimate for each topic and period."""
    return estimate_cells(cells, rates, lambda cell: {"time": period_of(cell.day, period)})


def readable_period(cells: Sequence[Cell], rates: Mapping[str, ErrorRates | None]) -> Period:
    """The shortest period whose median interval is no wider than `WIDEST`; years if there is none."""
    dated = [cell for cell in cells if cell.day]
    for period in PERIODS[:-1]:
        rows = by_period(dated, rates, period)
        times = {row["time"] for row in rows}
        if rows and len(times) <= MOST_DAYS and median(row["high"] - row["low"] for row in rows) <= WIDEST:
            return period
    return "year"
