"""Reading a document, whatever it is."""

from __future__ import annotations

from baozhai_model.page.reader import read_page
from baozhai_model.structure import Page
from baozhai_model.text.encodings import Undecodable, decode_page
from baozhai_service.documents.document import Document, from_json
from baozhai_service.documents.errors import BrokenDocument, DocumentTooLarge, NoTextInDocument, UnsupportedDocument
from baozhai_service.documents.formats import READ, Format, format_of
from baozhai_service.documents.limits import Limits
from baozhai_service.documents.sandbox import SHARED

DEFAULT = Limits()


def read_document(data: bytes, name: str, limits: Limits = DEFAULT) -> Page:
    """Read a text, PDF, Word, HTML or OFD document, or an image, into articles.

    Raises:
        DocumentError: it cannot be read, or not within ``limits``.
    """
    return open_document(data, name, limits).page


def open_document(data: bytes, name: str, limits: Limits = DEFAULT) -> Document:
    """Read a document, and tell how it was read. Text is read in this process, everything else in the sandbox.

    Raises:
        DocumentError: it cannot be read, or not within ``limits``.
    """
    _check_size(data, limits)
    kind = format_of(data, name)
    if kind is Format.TEXT:
        return Document(name, kind.value, read_page(_decoded(data)))
    if kind in (Format.UNKNOWN, Format.ZIP):
        raise UnsupportedDocument(f"files of this kind are not read; {READ} are (a zip archive by 'baozhai score')")
    answer, _ = SHARED.ask({"ask": "read", "name": name}, data, limits)
    try:
        return from_json(answer)
    except (KeyError, TypeError, ValueError):
        raise BrokenDocument("the document made its reader fail; is the file damaged?") from None


def page_picture(data: bytes, name: str, page: int, width: int, limits: Limits = DEFAULT) -> bytes:
    """Page ``page`` (from 1) of a PDF or an image as a PNG of ``width`` pixels.

    Raises:
        DocumentError: there is no such page, or no picture of it.
    """
    _check_size(data, limits)
    _, picture = SHARED.ask({"ask": "picture", "name": name, "page": page, "width": width}, data, limits)
    return picture


def _check_size(data: bytes, limits: Limits) -> None:
    if not data:
        raise NoTextInDocument("the document is empty")
    if len(data) > limits.size:
        raise DocumentTooLarge(f"the document has {len(data)} bytes; at most {limits.size} are read")


def _decoded(data: bytes) -> str:
    try:
        return decode_page(data).text
    except Undecodable as error:
        raise BrokenDocument(str(error)) from None
