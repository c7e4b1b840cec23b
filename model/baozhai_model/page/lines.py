"""The lines of a page, without the blank around them."""

from __future__ import annotations

from dataclasses import dataclass

from baozhai_model.structure import BLANK, Span


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank: its characters, whether it is indented, how many blank lines part it from the last."""

    span: Span
    indented: bool
    gap: int


def read_lines(text: str) -> list[Line]:
    r"""The lines of ``text`` that are not blank, in order; lines end where ``str.splitlines`` ends them.

    >>> read_lines("标题\n\n　　正文。\n")
    [Line(span=Span(start=0, end=2), indented=False, gap=0), Line(span=Span(start=6, end=9), indented=True, gap=1)]
    """
    lines: list[Line] = []
    position = gap = 0
    for raw in text.splitlines(keepends=True):
        content = raw.lstrip(BLANK)
        start = position + len(raw) - len(content)
        content = content.rstrip(BLANK)
        if content:
            before = raw[: start - position]
            lines.append(
                Line(Span(start, start + len(content)), "　" in before or len(before) > 1, gap if lines else 0)
            )
            gap = 0
        else:
            gap += 1
        position += len(raw)
    return lines


def width(text: str) -> float:
    """How wide ``text`` is set, in Chinese characters: one of ASCII takes half the room."""
    return sum(0.5 if char < "\u0250" else 1.0 for char in text)
