"""Line breaks that end nothing: lines of a column that were copied as they stood."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from baozhai_model.text.markup import Edit

_LINE = re.compile(r"[^\r\n]+")
_ENDS = re.compile(r"[。！？!?…｡；;：:”’」』）)】》.．]\s*\Z")
_UNFINISHED = re.compile(r"[，、,（(“‘《【]\s*\Z")
_UNBEGUN = re.compile(r"\s{0,2}[，、。；：！？”’）》】…,;!?)%％]")
_BEGINS = re.compile(
    r"\s*(?:[（(]?[一二三四五六七八九十]{1,3}[）)、.．]|[（(]?[0-9０-９]{1,2}[）)、.．]|第[一二三四五六七八九十百]{1,4}[章节条]"
    r"|[①-⑳]|[-*•·■□●◆▲——#>|])|[\u3000\t]|  "
)
_WIDEST = 60  # characters that a line of a column holds at most
_FULL = 0.7  # how wide a line is at least, of the column, that was cut only because the column was full
_FEWEST = 3  # lines that make a column


def soft_breaks(text: str) -> Iterator[Edit]:
    """The line breaks inside sentences of ``text``, each replaced by nothing, or by a blank between two English words.

    A line goes on in the next where it ends in a comma or the next begins with a mark; and in a column, lines between
    which no blank one stands, where it is about as wide as the others and ends no sentence. A list item, a heading or
    an indented line begins something new.
    """
    for run in _runs(text):
        lines = [found[0] for found in run]
        column = _column(lines)
        for (before, line), (here, after) in zip(pairwise(lines), pairwise(run), strict=True):
            if _ENDS.search(before) or _BEGINS.match(line):
                continue
            full = column is not None and _width(before) >= _FULL * column
            if full or _UNFINISHED.search(before) or _UNBEGUN.match(line):
                words = before.rstrip()[-1].isascii() and line.lstrip()[0].isascii() and before.rstrip()[-1].isalpha()
                start, end = here.start() + len(before.rstrip()), after.end() - len(line.lstrip())
                yield start, end, " " if words else ""


def _runs(text: str) -> Iterator[list[re.Match[str]]]:
    """Lines that stand together: nothing but one line break between them, none of them blank."""
    run: list[re.Match[str]] = []
    for found in _LINE.finditer(text):
        if not found[0].strip() or (run and text[run[-1].end() : found.start()] not in ("\n", "\r\n", "\r")):
            if len(run) > 1:
                yield run
            run = []
        if found[0].strip():
            run.append(found)
    if len(run) > 1:
        yield run


def _column(lines: Sequence[str]) -> float | None:
    """The width of the column that ``lines`` were cut at; None where they are paragraphs."""
    widths = [_width(line) for line in lines]
    column = max(widths)
    if len(lines) < _FEWEST or column > _WIDEST:
        return None
    open_lines = [width for line, width in zip(lines[:-1], widths, strict=False) if not _ENDS.search(line)]
    full = sum(width >= _FULL * column for width in open_lines)
    return column if 2 * len(open_lines) >= len(lines) - 1 and full >= 0.8 * len(open_lines) else None


def _width(line: str) -> float:
    return sum(0.5 if char < "\u0250" else 1.0 for char in line.strip())
