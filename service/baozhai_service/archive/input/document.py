"""Documents (PDF, Word, HTML, OFD, images) and ZIP archives of them: one record per document.

A record holds the bytes of the document. Its text is extracted when it is scored, so planning a run stays fast.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from itertools import islice
from pathlib import PurePosixPath
from typing import BinaryIO

from baozhai_service.archive.input.filenames import read_name, readable
from baozhai_service.archive.input.record import DeadLetter, Place, Record
from baozhai_service.archive.input.segment import Segment
from baozhai_service.archive.output.partitions import check_source
from baozhai_service.documents.formats import SUFFIXES, Format
from baozhai_service.documents.limits import Limits

LIMITS = Limits(seconds=900.0)
"""Limits on the size of a document in an archive, and on the time to read it."""

_MOST_MEMBERS = 100_000
_UNREADABLE = (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, OSError)


def read_document_file(file: BinaryIO, segment: Segment, *, settled_source: bool) -> Iterator[Record | DeadLetter]:
    """The record of a document; with ``settled_source`` its source is not taken from the file name."""
    raw = file.read(LIMITS.size + 1)
    place = Place(segment.path, 1, 0, len(raw))
    if len(raw) > LIMITS.size:
        detail = f"the document has more than {LIMITS.size} bytes, the most that are read"
        yield DeadLetter(Place(segment.path, 1), "document_too_large", detail, None)
        return
    yield _record(raw, place, readable(segment.path), segment, settled_source)


def read_zip(file: BinaryIO, segment: Segment, *, settled_source: bool) -> Iterator[Record | DeadLetter]:
    """The records of the documents and text pages in a ZIP archive, in its order; other files are dead letters."""
    try:
        archive = zipfile.ZipFile(file)
        members = [member for member in archive.infolist() if not member.is_dir() and not _is_hidden(_name(member))]
    except _UNREADABLE:
        detail = "the file is no ZIP archive that can be read; it is damaged"
        yield DeadLetter(Place(segment.path, 1), "unreadable_file", detail, None)
        return
    if len(members) > _MOST_MEMBERS:
        detail = f"the archive has {len(members)} files; at most {_MOST_MEMBERS} are read"
        yield DeadLetter(Place(segment.path, 1), "document_too_large", detail, None)
        return
    for number, member in islice(enumerate(members, 1), segment.start, segment.end):
        yield _member(archive, member, Place(segment.path, number, member=_name(member)), segment, settled_source)


def _member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, place: Place, segment: Segment, settled_source: bool
) -> Record | DeadLetter:
    kind = SUFFIXES.get(PurePosixPath(place.member).suffix.lower(), Format.UNKNOWN)
    if kind in (Format.UNKNOWN, Format.ZIP):
        detail = "files of this kind are not read from a ZIP archive; unpack it and score the folder"
        return DeadLetter(place, "unsupported_file", detail, None)
    if member.file_size > LIMITS.size:
        detail = f"the file unpacks to {member.file_size} bytes; at most {LIMITS.size} are read"
        return DeadLetter(place, "document_too_large", detail, None)
    if member.flag_bits & 1:
        return DeadLetter(place, "encrypted_document", "the file is encrypted; unpack it with its password", None)
    try:
        raw = archive.read(member)
    except _UNREADABLE:
        return DeadLetter(place, "unreadable_file", "the file is damaged: it cannot be unpacked", None)
    return _record(raw, place, place.member, segment, settled_source)


def _record(raw: bytes, place: Place, called: str, segment: Segment, settled_source: bool) -> Record | DeadLetter:
    try:
        name = read_name(called)
    except ValueError as error:
        return DeadLetter(place, "bad_date", f"its name: {error}", raw)
    source = segment.source if settled_source else name.source or segment.source
    try:
        check_source(source)
    except ValueError as error:
        return DeadLetter(place, "bad_field", str(error), raw)
    return Record(
        place,
        raw,
        "",
        source,
        "",
        date=name.date,
        page=name.page,
        id=name.id,
        is_page=True,
        document=PurePosixPath(called).name,
    )


def _name(member: zipfile.ZipInfo) -> str:
    """The name of the member. Without the UTF-8 flag it is often GBK, although the standard says CP437."""
    if member.flag_bits & 0x800:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("gbk")
    except UnicodeError:
        return member.filename


def _is_hidden(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return any(part.startswith(".") for part in parts) or "__MACOSX" in parts
