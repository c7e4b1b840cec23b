"""Word documents, made here: what a reader sees of them, and nothing else."""

from __future__ import annotations

import io
import zipfile

import docx
import pytest
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Pt

from baozhai_model.structure import Role
from baozhai_service.documents import Limits, read_document
from baozhai_service.documents.errors import BrokenDocument, DocumentTooLarge


def saved(document: docx.document.Document) -> bytes:
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def test_headings_lists_and_tables_are_read_in_order() -> None:
    document = docx.Document()
    document.add_heading("关于做好冬季供暖工作的通知", 0)
    document.add_paragraph("各街道办事处、各有关单位：")
    document.add_heading("一、总体要求", 1)
    document.add_paragraph("坚持民生优先，确保居民家中温度达标。")
    document.add_paragraph("供热管道要提前检修。", style="List Number")
    table = document.add_table(2, 2)
    for row, texts in zip(table.rows, (("单位", "时限"), ("区住建局", "十月底前")), strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    page = read_document(saved(document), "通知.docx")
    (article,) = page.articles
    assert article.headline == "关于做好冬季供暖工作的通知"
    assert [(block.role, block.text) for block in article.blocks] == [
        (Role.HEADLINE, "关于做好冬季供暖工作的通知"),
        (Role.BODY, "各街道办事处、各有关单位："),
        (Role.SUBHEAD, "一、总体要求"),
        (Role.BODY, "坚持民生优先，确保居民家中温度达标。"),
        (Role.BODY, "供热管道要提前检修。"),
        (Role.BODY, "单位　时限"),
        (Role.BODY, "区住建局　十月底前"),
    ]
    assert page.sizes == ()
    assert page.places(article.blocks[0].spans) == ()


def test_deleted_text_comments_and_instructions_are_left_out_and_inserted_text_is_not() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("全区新增养老驿站")
    for tag, inner in (("w:del", "w:delText"), ("w:ins", "w:t")):
        change = OxmlElement(tag)
        run = OxmlElement("w:r")
        text = OxmlElement(inner)
        text.text = "八处" if tag == "w:del" else "十二处"
        run.append(text)
        change.append(run)
        paragraph._p.append(change)
    paragraph.add_run("，群众满意。")
    paragraph._p.append(parse_xml(f"<w:r {nsdecls('w')}><w:instrText>PAGE</w:instrText></w:r>"))
    if hasattr(document, "add_comment"):
        document.add_comment(paragraph.runs, "这个数字请核对。", author="甲")
    page = read_document(saved(document), "a.docx")
    assert page.text == "全区新增养老驿站十二处，群众满意。"


def test_a_large_centred_line_is_the_title_where_no_style_says_so() -> None:
    document = docx.Document()
    title = document.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    title.add_run("青河市老旧小区改造实施方案").font.size = Pt(22)
    document.add_paragraph("为改善居民居住条件，制定本方案。")
    page = read_document(saved(document), "方案.docx")
    assert page.articles[0].headline == "青河市老旧小区改造实施方案"


def test_a_document_without_headings_is_read_by_the_signs_of_its_text() -> None:
    document = docx.Document()
    for text in (
        "白石乡修通灌溉渠",
        "本报讯（记者 林晓燕）入冬前，白石乡的灌溉渠全部修通。",
        "三百亩旱地变成了水浇地。",
    ):
        document.add_paragraph(text)
    (article,) = read_document(saved(document), "a.docx").articles
    assert article.headline == "白石乡修通灌溉渠"
    assert [p.text for p in article.paragraphs] == ["入冬前，白石乡的灌溉渠全部修通。", "三百亩旱地变成了水浇地。"]


def test_footnotes_stand_apart_from_the_body() -> None:
    document = docx.Document()
    document.add_paragraph("粮食总产量连续五年增长。")
    data = saved(document)
    notes = (
        f"<w:footnotes {nsdecls('w')}><w:footnote w:type='separator' w:id='-1'><w:p/></w:footnote>"
        "<w:footnote w:id='1'><w:p><w:r><w:t>数据来自县统计局。</w:t></w:r></w:p></w:footnote></w:footnotes>"
    )
    file = io.BytesIO(data)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("word/footnotes.xml", notes)
    (article,) = read_document(file.getvalue(), "a.docx").articles
    assert [p.text for p in article.paragraphs] == ["粮食总产量连续五年增长。"]
    assert article.blocks[-1].role is Role.FURNITURE
    assert article.blocks[-1].text == "数据来自县统计局。"


def test_a_bomb_is_not_unpacked() -> None:
    document = docx.Document()
    document.add_paragraph("正文。")
    file = io.BytesIO(saved(document))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/media/zeros.bin", bytes(20 * 2**20))
    with pytest.raises(DocumentTooLarge, match="unpacks to"):
        read_document(file.getvalue(), "bomb.docx", Limits(unpacked=10 * 2**20))


def test_entities_are_not_resolved() -> None:
    document = docx.Document()
    document.add_paragraph("标记")
    given = zipfile.ZipFile(io.BytesIO(saved(document)))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in given.namelist():
            data = given.read(name)
            if name == "word/document.xml":
                doctype = b'<!DOCTYPE x [<!ENTITY secret SYSTEM "file:///etc/passwd">]>'
                data = data.replace(b"?>", b"?>" + doctype, 1).replace("标记".encode(), "前&secret;后".encode())
            archive.writestr(name, data)
    try:
        text = read_document(file.getvalue(), "a.docx").text
    except BrokenDocument:
        return
    assert "root:" not in text
