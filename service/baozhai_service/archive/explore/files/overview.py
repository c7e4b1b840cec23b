"""An overview as Markdown, HTML and DOCX; each sentence is followed by its source."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, Literal

from baozhai_model.errors import ExtraMissing
from baozhai_service.archive.explore.overview import Entry, Overview
from baozhai_service.archive.report.daily_digest import UNTITLED, plain
from baozhai_service.archive.report.templates import page_name, rendered

OverviewFormat = Literal["md", "html", "docx"]
FORMATS: dict[str, str] = {
    "md": "text/markdown; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def overview_file(overview: Overview, form: OverviewFormat) -> bytes:
    """The overview as the bytes of a file.

    Raises:
        ExtraMissing: DOCX needs python-docx.
    """
    match form:
        case "md":
            return markdown(overview).encode()
        case "html":
            return rendered("overview.html.j2", overview=overview, place=place, repeats=repeats).encode()
        case "docx":
            return docx(overview)


def place(entry: Entry | dict[str, Any]) -> str:
    """Where an article stands: source, day and page."""
    told = entry if isinstance(entry, dict) else entry.to_json()
    page = page_name(told["page"]) if told["page"] else None
    return "，".join(part for part in (told["source"], told["date"], page) if part)


def repeats(entry: Entry) -> str:
    """Where else the same stands; "" if nowhere."""
    return "；".join(place(each) for each in entry.repeats)


def markdown(overview: Overview) -> str:
    """As Markdown; what comes out of the archive is escaped."""
    lines = [f"# {plain(overview.title)}", "", f"共 {overview.articles} 篇 · 模型 {plain(overview.model_version)}", ""]
    if overview.note:
        lines += [plain(overview.note), ""]
    for topic, entries in overview.topics.items():
        if not entries:
            continue
        lines += [f"## {plain(topic)}（{len(entries) + overview.left_out.get(topic, 0)}）", ""]
        for entry in entries:
            lines += [f"### {plain(entry.headline or UNTITLED)}", ""]
            where = plain(place(entry))
            lines += [f"- {plain(sentence)}（{where}）" for sentence in entry.digest] or [f"*{where}*"]
            lines.append("")
            if entry.repeats:
                lines += [f"同文另见：{plain(repeats(entry))}", ""]
        if more := overview.left_out.get(topic):
            lines += [f"另有 {more} 篇未列。", ""]
    return "\n".join(lines).rstrip() + "\n"


def docx(overview: Overview) -> bytes:
    """As a document that WPS and Word open."""
    try:
        from docx import Document
        from docx.oxml.ns import qn
    except ModuleNotFoundError:
        raise ExtraMissing("python-docx", "documents") from None
    document: Any = Document()
    for name in ("Normal", "Title", "Heading 1", "Heading 2"):
        style = document.styles[name]
        style.font.name = "Noto Serif CJK SC"
        style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "宋体" if name == "Normal" else "黑体")
    document.core_properties.title = overview.title
    document.core_properties.author = "baozhai"
    document.add_heading(_printable(overview.title), 0)
    document.add_paragraph(f"共 {overview.articles} 篇 · 模型 {overview.model_version}")
    if overview.note:
        document.add_paragraph(overview.note)
    for topic, entries in overview.topics.items():
        if not entries:
            continue
        document.add_heading(f"{topic}（{len(entries) + overview.left_out.get(topic, 0)}）", 1)
        for entry in entries:
            document.add_heading(_printable(entry.headline or UNTITLED), 2)
            for sentence in entry.digest:
                document.add_paragraph(_printable(f"{sentence}（{place(entry)}）"))
            if not entry.digest:
                document.add_paragraph(_printable(place(entry)))
            if entry.repeats:
                document.add_paragraph(_printable(f"同文另见：{repeats(entry)}"))
        if more := overview.left_out.get(topic):
            document.add_paragraph(f"另有 {more} 篇未列。")
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def format_of(path: Path) -> OverviewFormat:
    """The form that a file's name asks for.

    Raises:
        ValueError: it asks for none.
    """
    form = path.suffix.lower().removeprefix(".")
    if form not in FORMATS:
        raise ValueError(f"{path}: must end in .md, .html or .docx")
    return form  # type: ignore[return-value]  # it is one of them


def _printable(text: str) -> str:
    """Without control characters, which XML cannot hold."""
    return "".join(char if char.isprintable() or char in "\n\t" else " " for char in text)
