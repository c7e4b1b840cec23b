"""What is wrong with a file of labels, for the person who made it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from baozhai_model.topics.topic_set import TopicSet
from baozhai_training.data.labels import CONFLICT, LEAST, LabelledParagraph, Reading, named, targets, without_one_topic
from baozhai_training.data.near_duplicates import near_duplicates

FEW = 20  # examples of a topic that are advised; below, its threshold and its measured F1 are guesses


@dataclass(frozen=True, slots=True)
class Alike:
    """Two rows that are nearly the same; ``leak`` tells that the second is one of the test file's."""

    row: int
    other: int
    resemblance: float
    leak: bool


@dataclass(frozen=True, slots=True)
class TopicCount:
    """How many paragraphs have a topic, and how many do not."""

    topic: str
    examples: int
    others: int

    @property
    def too_few(self) -> bool:
        """Whether there are fewer than `LEAST` on either side: a run refuses them."""
        return min(self.examples, self.others) < LEAST

    @property
    def few(self) -> bool:
        """Whether there are fewer than `FEW` on either side."""
        return min(self.examples, self.others) < FEW

    def __str__(self) -> str:
        advice = ""
        if self.too_few:
            advice = f"  too few: a run refuses a topic with fewer than {LEAST} with it or {LEAST} without"
        elif self.few:
            advice = f"  few: from {FEW} with it and {FEW} without on, its threshold and its F1 are more than guesses"
        return f"{self.topic}: {self.examples} with it, {self.others} without{advice}"


@dataclass(frozen=True, slots=True)
class NotOne:
    """A row with none or several topics, though topics are to exclude each other."""

    row: int
    topics: str


@dataclass(frozen=True, slots=True)
class CheckReport:
    """Everything found in a file of labels; only ``reading.paragraphs`` are learnt from."""

    reading: Reading
    alike: list[Alike]
    counts: list[TopicCount]
    not_one: list[NotOne]

    @property
    def clean(self) -> bool:
        """Whether every row can be learnt from, and none is in the test file."""
        return not (self.reading.unlearnt or self.leaks or self.not_one)

    @property
    def leaks(self) -> list[Alike]:
        """Training rows that are in the test file too, or nearly."""
        return [pair for pair in self.alike if pair.leak]

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "accepted": len(self.reading.paragraphs),
            "rejected": [asdict(row) for row in self.reading.rejected],
            "duplicates": self.reading.duplicates,
            "conflicts": self.reading.conflicts,
            "near_duplicates": [asdict(pair) for pair in self.alike],
            "not_one_topic": [asdict(row) for row in self.not_one],
            "topics": [{**asdict(count), "too_few": count.too_few, "few": count.few} for count in self.counts],
        }

    def lines(self) -> Iterator[str]:
        """The report for people."""
        reading = self.reading
        yield f"{len(reading.paragraphs)} paragraphs go through"
        for rejected in reading.rejected:
            yield f"row {rejected.row} rejected: {rejected.reason}"
        for row, first in reading.duplicates:
            yield f"row {row} left out: the same as row {first}"
        for rows in reading.conflicts:
            yield f"rows {', '.join(map(str, rows))} left out: {CONFLICT}"
        for pair in self.alike:
            where = f"row {pair.other} of the test file" if pair.leak else f"row {pair.other}"
            yield f"row {pair.row} is {pair.resemblance:.0%} the same as {where}"
        for other in self.not_one:
            yield f"row {other.row} has {other.topics}: with exclusive = true a run refuses all but exactly one topic"
        yield from map(str, self.counts)


def check_labels(
    reading: Reading, topics: TopicSet, test: Reading | None = None, *, exclusive: bool = False
) -> CheckReport:
    """Look for near-duplicates within the file and with ``test``, for topics with too few examples, and, if topics are
    to be ``exclusive``, for rows with none or several.
    """
    count = len(reading.paragraphs)
    rows = [*reading.rows, *(test.rows if test else ())]
    paragraphs = [*reading.paragraphs, *(test.paragraphs if test else ())]
    pairs = near_duplicates([paragraph.text for paragraph in paragraphs])
    return CheckReport(
        reading=reading,
        alike=[
            Alike(rows[first], rows[second], resemblance, leak=second >= count)
            for first, second, resemblance in pairs
            if first < count
        ],
        counts=counted(reading.paragraphs, topics),
        not_one=[
            NotOne(reading.rows[place], named(reading.paragraphs[place]))
            for place in (without_one_topic(reading.paragraphs) if exclusive else ())
        ],
    )


def counted(paragraphs: Sequence[LabelledParagraph], topics: TopicSet) -> list[TopicCount]:
    """How many of ``paragraphs`` have each topic."""
    truth = targets(paragraphs, topics)
    return [TopicCount(topic.zh, int(truth[:, i].sum()), int((~truth[:, i]).sum())) for i, topic in enumerate(topics)]
