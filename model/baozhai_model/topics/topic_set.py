"""Topics are data: a bundle names them, so a fifth topic is configuration and retraining, not code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """One thing that a paragraph can be about."""

    id: str
    zh: str
    en: str = ""


class TopicSet:
    """The ordered topics of one bundle; order is the order of the model's logits.

    Raises:
        ValueError: no topic, or a name that stands for two of them.
    """

    def __init__(self, topics: Iterable[Topic]) -> None:
        self._topics = tuple(topics)
        if not self._topics:
            raise ValueError("a topic set needs at least one topic")
        self._by_name: dict[str, Topic] = {}
        for topic in self._topics:
            for name in {topic.id, topic.zh}:
                if name in self._by_name:
                    raise ValueError(f"topic name {name!r} is given twice")
                self._by_name[name] = topic

    def __iter__(self) -> Iterator[Topic]:
        return iter(self._topics)

    def __len__(self) -> int:
        return len(self._topics)

    def __getitem__(self, index: int) -> Topic:
        return self._topics[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TopicSet) and self._topics == other._topics

    def __hash__(self) -> int:
        return hash(self._topics)

    def __repr__(self) -> str:
        return f"TopicSet({list(self.ids)})"

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids, in order."""
        return tuple(topic.id for topic in self._topics)

    def named(self, name: str) -> Topic:
        """The topic whose id or Chinese name is ``name``.

        Raises:
            KeyError: no such topic; the message lists those there are.
        """
        try:
            return self._by_name[name]
        except KeyError:
            known = ", ".join(f"{topic.zh} ({topic.id})" for topic in self._topics)
            raise KeyError(f"{name!r} is no topic; topics are {known}") from None

    def index(self, name: str) -> int:
        """The place of the topic called ``name`` (id or Chinese name)."""
        return self._topics.index(self.named(name))
