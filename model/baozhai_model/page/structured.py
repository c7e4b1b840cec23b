"""Documents that say what their parts are: Word documents and web pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from baozhai_model.page.articles import articles_of
from baozhai_model.page.fragment import Fragment
from baozhai_model.page.inline_marks import trimmed
from baozhai_model.page.roles import named
from baozhai_model.structure import BLANK, Page, Role, Span
from baozhai_model.text.simplified import simplified


class PartKind(StrEnum):
    """What a part of a document is, as its file says."""

    TITLE = "title"
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list item"
    TABLE_ROW = "table row"
    CAPTION = "caption"
    NOTE = "note"
    FURNITURE = "furniture"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a document and its text."""

    kind: PartKind
    text: str


_ROLES = {
    PartKind.TITLE: (Role.HEADLINE, 0.95),
    PartKind.HEADING: (Role.SUBHEAD, 0.95),
    PartKind.LIST_ITEM: (Role.BODY, 0.9),
    PartKind.TABLE_ROW: (Role.BODY, 0.6),
    PartKind.CAPTION: (Role.CAPTION, 0.95),
    PartKind.NOTE: (Role.FURNITURE, 0.7),
    PartKind.FURNITURE: (Role.FURNITURE, 0.9),
}


def read_structured(parts: Sequence[Part]) -> Page:
    """Read ``parts`` into articles: each title begins one; parts are never joined, and blank ones are left out.

    The text of the result has a line for each part, and a blank line between two. Where the file names no titles
    and headings, the page reader's own signs tell them from paragraphs.
    """
    parts = [Part(part.kind, part.text.strip(BLANK)) for part in parts if part.text.strip(BLANK)]
    text = "\n\n".join(part.text for part in parts)
    outlined = any(part.kind in (PartKind.TITLE, PartKind.HEADING) for part in parts)
    fragments: list[Fragment] = []
    start = 0
    for part in parts:
        span = Span(start, start + len(part.text))
        fragments += _fragments(Fragment((span,), simplified(part.text), 1, True), part.kind, outlined=outlined)
        start = span.end + 2
    if not outlined:
        fragments = named(fragments)
    return Page(text, articles_of([fragment.printed(text) for fragment in fragments]))


def _fragments(fragment: Fragment, kind: PartKind, *, outlined: bool) -> list[Fragment]:
    if kind in _ROLES:
        return [replace(fragment.named(*_ROLES[kind]), begins=kind is PartKind.TITLE)]
    parts = trimmed(fragment)
    if outlined:
        parts = [part if part.role else part.named(Role.BODY, 0.95) for part in parts]
    return parts
