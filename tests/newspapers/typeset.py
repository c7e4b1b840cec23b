"""Setting type: text as lines of a measured width, and a page of such lines as HTML for a browser to print."""

from __future__ import annotations

import html
from dataclasses import dataclass, field

_NOT_FIRST = "，。、；：！？”’）》】…"
_NOT_LAST = "“‘（《【"


@dataclass(frozen=True)
class Frame:
    """A column's room: left, top, width and height in points."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height


def advance(char: str) -> float:
    """How wide a character is, in ems."""
    return 0.56 if char < "\u0250" and char not in "·—" else 1.0


def wrapped(text: str, ems: float, indent: int = 2) -> list[str]:
    """``text`` as lines at most ``ems`` wide; the first begins with ``indent`` blanks."""
    lines: list[str] = []
    line, used = "　" * indent, float(indent)
    for char in text:
        if used + advance(char) > ems + 1e-6:
            carried = ""
            if char in _NOT_FIRST or line[-1] in _NOT_LAST:
                carried, line = line[-1], line[:-1]
                while carried[0] in _NOT_FIRST and len(line) > 1:
                    carried, line = line[-1] + carried, line[:-1]
            lines.append(line)
            line, used = carried, sum(map(advance, carried))
        line += char
        used += advance(char)
    return [*lines, line]


@dataclass
class Sheet:
    """A printed page in the making: groups of elements, each group in order, the groups in any order."""

    width: float
    height: float
    groups: list[list[str]] = field(default_factory=list)

    def text(self, group: list[str], text: str, x: float, y: float, width: float, size: float, style: str = "") -> None:
        """One line of text at a place; leading full-width blanks become an indent."""
        bare = text.lstrip("　")
        indent = len(text) - len(bare)
        group.append(
            f'<div style="left:{x + indent * size:.2f}pt;top:{y:.2f}pt;width:{width - indent * size:.2f}pt;'
            f'font-size:{size:.2f}pt;line-height:{size * 1.25:.2f}pt;{style}">{html.escape(bare)}</div>'
        )

    def rectangle(self, x: float, y: float, width: float, height: float, style: str) -> None:
        """A rule, a frame or a picture."""
        self.groups.append(
            [f'<div style="left:{x:.2f}pt;top:{y:.2f}pt;width:{width:.2f}pt;height:{height:.2f}pt;{style}"></div>']
        )


def document(sheets: list[Sheet], order: list[list[int]]) -> str:
    """The sheets as one HTML document, the groups of each in the order given."""
    first = sheets[0]
    parts = [
        "<!doctype html><html lang=zh-CN><meta charset=utf-8><style>"
        f"@page{{size:{first.width}pt {first.height}pt;margin:0}}"
        "html,body{margin:0;padding:0;font-family:'Noto Serif CJK SC',serif}"
        f"section{{position:relative;width:{first.width}pt;height:{first.height - 0.5}pt;overflow:hidden}}"
        "section{break-after:page}"
        "section:last-child{break-after:auto}"
        "section>div{position:absolute;white-space:nowrap;box-sizing:border-box}</style><body>"
    ]
    for sheet, places in zip(sheets, order, strict=True):
        parts.append("<section>" + "".join("".join(sheet.groups[at]) for at in places) + "</section>")
    return "".join(parts)
