"""Cutting off what newspapers print in line with a paragraph: datelines, by-lines, notices, stray page numbers."""

from __future__ import annotations

from dataclasses import replace

from baozhai_model.documents import BLANK
from baozhai_model.marks import LEADING, TRAILING, whole_mark
from baozhai_model.pieces import Piece

_LONGEST_EDGE = 120
_MOST = 3  # marks on one end


def trimmed(piece: Piece) -> list[Piece]:
    """``piece`` with the marks at its two ends cut off as pieces of their own, in order; alone if it has none.

    A piece that is a mark from end to end gets that mark's role; what is left of the others has none yet.
    """
    if whole := _whole(piece):
        return [whole]
    before: list[Piece] = []
    after: list[Piece] = []
    while len(before) < _MOST and (cut := _leading(piece)):
        head, piece = cut
        before.append(head)
    while len(after) < _MOST and (cut := _trailing(piece)):
        piece, tail = cut
        after.append(tail)
    middle = _whole(piece) or piece
    return [*before, middle, *reversed(after)]


def _whole(piece: Piece) -> Piece | None:
    mark = whole_mark(piece.text)
    return piece.named(mark.role, mark.confidence) if mark else None


def _leading(piece: Piece) -> tuple[Piece, Piece] | None:
    for mark in LEADING:
        found = mark.pattern.match(piece.text)
        if found and piece.text[found.end() :].strip(BLANK):
            head = piece.cut(0, found.end()).named(mark.role, mark.confidence)
            rest = piece.cut(found.end(), len(piece.text))
            # The rest begins a paragraph, whatever it was that stood before it.
            return head, replace(rest, gap=0, indented=True, doubtful=False)
    return None


def _trailing(piece: Piece) -> tuple[Piece, Piece] | None:
    text = piece.text
    for mark in TRAILING:
        found = mark.pattern.search(text, max(0, len(text) - _LONGEST_EDGE))
        if found and text[: found.start()].strip(BLANK) and text[found.start() :].strip(BLANK):
            tail = piece.cut(found.start(), len(text)).named(mark.role, mark.confidence)
            return piece.cut(0, found.start()), replace(tail, gap=0, indented=False, doubtful=False)
    return None
