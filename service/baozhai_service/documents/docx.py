"""Word documents: paragraphs, headings, lists, tables and footnotes, as a reader sees them.

Comments, deleted and moved text, headers and footers are left out. Nothing that a document refers to is fetched, and
macros are not looked at.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import docx
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn

from baozhai_model.page.structured import Part, PartKind, read_structured
from baozhai_service.documents.document import Document
from baozhai_service.documents.errors import BrokenDocument
from baozhai_service.documents.limits import Limits
from baozhai_service.documents.unpacked import archive_of, part_of, xml_of

_UNSEEN = {qn("w:del"), qn("w:moveFrom"), qn("w:instrText"), qn("w:delText"), qn("w:pict"), qn("w:drawing")}
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_LONGEST_TITLE = 60
_TITLES = ("title", "标题", "文档标题")
_NOTES = "word/footnotes.xml", "word/endnotes.xml"


def read(data: bytes, name: str, limits: Limits) -> Document:
    """Read a Word document.

    Raises:
        DocumentError: it cannot be read, or not within ``limits``.
    """
    notes: list[Part] = []
    with archive_of(data, limits) as archive:
        names = set(archive.namelist())
        for part in _NOTES:
            if part in names:
                notes += _notes(xml_of(part_of(archive, part)))
    try:
        document = docx.Document(io.BytesIO(data))
    except (PackageNotFoundError, KeyError, ValueError, AttributeError):
        raise BrokenDocument("the file is no Word document that can be read; it is damaged") from None
    styles = {style.style_id: (style.name or "").lower() for style in document.styles}
    parts = _titled(list(_parts(document.element.body, styles)))
    return Document(name, "docx", read_structured([*parts, *notes]))


def _parts(body: Any, styles: dict[str, str]) -> Iterator[Part]:
    """The parts of a body, a cell or a content control, in order."""
    for element in body.iterchildren():
        if element.tag == qn("w:p"):
            yield Part(_kind(element, styles), _text(element))
        elif element.tag == qn("w:tbl"):
            yield from _rows(element)
        elif element.tag == qn("w:sdt"):
            content = element.find(qn("w:sdtContent"))
            if content is not None:
                yield from _parts(content, styles)
        elif element.tag == qn("w:ins"):
            yield from _parts(element, styles)


def _kind(paragraph: Any, styles: dict[str, str]) -> PartKind:
    properties = paragraph.find(qn("w:pPr"))
    if properties is None:
        return PartKind.PARAGRAPH
    style = properties.find(qn("w:pStyle"))
    name = styles.get(style.get(qn("w:val")), "") if style is not None else ""
    if name in _TITLES:
        return PartKind.TITLE
    if name.startswith(("heading", "标题")) or name == "subtitle" or properties.find(qn("w:outlineLvl")) is not None:
        return PartKind.HEADING
    if name.startswith(("toc", "目录")):
        return PartKind.FURNITURE
    if name in ("caption", "题注"):
        return PartKind.CAPTION
    if properties.find(qn("w:numPr")) is not None or name.startswith("list"):
        return PartKind.LIST_ITEM
    aligned = properties.find(qn("w:jc"))
    if aligned is not None and aligned.get(qn("w:val")) == "center" and _size(paragraph) >= 28:
        return PartKind.TITLE  # larger than 14 points and in the middle
    return PartKind.PARAGRAPH


def _size(paragraph: Any) -> int:
    """The largest size that a run of ``paragraph`` is set in, in half points; 0 where none is named."""
    sizes = [element.get(qn("w:val"), "0") for element in paragraph.iter(qn("w:sz"))]
    return max((int(size) for size in sizes if size.isdigit()), default=0)


def _text(element: Any) -> str:
    """What is seen of a paragraph."""
    found: list[str] = []
    stack = [element]
    while stack:
        node = stack.pop()
        if node.tag in _UNSEEN or node.tag == _FALLBACK:
            continue
        if node.tag == qn("w:t"):
            found.append(node.text or "")
        elif node.tag in (qn("w:tab"), qn("w:br"), qn("w:cr")):
            if node.getparent().tag == qn("w:r"):
                found.append(" ")
        elif node.tag == qn("w:noBreakHyphen"):
            found.append("-")
        else:
            stack.extend(reversed(list(node)))
    return "".join(found)


def _rows(table: Any) -> Iterator[Part]:
    """A part for each row of a table; a cell that spans several rows stands in its first."""
    for row in table.iter(qn("w:tr")):
        if row.getparent() is not table and row.getparent().tag != qn("w:sdtContent"):
            continue  # of a table within a cell: there already
        cells = []
        for cell in row.iter(qn("w:tc")):
            merged = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
            if merged is not None and merged.get(qn("w:val")) != "restart":
                continue
            text = " ".join(filter(None, (_text(each).strip() for each in cell.iter(qn("w:p")))))
            if text:
                cells.append(text)
        yield Part(PartKind.TABLE_ROW, "　".join(cells))


def _notes(notes: Any) -> Iterator[Part]:
    for note in notes:
        if note.get(qn("w:type")) in (None, "normal"):
            yield Part(PartKind.NOTE, " ".join(_text(each).strip() for each in note.iter(qn("w:p"))))


def _titled(parts: list[Part]) -> list[Part]:
    """``parts`` with one title: its lines joined, and what looks like one further down a heading."""
    parts = [part for part in parts if part.text.strip()]
    lines: list[str] = []
    rest = 0
    while rest < len(parts) and parts[rest].kind is PartKind.TITLE and len(lines) < 4:
        lines.append(parts[rest].text.strip())
        rest += 1
    titled = [Part(PartKind.TITLE, " ".join(lines))] if lines else []
    if not lines and parts and parts[0].kind is PartKind.HEADING and len(parts[0].text) <= _LONGEST_TITLE:
        titled, rest = [Part(PartKind.TITLE, parts[0].text)], 1
    return titled + [Part(PartKind.HEADING, p.text) if p.kind is PartKind.TITLE else p for p in parts[rest:]]
