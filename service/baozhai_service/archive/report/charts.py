"""Charts as Vega-Lite specifications, built with Altair."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from baozhai_service.archive.report.figures import Figures
from baozhai_service.archive.report.periods import Period

WIDTH = 860
COLOURS = ("#c0392b", "#2e6f9e", "#c98a1b", "#3d8b4f", "#7a5195", "#5b6770")

_UNITS: dict[Period, tuple[Any, str]] = {
    "day": ("utcyearmonthdate", "%Y-%m-%d"),
    "month": ("utcyearmonth", "%Y-%m"),
    "year": ("utcyear", "%Y"),
}


def charts(figures: Figures) -> dict[str, dict[str, Any]]:
    """The specification of each chart that has data, by the id of its HTML element."""
    made: dict[str, Any] = {}
    if len({row["time"] for row in figures.times}) > 1:
        made["times"] = topic_lines(figures.topics, figures.times, figures.period)
    if figures.sources:
        made["sources"] = _sources(figures.topics, figures.sources)
    if len({row["source"] for row in figures.source_times}) > 1 and "times" in made:
        made["source-times"] = _source_lines(figures.topics, figures.source_times, figures.period)
    if figures.coverage:
        made["coverage"] = _coverage(figures)
    return {name: chart.to_dict() for name, chart in made.items()}


def topic_lines(topics: Sequence[str], rows: list[dict[str, Any]], period: Period) -> Any:
    """A line with its interval as a band for each topic. Charts of days can be dragged and zoomed together."""
    base = alt.Chart().encode(x=_time(period), color=_topic(topics).legend(None))
    band = base.mark_area(opacity=0.2).encode(y=_share("low"), y2="high:Q")
    line = base.mark_line(point=alt.OverlayMarkDef(size=20), strokeWidth=1.5).encode(
        y=_share(), tooltip=_tooltip(period)
    )
    layers = alt.layer(band, line, data=alt.Data(values=rows)).properties(width=WIDTH // 2 - 60, height=170)
    if period == "day":
        layers = layers.add_params(alt.selection_interval(bind="scales", encodings=["x"]))
    return layers.facet(facet=alt.Facet("topic:N", title=None, sort=list(topics)), columns=2)


def search_lines(rows: list[dict[str, Any]], period: Period) -> Any:
    """A line of the share of each search, which ``topic`` names, with its interval as a band."""
    names = list(dict.fromkeys(row["topic"] for row in rows))
    base = alt.Chart().encode(x=_time(period), color=_topic(names, "检索"))
    band = base.mark_area(opacity=0.2).encode(y=_share("low"), y2="high:Q")
    line = base.mark_line(point=alt.OverlayMarkDef(size=25)).encode(y=_share(), tooltip=_tooltip(period))
    return alt.layer(band, line, data=alt.Data(values=rows)).properties(width=WIDTH - 100, height=260)


def source_points(rows: list[dict[str, Any]]) -> Any:
    """A point and its interval for each source and each search or topic."""
    return _sources(list(dict.fromkeys(row["topic"] for row in rows)), rows)


def _time(period: Period) -> Any:
    unit, form = _UNITS[period]
    return alt.X("time:T", timeUnit=unit, title=None, axis=alt.Axis(format=form, labelOverlap=True, tickCount=5))


def _topic(names: Sequence[str], title: str = "主题") -> Any:
    colours = [COLOURS[i % len(COLOURS)] for i in range(len(names))]
    scale = alt.Scale(domain=list(names), range=colours)
    return alt.Color("topic:N", title=title, scale=scale, legend=alt.Legend(orient="top"))


def _share(field: str = "share") -> Any:
    return alt.Y(f"{field}:Q", title="占段落的比例", axis=alt.Axis(format=".0%"))


def _tooltip(period: Period | None = None) -> list[Any]:
    when = []
    if period:
        unit, form = _UNITS[period]
        when = [alt.Tooltip("time:T", title="时间", timeUnit=unit, format=form)]
    return [
        *when,
        alt.Tooltip("topic:N", title="主题"),
        alt.Tooltip("share:Q", title="估计", format=".1%"),
        alt.Tooltip("low:Q", title="95% 下限", format=".1%"),
        alt.Tooltip("high:Q", title="95% 上限", format=".1%"),
        alt.Tooltip("raw:Q", title="未校正", format=".1%"),
        alt.Tooltip("paragraphs:Q", title="段落数", format=","),
    ]


def _sources(topics: Sequence[str], rows: list[dict[str, Any]]) -> Any:
    """A point and its interval for each source, in one column per topic."""
    base = alt.Chart().encode(y=alt.Y("source:N", title=None, sort="-x"), color=_topic(topics).legend(None))
    axis = alt.Axis(format=".0%", tickCount=4)
    rule = base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q", title=None, axis=axis), x2="high:Q")
    point = base.mark_point(filled=True, size=50).encode(x=alt.X("share:Q", title=None, axis=axis), tooltip=_tooltip())
    width = (WIDTH - 120) // max(len(topics), 1)
    return (
        alt.layer(rule, point, data=alt.Data(values=rows))
        .properties(width=width)
        .facet(column=alt.Column("topic:N", title=None, sort=list(topics)))
    )


def _source_lines(topics: Sequence[str], rows: list[dict[str, Any]], period: Period) -> Any:
    base = alt.Chart().encode(
        x=_time(period), color=alt.Color("source:N", title="来源", legend=alt.Legend(orient="top"))
    )
    band = base.mark_area(opacity=0.12).encode(y=_share("low"), y2="high:Q")
    line = base.mark_line(point=True).encode(y=_share(), tooltip=["source:N", *_tooltip(period)])
    return (
        alt.layer(band, line, data=alt.Data(values=rows))
        .properties(width=WIDTH // 2 - 60, height=180)
        .facet(facet=alt.Facet("topic:N", title=None, sort=list(topics)), columns=2)
    )


def _coverage(figures: Figures) -> Any:
    return (
        alt.Chart(alt.Data(values=figures.coverage))
        .mark_rect()
        .encode(
            x=alt.X("time:O", title=None, axis=alt.Axis(labelOverlap=True)),
            y=alt.Y("source:N", title=None),
            color=alt.Color("articles:Q", title="篇数", scale=alt.Scale(scheme="greys")),
            tooltip=[
                alt.Tooltip("source:N", title="来源"),
                alt.Tooltip("time:O", title="月份"),
                alt.Tooltip("articles:Q", title="篇数", format=","),
                alt.Tooltip("characters:Q", title="字数", format=","),
            ],
        )
        .properties(width=WIDTH - 60)
    )
