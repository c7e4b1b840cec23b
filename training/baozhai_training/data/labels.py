"""Labelled paragraphs: what people said each is about."""

from __future__ import annotations

import hashlib
import logging
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from baozhai_model.tables.labelled import LabelledText, RejectedRow, read_labelled_rows
from baozhai_model.topics.topic_set import TopicSet

_GROUP_CHARACTERS = 20  # without a title, paragraphs that begin alike count as one article
CONFLICT = "the same text with different topics"
_REASONS, _REASON = 3, 100  # that a warning tells, and characters of each

LEAST = 10  # paragraphs with a topic, and without it, from which calibration can be fitted at all

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LabelledParagraph(LabelledText):
    """One paragraph and its topics; no topic means none."""

    @property
    def group(self) -> str:
        """What must lie on one side of every split: the article."""
        return self.title or self.text[:_GROUP_CHARACTERS]


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
    reasons = [
        f"{count} times {reason if len(reason) <= _REASON else f'{reason[:_REASON]}…'}"
        for reason, count in reading.unlearnt.most_common(_REASONS)
    ]
    return f"{unlearnt} of {rows} rows are not learnt from: {'; '.join(reasons)}. `baozhai-train check` lists them"


def read_labels(path: Path, topics: TopicSet) -> Reading:
    """Read a table of ``text, topics, title?, source?``; each bad row is named, the rest goes through.

    `baozhai_model.tables` says which formats, headings and ways to name topics are read. Texts are the same when they
    differ in white space and width alone.

    Raises:
        UnreadableTable: the file as a whole cannot be read.
    """
    read: dict[int, LabelledParagraph] = {}
    rejected = []
    for row in read_labelled_rows(path, topics):
        if isinstance(row, RejectedRow):
            rejected.append(row)
        else:
            number, said = row
            read[number] = LabelledParagraph(said.text, said.topics, said.title, said.source)
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
