"""An article's topics, from the topics of its paragraphs. Pages and archives decide by this one rule."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")

ARTICLE_SHARE = 0.3  # of an article's characters


def article_topics(topics: Iterable[T], paragraphs: Sequence[tuple[int, Collection[T]]]) -> tuple[T, ...]:
    """Those of ``topics``, in their order, whose paragraphs hold at least `ARTICLE_SHARE` of the article's characters.

    Args:
        topics: all topics there are.
        paragraphs: the characters and the topics of each paragraph that could be classified.

    >>> article_topics(("党建", "治理", "金融"), [(70, ["治理"]), (30, ["党建", "治理"]), (1, ["金融"])])
    ('治理',)
    >>> article_topics(("党建", "治理"), [(70, ["治理"]), (30, ["党建"])])
    ('党建', '治理')
    """
    characters = sum(length for length, _ in paragraphs)
    carried = {topic: sum(length for length, given in paragraphs if topic in given) for topic in topics}
    return tuple(topic for topic, share in carried.items() if characters and share >= ARTICLE_SHARE * characters)
