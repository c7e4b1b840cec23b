"""Parse the names of files and folders: ``20230719-04.txt`` is page 04 of 19 July 2023."""

from __future__ import annotations

import datetime
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePosixPath

from baozhai_model.text.encodings import Undecodable, decode
from baozhai_service.archive.input.dates import parse_date
from baozhai_service.documents.formats import SUFFIXES, Format

_YEAR = r"(?:1[89]|20)\d{2}"
_PARTED = r"\d{4}([-_.])\d{1,2}\3\d{1,2}|\d{4}年\d{1,2}月\d{1,2}日"
# nw.D110000renmrb_20230722_3-04: how an e-paper archive names the third article of page 04.
_EPAPER = re.compile(r"nw\.[A-Za-z0-9]+_(?P<date>\d{8})_(?P<id>\d{1,4})-(?P<page>[A-Za-z]?\d{1,3})")
_NAME = re.compile(
    rf"(?P<source>.*?)[-_ ]*(?<!\d)(?P<date>\d{{8}}|{_PARTED})(?!\d)"
    r"(?:[-_ ]+(?P<page>[^-_ ]+)(?:[-_ ]+(?P<id>.+))?)?"
)
# rmrb2023071904, 20230720A04, 2023年7月18日第4版要闻, 2023-07-23T08: a page right after the date, perhaps its section.
_ATTACHED = re.compile(
    rf"(?P<source>.*?)[-_ ]*(?<!\d)(?P<date>{_YEAR}\d{{4}}|{_PARTED})[-_ T]*"
    r"(?P<page>第\s*[A-Za-z]?\d{1,3}\s*版|[A-Za-z]\d{1,3}|\d{1,3}版|(?<=T)\d{1,3}|\d{2,3})(?!\d)"
    r"(?:[-_ ]+(?P<id>.+)|\D*)"
)
# 2023/07/20/05, 2023-07/20/05, 20230720/05: folders of a day.
_FOLDERS = re.compile(
    rf"(?:(?P<source>.*)/)?(?P<year>{_YEAR})(?:[-/年](?P<month>\d{{1,2}})月?[-/]?(?P<day>\d{{1,2}})日?|[-/]?(?P<both>\d{{4}}))/"
    r"(?P<page>(?:第|node_|page_?)?[A-Za-z]?\d{1,3}版?)(?:[-_ ]+(?P<id>.+)|\D*)"
)
_PAGE = re.compile(r"(?:第|node_|page_?)?\s*([A-Za-z]?\d{1,3})\s*版?")
_OF_A_DAY = re.compile(rf"{_YEAR}(?:[-年]?\d{{1,2}}月?(?:[-_]?\d{{1,2}}日?)?)?年?|\d{{1,4}}[月日]?")


@dataclass(frozen=True, slots=True)
class PageName:
    """The parts of a file name; None where it lacks them.

    Attributes:
        source: the part before the date.
        page: the part after the date.
        id: the part after the page, such as the article's number in ``20230719-04-02.txt``.
    """

    source: str | None = None
    date: datetime.date | None = None
    page: str | None = None
    id: str | None = None


def read_name(path: str) -> PageName:
    """Parse the name of the file at ``path``.

    Raises:
        ValueError: the name has the form of a date, but there is no such day.

    >>> read_name("2023/city-daily_2023-07-19_A4.txt")
    PageName(source='city-daily', date=datetime.date(2023, 7, 19), page='A4', id=None)
    >>> read_name("rmrb2023071904.txt"), read_name("晨报/2023/07/20/05.txt").date
    (PageName(source='rmrb', date=datetime.date(2023, 7, 19), page='04', id=None), datetime.date(2023, 7, 20))
    """
    stem = PurePosixPath(path).stem
    if found := _EPAPER.fullmatch(stem):
        return PageName(None, parse_date(found["date"]), found["page"], found["id"])
    if found := _NAME.fullmatch(stem):
        return PageName(found["source"] or None, _day(found["date"]), _page(found["page"]), found["id"])
    with suppress(ValueError):  # digits that are not a date are some other number
        if found := _ATTACHED.fullmatch(stem):
            return PageName(found["source"] or None, _day(found["date"]), _page(found["page"]), found["id"])
        if found := _FOLDERS.fullmatch(path.removesuffix(PurePosixPath(path).suffix)):
            month, day = (found["both"][:2], found["both"][2:]) if found["both"] else (found["month"], found["day"])
            date = datetime.date(int(found["year"]), int(month), int(day))
            return PageName(None, date, _page(found["page"]), found["id"])
    return PageName()


def _day(written: str) -> datetime.date | None:
    return parse_date(written.replace("_", "-").replace(".", "-"))


def _page(written: str | None) -> str | None:
    """The number of a page: 4 for 第4版."""
    found = _PAGE.fullmatch(written or "")
    return found[1] if found else written


def default_source(path: str, archive: str) -> str:
    """The source of records without one: the top-level folder, or for tables the file name, or the archive's name.

    >>> default_source("city-daily/2023/20230719-04.txt", "papers"), default_source("20230719-04.txt", "papers")
    ('city-daily', 'papers')
    >>> default_source("city-daily/2023-07.jsonl", "papers"), default_source("city-daily.jsonl", "papers")
    ('city-daily', 'city-daily')
    """
    parts = PurePosixPath(path)
    folders = [part for part in parts.parts[:-1] if not _OF_A_DAY.fullmatch(part)]
    if len(parts.parts) > 1 and folders == list(parts.parts[:-1]):
        return parts.parts[0]
    if len(parts.parts) > 1:  # the name of a year's or a day's folder is not a source
        return folders[0] if folders else archive or "unknown"
    is_page = SUFFIXES.get(parts.suffix.lower(), Format.ZIP) is not Format.ZIP
    return (archive if is_page else parts.stem) or "unknown"


def readable(path: str) -> str:
    """``path`` as text. File names may be any bytes; in old archives from Windows they are GB18030.

    >>> readable(os.fsdecode("晨报.jsonl".encode("gb18030")))
    '晨报.jsonl'
    """
    raw = os.fsencode(path)
    try:
        return decode(raw).text
    except Undecodable:
        return raw.decode(errors="backslashreplace")
