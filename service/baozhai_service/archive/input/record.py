"""The contents of an input file: records to score, and dead letters with their reasons and bytes."""

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
MOST_CHARACTERS = 200  # of a source, page or id


class BadRecord(ValueError):
    """A record that cannot be scored; ``reason`` is a stable code, ``detail`` the message."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason, self.detail = reason, detail


@dataclass(frozen=True, slots=True)
class Place:
    """The place of a record: its file (relative to the input), its first line or row (from 1), and its byte range.

    A text page or document is line 1 of its file. For the ``member`` of a ZIP archive, the line is its number in the
    archive. ``file`` is the path as the file system has it, ``name`` the same as readable text.
    """

    file: str
    line: int
    start: int | None = None
    end: int | None = None
    member: str = ""

    @property
    def name(self) -> str:
        """The file (and member) as readable text, as in the output."""
        return f"{readable(self.file)}/{readable(self.member)}" if self.member else readable(self.file)

    def __str__(self) -> str:
        """``file:line``, for messages."""
        return f"{self.name}:{self.line}"


@dataclass(frozen=True, slots=True)
class Record:
    """A text to score, and its keys.

    Attributes:
        is_page: the text is a whole page, which the page reader splits into articles.
        named: the record has a source of its own; otherwise its id is unique within its file only.
        document: the file name of a document; its text is empty, and is extracted from ``raw`` when it is scored.
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
        """The key that must be unique in the archive; None for a record without one."""
        if self.is_page and self.date and self.page:
            return ("page", self.source, self.date.isoformat(), self.page, self.id or "")
        if self.id is None:
            return None
        return ("id", self.source, self.id, "" if self.named else self.place.file + self.place.member)


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A dead letter: a record, or a part of one, that could not be scored.

    Attributes:
        reason: a stable code, such as ``bad_json``.
        detail: a message for people.
        raw: the original bytes; None if they stay in the input file at ``place``.
        article, paragraph: numbers from 1 of the part that failed; None for the whole record.
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
    """Make a record from ``fields``: text, title, date, source, page, id; others are ignored.

    Raises:
        BadRecord: a field is missing or invalid.
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
    """The ``headings`` of a table, where those that stand for one of `FIELDS` are replaced by its name.

    Raises:
        BadRecord: no heading stands for the text, or two stand for the same field.
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
    """Convert whole floats to int and NaN to None: pandas stores whole numbers so in columns with missing values.

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
