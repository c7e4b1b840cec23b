"""Pieces with roles, gathered into articles."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from baozhai_model.page.fragment import Fragment
from baozhai_model.structure import Article, Paragraph, Role


def articles_of(fragments: Sequence[Fragment]) -> tuple[Article, ...]:
    """The articles that ``fragments`` make up; what stands before the first headline belongs to the first article."""
    groups: list[list[Fragment]] = []
    for at, fragment in enumerate(fragments):
        begins = fragment.begins or (bool(groups) and _is_second_report(groups[-1], fragments[at : at + 2]))
        if not groups or (begins and any(_is_content(other) for other in groups[-1])):
            groups.append([])
        groups[-1].append(fragment)
    return tuple(map(_article, groups))


def _is_second_report(group: Sequence[Fragment], ahead: Sequence[Fragment]) -> bool:
    """Whether a report with a dateline of its own begins here, in an article whose first paragraph had one.

    Two reports may share a headline; a dateline that closes a paragraph begins nothing.
    """
    return _opens(ahead) and any(_opens(pair) for pair in pairwise(group))


def _opens(pair: Sequence[Fragment]) -> bool:
    """Whether ``pair`` is a dateline printed in line with the paragraph that it opens."""
    dateline, *rest = pair
    return (
        dateline.role is Role.DATELINE
        and bool(rest)
        and rest[0].role is Role.BODY
        and rest[0].indented
        and not rest[0].gap
    )


def _is_content(fragment: Fragment) -> bool:
    """Whether a piece shows that its article has begun: a masthead or a page number above a headline does not."""
    return fragment.begins or fragment.role in (Role.HEADLINE, Role.BODY, Role.CAPTION)


def _article(fragments: Sequence[Fragment]) -> Article:
    headline = next((fragment.text for fragment in fragments if fragment.role is Role.HEADLINE), None)
    paragraphs = tuple(Paragraph(fragment.spans, fragment.text) for fragment in fragments if fragment.role is Role.BODY)
    return Article(headline, tuple(fragment.block() for fragment in fragments), paragraphs)
