"""What changes for an archive when one version takes another's place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from baozhai_model.model import Model
from baozhai_model.results import Prediction


@dataclass(frozen=True, slots=True)
class Difference:
    """A paragraph whose topics change: those that only the old version gave, and those that only the new one gives."""

    place: int
    lost: tuple[str, ...]
    gained: tuple[str, ...]


@dataclass(frozen=True)
class DifferenceReport:
    """The paragraphs that change, of how many, and how often each topic is lost or gained."""

    paragraphs: int
    changed: list[Difference]

    @property
    def lost(self) -> Counter[str]:
        """How many paragraphs lose each topic."""
        return Counter(name for change in self.changed for name in change.lost)

    @property
    def gained(self) -> Counter[str]:
        """How many paragraphs gain each topic."""
        return Counter(name for change in self.changed for name in change.gained)


def differences(
    old: Model, new: Model, texts: Sequence[str], titles: Sequence[str | None] | None = None
) -> DifferenceReport:
    """Compare two versions over ``texts`` (with ``titles``); topics are the same where their ids are."""
    changed = []
    answers = zip(old.classify(texts, titles), new.classify(texts, titles), strict=True)
    for place, (before, after) in enumerate(answers):
        if isinstance(before, Prediction) and isinstance(after, Prediction):
            had, has = {t.id: t.zh for t in before.topics}, {t.id: t.zh for t in after.topics}
            lost = tuple(zh for name, zh in had.items() if name not in has)
            gained = tuple(zh for name, zh in has.items() if name not in had)
            if lost or gained:
                changed.append(Difference(place, lost, gained))
    return DifferenceReport(len(texts), changed)
