"""Pieces with roles, gathered into articles."""

from __future__ import annotations

from collections.abc import Sequence

from baozhai_model.page.fragment import Fragment
from baozhai_model.structure import Article, Paragraph, Role


def articles_of(fragments: Sequence[Fragment]) -> tuple[Article, ...]:
    """The articles that ``fragments`` make up; what stands before the first headline belongs to the first article."""
    groups: list[list[Fragment]] = []
    for fragment in fragments:
        if not groups or (fragment.begins and any(_is_content(other) for other in groups[-1])):
            groups.append([])
        groups[-1].append(fragment)
    return tuple(map(_article, groups))


def _is_content(fragment: Fragment) -> bool:
    """Whether a piece shows that its article has begun: a masthead or a page number above a headline does not."""
    return fragment.begins or fragment.role in (Role.HEADLINE, Role.BODY, Role.CAPTION)


def _article(fragments: Sequence[Fragment]) -> Article:
    headline = next((fragment.text for fragment in fragments if fragment.role is Role.HEADLINE), None)
    paragraphs = tuple(Paragraph(fragment.spans, fragment.text) for fragment in fragments if fragment.role is Role.BODY)
    return Article(headline, tuple(fragment.block() for fragment in fragments), paragraphs)
