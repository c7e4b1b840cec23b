"""A page of a PDF: its characters as lines, and the pictures, rules and frames beside them."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable, Iterator
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from baozhai_model.page.layout.geometry import Box, PrintedPage
from baozhai_service.documents.runs import Run, merged

_THIN = 2.5  # points: what is thinner is a rule
_DRAWN = (raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_SHADING)
_DEEPEST = 4  # forms within forms that are looked into


def printed_page(page: pdfium.PdfPage, number: int) -> PrintedPage:
    """What is printed on ``page``; a page of pictures alone has no lines."""
    width, height = page.get_size()
    left, bottom, _, _ = page.get_bbox()
    text = page.get_textpage()
    try:
        runs = _runs(text, left, bottom + height)
        lines = [run.line(_font(text, run.first)) for run in runs]
    finally:
        text.close()
    pictures, rules, frames = _drawn(page, left, bottom + height, width * height)
    shown = [line for line in lines if Box(0, 0, width, height).contains(Box(*line.box.centre * 2))]
    return PrintedPage(number, width, height, tuple(shown), tuple(pictures), tuple(rules), tuple(frames))


def _runs(text: pdfium.PdfTextPage, left: float, top: float) -> list[Run]:
    """The characters of a page, joined to runs in the order in which the file has them."""
    handle = text.raw
    box, matrix, x, y = raw.FS_RECTF(), raw.FS_MATRIX(), ctypes.c_double(), ctypes.c_double()
    runs: list[Run] = []
    run: Run | None = None
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
        if run is None or not run.append(char, x0, y0, x1, y1, size):
            run = Run(char, x0, y0, x1, y1, size, at)
            runs.append(run)
    return merged(runs)


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
