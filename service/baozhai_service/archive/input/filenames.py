"""What names of files and folders say: ``20230719-04.txt`` is page 04 of 19 July 2023."""

from __future__ import annotations

import datetime
import os
import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from baozhai_model.text.encodings import Undecodable, decode
from baozhai_service.archive.input.dates import parse_date
from baozhai_service.documents.formats import SUFFIXES, Format

_NAME = re.compile(
    r"(?P<source>.*?)[-_ ]*(?<!\d)(?P<date>\d{8}|\d{4}([-_.])\d{1,2}\3\d{1,2}|\d{4}年\d{1,2}月\d{1,2}日)(?!\d)"
    r"(?:[-_ ]+(?P<page>[^-_ ]+)(?:[-_ ]+(?P<id>.+))?)?"
)


@dataclass(frozen=True, slots=True)
class PageName:
    """The parts of a file name; None for what it does not say.

    Attributes:
        source: what stands before the date.
        page: what follows the date.
        id: what follows the page, such as the article's number in ``20230719-04-02.txt``.
    """

    source: str | None = None
    date: datetime.date | None = None
    page: str | None = None
    id: str | None = None


def read_name(path: str) -> PageName:
    """What the name of the file at ``path`` says.

    Raises:
        ValueError: it has the form of a date that there is not.

    >>> read_name("2023/city-daily_2023-07-19_A4.txt")
    PageName(source='city-daily', date=datetime.date(2023, 7, 19), page='A4', id=None)
    """
    found = _NAME.fullmatch(PurePosixPath(path).stem)
    if not found:
        return PageName()
    date = parse_date(found["date"].replace("_", "-").replace(".", "-"))
    return PageName(found["source"] or None, date, found["page"], found["id"])


def default_source(path: str, archive: str) -> str:
    """The source of records that name none: the first folder, or a table's own name, or that of the archive.

    >>> default_source("city-daily/2023/20230719-04.txt", "papers"), default_source("20230719-04.txt", "papers")
    ('city-daily', 'papers')
    >>> default_source("city-daily/2023-07.jsonl", "papers"), default_source("city-daily.jsonl", "papers")
    ('city-daily', 'city-daily')
    """
    parts = PurePosixPath(path)
    if len(parts.parts) > 1:
        return parts.parts[0]
    is_page = SUFFIXES.get(parts.suffix.lower(), Format.ZIP) is not Format.ZIP
    return (archive if is_page else parts.stem) or "unknown"


def readable(path: str) -> str:
    """``path`` as text: a file's name may be any bytes, and is GB18030 in old archives from Windows.

    >>> readable(os.fsdecode("晨报.jsonl".encode("gb18030")))
    '晨报.jsonl'
    """
    raw = os.fsencode(path)
    try:
        return decode(raw).text
    except Undecodable:
        return raw.decode(errors="backslashreplace")
