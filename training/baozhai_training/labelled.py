"""Labelled paragraphs: what people said each is about."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from baozhai_model.topics import Topic, TopicSet
from numpy.typing import NDArray

_GROUP_CHARACTERS = 20  # without a title, paragraphs that begin alike count as one article


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


def read_labelled(path: Path, topics: TopicSet) -> list[LabelledParagraph]:
    """Read JSONL lines of ``{text, topics, title?, source?}``.

    Raises:
        ValueError: naming the line and what is wrong with it.
    """
    paragraphs = []
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                record = json.loads(line)
                named = frozenset(topics.named(name) for name in record["topics"])
                paragraphs.append(
                    LabelledParagraph(record["text"], named, record.get("title"), record.get("source") or "")
                )
            except (KeyError, TypeError, json.JSONDecodeError) as error:
                raise ValueError(f"{path} line {number}: {error}") from error
    return paragraphs


def targets(paragraphs: Sequence[LabelledParagraph], topics: TopicSet) -> NDArray[np.bool_]:
    """Which topics each paragraph has, shape (paragraphs, topics)."""
    return np.array([[topic in paragraph.topics for topic in topics] for paragraph in paragraphs], dtype=bool)


def fingerprint(paragraphs: Sequence[LabelledParagraph]) -> str:
    """A SHA-256 of texts and labels, whatever their order."""
    rows = sorted(f"{p.text}\x00{','.join(sorted(topic.id for topic in p.topics))}" for p in paragraphs)
    return hashlib.sha256("\x01".join(rows).encode("utf-8", "surrogatepass")).hexdigest()
