"""The gate's comparisons as a chart: for each, the interval of the difference, and where nothing would differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

_ROW, _LEFT, _WIDTH, _RIGHT = 30, 210, 420, 90
_LONGEST_NAME = 14  # characters of a part's name


def forest(contests: Sequence[Mapping[str, Any]]) -> Markup | None:
    """A forest plot as SVG, one row a comparison; None without any.

    Every part has a class and no style, so that the page's policy and its colours apply.
    """
    if not contests:
        return None
    reach = max(0.02, *(abs(float(each[end])) for each in contests for end in ("low", "high"))) * 1.1
    height = _ROW * (len(contests) + 1)

    def x(value: float) -> float:
        return round(_LEFT + _WIDTH * (value + reach) / (2 * reach), 1)

    rows = [
        Markup('<line class="zero" x1="{0}" x2="{0}" y1="4" y2="{1}"/>').format(x(0), height - _ROW),
    ]
    for place, each in enumerate(contests):
        low, high = float(each["low"]), float(each["high"])
        difference = float(each["candidate"]) - float(each["against"])
        y = _ROW * place + _ROW // 2
        kind = "ahead" if low > 0 else "behind" if high < 0 else "even"
        part = "全部" if each["part"] == "all" else str(each["part"])
        rival = "线性底线" if each["rival"] == "floor" else "现任"
        rows.append(
            Markup(
                '<g class="{kind}"><text class="name" x="{name_x}" y="{text_y}" text-anchor="end">{name}</text>'
                '<line class="interval" x1="{low}" x2="{high}" y1="{y}" y2="{y}"/>'
                '<circle cx="{middle}" cy="{y}" r="5"/>'
                '<text class="value" x="{value_x}" y="{text_y}">{value}</text></g>'
            ).format(
                kind=kind, name_x=_LEFT - 12, text_y=y + 5, name=f"{part[:_LONGEST_NAME]}（对{rival}）", low=x(low),
                high=x(high), y=y, middle=x(difference), value_x=_LEFT + _WIDTH + 12, value=f"{difference:+.3f}",
            )
        )  # fmt: skip
    ticks = Markup("").join(
        Markup('<text class="tick" x="{}" y="{}" text-anchor="middle">{}</text>').format(
            x(value), height - 8, f"{value:+.2f}"
        )
        for value in (-reach / 1.1, 0.0, reach / 1.1)
    )
    return Markup(
        '<svg class="forest" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}</svg>'
    ).format(
        _LEFT + _WIDTH + _RIGHT, height, "候选与对手的差距，数字见下表 differences, as in the table below",
        Markup("").join(rows), ticks,
    )  # fmt: skip
