"""Counts of records, articles, paragraphs and dead letters, for a shard or summed over an archive."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from baozhai_service.archive.input.record import DeadLetter, Record
from baozhai_service.archive.scoring.scored_article import ScoredArticle


@dataclass
class Counts:
    """Counts by kind; a paragraph with two topics counts for both."""

    totals: Counter[str] = field(default_factory=Counter)
    topics: Counter[str] = field(default_factory=Counter)
    dead_letters: Counter[str] = field(default_factory=Counter)
    encodings: Counter[str] = field(default_factory=Counter)

    def record(self, record: Record) -> None:
        """Count a record of which at least one article was scored."""
        self.totals["records"] += 1
        self.totals["characters"] += len(record.text)
        self.totals["undated"] += record.date is None
        self.encodings[record.encoding] += 1

    def article(self, scored: ScoredArticle) -> None:
        """Count an article and its paragraphs."""
        answers = [answer for answer in scored.predictions if answer is not None]
        self.totals["articles"] += 1
        self.totals["paragraphs"] += len(answers)
        self.totals["none"] += sum(not answer["topics"] for answer in answers)
        self.totals["uncertain"] += sum(answer["uncertain"] for answer in answers)
        self.topics.update(name for answer in answers for name in answer["topics"])

    def letter(self, letter: DeadLetter) -> None:
        """Count a dead letter."""
        self.dead_letters[letter.reason] += 1

    def to_json(self) -> dict[str, Any]:
        """The counts as plain values."""
        return {
            **{name: self.totals[name] for name in ("records", "undated", "articles", "paragraphs", "characters")},
            **{name: self.totals[name] for name in ("none", "uncertain")},
            "topics": dict(sorted(self.topics.items())),
            "dead_letters": dict(sorted(self.dead_letters.items())),
            "encodings": dict(sorted(self.encodings.items())),
        }

    def add(self, counts: dict[str, Any]) -> None:
        """Add the counts that another object's `to_json` returned."""
        for name, value in counts.items():
            if isinstance(value, dict):
                counter: Counter[str] = getattr(self, name)
                counter.update(value)
            else:
                self.totals[name] += value
