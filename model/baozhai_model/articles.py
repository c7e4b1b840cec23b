"""Pieces with roles, gathered into articles."""

from __future__ import annotations

from collections.abc import Sequence

from baozhai_model.documents import Article, Paragraph, Role
from baozhai_model.pieces import Piece


def articles_of(pieces: Sequence[Piece]) -> tuple[Article, ...]:
    """The articles that ``pieces`` make up; what stands before the first headline belongs to the first article."""
    groups: list[list[Piece]] = []
    for piece in pieces:
        if not groups or (piece.begins and any(_is_content(other) for other in groups[-1])):
            groups.append([])
        groups[-1].append(piece)
    return tuple(map(_article, groups))


def _is_content(piece: Piece) -> bool:
    """Whether a piece shows that its article has begun: a masthead or a page number above a headline does not."""
    return piece.begins or piece.role in (Role.HEADLINE, Role.BODY, Role.CAPTION)


def _article(pieces: Sequence[Piece]) -> Article:
    headline = next((piece.text for piece in pieces if piece.role is Role.HEADLINE), None)
    paragraphs = tuple(Paragraph(piece.spans, piece.text) for piece in pieces if piece.role is Role.BODY)
    return Article(headline, tuple(piece.block() for piece in pieces), paragraphs)
