"""Statistics of the label store: progress, inter-annotator agreement, and labels that are probably wrong.

A label is suspect if the prediction stored with it gives it a low confidence. The model that predicted had not been
trained on the label, as confident learning requires (Northcutt et al. 2021, arXiv:1911.00068).
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

_MOST_SUSPECTS = 500  # suspects in memory: the least probable labels
_LIKELY = 0.35  # a label with a higher probability than this is not suspect


@dataclass(frozen=True, slots=True)
class Suspect:
    """A label to check: whether ``topic`` is in it is ``given``, to which the model gave the probability ``likely``."""

    label: Label
    topic: str
    given: bool
    likely: float


@dataclass(frozen=True, slots=True)
class Progress:
    """How much is labelled.

    Attributes:
        texts: number of texts with a label.
        labels: number of labels, corrections included.
        people: number of texts that each annotator labelled.
        topics: number of texts with each topic, by their last labels; under "" those without a topic.
        corrected: share of last labels that differ from their prediction; None if none has a prediction.
        shared: number of texts that two or more annotators labelled.
        same: share of these that all their annotators labelled alike; None if there are none.
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
    """One text: each annotator's last topics, the most recent last; whether that one differs from its prediction."""

    topics: dict[str, tuple[str, ...]]
    differs: bool | None = None


class LabelOverview:
    """Keeps statistics up to date: it reads only new labels, and holds only a hash and the topics of each text."""

    def __init__(self, database: Callable[[], LabelDatabase]) -> None:
        """Summarize the store that ``database`` returns."""
        self._database = database
        self._lock = threading.Lock()
        self._after = 0
        self._labels = 0
        self._texts: dict[bytes, _Text] = {}
        self._suspects: dict[bytes, Suspect] = {}

    def progress(self) -> Progress:
        """How much is labelled now.

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
        """Up to ``most`` labels that are probably wrong, the least probable first.

        Raises:
            LabelStoreDown: the store could not be read.
        """
        with self._lock:
            self._renew()
            return sorted(self._suspects.values(), key=lambda suspect: suspect.likely)[:most]

    def labelled_by(self, who: str, texts: Sequence[str]) -> list[bool]:
        """For each of ``texts`` whether ``who`` has labelled it.

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
            text.topics.pop(label.who, None)  # so that the new entry is the last one
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
    """The least probable topic decision of ``label``, if its prediction makes it suspect; otherwise None."""
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
