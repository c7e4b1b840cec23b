"""What a search is narrowed by, besides its query."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from baozhai_service.archive.search.errors import InvalidFilter

Role = Literal["body", "headline"]
ROLES: tuple[Role, ...] = ("body", "headline")
NO_TOPIC = "none"
MOST_VALUES = 100  # of one filter


@dataclass(frozen=True, slots=True)
class Filters:
    """Conditions that all must hold; of the values of one condition, one is enough. Empty is no condition.

    Attributes:
        topics: names of topics that were given; `NO_TOPIC` for paragraphs without any.
        confidence: at least this much for a topic that was given (one of ``topics`` if there are any); paragraphs only.
        uncertain: whether some topic is near its threshold; paragraphs only.
        first, last: days, both included; undated ones are left out as soon as one is set.
        sources, pages: names.
        roles: what a hit may be.
    """

    topics: tuple[str, ...] = ()
    confidence: float | None = None
    uncertain: bool | None = None
    first: datetime.date | None = None
    last: datetime.date | None = None
    sources: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    roles: tuple[Role, ...] = ()

    def __post_init__(self) -> None:
        if self.first and self.last and self.first > self.last:
            raise InvalidFilter(f"the dates are turned round: from {self.first} to {self.last}; give the earlier first")
        if self.confidence is not None and not 0 <= self.confidence <= 1:
            raise InvalidFilter(f"confidence is {self.confidence}; it must be from 0 to 1")
        if strange := [role for role in self.roles if role not in ROLES]:
            raise InvalidFilter(f"role is {strange[0]!r}; it must be one of {', '.join(ROLES)}")
        for name in ("topics", "sources", "pages"):
            if len(getattr(self, name)) > MOST_VALUES:
                raise InvalidFilter(f"{name} has more than {MOST_VALUES} values")

    def with_topics_of(self, topics: Sequence[dict[str, Any]], names: str) -> Filters:
        """These filters with topics called as the archive calls them.

        Args:
            topics: of the archive's manifest, with ``id`` and ``zh``.
            names: whether the archive calls them by "id" or by "zh".

        Raises:
            InvalidFilter: there is no such topic.
        """
        known = {name: topic[names] for topic in topics for name in (topic["id"], topic["zh"])}
        known |= {NO_TOPIC: NO_TOPIC, "无主题": NO_TOPIC}
        for name in self.topics:
            if name not in known:
                called = ", ".join([*(topic[names] for topic in topics), NO_TOPIC])
                raise InvalidFilter(f"{name!r} is no topic of this archive; its topics are {called}")
        return replace(self, topics=tuple(dict.fromkeys(known[name] for name in self.topics)))

    @property
    def paragraphs_only(self) -> bool:
        """Whether a condition is set that only paragraphs can fulfil."""
        return self.confidence is not None or self.uncertain is not None

    def to_json(self) -> dict[str, Any]:
        """The conditions that are set, as plain values."""
        told = {name: value for name, value in asdict(self).items() if value not in (None, ())}
        return {name: _plain(value) for name, value in told.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime.date):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


EVERYTHING = Filters()
