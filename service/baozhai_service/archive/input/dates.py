"""Parse dates in the forms that archives use."""

from __future__ import annotations

import datetime
import re
import unicodedata

_DATE = re.compile(
    r"\s*(\d{4})(?:(\d{2})(\d{2})|([-/.])(\d{1,2})\4(\d{1,2})|\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]?)"
    r"(?:\s*(?:星期|周|礼拜)[一二三四五六日天])?(?:[T\s]?\s*\d{1,2}:\d{2}.*)?\s*"
)
_CHINESE = re.compile(
    r"[\s(（]*([零〇○0-9一二三四五六七八九]{4})年([一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})[日号][\s)）]*"
)
_WHOLE_FLOAT = re.compile(r"\s*(\d{8})\.0+\s*")
_DIGITS = {char: digit for digit, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0}


def parse_date(value: object) -> datetime.date | None:
    """Parse ``value``: text, a number such as 20230719, or a date. None and blank text give None.

    Raises:
        ValueError: the value is not a valid date.

    >>> parse_date("2023年7月19日"), parse_date(20230719), parse_date("2023-07-19T08:00:00Z")
    (datetime.date(2023, 7, 19), datetime.date(2023, 7, 19), datetime.date(2023, 7, 19))
    >>> parse_date("二〇二三年七月十九日"), parse_date("20230719.0")
    (datetime.date(2023, 7, 19), datetime.date(2023, 7, 19))
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, datetime.datetime):
        return value.date()
    if isinstance(value, datetime.date):
        return value
    if isinstance(value, (int, str)) and not isinstance(value, bool):
        written = unicodedata.normalize("NFKC", str(value)[:100])
        if whole := _WHOLE_FLOAT.fullmatch(written):
            written = whole[1]
        try:
            if chinese := _CHINESE.fullmatch(written):
                return datetime.date(_year(chinese[1]), _number(chinese[2]), _number(chinese[3]))
            if found := _DATE.fullmatch(written):
                year, *rest = (int(part) for part in found.groups() if part and part.isdecimal())
                return datetime.date(year, *rest)
        except ValueError:
            pass
    raise ValueError(f"the date {str(value)[:40]!r} is no day; give it as 2023-07-19")


def _year(digits: str) -> int:
    """The number of a year in Chinese digits, or Arabic ones: 二〇二三 is 2023."""
    return int("".join(str(_DIGITS.get(char, char)) for char in digits))


def _number(written: str) -> int:
    """The value of a Chinese number below 100: 十九 is 19; 0 if it is malformed."""
    tens, ten, ones = written.rpartition("十")
    if not ten:
        return _DIGITS[written] if len(written) == 1 else 0
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)
