"""What the name of a text page says: ``20230719-04.txt`` is page 04 of 19 July 2023."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from baozhai_service.archive.dates import parse_date

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


def default_source(path: str, root: str) -> str:
    """The source of records that name none: a table's own name, a page's folder, or the archive's name.

    >>> default_source("city-daily/2023/20230719-04.txt", "papers"), default_source("20230719-04.txt", "papers")
    ('city-daily', 'papers')
    """
    parts = PurePosixPath(path)
    if parts.suffix.lower() != ".txt":
        return parts.stem
    return parts.parts[0] if len(parts.parts) > 1 else PurePosixPath(root).stem or "unknown"
