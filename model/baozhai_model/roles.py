"""Giving every piece its role, and finding where articles begin."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from baozhai_model.documents import Role
from baozhai_model.headings import Outline, is_title
from baozhai_model.lines import width
from baozhai_model.marks import ENUMERATOR, NAMES
from baozhai_model.pieces import Piece, usual_gap

_OFFICE = re.compile(r"[\u4e00-\u9fff\s]{2,25}(?:厅|局|委|部|室|社|会|府|院|公司|集团)")
_KICKER = 4  # how much wider than the headline below it a kicker is at least
_TABLE = 5  # more titles in a row than this are the cells of a table


def named(pieces: Sequence[Piece]) -> list[Piece]:
    """``pieces`` with a role for each that had none, and ``begins`` set on those that begin an article."""
    out = list(pieces)
    for at, piece in enumerate(out):
        if _comes_from_another_page(piece):
            out[at] = replace(piece, begins=True)
    outline = Outline(pieces)
    gap = usual_gap(pieces)
    first_prose, last_prose = (outline.prose[0], outline.prose[-1]) if outline.prose else (len(pieces), -1)
    for which, heading in enumerate(outline.headings):
        run = pieces[heading.start : heading.end]
        if last_prose < 0:
            named_run = _contents(run)
        elif heading.start < first_prose:
            named_run = _headline(run, 0.9) if which == 0 else _subheads(run, 0.5)
        elif heading.start > last_prose and run[0].gap <= gap:
            named_run = _signature(run)
        elif _comes_from_another_page(pieces[heading.start - 1]) or sum(map(is_title, run)) > _TABLE:
            named_run = _subheads(run, 0.5)
        else:
            chance = outline.chance(which)
            named_run = _headline(run, min(chance, 0.98)) if chance > 0.5 else _subheads(run, min(1 - chance, 0.98))
        out[heading.start : heading.end] = named_run
    return [_body(piece) if piece.role is None else piece for piece in out]


def _comes_from_another_page(piece: Piece) -> bool:
    return piece.role is Role.CONTINUATION and "接" in piece.text


def _contents(run: Sequence[Piece]) -> list[Piece]:
    """A list of titles, each an article of its own of which nothing else is there."""
    return [
        piece
        if piece.role
        else piece.named(Role.SUBHEAD, 0.5)
        if _is_minor(piece)
        else replace(piece.named(Role.HEADLINE, 0.5), begins=True)
        for piece in run
    ]


def _headline(run: Sequence[Piece], confidence: float) -> list[Piece]:
    titles = [at for at, piece in enumerate(run) if is_title(piece) and not _is_minor(piece)]
    names = [at for at in titles[1:] if NAMES.fullmatch(run[at].text)]
    titles = [at for at in titles if at not in names]
    if not titles:
        return _subheads(run, 0.5)
    main = titles[0]
    if (
        titles[1:2] == [main + 1]
        and run[titles[1]].gap
        and width(run[main].text) >= width(run[titles[1]].text) + _KICKER
    ):
        main = titles[1]
    if len(titles) > 1:
        confidence = min(confidence, 0.7)
    out = [
        piece
        if piece.role
        else piece.named(Role.HEADLINE, confidence)
        if at == main
        else piece.named(Role.BYLINE, 0.8)
        if at in names
        else piece.named(Role.SUBHEAD, 0.9 if _is_minor(piece) else 0.5)
        for at, piece in enumerate(run)
    ]
    return [replace(out[0], begins=True), *out[1:]]


def _subheads(run: Sequence[Piece], confidence: float) -> list[Piece]:
    return [piece if piece.role else piece.named(Role.SUBHEAD, confidence) for piece in run]


def _signature(run: Sequence[Piece]) -> list[Piece]:
    """Short lines after the last paragraph: who signs, or a title whose text is on another page."""
    return [
        piece
        if piece.role
        else piece.named(Role.BYLINE, 0.6)
        if _OFFICE.fullmatch(piece.text) or NAMES.fullmatch(piece.text)
        else piece.named(Role.SUBHEAD, 0.5)
        for piece in run
    ]


def _is_minor(piece: Piece) -> bool:
    """Whether a title is a subtitle or a numbered section."""
    return piece.text.startswith(("—", "－", "--")) or bool(ENUMERATOR.match(piece.text))


def _body(piece: Piece) -> Piece:
    if not piece.closed:
        return piece.named(Role.BODY, 0.8)
    return piece.named(Role.BODY, 0.97 if width(piece.text[:100]) > 46 else 0.92)
