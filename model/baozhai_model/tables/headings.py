"""What people write over the columns of a table, and the field that each heading means."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from baozhai_model.structure import INVISIBLE
from baozhai_model.text.simplified import simplified

_HEADINGS = {
    "text": ("text", "content", "文本", "正文", "段落", "内容", "全文"),
    "topics": ("topics", "topic", "labels", "label", "主题", "标签", "标注", "类别"),
    "title": ("title", "headline", "标题", "题目"),
    "source": ("source", "来源", "报纸", "报名", "媒体"),
    "date": ("date", "日期", "出版日期", "发布日期", "见报日期", "刊发日期"),
    "page": ("page", "版面", "版次", "版号"),
    "id": ("id", "编号"),
}
_FIELD_OF = {heading: field for field, headings in _HEADINGS.items() for heading in headings}
_REMARK = re.compile(r"\s*[(\[（【][^)\]）】]*[)\]）】]\s*\Z|[*：:\s]+\Z")


class AmbiguousHeading(ValueError):
    """Two columns mean the same field."""


def field_of(heading: object) -> str | None:
    """The field that ``heading`` means, in any case, width and script; None for a column that is not read.

    >>> field_of("Label"), field_of("標題"), field_of("正文（必填）"), field_of("备注")
    ('topics', 'title', 'text', None)
    """
    return _field_of(str(heading))


@lru_cache(4096)
def _field_of(heading: str) -> str | None:
    plain = simplified(unicodedata.normalize("NFKC", heading).strip(INVISIBLE + " \t\r\n\u3000").lower())
    return _FIELD_OF.get(plain) or _FIELD_OF.get(_REMARK.sub("", plain))


def columns(headings: Sequence[object], fields: Iterable[str]) -> list[str | None]:
    """For each of ``headings`` the one of ``fields`` that it means, or None.

    A column that bears the field's own English name goes before others that mean the same.

    Raises:
        AmbiguousHeading: two columns mean one field, and neither or both bear its name.
    """
    found = [field_of(heading) for heading in headings]
    wanted: dict[int, str] = {}
    for field in fields:
        places = [place for place, each in enumerate(found) if each == field]
        exact = [place for place in places if str(headings[place]).strip(INVISIBLE + " \t").lower() == field]
        places = exact or places
        if len(places) > 1:
            named = " and ".join(repr(str(headings[place])) for place in places)
            raise AmbiguousHeading(f"the columns {named} both mean {field}; keep one of them")
        wanted.update(dict.fromkeys(places, field))
    return [wanted.get(place) for place in range(len(found))]


def named_fields(record: Mapping[str, Any], fields: Iterable[str]) -> dict[str, Any]:
    """The values of ``record``, such as a JSON object, by the names of ``fields``.

    Raises:
        AmbiguousHeading: two of its keys mean one field.
    """
    names = columns(list(record), fields)
    return {name: value for name, value in zip(names, record.values(), strict=True) if name is not None}
