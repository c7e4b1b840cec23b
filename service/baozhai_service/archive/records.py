"""What an input file holds: records to score, and what could not be read, with its reason and bytes."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from baozhai_service.archive.dates import parse_date

MOST_CHARACTERS = 200  # of a source, page or id: keys, not texts


class BadRecord(ValueError):
    """A record that cannot be scored; ``reason`` is its stable machine name."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason, self.detail = reason, detail


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record lies: its file (relative to the input), first line or row (from 1), and bytes where it has them.

    A text page is line 1 of its file.
    """

    file: str
    line: int
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A text to score and its keys; ``is_page`` texts go through the page reader."""

    place: Place
    raw: bytes
    text: str
    source: str
    encoding: str
    title: str | None = None
    date: datetime.date | None = None
    page: str | None = None
    id: str | None = None
    is_page: bool = False

    @property
    def key(self) -> tuple[str, ...] | None:
        """What no other record of the archive may share; None for a record that has no name of its own."""
        if self.is_page and self.date and self.page:
            return ("page", self.source, self.date.isoformat(), self.page, self.id or "")
        return ("id", self.source, self.id) if self.id is not None else None


@dataclass(frozen=True, slots=True)
class Rejected:
    """A dead letter: something that could not be scored.

    Attributes:
        reason: stable machine name, such as ``bad_json``.
        detail: what is wrong, for people.
        raw: the original bytes; None where they stay in the input file (`Place` says which).
        article, paragraph: where in the record, if it is not all of it; from 1.
    """

    place: Place
    reason: str
    detail: str
    raw: bytes | None
    article: int | None = None
    paragraph: int | None = None


def record_of(
    fields: Mapping[str, Any], place: Place, raw: bytes, *, source: str, encoding: str, is_page: bool = False
) -> Record:
    """The record that ``fields`` (text, title, date, source, page, id; others are ignored) describe.

    Raises:
        BadRecord: a field is missing or not what it should be.
    """
    text = fields.get("text")
    if not isinstance(text, str):
        found = "is missing" if text is None else f"is a {type(text).__name__}"
        raise BadRecord("no_text", f"the field text {found}; it must be a string")
    if not text.strip("\ufeff\u200b\x00 \t\r\n\v\f\u3000\u00a0"):
        raise BadRecord("empty_text", "the text is empty or blank")
    try:
        date = parse_date(fields.get("date"))
    except ValueError as error:
        raise BadRecord("bad_date", str(error)) from None
    title = fields.get("title")
    if title is not None and not isinstance(title, str):
        raise BadRecord("bad_field", f"the field title is a {type(title).__name__}; it must be a string")
    for name, value in (("text", text), ("title", title)):
        _check_encodable(name, value)
    return Record(
        place,
        raw,
        text,
        source=_short(fields, "source") or source,
        encoding=encoding,
        title=title.strip() or None if title else None,
        date=date,
        page=_short(fields, "page"),
        id=_short(fields, "id"),
        is_page=is_page,
    )


def _short(fields: Mapping[str, Any], name: str) -> str | None:
    value = fields.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise BadRecord("bad_field", f"the field {name} is a {type(value).__name__}; it must be a string or a number")
    text = str(value)
    if len(text) > MOST_CHARACTERS or len(text.encode(errors="replace")) > MOST_CHARACTERS:
        raise BadRecord("bad_field", f"the field {name} has {len(text)} characters; it is a key, not a text")
    _check_encodable(name, text)
    return text


def _check_encodable(name: str, value: str | None) -> None:
    try:
        (value or "").encode()
    except UnicodeEncodeError as error:
        raise BadRecord("unencodable_text", f"character {error.start} of {name} is a lone surrogate") from None
