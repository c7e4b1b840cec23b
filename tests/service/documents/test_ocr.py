"""Scans: turned, noisy pictures of pages, by themselves and as PDF."""

from __future__ import annotations

import io
import struct
import zlib
from difflib import SequenceMatcher
from functools import cache

import pytest
from PIL import Image

from baozhai_service.documents import Document, open_document
from baozhai_service.documents.errors import BrokenDocument, DocumentTooLarge
from tests.newspapers.render import pdf_of, scan_of
from tests.newspapers.typeset import Sheet, document, wrapped
from tests.service.documents.newspapers import needs_chromium

HEADLINE = "南浦县修通灌溉渠"
PARAGRAPHS = (
    "入冬之前，南浦县的灌溉渠全部修通，三百亩旱地变成了水浇地，农户们再也不用为浇地发愁。",
    "村民郭雨晴算了一笔账，一亩地流转费六百元，再加上务工收入，一年下来比以前多挣了不少。",
)


@cache
def scan() -> bytes:
    """A small page of two columns, turned by a degree."""
    sheet = Sheet(330, 240)
    group: list[str] = []
    sheet.text(group, HEADLINE, 20, 20, 290, 26, "text-align:center;font-weight:700;")
    lines = [line for text in PARAGRAPHS for line in wrapped(text, 13)]
    for at, line in enumerate(lines):
        column, row = divmod(at, (len(lines) + 1) // 2)
        sheet.text(group, line, 20 + 155 * column, 80 + 16 * row, 135, 10.2)
    sheet.groups.append(group)
    return scan_of(pdf_of(document([sheet], [[0]])), dpi=200)


def check(read: Document) -> None:
    (article,) = read.page.articles
    assert read.ocr
    assert article.headline == HEADLINE
    assert len(article.paragraphs) == len(PARAGRAPHS)
    for paragraph, true in zip(article.paragraphs, PARAGRAPHS, strict=True):
        assert SequenceMatcher(None, paragraph.text, true).ratio() > 0.95
        (size,) = read.page.sizes
        for place in read.page.places(paragraph.spans):
            x0, y0, x1, y1 = place.box
            assert -2 <= x0 < x1 <= size.width + 2
            assert -2 <= y0 < y1 <= size.height + 2


@needs_chromium
def test_a_turned_scan_is_read_in_the_order_of_its_columns() -> None:
    check(open_document(scan(), "scan.jpg"))


@needs_chromium
def test_a_pdf_of_a_picture_is_recognized() -> None:
    file = io.BytesIO()
    Image.open(io.BytesIO(scan())).save(file, "PDF", resolution=200)
    read = open_document(file.getvalue(), "scan.pdf")
    assert read.format == "pdf"
    check(read)


def test_an_image_of_a_thousand_million_pixels_is_refused_by_its_header() -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 40_000, 40_000, 8, 0, 0, 0, 0)
    png = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )
    with pytest.raises(DocumentTooLarge, match="40000 x 40000"):
        open_document(png, "large.png")


def test_a_damaged_image_is_refused() -> None:
    with pytest.raises(BrokenDocument):
        open_document(b"\x89PNG\r\n\x1a\n" + bytes(100), "broken.png")
