"""Undoing hard wraps: lines that end only because the column is full."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from statistics import median, quantiles

from baozhai_model.page.fragment import STOPS, Fragment, joined
from baozhai_model.page.lines import Line, width
from baozhai_model.page.patterns import ENUMERATOR, LIST_ITEM, whole_mark

_ENDS = STOPS + "：；:;”’）》」』】"
_INSIDE = re.compile("[，。；：！？、,;:!?（）“”《》 ](?=.)")  # lines of prose have marks inside
_RAGGED = 2.5  # how much narrower than the column a full line may be: a mark that must not begin a line moved down
_WIDEST = 60
_NARROWEST = 8


def unwrapped(text: str, lines: Sequence[Line]) -> list[Fragment]:
    """One piece per line, or per paragraph where the lines are cut at the width of a column.

    Lines count as cut when at least three stand without a blank line between them, most of those that do not end a
    sentence are as wide as the column, and they are most. A full line that ends a sentence may end the paragraph too:
    an indented next line says so, a page that sets paragraphs apart by blank lines denies it, otherwise the next piece
    is left apart and marked doubtful.
    """
    runs = list(_runs(lines))
    spaced = len(runs) > 1
    columns = [_column(text, run) for run in runs]
    known = [column for column in columns if column]
    usual = median(known) if 2 * len(known) > sum(len(run) > 2 for run in runs) else None
    groups: list[list[Fragment]] = []
    for run, own in zip(runs, columns, strict=True):
        column = own or (usual if len(run) == 2 else None)
        indented = any(line.indented for line in run)
        for before, line in zip([None, *run], run, strict=False):
            fragment = Fragment((line.span,), line.span.of(text), line.gap, line.indented)
            if before is None or column is None or not _goes_on(text, before, line, column):
                groups.append([fragment])
            elif before.span.of(text)[-1] not in _ENDS or spaced or indented:
                groups[-1].append(fragment)
            else:
                groups.append([replace(fragment, doubtful=True)])
    return [joined(group) for group in groups]


def _runs(lines: Sequence[Line]) -> Iterator[list[Line]]:
    run: list[Line] = []
    for line in lines:
        if run and line.gap:
            yield run
            run = []
        run.append(line)
    if run:
        yield run


def _column(text: str, run: Sequence[Line]) -> float | None:
    """The width of the column that cut the lines of ``run``; None where none did."""
    if len(run) < 3 or not any(_INSIDE.search(line.span.of(text)) for line in run):  # verses, or lines of a headline
        return None
    widths = [_set_width(text, line) for line in run]
    column = quantiles(widths, n=10, method="inclusive")[-1]
    if not _NARROWEST <= column <= _WIDEST:
        return None
    cut = [w for w, line in zip(widths, run, strict=True) if line.span.of(text)[-1] not in _ENDS]
    full = sum(column - _RAGGED <= w <= column + _RAGGED for w in cut)
    return column if full >= 2 and full >= 0.6 * len(cut) and len(cut) >= 0.5 * (len(run) - 1) else None


def _goes_on(text: str, before: Line, line: Line, column: float) -> bool:
    """Whether ``line`` can be what did not fit into the line before it."""
    full = _set_width(text, before) >= column - _RAGGED
    words, above = line.span.of(text), before.span.of(text)
    if ENUMERATOR.match(words) or LIST_ITEM.match(words) or (above[-1] in "：:" and 2 * width(words) < column):
        return False
    return full and not line.indented and not any(whole_mark(part.span.of(text)) for part in (before, line))


def _set_width(text: str, line: Line) -> float:
    return width(line.span.of(text)) + 2 * line.indented
