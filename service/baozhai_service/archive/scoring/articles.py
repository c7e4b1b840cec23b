"""Split a record into articles with paragraphs to classify and a text to digest."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from baozhai_model.page.reader import read_page
from baozhai_model.structure import Page, Paragraph, Span, locate
from baozhai_service.archive.input.record import Record

_LINE = re.compile("[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class ArticleText:
    """An article of a record; spans are in code points of the record's text.

    Attributes:
        record: the record.
        number: number of the article in the record, from 1.
        title: its headline, or the title of the record.
        paragraphs: its body paragraphs.
        text: the text to digest; paragraph i begins there at ``starts[i]``.
    """

    record: Record
    number: int
    title: str | None
    paragraphs: tuple[Paragraph, ...]
    text: str
    starts: tuple[int, ...]

    def paragraph_at(self, offset: int) -> int:
        """The index of the paragraph that holds character ``offset`` of ``text``."""
        return max(bisect_right(self.starts, offset) - 1, 0)

    def locate(self, start: int, end: int) -> tuple[Span, ...]:
        """The spans in the record of characters ``[start, end)`` of ``text``."""
        if not self.record.is_page:
            return (Span(start, end),)
        first = self.starts[(number := self.paragraph_at(start))]
        return locate(self.paragraphs[number].spans, start - first, end - first)


def articles_of(record: Record, page: Page | None = None) -> Iterator[ArticleText]:
    """The articles of ``record``: those of a page, or else the record as one article with a paragraph per line.

    ``page`` is the page that was read from a document; other pages are read here.
    """
    if record.is_page:
        for number, article in enumerate((page or read_page(record.text)).articles, 1):
            texts = [paragraph.text for paragraph in article.paragraphs]
            starts = tuple(accumulate([0, *(len(text) + 1 for text in texts)]))[: len(texts)]
            yield ArticleText(record, number, article.headline, article.paragraphs, "\n".join(texts), starts)
        return
    lines = [Span(*line.span()).stripped(record.text) for line in _LINE.finditer(record.text)]
    spans = [span for span in lines if span]
    paragraphs = tuple(Paragraph((span,), span.of(record.text)) for span in spans)
    yield ArticleText(record, 1, record.title, paragraphs, record.text, tuple(span.start for span in spans))
