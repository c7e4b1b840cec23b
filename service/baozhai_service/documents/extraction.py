"""A file's bytes as a document. Runs in the sandbox; nothing else calls it with files of others."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from baozhai_service.documents.document import Document
from baozhai_service.documents.errors import (
    DocumentsNotInstalled,
    DocumentTooLarge,
    NoTextInDocument,
    UnsupportedDocument,
)
from baozhai_service.documents.formats import READ, Format, format_of
from baozhai_service.documents.limits import Limits

_READERS = {
    Format.PDF: ("pdf", "PDF", "documents"),
    Format.DOCX: ("docx", "Word documents", "documents"),
    Format.HTML: ("html", "web pages", "documents"),
    Format.OFD: ("ofd", "OFD documents", "documents"),
    Format.OFFICE: ("office", "older office documents", "documents"),
    Format.IMAGE: ("images", "images", "ocr"),
}


def extract(data: bytes, name: str, limits: Limits) -> Document:
    """Read ``data``, which is called ``name``.

    Raises:
        DocumentError: it cannot be read, or not within ``limits``.
    """
    kind = format_of(data, name)
    document = _read(data, name, kind, limits)
    if len(document.page.text) > limits.characters:
        raise DocumentTooLarge(
            f"the document has {len(document.page.text)} characters; at most {limits.characters} are read"
        )
    if not document.page.articles:
        raise NoTextInDocument("there is no text in the document")
    return document


def picture(data: bytes, name: str, page: int, width: int, limits: Limits) -> bytes:
    """Page ``page`` (from 1) as a PNG of ``width`` pixels.

    Raises:
        DocumentError: there is no such page, or no picture of such a document.
    """
    kind = format_of(data, name)
    if kind not in (Format.PDF, Format.IMAGE):
        raise UnsupportedDocument(f"there are no page pictures of {kind.value} documents; there are of pdf and image")
    made: bytes = _reader(kind).picture(data, page, width, limits)
    return made


def _read(data: bytes, name: str, kind: Format, limits: Limits) -> Document:
    if kind not in _READERS:
        raise UnsupportedDocument(f"files of this kind are not read; {READ} are")
    read: Document = _reader(kind).read(data, name, limits)
    return read


def _reader(kind: Format) -> Any:
    """The module that reads documents of ``kind``; each imports libraries of its own."""
    module, what, extra = _READERS[kind]
    try:
        return import_module(f"baozhai_service.documents.{module}")
    except ImportError:
        raise DocumentsNotInstalled(what, extra) from None
