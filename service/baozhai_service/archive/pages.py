"""Text pages: one record a file, named after its date and page."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import BinaryIO

from baozhai_service.archive.encodings import Undecodable, decode_page
from baozhai_service.archive.naming import read_name, readable
from baozhai_service.archive.pieces import Piece
from baozhai_service.archive.records import BadRecord, Place, Record, Rejected, record_of
from baozhai_service.archive.settings import LARGEST_RECORD


def read_text_page(file: BinaryIO, piece: Piece, *, settled_source: bool) -> Iterator[Record | Rejected]:
    """The one record of a text page; ``settled_source`` says that the file's name has no say in its source."""
    raw = file.read(LARGEST_RECORD + 1)
    place = Place(piece.path, 1, 0, len(raw))
    if len(raw) > LARGEST_RECORD:
        yield _too_large(file, raw, piece)
        return
    try:
        decoded = decode_page(raw)
        name = read_name(readable(piece.path))
        source = piece.source if settled_source else name.source or piece.source
        fields = {"text": decoded.text, "date": name.date, "page": name.page, "id": name.id}
        yield record_of(fields, place, raw, source=source, encoding=decoded.encoding, is_page=True)
    except Undecodable as error:
        yield Rejected(place, "undecodable", str(error), raw)
    except BadRecord as error:
        yield Rejected(place, error.reason, error.detail, raw)
    except ValueError as error:
        yield Rejected(place, "bad_date", f"its name: {error}", raw)


def _too_large(file: BinaryIO, begun: bytes, piece: Piece) -> Rejected:
    digest, size = hashlib.sha256(begun), len(begun)
    while part := file.read(2**20):
        digest.update(part)
        size += len(part)
    detail = f"a page of {size} bytes; at most {LARGEST_RECORD} are read (SHA-256 {digest.hexdigest()})"
    return Rejected(Place(piece.path, 1, 0, size), "too_large", detail, None)
