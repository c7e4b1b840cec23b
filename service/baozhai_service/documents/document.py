"""A document that was read, and its form between processes: JSON, since what read an untrusted file is not trusted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from baozhai_model.structure import Article, Block, Page, PageSize, Paragraph, PrintedSpan, Role, Span


@dataclass(frozen=True, slots=True)
class Document:
    """A document's page structure and how it was read.

    Attributes:
        name: of the file.
        format: what it is, as `Format` calls it.
        page: its text, articles and places.
        ocr: whether characters were recognized rather than read.
        warnings: what a person should know of the reading, such as pages that are hard to read.
    """

    name: str
    format: str
    page: Page
    ocr: bool = False
    warnings: tuple[str, ...] = ()

    def named(self, name: str) -> Document:
        """The same document under another name."""
        return replace(self, name=name)


def to_json(document: Document) -> dict[str, Any]:
    """``document`` as plain values."""
    page = document.page
    return {
        "name": document.name,
        "format": document.format,
        "ocr": document.ocr,
        "warnings": list(document.warnings),
        "text": page.text,
        "sizes": [[size.number, size.width, size.height] for size in page.sizes],
        "printed": [[line.span.start, line.span.end, line.page, *line.box, line.vertical] for line in page.printed],
        "articles": [
            {
                "headline": article.headline,
                "blocks": [
                    [
                        block.role.value,
                        block.confidence,
                        [[span.start, span.end] for span in block.spans],
                        block.doubtful_join,
                    ]
                    for block in article.blocks
                ],
            }
            for article in page.articles
        ],
    }


def from_json(raw: dict[str, Any]) -> Document:
    """What `to_json` gave.

    Raises:
        ValueError, KeyError, TypeError: it is not what `to_json` gives.
    """
    text = str(raw["text"])
    page = Page(
        text,
        tuple(_article(each, text) for each in raw["articles"]),
        tuple(PageSize(int(number), float(width), float(height)) for number, width, height in raw["sizes"]),
        tuple(
            PrintedSpan(
                _span(start, end, text), int(page), (float(x0), float(y0), float(x1), float(y1)), bool(vertical)
            )
            for start, end, page, x0, y0, x1, y1, vertical in raw["printed"]
        ),
    )
    return Document(
        str(raw["name"]), str(raw["format"]), page, bool(raw["ocr"]), tuple(str(each) for each in raw["warnings"])
    )


def _article(raw: dict[str, Any], text: str) -> Article:
    blocks = tuple(_block(each, text) for each in raw["blocks"])
    paragraphs = tuple(Paragraph(block.spans, block.text) for block in blocks if block.role is Role.BODY)
    headline = raw["headline"]
    return Article(str(headline) if headline is not None else None, blocks, paragraphs)


def _block(raw: list[Any], text: str) -> Block:
    role, confidence, spans, doubtful = raw
    found = tuple(_span(start, end, text) for start, end in spans)
    return Block(Role(role), float(confidence), found, "".join(span.of(text) for span in found), bool(doubtful))


def _span(start: Any, end: Any, text: str) -> Span:
    if not 0 <= int(start) < int(end) <= len(text):
        raise ValueError("a span outside of the text")
    return Span(int(start), int(end))
