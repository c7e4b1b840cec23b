"""Photo captions that no credit gives away: a sentence set apart, or one that repeats the headline."""

from __future__ import annotations

import re
from collections.abc import Sequence

from baozhai_model.cohesion import pairs_of, share
from baozhai_model.documents import Role
from baozhai_model.lines import width
from baozhai_model.marks import HEADED
from baozhai_model.pieces import STOPS, Piece, usual_gap
from baozhai_model.sentences import split_sentences

_WIDEST = 90
_DATED = re.compile(r"[0-9０-９]日|近日|日前|今[天日]|昨[天日]")


def captioned(pieces: Sequence[Piece]) -> list[Piece]:
    """``pieces`` with those body pieces named captions that their place or the headline above them gives away.

    A single sentence counts as a caption where more blank lines than usual stand before it and after it (the end of
    the page will do), or where it says what the headline says, no date added, and prose follows.
    """
    gap = usual_gap(pieces)
    headline: Piece | None = None
    out: list[Piece] = []
    for at, piece in enumerate(pieces):
        if piece.begins:
            headline = None
        if piece.role is Role.HEADLINE:
            headline = piece
        following = next((other for other in pieces[at + 1 : at + 3] if other.role is not Role.FURNITURE), None)
        if piece.role is Role.BODY and at and _is_one_sentence(piece):
            set_apart = piece.gap > gap and (following is None or following.gap > gap)
            repeats = (
                headline is not None
                and following is not None
                and following.role is Role.BODY
                and _repeats(piece.text, headline.text)
            )
            if set_apart or repeats:
                piece = piece.named(Role.CAPTION, 0.85 if piece.gap > gap else 0.5)
        out.append(piece)
    return out


def _is_one_sentence(piece: Piece) -> bool:
    return (
        len(piece.spans) == 1
        and not HEADED.match(piece.text)
        and piece.text[-1] in STOPS
        and width(piece.text[: 2 * _WIDEST]) <= _WIDEST
        and len(split_sentences(piece.text)) == 1
    )


def _repeats(text: str, headline: str) -> bool:
    return (
        not _DATED.search(text)
        and width(text) <= 1.7 * width(headline)
        and share(pairs_of(headline), pairs_of(text)) >= 0.9
    )
