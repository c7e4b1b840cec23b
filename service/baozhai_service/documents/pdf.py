"""PDF documents, by PDFium."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as raw
from numpy.typing import NDArray

from baozhai_model.page.layout.geometry import PrintedPage, scaled
from baozhai_model.page.layout.reader import read_layout
from baozhai_service.documents.document import Document
from baozhai_service.documents.errors import (
    BrokenDocument,
    DocumentsNotInstalled,
    DocumentTooLarge,
    EncryptedDocument,
    NoTextInDocument,
)
from baozhai_service.documents.legibility import doubts, is_legible
from baozhai_service.documents.limits import Limits
from baozhai_service.documents.pdf_page import printed_page
from baozhai_service.documents.png import png_of

_DPI = 150  # at which pages are recognized
_MOST_PIXELS = 12_000_000  # of such a picture


def read(data: bytes, name: str, limits: Limits) -> Document:
    """Read a PDF; pages that are pictures, or whose text is garbage, are recognized.

    Raises:
        DocumentError: it cannot be read, or not within ``limits``.
    """
    pages: list[PrintedPage] = []
    unread: list[int] = []
    recognized = False
    characters = 0
    with _opened(data, limits) as document:
        for number in range(1, len(document) + 1):
            with _page(document, number) as page:
                printed = printed_page(page, number)
                if not is_legible(printed):
                    again = _recognized(page, number, limits)
                    recognized |= again is not None
                    if again is None and printed.pictures + printed.lines:
                        unread.append(number)
                    printed = again or replace(printed, lines=())
            pages.append(printed)
            characters += sum(len(line.text) for line in printed.lines)
            if characters > limits.characters:
                raise DocumentTooLarge(f"the document has more than {limits.characters} characters")
    if unread and not any(page.lines for page in pages):
        raise DocumentsNotInstalled("a PDF of pictures, or whose text is garbage", "ocr")
    warnings = []
    if unread:
        numbers = ", ".join(map(str, unread))
        warnings.append(f"pages without readable text were left out ({numbers}); to read them, install baozhai[ocr]")
    if recognized:
        warnings += doubts(pages)
    return Document(name, "pdf", read_layout(pages), recognized, tuple(warnings))


def picture(data: bytes, number: int, width: int, limits: Limits) -> bytes:
    """Page ``number`` as a PNG of ``width`` pixels.

    Raises:
        DocumentError: there is no such page, or the file cannot be read.
    """
    with _opened(data, limits) as document:
        if not 1 <= number <= len(document):
            raise NoTextInDocument(f"the document has no page {number}; it has {len(document)}")
        with _page(document, number) as page:
            across, down = page.get_size()
            scale = width / max(across, 1)
            if width * down * scale > limits.pixels:
                raise DocumentTooLarge(f"a picture {width} pixels wide would have more than {limits.pixels} pixels")
            return png_of(_rendered(page, scale))


def _rendered(page: pdfium.PdfPage, scale: float) -> NDArray[np.uint8]:
    """``page`` in colours, shape (height, width, 3)."""
    bitmap = page.render(scale=scale, rev_byteorder=True)
    pixels = np.array(bitmap.to_numpy()[..., :3])
    bitmap.close()
    return pixels


def _recognized(page: pdfium.PdfPage, number: int, limits: Limits) -> PrintedPage | None:
    """What is printed on ``page`` as characters are recognized; None where nothing does that."""
    try:
        from baozhai_service.documents.ocr import recognized
    except ImportError:
        return None
    width, height = page.get_size()
    scale = min(_DPI / 72, math.sqrt(_MOST_PIXELS / max(width * height, 1)))
    read = recognized(_rendered(page, scale), number)
    return scaled(read, 1 / scale, width, height)


@contextmanager
def _opened(data: bytes, limits: Limits) -> Iterator[pdfium.PdfDocument]:
    try:
        document = pdfium.PdfDocument(data)
        pages = len(document)
    except pdfium.PdfiumError as error:
        if raw.FPDF_GetLastError() == raw.FPDF_ERR_PASSWORD or "password" in str(error).lower():
            raise EncryptedDocument from None
        raise BrokenDocument("the file is no PDF that can be read; it is damaged") from None
    try:
        if pages > limits.pages:
            raise DocumentTooLarge(f"the document has {pages} pages; at most {limits.pages} are read")
        yield document
    finally:
        document.close()


@contextmanager
def _page(document: pdfium.PdfDocument, number: int) -> Iterator[pdfium.PdfPage]:
    try:
        page = document[number - 1]
    except pdfium.PdfiumError:
        raise BrokenDocument(f"page {number} of the document cannot be read; it is damaged") from None
    try:
        yield page
    finally:
        page.close()
