"""Older office documents: read by way of LibreOffice where it is installed, refused with a reason where it is not."""

from __future__ import annotations

import shutil

import pytest

from baozhai_service.documents import open_document
from baozhai_service.documents.errors import BrokenDocument, EncryptedDocument, UnsupportedDocument

HEADLINE = "南浦县修通灌溉渠"
TEXT = "入冬之前，南浦县的灌溉渠全部修通，三百亩旱地变成了水浇地，农户们再也不用为浇地发愁。"
LIBRE_OFFICE = shutil.which("soffice") or shutil.which("libreoffice")


def rtf() -> bytes:
    """A headline and a paragraph as RTF."""

    def escaped(text: str) -> str:
        return "".join(f"\\u{ord(char) if ord(char) < 32768 else ord(char) - 65536}?" for char in text)

    title = f"{{\\pard\\qc\\fs44 {escaped(HEADLINE)}\\par}}"
    return f"{{\\rtf1\\ansi\\uc1 {title}{{\\pard\\fs24 {escaped(TEXT)}\\par}}}}".encode("ascii")


@pytest.mark.skipif(LIBRE_OFFICE is None, reason="LibreOffice is not installed")
def test_an_older_document_is_read_by_way_of_libre_office() -> None:
    read = open_document(rtf(), "通知.rtf")
    (article,) = read.page.articles
    assert read.format == "office"
    assert article.headline == HEADLINE
    assert [paragraph.text for paragraph in article.paragraphs] == [TEXT]


@pytest.mark.skipif(LIBRE_OFFICE is None, reason="LibreOffice is not installed")
def test_a_damaged_older_document_is_refused() -> None:
    with pytest.raises(BrokenDocument):
        open_document(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "broken.doc")


@pytest.mark.skipif(LIBRE_OFFICE is not None, reason="LibreOffice is installed")
def test_without_libre_office_the_refusal_names_it_and_what_is_read() -> None:
    with pytest.raises(UnsupportedDocument, match=r"LibreOffice.*\.docx"):
        open_document(rtf(), "通知.rtf")


def test_a_word_document_with_a_password_is_refused_as_such() -> None:
    package = "EncryptedPackage".encode("utf-16-le")
    with pytest.raises(EncryptedDocument):
        open_document(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + package + bytes(500), "secret.docx")
