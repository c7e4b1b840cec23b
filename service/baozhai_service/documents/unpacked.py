"""Files that are ZIP archives: their parts, as long as they do not unpack to more than may be read."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager

from lxml import etree

from baozhai_service.documents.errors import BrokenDocument, DocumentTooLarge, EncryptedDocument
from baozhai_service.documents.limits import Limits

_MOST_PARTS = 20_000


@contextmanager
def archive_of(data: bytes, limits: Limits) -> Iterator[zipfile.ZipFile]:
    """``data`` as an archive whose parts together unpack to no more than ``limits.unpacked`` bytes.

    An archive states the size of each part, and `zipfile` never unpacks more than is stated.

    Raises:
        DocumentError: it is none, too large, or encrypted.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError):
        raise BrokenDocument("the file is damaged: it is no archive of its parts any more") from None
    with archive:
        parts = archive.infolist()
        unpacked = sum(part.file_size for part in parts)
        if len(parts) > _MOST_PARTS or unpacked > limits.unpacked:
            raise DocumentTooLarge(f"the file unpacks to {unpacked} bytes; at most {limits.unpacked} are read")
        if any(part.flag_bits & 1 for part in parts):
            raise EncryptedDocument
        yield archive


def part_of(archive: zipfile.ZipFile, name: str) -> bytes:
    """The part called ``name``.

    Raises:
        BrokenDocument: there is none, or it is damaged.
    """
    try:
        return archive.read(name.lstrip("/"))
    except KeyError:
        raise BrokenDocument(f"the file has no part {name[:100]}") from None
    except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError, ValueError, RuntimeError):
        raise BrokenDocument(f"the part {name[:100]} of the file is damaged") from None


def xml_of(data: bytes) -> etree._Element:
    """``data`` as XML, without entities, external ones least of all.

    Raises:
        BrokenDocument: it is no XML.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False)
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BrokenDocument(f"a part of the file is no XML: {str(error)[:100]}") from None
