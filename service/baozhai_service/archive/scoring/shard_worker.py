"""Score a shard: read, score, write, and enter it into the ledger. Every executor runs this code."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from baozhai_model.model import Model
from baozhai_service.archive.errors import InputChanged
from baozhai_service.archive.input.filenames import readable
from baozhai_service.archive.input.formats import read
from baozhai_service.archive.input.record import DeadLetter, Record
from baozhai_service.archive.input.segment import Fingerprint
from baozhai_service.archive.input.source import Source
from baozhai_service.archive.output import schema
from baozhai_service.archive.output.folder import Output
from baozhai_service.archive.output.ledger import Receipt, WrittenFile, enter
from baozhai_service.archive.output.parquet import ROWS_TOGETHER, described, write_table
from baozhai_service.archive.output.partitions import partition
from baozhai_service.archive.scoring.answer_cache import AnswerCache
from baozhai_service.archive.scoring.counts import Counts
from baozhai_service.archive.scoring.rows import article_row, dead_letter_rows, paragraph_rows
from baozhai_service.archive.scoring.scored_article import ScoredArticle
from baozhai_service.archive.scoring.scorer import Scorer
from baozhai_service.archive.settings import ScoreSettings
from baozhai_service.archive.shards.shard import Shard

BATCH_TOKENS = 2048


@dataclass(frozen=True, slots=True)
class WorkerSpec:
    """The parameters of a worker, which can be sent to another process or machine.

    Attributes:
        source, output: URLs of the input and of the output folder.
        bundle: folder of the model version.
        settings: settings of the run.
        cache: cache file shared by the workers; None for no cache.
        threads: cores for one encoder batch.
    """

    source: str
    output: str
    bundle: Path
    settings: ScoreSettings
    cache: Path | None
    threads: int = 1


class ShardScorer:
    """Scores shards, one after the other, with one loaded model."""

    def __init__(self, spec: WorkerSpec) -> None:
        """Load the model."""
        self._job = spec
        self._source, self._output = Source(spec.source), Output(spec.output)
        self._model = Model.load(
            spec.bundle,
            threads=spec.threads,
            batch_tokens=BATCH_TOKENS,
            runtime=spec.settings.runtime,
            stages=spec.settings.stages,
            digest_encoder="small",
        )
        names = [topic.id if spec.settings.names == "id" else topic.zh for topic in self._model.topics]
        self._paragraphs = schema.paragraphs(names)

    def score(self, shard: Shard) -> Receipt:
        """Score ``shard``, publish its files, and enter it into the ledger; return its receipt.

        Raises:
            InputChanged: a file has changed since the shard was planned.
            OSError: the output cannot be written.
        """
        cache = AnswerCache(self._job.cache)
        try:
            work = _Work(shard, self._source, Scorer(self._model, self._job.settings, cache), self._job.settings)
            for scored in work.articles():
                work.keep(scored, self._model.version)
        finally:
            cache.close()
        with self._output.drafts() as drafts:
            files = list(self._write(work, drafts))
            for number, file in enumerate(files):
                self._output.publish(drafts / str(number), file.name)
        receipt = Receipt(shard.id, tuple(files), work.tally.to_json())
        enter(self._output, receipt)
        return receipt

    def _write(self, work: _Work, drafts: Path) -> Iterator[WrittenFile]:
        number = 0
        for table, columns in (("paragraphs", self._paragraphs), ("articles", schema.ARTICLES)):
            for (year, source), rows in sorted(
                work.rows[table].items(), key=lambda item: (item[0][0] or 0, item[0][1])
            ):
                count = write_table(drafts / str(number), rows, columns)
                yield described(drafts / str(number), partition(table, year, source, work.shard.id), count)
                number += 1
        if work.dead_letters:
            dead_letters = (
                row for letter in work.dead_letters for row in work.letter_rows(letter, self._model.version)
            )
            count = write_table(drafts / str(number), dead_letters, schema.DEAD_LETTERS, together=ROWS_TOGETHER)
            yield described(drafts / str(number), f"dead_letters/{work.shard.id}.parquet", count)


class _Work:
    """The state of a shard while it is being scored."""

    def __init__(self, shard: Shard, source: Source, scorer: Scorer, settings: ScoreSettings) -> None:
        self.shard = shard
        self.tally = Counts()
        self.dead_letters: list[DeadLetter] = []
        self.rows: dict[str, dict[tuple[int | None, str], list[dict[str, Any]]]] = {
            "paragraphs": defaultdict(list),
            "articles": defaultdict(list),
        }
        self._source, self._scorer, self._settings = source, scorer, settings
        self._latest: Record | None = None
        self._duplicates = {(file, line): first for file, line, first in shard.duplicates}

    def articles(self) -> Iterator[ScoredArticle]:
        """The scored articles of the shard; dead letters are collected."""
        for letter in self.shard.rejected:
            self._put_aside(letter)
        for item in self._scorer.score(self._records()):
            if isinstance(item, DeadLetter):
                self._put_aside(item)
            else:
                yield item

    def keep(self, scored: ScoredArticle, version: str) -> None:
        """Add the rows of an article."""
        record = scored.article.record
        if record is not self._latest:  # a record is counted with its first scored article
            self.tally.record(record)
            self._latest = record
        where = (record.date.year if record.date else None, record.source)
        self.rows["paragraphs"][where].extend(paragraph_rows(scored, version))
        if not self.rows["paragraphs"][where]:
            del self.rows["paragraphs"][where]
        self.rows["articles"][where].append(article_row(scored, version))
        self.tally.article(scored)

    def letter_rows(self, letter: DeadLetter, version: str) -> Iterator[dict[str, Any]]:
        """The rows of a dead letter."""
        return dead_letter_rows(letter, self._source, version)

    def _put_aside(self, letter: DeadLetter) -> None:
        self.dead_letters.append(letter)
        self.tally.letter(letter)

    def _records(self) -> Iterator[Record]:
        for segment in self.shard.segments:
            fingerprint = Fingerprint()
            for item in read(self._source, segment, self._settings):
                fingerprint.add(item)
                if isinstance(item, DeadLetter):
                    self._put_aside(item)
                elif first := self._duplicates.get((item.place.file, item.place.line)):
                    detail = f"its key {item.key} is that of an earlier record, {first}"
                    self._put_aside(DeadLetter(item.place, "duplicate_key", detail, item.raw))
                else:
                    yield item
            if fingerprint.hexdigest() != segment.digest:
                raise InputChanged(readable(segment.path))
