"""Files that mean harm or are broken: a clear error within bounds, and the next file is read all the same."""

from __future__ import annotations

import io
import os
import socket
import zipfile
from contextlib import suppress

import docx
import pytest

from baozhai_service.documents import DocumentError, Limits, open_document
from baozhai_service.documents.errors import (
    DocumentsNotInstalled,
    DocumentTooLarge,
    DocumentTooSlow,
    EncryptedDocument,
    NoTextInDocument,
    UnsupportedDocument,
)


def pdf_of_pages(count: int) -> bytes:
    """A PDF that says it has ``count`` pages, all of them the same object."""
    kids = " ".join(["3 0 R"] * count)
    objects = [
        "1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj",
        f"2 0 obj <</Type/Pages/Count {count}/Kids[{kids}]>> endobj",
        "3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>> endobj",
    ]
    return ("%PDF-1.4\n" + "\n".join(objects) + "\ntrailer <</Root 1 0 R>>\n%%EOF").encode()


def test_a_pdf_of_ten_thousand_pages_is_refused_with_its_number() -> None:
    with pytest.raises(DocumentTooLarge, match="10000 pages; at most 500"):
        open_document(pdf_of_pages(10_000), "many.pdf")


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"%PDF-1.7\n" + os.urandom(2000), "random.pdf"),
        (b"%PDF-1.7", "short.pdf"),
        (b"PK\x03\x04" + os.urandom(500), "broken.docx"),
        (b"PK\x03\x04" + os.urandom(500), "broken.ofd"),
    ],
)
def test_a_damaged_file_is_refused(data: bytes, name: str) -> None:
    with pytest.raises(DocumentError):
        open_document(data, name)


def test_an_encrypted_file_is_refused_as_such() -> None:
    zeros = "00" * 32
    encrypt = f"4 0 obj <</Filter/Standard/V 1/R 2/P -44/O<{zeros}>/U<{zeros}>>> endobj\ntrailer"
    root = "/Root 1 0 R/Encrypt 4 0 R/ID[<00><00>]"
    data = pdf_of_pages(1).decode().replace("trailer", encrypt).replace("/Root 1 0 R", root)
    with pytest.raises(EncryptedDocument):
        open_document(data.encode(), "secret.pdf")


def test_an_empty_file_has_no_text() -> None:
    with pytest.raises(NoTextInDocument):
        open_document(b"", "page.pdf")


def test_a_file_of_another_kind_is_refused_with_the_kinds_that_are_read() -> None:
    with pytest.raises(UnsupportedDocument, match=r"\.pdf"):
        open_document(b"\x7fELF\x02\x01\x01" + bytes(64), "program")


def test_a_file_beyond_the_size_is_not_looked_at() -> None:
    with pytest.raises(DocumentTooLarge, match="101 bytes; at most 100"):
        open_document(b"%PDF-" + bytes(96), "large.pdf", Limits(size=100))


def test_a_file_that_takes_too_long_is_given_up_and_the_next_one_read() -> None:
    with pytest.raises(DocumentTooSlow):
        open_document(pdf_of_pages(400), "slow.pdf", Limits(seconds=0.0))
    with pytest.raises(NoTextInDocument):
        open_document(pdf_of_pages(1), "empty.pdf")


def test_a_file_that_needs_too_much_memory_is_given_up_and_the_next_one_read() -> None:
    with pytest.raises(DocumentTooLarge, match="memory"):
        open_document(pdf_of_pages(1), "empty.pdf", Limits(memory=2**20))
    with pytest.raises(NoTextInDocument):
        open_document(pdf_of_pages(1), "empty.pdf")


def test_macros_are_not_looked_at() -> None:
    document = docx.Document()
    document.add_paragraph("群众的评价很实在。")
    file = io.BytesIO()
    document.save(file)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("word/vbaProject.bin", b"\xd0\xcf\x11\xe0" + os.urandom(2000))
    assert open_document(file.getvalue(), "macro.docm").page.text == "群众的评价很实在。"


@pytest.mark.parametrize("kind", ["html", "docx", "ofd"])
def test_nothing_that_a_file_refers_to_is_fetched(kind: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/outside"
        with suppress(DocumentError):
            open_document(referring(kind, address), f"outside.{kind}")
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.accept()


def referring(kind: str, address: str) -> bytes:
    """A file of a kind that names something at ``address``."""
    if kind == "html":
        outside = f'<link rel=stylesheet href="{address}"><script src="{address}"></script><base href="{address}">'
        frame = f'<iframe src="{address}"></iframe><img src="{address}">'
        return f"<html><head>{outside}</head><body><p>群众的评价很实在。</p>{frame}</body></html>".encode()
    file = io.BytesIO()
    entity = f'<?xml version="1.0"?><!DOCTYPE a SYSTEM "{address}" [<!ENTITY % x SYSTEM "{address}">%x;]>'
    if kind == "ofd":
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("OFD.xml", entity + '<ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016"/>')
        return file.getvalue()
    document = docx.Document()
    document.add_paragraph("群众的评价很实在。")
    template = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate"
    document.part.relate_to(address, template, is_external=True)
    document.save(file)
    return file.getvalue()


def test_a_text_layer_of_garbage_is_not_taken_for_text() -> None:
    codes = "".join(f"{0xE000 + at:04X}" for at in range(60))  # private characters, as broken fonts give them
    shown = f"BT /F1 10 Tf 10 100 Td <{codes}> Tj ET"
    cmap = "1 begincodespacerange <0000> <FFFF> endcodespacerange 1 beginbfrange <0000> <FFFF> <0000> endbfrange"
    font = "/Type/Font/Subtype/Type0/BaseFont/None/Encoding/Identity-H/ToUnicode 7 0 R/DescendantFonts[6 0 R]"
    descendant = "/Type/Font/Subtype/CIDFontType2/BaseFont/None/CIDSystemInfo<</Registry(A)/Ordering(I)/Supplement 0>>"
    resources = "<</Font<</F1 5 0 R>>>>"
    objects = [
        "1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj",
        "2 0 obj <</Type/Pages/Count 1/Kids[3 0 R]>> endobj",
        f"3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 700 200]/Contents 4 0 R/Resources {resources}>> endobj",
        f"4 0 obj <</Length {len(shown)}>> stream\n{shown}\nendstream endobj",
        f"5 0 obj <<{font}>> endobj",
        f"6 0 obj <<{descendant}>> endobj",
        f"7 0 obj <</Length {len(cmap)}>> stream\n{cmap}\nendstream endobj",
    ]
    data = ("%PDF-1.4\n" + "\n".join(objects) + "\ntrailer <</Root 1 0 R>>\n%%EOF").encode()
    with pytest.raises((NoTextInDocument, DocumentsNotInstalled)):  # what is drawn has no shapes either
        open_document(data, "broken-fonts.pdf")
