"""Cursors: where the next page of a search begins. One is of one search in one state of the archive."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json

from baozhai_service.archive.explore.explorer import Search
from baozhai_service.archive.search.errors import InvalidCursor


def cursor(search: Search, sort: str, fingerprint: str, offset: int) -> str:
    """The cursor of the page that begins with hit ``offset``."""
    told = json.dumps([offset, _of(search, sort), fingerprint[:16]]).encode()
    return base64.urlsafe_b64encode(told).decode().rstrip("=")


def offset_of(given: str | None, search: Search, sort: str, fingerprint: str) -> int:
    """Where the page of a cursor begins; 0 without one.

    Raises:
        InvalidCursor: it is none, or of another search or state of the archive.
    """
    if given is None:
        return 0
    try:
        told = json.loads(base64.urlsafe_b64decode(given + "=" * (-len(given) % 4)))
        offset, of, state = told
        if not (isinstance(offset, int) and not isinstance(offset, bool) and 0 <= offset < 2**31):
            raise ValueError
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise InvalidCursor("the cursor is none that was given; leave it out to begin with the first page") from None
    if state != fingerprint[:16]:
        raise InvalidCursor("the archive has changed since this cursor was given; begin again without one")
    if of != _of(search, sort):
        raise InvalidCursor("the cursor is of another search; keep query, filters and sort as they were")
    return offset


def _of(search: Search, sort: str) -> str:
    told = json.dumps([search.to_json(), sort], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:16]
