"""Labelled paragraphs: what people said each is about."""

from __future__ import annotations

import hashlib
import json
import logging
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from baozhai_model.errors import InputError
from baozhai_model.text.tokens import check_text
from baozhai_model.topics.topic_set import Topic, TopicSet
from baozhai_training.data.tables import read_rows

_GROUP_CHARACTERS = 20  # without a title, paragraphs that begin alike count as one article
_MAX_CHARACTERS = 1_000_000
_NONE = {"none", "无主题"}
CONFLICT = "the same text with different topics"
_REASONS, _REASON = 3, 100  # that a warning tells, and characters of each

LEAST = 10  # paragraphs with a topic, and without it, from which calibration can be fitted at all

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LabelledParagraph:
    """One paragraph and its topics; no topic means none."""

    text: str
    topics: frozenset[Topic]
    title: str | None = None
    source: str = ""

    @property
    def group(self) -> str:
        """What must lie on one side of every split: the article."""
        return self.title or self.text[:_GROUP_CHARACTERS]


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that nothing is learnt from, and why."""

    row: int
    reason: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file of labels holds.

    Attributes:
        paragraphs: what goes through, in the file's order; ``rows`` has the row number of each.
        rejected: what cannot be read, by row.
        duplicates: (row, row of the one that is kept) with the same text and topics.
        conflicts: rows with the same text and different topics; none of them goes through.
    """

    paragraphs: list[LabelledParagraph]
    rows: list[int]
    rejected: list[RejectedRow]
    duplicates: list[tuple[int, int]]
    conflicts: list[tuple[int, ...]]

    @property
    def unlearnt(self) -> Counter[str]:
        """How many rows nothing is learnt from, by reason; of duplicates one is learnt from, so they are not there."""
        reasons = Counter(row.reason for row in self.rejected)
        if self.conflicts:
            reasons[CONFLICT] = sum(map(len, self.conflicts))
        return reasons


def read_labelled(path: Path, topics: TopicSet) -> list[LabelledParagraph]:
    """The paragraphs of ``path`` that go through, with a warning of those that do not; see `read_labels`."""
    reading = read_labels(path, topics)
    if reading.unlearnt:
        log.warning("%s: %s", path, _warning(reading))
    return reading.paragraphs


def _warning(reading: Reading) -> str:
    unlearnt = reading.unlearnt.total()
    rows = len(reading.rows) + len(reading.duplicates) + unlearnt
    told = [
        f"{count} times {reason if len(reason) <= _REASON else f'{reason[:_REASON]}…'}"
        for reason, count in reading.unlearnt.most_common(_REASONS)
    ]
    return f"{unlearnt} of {rows} rows are not learnt from: {'; '.join(told)}. `baozhai-train check` lists them"


def read_labels(path: Path, topics: TopicSet) -> Reading:
    """Read a table of ``text, topics, title?, source?``; bad rows are told of, the rest goes through.

    Topics are names or ids, in a list or separated by ``;``; empty means none. Texts are the same when they differ
    in white space and width alone.

    Raises:
        UnreadableTable: the file as a whole cannot be read.
    """
    read: dict[int, LabelledParagraph] = {}
    rejected = []
    for number, fields in read_rows(path):
        try:
            if isinstance(fields, str):
                raise ValueError(fields)
            read[number] = _paragraph(fields, topics)
        except (InputError, ValueError) as error:
            rejected.append(RejectedRow(number, str(error)))
    alike: dict[str, list[int]] = defaultdict(list)
    for number, paragraph in read.items():
        alike[same_text(paragraph.text)].append(number)
    duplicates, conflicts = [], []
    for rows in alike.values():
        if len({read[row].topics for row in rows}) > 1:
            conflicts.append(tuple(rows))
        else:
            duplicates += [(row, rows[0]) for row in rows[1:]]
    left_out = {row for rows in conflicts for row in rows} | {row for row, _ in duplicates}
    kept = [row for row in read if row not in left_out]
    return Reading([read[row] for row in kept], kept, rejected, sorted(duplicates), conflicts)


def same_text(text: str) -> str:
    """Equal for texts that differ in white space, width and case alone."""
    return "".join(unicodedata.normalize("NFKC", text).lower().split())


def without_one_topic(paragraphs: Sequence[LabelledParagraph]) -> list[int]:
    """Places of ``paragraphs`` that do not have exactly one topic, as all must where topics exclude each other."""
    return [place for place, paragraph in enumerate(paragraphs) if len(paragraph.topics) != 1]


def named(paragraph: LabelledParagraph) -> str:
    """Its topics for people, or ``none``."""
    return ", ".join(sorted(topic.zh for topic in paragraph.topics)) or "none"


def targets(paragraphs: Sequence[LabelledParagraph], topics: TopicSet) -> NDArray[np.bool_]:
    """Which topics each paragraph has, shape (paragraphs, topics)."""
    rows = [[topic in paragraph.topics for topic in topics] for paragraph in paragraphs]
    return np.array(rows, dtype=bool).reshape(len(paragraphs), len(topics))


def fingerprint(paragraphs: Sequence[LabelledParagraph]) -> str:
    """A SHA-256 of texts, titles and labels, whatever their order."""
    rows = sorted(
        f"{p.text}\x00{p.title or ''}\x00{','.join(sorted(topic.id for topic in p.topics))}" for p in paragraphs
    )
    return hashlib.sha256("\x01".join(rows).encode("utf-8", "surrogatepass")).hexdigest()


def _paragraph(fields: dict[str, Any], topics: TopicSet) -> LabelledParagraph:
    text = fields["text"]
    if text is None:
        raise ValueError("the text is empty")
    if not isinstance(text, str):
        raise ValueError(f"the text is a {type(text).__name__}, not words")
    check_text(text, _MAX_CHARACTERS)
    given = frozenset(_topic(name, topics) for name in _topic_names(fields["topics"]))
    title, source = fields.get("title"), fields.get("source")
    return LabelledParagraph(text, given, str(title) if title else None, str(source or ""))


def _topic_names(given: Any) -> list[Any]:
    if given is None:
        return []
    if isinstance(given, str):
        if given.lstrip().startswith("["):
            try:
                given = json.loads(given)
            except ValueError:
                raise ValueError(f"the topics {given!r} are no JSON list") from None
        else:
            given = [name.strip() for name in re.split("[;；]", given)]
            given = [name for name in given if name and name.lower() not in _NONE]
    if not isinstance(given, list):
        raise ValueError(f"the topics are a {type(given).__name__}; give a list, or names separated by ;")
    return given


def _topic(name: Any, topics: TopicSet) -> Topic:
    if not isinstance(name, str):
        raise ValueError(f"a topic is a {type(name).__name__}, not a name")
    try:
        return topics.named(name)
    except KeyError as error:
        raise ValueError(f"unknown topic: {error.args[0]}") from None
