"""Dates as archives write them."""

from __future__ import annotations

import datetime
import re

_DATE = re.compile(
    r"\s*(\d{4})(?:(\d{2})(\d{2})|([-/.])(\d{1,2})\4(\d{1,2})|\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日)"
    r"(?:[T\s]\s*\d{1,2}:\d{2}.*)?\s*"
)


def parse_date(value: object) -> datetime.date | None:
    """The day that ``value`` (text, a number such as 20230719, a date) names; None for None and blank text.

    Raises:
        ValueError: it names no day.

    >>> parse_date("2023年7月19日"), parse_date(20230719), parse_date("2023-07-19T08:00:00Z")
    (datetime.date(2023, 7, 19), datetime.date(2023, 7, 19), datetime.date(2023, 7, 19))
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, datetime.datetime):
        return value.date()
    if isinstance(value, datetime.date):
        return value
    if isinstance(value, (int, str)) and not isinstance(value, bool):
        found = _DATE.fullmatch(str(value)[:100])
        if found:
            year, *rest = (int(part) for part in found.groups() if part and part.isdecimal())
            try:
                return datetime.date(year, *rest)
            except ValueError:
                pass
    raise ValueError(f"the date {str(value)[:40]!r} is no day; give it as 2023-07-19")
