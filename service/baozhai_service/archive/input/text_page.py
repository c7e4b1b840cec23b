"""Text pages: one record per file, whose name gives its date and page."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import BinaryIO

from baozhai_model.text.encodings import Undecodable, decode_page
from baozhai_service.archive.input.filenames import read_name, readable
from baozhai_service.archive.input.record import BadRecord, DeadLetter, Place, Record, record_of
from baozhai_service.archive.input.segment import Segment
from baozhai_service.archive.settings import LARGEST_RECORD


def read_text_page(file: BinaryIO, segment: Segment, *, settled_source: bool) -> Iterator[Record | DeadLetter]:
    """The record of a text page; with ``settled_source`` its source is not taken from the file name."""
    raw = file.read(LARGEST_RECORD + 1)
    place = Place(segment.path, 1, 0, len(raw))
    if len(raw) > LARGEST_RECORD:
        yield _too_large(file, raw, segment)
        return
    try:
        decoded = decode_page(raw)
        name = read_name(readable(segment.path))
        source = segment.source if settled_source else name.source or segment.source
        fields = {"text": decoded.text, "date": name.date, "page": name.page, "id": name.id}
        yield record_of(fields, place, raw, source=source, encoding=decoded.encoding, is_page=True)
    except Undecodable as error:
        yield DeadLetter(place, "undecodable", str(error), raw)
    except BadRecord as error:
        yield DeadLetter(place, error.reason, error.detail, raw)
    except ValueError as error:
        yield DeadLetter(place, "bad_date", f"its name: {error}", raw)


def _too_large(file: BinaryIO, begun: bytes, segment: Segment) -> DeadLetter:
    digest, size = hashlib.sha256(begun), len(begun)
    while part := file.read(2**20):
        digest.update(part)
        size += len(part)
    detail = f"a page of {size} bytes; at most {LARGEST_RECORD} are read (SHA-256 {digest.hexdigest()})"
    return DeadLetter(Place(segment.path, 1, 0, size), "too_large", detail, None)
