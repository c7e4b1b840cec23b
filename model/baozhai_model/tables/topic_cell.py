"""The topics in one cell of a table, in the forms that people, pandas and annotation tools write."""

from __future__ import annotations

import ast
import json
import math
import re
import unicodedata
from typing import Any

from baozhai_model.structure import INVISIBLE
from baozhai_model.text.simplified import simplified
from baozhai_model.topics.topic_set import Topic, TopicSet

SEPARATORS = "; ； 、 ， , # | or a line break"
_SEPARATOR = re.compile(r"[;；、，,#＃|｜/\r\n\t]+")
_NONE = frozenset(("none", "无", "无主题", "null", "nan", "n/a", "[]"))
_LISTS = ("choices", "labels", "label", "topics")  # where annotation tools keep a list in an object
_ARRAY = re.compile(r"\[(?:\s*(?:'[^'\n\\]*'|\"[^\"\n\\]*\")){2,}\s*\]")  # as numpy prints one: without commas


def topics_of(cell: Any, topics: TopicSet) -> frozenset[Topic]:
    """The topics that ``cell`` names, by Chinese or English name or by id; none where it is empty.

    A cell is a list, or text: one topic, several between separators, or a list in JSON or Python.

    Raises:
        ValueError: it is something else, or a part of it is no topic.

    >>> both = TopicSet([Topic("party_building", "党建"), Topic("finance", "金融")])
    >>> sorted(topic.zh for topic in topics_of("党建、Finance", both))
    ['党建', '金融']
    """
    names = _names(cell, topics)
    return frozenset(_topic(name, topics) for name in names)


def _names(cell: Any, topics: TopicSet) -> list[Any]:
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return []
    if isinstance(cell, dict):
        lists = [cell[key] for key in _LISTS if key in cell]
        if len(lists) != 1:
            raise ValueError(f"the topics are an object without {' or '.join(_LISTS[:2])}; give a list, or names")
        cell = lists[0] if isinstance(lists[0], list) else [lists[0]]
    if isinstance(cell, (list, tuple, set)):
        return [name for part in cell for name in (_names(part, topics) if isinstance(part, dict) else [part])]
    if not isinstance(cell, str):
        raise ValueError(f"the topics are a {type(cell).__name__}; give a list, or names separated by {SEPARATORS}")
    plain = _plain(cell)
    if not plain or plain.lower() in _NONE:
        return []
    if plain[0] in "[{(":
        return _names(_literal(plain), topics)
    if _found(plain, topics):
        return [plain]
    parts = [part.strip() for part in _SEPARATOR.split(plain)]
    # A blank parts topics too, but not the words of one: Party building.
    names = [name for part in parts for name in ([part] if _found(part, topics) else part.split())]
    return [name for name in names if name.lower() not in _NONE]


def _literal(text: str) -> Any:
    """The list or object that ``text`` writes down."""
    for read in (json.loads, _array, ast.literal_eval):
        try:
            value = read(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
            continue
        if isinstance(value, (list, tuple, set, dict)):
            return value
    raise ValueError(f"the topics {text[:60]!r} are no JSON list; give one, or names separated by {SEPARATORS}")


def _array(text: str) -> list[str]:
    if not _ARRAY.fullmatch(text):
        raise ValueError(text)
    return re.findall(r"['\"]([^'\"\n]*)['\"]", text)


def _topic(name: Any, topics: TopicSet) -> Topic:
    if not isinstance(name, str):
        raise ValueError(f"a topic is a {type(name).__name__}, not a name")
    if found := _found(_plain(name), topics):
        return found
    try:
        topics.named(name)
    except KeyError as error:
        raise ValueError(f"unknown topic: {error.args[0]}; several are separated by {SEPARATORS}") from None
    raise AssertionError(name)


def _plain(name: str) -> str:
    """``name`` in one width and without what is not seen."""
    return unicodedata.normalize("NFKC", "".join(char for char in name if char not in INVISIBLE)).strip()


def _found(name: str, topics: TopicSet) -> Topic | None:
    folded = simplified(name).casefold()
    names = ((topic, {topic.zh.casefold(), topic.id.casefold(), topic.en.casefold()}) for topic in topics)
    return next((topic for topic, known in names if folded and folded in known), None)
