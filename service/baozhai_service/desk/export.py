"""A digest or 要览 to take away: text, Markdown or DOCX, each sentence with its place."""

from __future__ import annotations

import io
import re
from importlib.util import find_spec
from typing import Annotated, Any, Literal
from urllib.parse import quote

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from baozhai_model.errors import InputError
from baozhai_service.api.parsing import parse
from baozhai_service.desk.desk import Desk
from baozhai_service.desk.signin import small_body
from baozhai_service.http.auth import Permission

_MOST_BYTES = 4 * 2**20
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~!])")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TYPES = {
    "txt": "text/plain; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


class DocxMissing(InputError):
    """What writes DOCX is not installed."""

    code = "documents_not_installed"

    def __init__(self) -> None:
        super().__init__(
            "存为 DOCX 要先安装一项：pip install 'baozhai[documents]'（从源码运行：make serve EXTRAS=documents）。"
            "DOCX needs the documents extra; text and Markdown do not."
        )


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Sentence(_Part):
    """A verbatim sentence and where it stands, in words."""

    text: str
    place: str


class Item(_Part):
    """The sentences of one article."""

    title: str | None
    sentences: list[Sentence]


class Section(_Part):
    """One topic, or one article."""

    heading: str
    topics: list[str] = []
    items: list[Item]


class ExportRequest(_Part):
    """What is shown at the desk, and the format that it is wanted in."""

    format: Literal["txt", "md", "docx"]
    title: Annotated[str, Field(max_length=500)]
    model_version: Annotated[str, Field(max_length=200)] = ""
    sections: Annotated[list[Section], Field(max_length=1000)]


def export_pages(desk: Desk) -> APIRouter:
    """``/desk/export``."""
    router = APIRouter(include_in_schema=False, dependencies=[Depends(desk.data_needs(Permission.READ))])

    @router.post("/desk/export")
    async def export(request: Request) -> Response:
        asked = parse(await small_body(request, _MOST_BYTES), ExportRequest)
        content = await run_sync({"txt": as_text, "md": as_markdown, "docx": as_docx}[asked.format], asked)
        name = quote(f"{file_name(asked.title)}.{asked.format}", safe="")
        headers = {"content-disposition": f"attachment; filename*=UTF-8''{name}"}
        return Response(content, headers=headers, media_type=_TYPES[asked.format])

    return router


def file_name(title: str) -> str:
    """``title`` as a file may be called.

    >>> file_name('要览：../../etc/passwd "x"')
    '要览：....etcpasswd x'
    """
    kept = "".join(char for char in title if char.isprintable() and char not in '/\\:*?"<>|')
    return kept.strip()[:80] or "baozhai"


def as_text(asked: ExportRequest) -> bytes:
    """Plain text."""
    lines = [asked.title, ""]
    for section in asked.sections:
        lines += [f"【{section.heading}】" + (f"（{'、'.join(section.topics)}）" if section.topics else "")]
        for item in section.items:
            lines += [item.title] if item.title else []
            lines += [f"{number}. {one.text}（{one.place}）" for number, one in enumerate(item.sentences, 1)]
            lines += [""]
    return "\n".join([*lines, _colophon(asked), ""]).encode()


def as_markdown(asked: ExportRequest) -> bytes:
    """Markdown in which nothing of the source is markup."""
    lines = [f"# {_escaped(asked.title)}", ""]
    for section in asked.sections:
        lines += [f"## {_escaped(section.heading)}", ""]
        lines += [_escaped("、".join(section.topics)), ""] if section.topics else []
        for item in section.items:
            lines += [f"### {_escaped(item.title)}", ""] if item.title else []
            lines += [
                f"{number}. {_escaped(one.text)} *（{_escaped(one.place)}）*"
                for number, one in enumerate(item.sentences, 1)
            ]
            lines += [""]
    return "\n".join([*lines, f"*{_escaped(_colophon(asked))}*", ""]).encode()


def as_docx(asked: ExportRequest) -> bytes:
    """A Word document with real headings and lists.

    Raises:
        DocxMissing: python-docx is not installed.
    """
    if find_spec("docx") is None:
        raise DocxMissing
    import docx
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    document = docx.Document()
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Times New Roman", Pt(12)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), "宋体")

    def words(paragraph: Any, text: str, *, quiet: bool = False) -> None:
        run = paragraph.add_run(_NOT_XML.sub("", text))
        if quiet:
            run.font.size, run.font.color.rgb = Pt(9), RGBColor(0x59, 0x54, 0x4B)

    words(document.add_heading(level=0), asked.title)
    for section in asked.sections:
        words(document.add_heading(level=1), section.heading)
        if section.topics:
            words(document.add_paragraph(), "、".join(section.topics), quiet=True)
        for item in section.items:
            if item.title:
                words(document.add_heading(level=2), item.title)
            for one in item.sentences:
                paragraph = document.add_paragraph(style="List Bullet")
                words(paragraph, one.text)
                words(paragraph, f"（{one.place}）", quiet=True)
    words(document.add_paragraph(), _colophon(asked), quiet=True)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _colophon(asked: ExportRequest) -> str:
    by = f"，模型 {asked.model_version}" if asked.model_version else ""
    return f"逐字摘自原文，未作改写；由报摘 baozhai 摘录{by}。"


def _escaped(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))
