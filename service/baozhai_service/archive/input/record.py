"""What an input file holds: records to score, and what could not be read, with its reason and bytes."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from baozhai_model.tables.headings import AmbiguousHeading, columns
from baozhai_service.archive.input.dates import parse_date
from baozhai_service.archive.input.filenames import readable
from baozhai_service.archive.output.partitions import check_source

FIELDS = ("text", "title", "date", "source", "page", "id")
MOST_CHARACTERS = 200  # of a source, page or id: keys, not texts


class BadRecord(ValueError):
    """A record that cannot be scored; ``reason`` is its stable machine name."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason, self.detail = reason, detail


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record lies: its file (relative to the input), first line or row (from 1), and bytes where it has them.

    A text page or document is line 1 of its file. ``file`` is what the system calls it, ``name`` the same as text.
    The ``member`` of a ZIP archive has its number there as its line.
    """

    file: str
    line: int
    start: int | None = None
    end: int | None = None
    member: str = ""

    @property
    def name(self) -> str:
        """The file, for people and for the output."""
        return f"{readable(self.file)}/{readable(self.member)}" if self.member else readable(self.file)

    def __str__(self) -> str:
        """Where to look."""
        return f"{self.name}:{self.line}"


@dataclass(frozen=True, slots=True)
class Record:
    """A text to score and its keys; ``is_page`` texts go through the page reader.

    ``named`` tells whether the record names its source itself; if not, its id is one among those of its file.
    A ``document`` is called so, and its text is not known before it is read; ``raw`` is the file.
    """

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
    named: bool = False
    document: str | None = None

    @property
    def key(self) -> tuple[str, ...] | None:
        """What no other record of the archive may share; None for a record that has no name of its own."""
        if self.is_page and self.date and self.page:
            return ("page", self.source, self.date.isoformat(), self.page, self.id or "")
        if self.id is None:
            return None
        return ("id", self.source, self.id, "" if self.named else self.place.file + self.place.member)


@dataclass(frozen=True, slots=True)
class DeadLetter:
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
        date = parse_date(whole_number(fields.get("date")))
    except ValueError as error:
        raise BadRecord("bad_date", str(error)) from None
    title = fields.get("title")
    if title is not None and not isinstance(title, str):
        raise BadRecord("bad_field", f"the field title is a {type(title).__name__}; it must be a string")
    for name, value in (("text", text), ("title", title)):
        _check_encodable(name, value)
    own = _short(fields, "source")
    try:
        check_source(own or source)
    except ValueError as error:
        raise BadRecord("bad_field", str(error)) from None
    return Record(
        place,
        raw,
        text,
        source=own or source,
        encoding=encoding,
        title=title.strip() or None if title else None,
        date=date,
        page=_short(fields, "page"),
        id=_short(fields, "id"),
        is_page=is_page,
        named=own is not None,
    )


def columns_of(headings: Sequence[str]) -> list[str]:
    """``headings`` of a table, with the names of `FIELDS` for those that mean one.

    Raises:
        BadRecord: none means the text, or two mean the same field.
    """
    try:
        names = columns(headings, FIELDS)
    except AmbiguousHeading as error:
        raise BadRecord("bad_row", f"its header: {error}") from None
    if "text" not in names:
        found = ", ".join(map(str, headings))[:200]
        raise BadRecord("no_text", f"no column is called text, 正文 or the like; there are {found}")
    return [name or str(heading).strip() for name, heading in zip(names, headings, strict=True)]


def whole_number(value: object) -> object:
    """A float that is whole as an int, one that is no number as None: what pandas makes of a column with a gap in it.

    >>> whole_number(4.0), whole_number(4.5), whole_number(float("nan")), whole_number("4")
    (4, 4.5, None, '4')
    """
    if not isinstance(value, float):
        return value
    if math.isnan(value):
        return None
    return int(value) if value.is_integer() else value


def _short(fields: Mapping[str, Any], name: str) -> str | None:
    value = whole_number(fields.get(name))
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        detail = f"the field {name} is a {type(value).__name__}; it must be a string or a whole number"
        raise BadRecord("bad_field", detail)
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
