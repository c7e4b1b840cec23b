"""Estimate the share of each topic, with its interval, over groups of cells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from baozhai_service.archive.report.cells import Cell
from baozhai_service.archive.report.prevalence import ErrorRates, Sums, estimate


def estimate_cells(
    cells: Iterable[Cell], rates: Mapping[str, ErrorRates | None], key: Callable[[Cell], dict[str, Any]]
) -> list[dict[str, Any]]:
    """A row for each topic and value of ``key``, in the order of their first cells."""
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
