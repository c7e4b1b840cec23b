"""A page of newspaper text, read into articles."""

from __future__ import annotations

import re

from baozhai_model.documents import Article, Block, Page, Paragraph, Role, Span

_LINE = re.compile(r"\S[^\n\r]*")


def read_page(text: str) -> Page:
    """Read ``text`` into articles, losing no character.

    The spans of all blocks are disjoint and only blank characters lie between them; a block's text is the characters
    of its spans in order. A text with nothing but blanks has no articles. Any string can be read.
    """
    spans = [Span(m.start(), m.end()).stripped(text) for m in _LINE.finditer(text)]
    blocks: list[Block] = []
    headline: str | None = None
    for span in spans:
        line = span.of(text)
        if not blocks and len(line) <= 40 and line[-1] not in "。！？…”）":
            headline = line
            blocks.append(Block(Role.HEADLINE, 0.6, (span,), line))
        else:
            blocks.append(Block(Role.BODY, 0.5, (span,), line))
    if not blocks:
        return Page(text, ())
    paragraphs = tuple(Paragraph(b.spans, b.text) for b in blocks if b.role is Role.BODY)
    return Page(text, (Article(headline, tuple(blocks), paragraphs),))
