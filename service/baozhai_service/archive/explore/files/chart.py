"""The chart of trends as SVG or PNG, drawn by the report's own charts."""

from __future__ import annotations

import json
from typing import Any, Literal

import vl_convert

from baozhai_service.archive.errors import ArchiveError
from baozhai_service.archive.report.charts import search_lines, source_points, topic_lines

ChartFormat = Literal["svg", "png"]
FORMATS: dict[str, str] = {"svg": "image/svg+xml", "png": "image/png"}


def chart_of(found: dict[str, Any]) -> dict[str, Any]:
    """The Vega-Lite specification of what `trends` gave: topics for one search of everything, else the searches."""
    series, period = found["series"], found["period"]
    alone = len(series) == 1 and not series[0]["search"]["query"]
    rows = series[0]["topics"] if alone else []
    for place, each in enumerate(series if not alone else []):
        same = [other["name"] for other in series].count(each["name"]) > 1
        name = f"{each['name']}（{place + 1}）" if same else each["name"]
        rows += [{**row, "topic": name, "raw": row["share"]} for row in each["share"]]
    if found["by"] == "source":
        chart = source_points(rows)
    elif alone:
        chart = topic_lines(list(dict.fromkeys(row["topic"] for row in rows)), rows, period)
    else:
        chart = search_lines(rows, period)
    drawn: dict[str, Any] = chart.to_dict()
    return drawn


def chart_file(found: dict[str, Any], form: ChartFormat) -> bytes:
    """The chart as the bytes of a file.

    Raises:
        ArchiveError: it cannot be drawn.
    """
    convert: Any = vl_convert
    told = json.dumps(chart_of(found))
    try:
        if form == "svg":
            return str(convert.vegalite_to_svg(told)).encode()
        return bytes(convert.vegalite_to_png(told, scale=2))
    except ValueError as error:
        raise ArchiveError(f"the chart cannot be drawn: {str(error).splitlines()[0]}") from error
