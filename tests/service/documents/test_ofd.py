"""OFD documents (GB/T 33190), written here by hand."""

from __future__ import annotations

import io
import zipfile

import pytest

from baozhai_model.structure import Role
from baozhai_service.documents import Limits, read_document
from baozhai_service.documents.errors import BrokenDocument, DocumentTooLarge

NAMESPACE = "http://www.ofdspec.org/2016"
ROOT = f'<ofd:OFD xmlns:ofd="{NAMESPACE}">'
LINES = (
    "为做好今年冬季供暖工作，保证群众温暖过冬，现",
    "将有关事项通知如下，请各单位结合实际认真抓好贯彻",
    "落实，并于月底之前将进展情况书面报送市人民政府办",
)


def text_object(text: str, x: float, y: float, size: float, *, extra: str = "", deltas: str | None = None) -> str:
    """A text object in one line of ``size`` millimetres; Latin letters and digits take half the room."""
    if deltas is None:
        deltas = " ".join(f"{size / 2 if char.isascii() else size}" for char in text[:-1])
    return (
        f'<ofd:TextObject ID="1" Font="1" Size="{size}" Boundary="{x} {y} 170 {size * 1.2}" {extra}>'
        f'<ofd:TextCode X="0" Y="{size}" DeltaX="{deltas}">{text}</ofd:TextCode></ofd:TextObject>'
    )


def ofd_of(*pages: str) -> bytes:
    """An OFD file whose pages hold these objects."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        root = f'<ofd:OFD xmlns:ofd="{NAMESPACE}"><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot>'
        archive.writestr("OFD.xml", root + "</ofd:DocBody></ofd:OFD>")
        listed = "".join(f'<ofd:Page ID="{n}" BaseLoc="Pages/Page_{n}/Content.xml"/>' for n in range(len(pages)))
        archive.writestr(
            "Doc_0/Document.xml",
            f'<ofd:Document xmlns:ofd="{NAMESPACE}"><ofd:CommonData><ofd:PageArea><ofd:PhysicalBox>0 0 210 297'
            f"</ofd:PhysicalBox></ofd:PageArea></ofd:CommonData><ofd:Pages>{listed}</ofd:Pages></ofd:Document>",
        )
        for number, content in enumerate(pages):
            archive.writestr(
                f"Doc_0/Pages/Page_{number}/Content.xml",
                f'<ofd:Page xmlns:ofd="{NAMESPACE}"><ofd:Content><ofd:Layer ID="9">{content}</ofd:Layer>'
                "</ofd:Content></ofd:Page>",
            )
    return file.getvalue()


def letter() -> bytes:
    """A notice of an office on two pages, with a paragraph that goes on from one to the other."""
    size = 5.6
    first = [
        text_object("青河市人民政府文件", 45, 30, 13),
        text_object("青政发〔2024〕12号", 80, 70, size),
        text_object("关于做好冬季供暖工作的通知", 40, 90, 8),
        text_object("各县人民政府，市政府各部门：", 20, 115, size),
    ]
    first.append(text_object(LINES[0], 20 + 2 * size, 125, size))
    first += [text_object(line, 20, 125 + 10 * at, size) for at, line in enumerate(LINES[1:], 1)]
    first.append(text_object("— 1 —", 95, 285, size))
    second = [text_object("公厅。", 20, 30, size), text_object("2024年10月8日", 130, 60, size)]
    second.append(text_object("— 2 —", 95, 285, size))
    return ofd_of("".join(first), "".join(second))


def test_an_official_document_is_read_with_its_places() -> None:
    page = read_document(letter(), "通知.ofd")
    (article,) = page.articles
    assert article.headline == "关于做好冬季供暖工作的通知"
    whole = "".join(LINES) + "公厅。"
    paragraph = next(each for each in article.paragraphs if each.text == whole)
    assert [place.page for place in page.places(paragraph.spans)] == [1, 2]
    roles = {block.text: block.role for block in article.blocks}
    assert roles["青河市人民政府文件"] is Role.FURNITURE
    assert roles["— 1 —"] is Role.FURNITURE
    assert [(size.number, round(size.width), round(size.height)) for size in page.sizes] == [
        (1, 595, 842),
        (2, 595, 842),
    ]


def test_a_transformed_object_stands_where_its_matrix_puts_it() -> None:
    moved = text_object("缩小一半的一行字在这里", 0, 0, 8, extra='CTM="0.5 0 0 0.5 50 100"')
    page = read_document(ofd_of(moved), "a.ofd")
    (place,) = page.places(page.articles[0].blocks[0].spans)
    x0, y0, x1, y1 = (edge * 25.4 / 72 for edge in place.box)
    assert x0 == pytest.approx(50, abs=0.5)
    assert x1 == pytest.approx(50 + 11 * 4, abs=1)
    assert y0 < 104 < y1 + 1
    assert y1 - y0 == pytest.approx(4, abs=0.5)


def test_steps_may_be_listed_one_by_one() -> None:
    page = read_document(ofd_of(text_object("一二三四五六七八", 20, 20, 5, deltas="5 g 3 5 5 5 5")), "a.ofd")
    assert page.text == "一二三四五六七八"


def test_a_file_without_its_parts_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("OFD.xml", f"{ROOT}<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:OFD>")
    with pytest.raises(BrokenDocument, match=r"Doc_0/Document\.xml"):
        read_document(file.getvalue(), "a.ofd")


def test_entities_and_bombs_are_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
            f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
        )
        archive.writestr("OFD.xml", f"{bomb}]>{ROOT}<ofd:DocRoot>&j;</ofd:DocRoot></ofd:OFD>")
    with pytest.raises(BrokenDocument):
        read_document(file.getvalue(), "a.ofd")
    with pytest.raises(DocumentTooLarge, match="11 pages; at most 10"):
        read_document(ofd_of(*["" for _ in range(11)]), "a.ofd", Limits(pages=10))
