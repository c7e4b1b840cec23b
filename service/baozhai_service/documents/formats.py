"""What a file is, by its content first and its name second."""

from __future__ import annotations

import io
import re
import zipfile
from enum import StrEnum
from pathlib import PurePath


class Format(StrEnum):
    """A kind of document."""

    TEXT = "text"
    PDF = "pdf"
    DOCX = "docx"
    HTML = "html"
    OFD = "ofd"
    IMAGE = "image"
    OFFICE = "office"
    ZIP = "zip"
    UNKNOWN = "unknown"


SUFFIXES = {
    ".txt": Format.TEXT,
    ".text": Format.TEXT,
    ".md": Format.TEXT,
    ".pdf": Format.PDF,
    ".docx": Format.DOCX,
    ".docm": Format.DOCX,
    ".html": Format.HTML,
    ".htm": Format.HTML,
    ".xhtml": Format.HTML,
    ".shtml": Format.HTML,
    ".ofd": Format.OFD,
    ".png": Format.IMAGE,
    ".jpg": Format.IMAGE,
    ".jpeg": Format.IMAGE,
    ".tif": Format.IMAGE,
    ".tiff": Format.IMAGE,
    ".bmp": Format.IMAGE,
    ".webp": Format.IMAGE,
    ".doc": Format.OFFICE,
    ".wps": Format.OFFICE,
    ".odt": Format.OFFICE,
    ".rtf": Format.OFFICE,
    ".zip": Format.ZIP,
}
"""What a name says a file is."""

READ = ", ".join(dict.fromkeys(SUFFIXES))

_IMAGES = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*", b"BM", b"GIF8")
_HTML = re.compile(
    rb"\A\s*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
_TEXTUAL = {Format.TEXT, Format.UNKNOWN, Format.HTML}


def format_of(data: bytes, name: str) -> Format:
    """The format of ``data``, which is called ``name``.

    >>> format_of(b"%PDF-1.7", "page.txt"), format_of("正文。".encode(), "page"), format_of(b"<html><p>x", "")
    (<Format.PDF: 'pdf'>, <Format.TEXT: 'text'>, <Format.HTML: 'html'>)
    """
    named = SUFFIXES.get(PurePath(name).suffix.lower(), Format.UNKNOWN)
    if b"%PDF-" in data[:1024]:
        return Format.PDF
    if data.startswith(b"PK\x03\x04") or data.startswith(b"PK\x05\x06"):
        return _zipped(data, named)
    if data.startswith(_IMAGES[:4]) or (data.startswith(_IMAGES[4:]) and named is Format.IMAGE) or _is_webp(data):
        return Format.IMAGE
    if data.startswith((b"\xd0\xcf\x11\xe0", b"{\\rtf")):
        return Format.OFFICE
    if named in _TEXTUAL and _HTML.match(data.removeprefix(b"\xef\xbb\xbf")[:8192]):
        return Format.HTML
    if named in (Format.PDF, Format.DOCX, Format.OFD, Format.IMAGE, Format.OFFICE, Format.ZIP):
        return named  # damaged, most likely; who reads it says so
    if named is Format.UNKNOWN and _looks_binary(data):
        return Format.UNKNOWN
    return named if named is Format.HTML else Format.TEXT


def _zipped(data: bytes, named: Format) -> Format:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return named if named is not Format.UNKNOWN else Format.ZIP
    if "word/document.xml" in names:
        return Format.DOCX
    if "OFD.xml" in names:
        return Format.OFD
    if "mimetype" in names and "content.xml" in names:
        return Format.OFFICE
    return named if named in (Format.DOCX, Format.OFD) else Format.ZIP


def _is_webp(data: bytes) -> bool:
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP"


def _looks_binary(data: bytes) -> bool:
    head = data[:4096]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    return b"\x00" in head or sum(byte < 9 for byte in head) * 20 > len(head)
