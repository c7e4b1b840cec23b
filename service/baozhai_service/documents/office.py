"""Older office documents (.doc, .wps, .odt, .rtf): LibreOffice, where it is installed, makes Word documents of them."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path, PurePath

from baozhai_service.documents import docx
from baozhai_service.documents.document import Document
from baozhai_service.documents.errors import BrokenDocument, EncryptedDocument, UnsupportedDocument
from baozhai_service.documents.limits import Limits

_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")  # the part of a Word document that has a password
_SUFFIXES = (".doc", ".wps", ".odt", ".rtf")


def read(data: bytes, name: str, limits: Limits) -> Document:
    """Read an older office document by way of LibreOffice, with macros off and a profile of its own.

    Raises:
        DocumentError: LibreOffice is not installed, or cannot read it.
    """
    if _ENCRYPTED in data:
        raise EncryptedDocument
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        raise UnsupportedDocument(
            "older office documents (.doc, .wps, .odt, .rtf) are read only where LibreOffice is installed;"
            " save the document as .docx or .pdf"
        )
    suffix = PurePath(name).suffix.lower()
    with tempfile.TemporaryDirectory() as folder:
        given = Path(folder, f"given{suffix if suffix in _SUFFIXES else '.doc'}")
        given.write_bytes(data)
        command = [program, f"-env:UserInstallation={Path(folder, 'profile').as_uri()}", "--headless", "--norestore"]
        command += ["--convert-to", "docx", "--outdir", folder, str(given)]
        try:
            subprocess.run(command, capture_output=True, timeout=limits.seconds, check=True)
            made = Path(folder, "given.docx").read_bytes()
        except (subprocess.SubprocessError, OSError):
            raise BrokenDocument("LibreOffice cannot read the document; it may be damaged or encrypted") from None
    read_as = docx.read(made, name, limits)
    return Document(name, "office", read_as.page)
