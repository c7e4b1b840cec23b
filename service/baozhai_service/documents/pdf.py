"""PDF by PDFium: characters with their places become lines; pictures, rules and frames are kept beside them."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Any

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as raw
from numpy.typing import NDArray

from baozhai_model.page.layout.geometry import Box, PrintedLine, PrintedPage, scaled
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
from baozhai_service.documents.png import png_of

_SAME_SIZE = 1.25  # the sizes of two characters of a line differ by this factor at most
_THIN = 2.5  # points: what is thinner is a rule
_DRAWN = (raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_SHADING)
_DPI = 150  # at which pages are recognized
_MOST_PIXELS = 12_000_000  # of such a picture
_DEEPEST = 4  # forms within forms that are looked into


@dataclass(slots=True)
class _Run:
    """Characters that follow one another; ``gaps`` has the room before each but the first."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    size: float
    first: int
    gaps: list[float] = field(default_factory=list)
    vertical: bool = False
    spaced: bool = False


def printed_page(page: pdfium.PdfPage, number: int) -> PrintedPage:
    """What is printed on ``page``; a page of pictures alone has no lines."""
    width, height = page.get_size()
    left, bottom, _, _ = page.get_bbox()
    text = page.get_textpage()
    try:
        runs = _runs(text, left, bottom + height)
        lines = [_line(run, text) for run in runs]
    finally:
        text.close()
    pictures, rules, frames = _drawn(page, left, bottom + height, width * height)
    shown = [line for line in lines if Box(0, 0, width, height).contains(Box(*line.box.centre * 2))]
    return PrintedPage(number, width, height, tuple(shown), tuple(pictures), tuple(rules), tuple(frames))


def _runs(text: pdfium.PdfTextPage, left: float, top: float) -> list[_Run]:
    """The characters of a page, joined to runs in the order in which the file has them."""
    handle = text.raw
    box, matrix, x, y = raw.FS_RECTF(), raw.FS_MATRIX(), ctypes.c_double(), ctypes.c_double()
    runs: list[_Run] = []
    run: _Run | None = None
    for at in range(raw.FPDFText_CountChars(handle)):
        code = raw.FPDFText_GetUnicode(handle, at)
        char = chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else ""
        if not char or char.isspace() or code in (0xFEFF, 0x200B, 0xFFFE, 0x00AD, 0x02):
            if run is not None and char and not raw.FPDFText_IsGenerated(handle, at):
                run.spaced = True
            continue
        raw.FPDFText_GetLooseCharBox(handle, at, box)
        raw.FPDFText_GetMatrix(handle, at, matrix)
        size = raw.FPDFText_GetFontSize(handle, at) * math.hypot(matrix.c, matrix.d)
        x0, x1, y0, y1 = box.left - left, box.right - left, top - box.top, top - box.bottom
        if not size or (size > 4 * max(x1 - x0, y1 - y0, 0.1) and char >= "\u3000"):
            size = max(x1 - x0, y1 - y0)
        if size <= 0.5 or not math.isfinite(x0 + x1 + y0 + y1):
            continue
        if char >= "\u2e80" and x1 - x0 < 0.85 * size:  # the box of the ink alone: take the room the character has
            raw.FPDFText_GetCharOrigin(handle, at, x, y)
            if x.value - left - 1 <= x0 and x1 <= x.value - left + size + 1:
                x0, x1 = x.value - left, x.value - left + size
        if run is None or not _append(run, char, x0, y0, x1, y1, size):
            run = _Run(char, x0, y0, x1, y1, size, at)
            runs.append(run)
    return _merged(runs)


def _append(run: _Run, char: str, x0: float, y0: float, x1: float, y1: float, size: float) -> bool:
    """Take a character into ``run`` if it goes on there."""
    if max(size, run.size) > _SAME_SIZE * min(size, run.size):
        return False
    em = run.size
    overlap = min(run.y1, y1) - max(run.y0, y0)
    if not run.vertical and overlap > 0.4 * min(em, y1 - y0, run.y1 - run.y0) - 0.3 and abs(y1 - run.y1) < 0.9 * em:
        gap = x0 - run.x1
        usual = median(run.gaps) if run.gaps else 0.0
        if -0.6 * em <= gap <= max(0.45 * em, 2 * usual + 0.45 * em, 1.6 * em if run.spaced else 0.0):
            run.gaps.append(gap)
            run.text += char
            run.x0, run.y0, run.x1, run.y1 = min(run.x0, x0), min(run.y0, y0), max(run.x1, x1), max(run.y1, y1)
            run.spaced = False
            return True
    centre = (run.x0 + run.x1) / 2
    below = y0 - run.y1
    if (
        (len(run.text) == 1 or run.vertical)
        and abs((x0 + x1) / 2 - centre) < 0.35 * em
        and -0.3 * em < below < 0.8 * em
    ):
        run.vertical = True
        run.gaps.append(below)
        run.text += char
        run.x0, run.y0, run.x1, run.y1 = min(run.x0, x0), min(run.y0, y0), max(run.x1, x1), max(run.y1, y1)
        run.spaced = False
        return True
    return False


def _merged(runs: list[_Run]) -> list[_Run]:
    """``runs`` with those joined that stand side by side on one line, wherever the file has them."""
    out: list[_Run] = []
    for run in sorted(runs, key=lambda run: (round(run.y1 / 2), run.x0)):
        before = out[-1] if out else None
        if (
            before is not None
            and not before.vertical
            and not run.vertical
            and abs(before.y1 - run.y1) < 0.25 * run.size
            and max(before.size, run.size) <= _SAME_SIZE * min(before.size, run.size)
            and -0.3 * run.size <= run.x0 - before.x1 <= 0.5 * run.size
        ):
            before.gaps += [run.x0 - before.x1, *run.gaps]
            before.text += run.text
            before.spaced = run.spaced
            before.x1, before.y0, before.y1 = max(before.x1, run.x1), min(before.y0, run.y0), max(before.y1, run.y1)
            continue
        out.append(run)
    return out


def _line(run: _Run, text: pdfium.PdfTextPage) -> PrintedLine:
    y0, y1 = run.y0, run.y1
    if not run.vertical and y1 - y0 < run.size:  # boxes of the ink alone
        middle = (y0 + y1) / 2
        y0, y1 = middle - run.size / 2, middle + run.size / 2
    vertical = run.vertical and len(run.text) > 2
    return PrintedLine(_spaced(run), Box(run.x0, y0, run.x1, y1), run.size, _font(text, run.first), vertical)


def _spaced(run: _Run) -> str:
    """The text of ``run`` with a blank where the gap is wider than the line is spaced."""
    usual = median(run.gaps) if len(run.gaps) > 2 else 0.0
    wide = max(usual, 0.0) + 0.2 * run.size
    return run.text[0] + "".join(" " * (gap > wide) + char for gap, char in zip(run.gaps, run.text[1:], strict=True))


def _font(text: pdfium.PdfTextPage, at: int) -> str:
    """The face of a character, without the tag of its subset; empty where the file does not name it."""
    buffer = ctypes.create_string_buffer(200)
    flags = ctypes.c_int()
    length = raw.FPDFText_GetFontInfo(text.raw, at, buffer, len(buffer), flags)
    if not 0 < length <= len(buffer):
        return ""
    return buffer.value.decode("utf-8", "replace").rpartition("+")[2]


def _drawn(page: pdfium.PdfPage, left: float, top: float, area: float) -> tuple[list[Box], list[Box], list[Box]]:
    """The pictures, rules and frames of a page; small and page-sized ones are left out."""
    pictures: list[Box] = []
    rules: list[Box] = []
    frames: list[Box] = []
    for kind, (x0, y0, x1, y1) in _objects(page.raw, raw.FPDFPage_CountObjects, raw.FPDFPage_GetObject, _DEEPEST):
        box = Box(x0 - left, top - y1, x1 - left, top - y0)
        if kind != raw.FPDF_PAGEOBJ_PATH:
            if min(box.width, box.height) > 20 and box.width * box.height < 0.8 * area:
                pictures.append(box)
        elif min(box.width, box.height) <= _THIN:
            if max(box.width, box.height) > 20:
                rules.append(box)
        elif min(box.width, box.height) > 20 and box.width * box.height < 0.8 * area:
            frames.append(box)
    return _distinct(pictures), rules, _distinct(frames)


def _objects(
    holder: Any, count: Callable[[Any], int], get: Callable[[Any, int], Any], depth: int
) -> Iterator[tuple[int, tuple[float, float, float, float]]]:
    """Kind and bounds of the paths, images and shadings of a page or form."""
    edges = [ctypes.c_float() for _ in range(4)]
    for at in range(count(holder)):
        drawn = get(holder, at)
        kind = raw.FPDFPageObj_GetType(drawn)
        if kind == raw.FPDF_PAGEOBJ_FORM and depth:
            yield from _objects(drawn, raw.FPDFFormObj_CountObjects, raw.FPDFFormObj_GetObject, depth - 1)
        elif kind in _DRAWN and raw.FPDFPageObj_GetBounds(drawn, *edges):
            x0, y0, x1, y1 = (edge.value for edge in edges)
            yield kind, (x0, y0, x1, y1)


def _distinct(boxes: list[Box]) -> list[Box]:
    """``boxes`` without those that lie within another of nearly the same size."""
    out: list[Box] = []
    for box in sorted(boxes, key=lambda box: -box.width * box.height):
        if not any(
            other.contains(box, 3) and box.width * box.height > 0.9 * other.width * other.height for other in out
        ):
            out.append(box)
    return out


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
