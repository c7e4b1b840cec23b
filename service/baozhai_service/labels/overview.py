"""What the label store holds, at a glance: progress, agreement between people, and labels that are probably wrong.

A label is suspected by the confidence that the model gave it when it was given. No model had seen it then, so this is
what confident learning wants (Northcutt et al. 2021, arXiv:1911.00068): an opinion that the label had no part in.
"""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from baozhai_service.labels.agreement import alpha
from baozhai_service.labels.records import Label

if TYPE_CHECKING:
    from baozhai_service.labels.database import LabelDatabase

_MOST_SUSPECTS = 500  # kept; the least likely labels of all
_LIKELY = 0.35  # a label that the model found likelier than this is no suspect


@dataclass(frozen=True, slots=True)
class Suspect:
    """A label to look at again: of ``topic``, it says ``given``, which the model found ``likely`` to be right."""

    label: Label
    topic: str
    given: bool
    likely: float


@dataclass(frozen=True, slots=True)
class Progress:
    """How much is labelled.

    Attributes:
        texts: texts with a label.
        labels: labels, corrections included.
        people: texts that each person labelled.
        topics: texts with each topic, by the last label of each text; under "" those without any.
        corrected: of the last labels that came with a prediction, the share that differs from it; None if none did.
        shared: texts that two or more people labelled.
        same: share of those that all of them labelled alike; None if there are none.
        alpha: Krippendorff's alpha of each topic, where it is defined.
    """

    texts: int
    labels: int
    people: dict[str, int]
    topics: dict[str, int]
    corrected: float | None
    shared: int
    same: float | None
    alpha: dict[str, float]


@dataclass(slots=True)
class _Text:
    """What is known of one text: each person's last topics, the last of all last; and whether that one differs."""

    topics: dict[str, tuple[str, ...]]
    differs: bool | None = None


class LabelOverview:
    """Follows the label store: only what is new is read, and of each text only a digest and its topics are kept."""

    def __init__(self, database: Callable[[], LabelDatabase]) -> None:
        """Look at the store that ``database`` opens."""
        self._database = database
        self._lock = threading.Lock()
        self._after = 0
        self._labels = 0
        self._texts: dict[bytes, _Text] = {}
        self._suspects: dict[bytes, Suspect] = {}

    def progress(self) -> Progress:
        """How much is labelled, as of now.

        Raises:
            LabelStoreDown: the store could not be read.
        """
        with self._lock:
            self._renew()
            texts = list(self._texts.values())
        last = [next(reversed(text.topics.values())) for text in texts]
        differs = [text.differs for text in texts if text.differs is not None]
        shared = [list(text.topics.values()) for text in texts if len(text.topics) > 1]
        names = sorted({topic for given in last for topic in given})
        agreement = {name: alpha([[name in given for given in unit] for unit in shared]) for name in names}
        return Progress(
            texts=len(texts),
            labels=self._labels,
            people=dict(Counter(who for text in texts for who in text.topics).most_common()),
            topics=dict(Counter(topic for given in last for topic in given or ("",))),
            corrected=sum(differs) / len(differs) if differs else None,
            shared=len(shared),
            same=sum(len({frozenset(given) for given in unit}) == 1 for unit in shared) / len(shared)
            if shared
            else None,
            alpha={name: value for name, value in agreement.items() if value is not None},
        )

    def suspects(self, most: int) -> list[Suspect]:
        """Up to ``most`` labels that are probably wrong, the least likely first.

        Raises:
            LabelStoreDown: the store could not be read.
        """
        with self._lock:
            self._renew()
            return sorted(self._suspects.values(), key=lambda suspect: suspect.likely)[:most]

    def labelled_by(self, who: str, texts: Sequence[str]) -> list[bool]:
        """Which of ``texts`` have a label by ``who``.

        Raises:
            LabelStoreDown: the store could not be read.
        """
        with self._lock:
            self._renew()
            found = [self._texts.get(_digest(text)) for text in texts]
        return [text is not None and who in text.topics for text in found]

    def _renew(self) -> None:
        for number, label in self._new():
            self._after, self._labels = number, self._labels + 1
            name = _digest(label.text)
            text = self._texts.setdefault(name, _Text({}))
            text.topics.pop(label.who, None)  # so that it comes last
            text.topics[label.who] = label.topics
            predicted = label.prediction
            text.differs = set(predicted.topics) != set(label.topics) if predicted else None
            self._suspects.pop(name, None)
            if (suspect := suspected(label)) is not None:
                self._suspects[name] = suspect
        if len(self._suspects) > _MOST_SUSPECTS:
            kept = sorted(self._suspects.items(), key=lambda item: item[1].likely)[:_MOST_SUSPECTS]
            self._suspects = dict(kept)

    def _new(self) -> Iterator[tuple[int, Label]]:
        database = self._database()
        while page := database.page(self._after):
            yield from page


def suspected(label: Label) -> Suspect | None:
    """What is least likely about ``label``, if the model that had not seen it found it unlikely."""
    if label.prediction is None or not label.prediction.confidences:
        return None
    likely = {
        topic: confidence if topic in label.topics else 1.0 - confidence
        for topic, confidence in label.prediction.confidences.items()
    }
    topic = min(likely, key=lambda each: likely[each])
    return Suspect(label, topic, topic in label.topics, likely[topic]) if likely[topic] < _LIKELY else None


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=12).digest()
