"""Build a part of the index from the files of its shards; it appears in its place whole or not at all."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from baozhai_service.archive.output.folder import Output
from baozhai_service.archive.output.integrity import damaged
from baozhai_service.archive.output.ledger import Ledger
from baozhai_service.archive.search import engine
from baozhai_service.archive.search.columns import (
    MOST_TOPICS,
    SCALE,
    UNDATED,
    Array,
    ArticleColumns,
    ParagraphColumns,
    PartNames,
    write_columns,
)
from baozhai_service.archive.search.errors import IndexUnusable
from baozhai_service.archive.search.folding import fold, fold_all
from baozhai_service.archive.search.plan import PartPlan

DRAFTS = "drafts"
_NOT_WORDING = re.compile(r"[\W_]+")
_EPOCH = 719_163  # ordinal of 1970-01-01
_ARTICLES = ["file", "line", "article", "date", "page", "headline", "topics"]
_PARAGRAPHS = ["file", "line", "article", "paragraph", "text", "topics", "confidences", "uncertain"]


def article_id(source: str, file: str, line: int, article: int) -> int:
    """A stable 64-bit name of an article: it depends on where the article is from, not on how it was scored."""
    told = f"{source}\x1f{file}\x1f{line}\x1f{article}".encode()
    return int.from_bytes(hashlib.blake2b(told, digest_size=8).digest())


def wording_of(folded: str) -> int:
    """A hash of the letters and digits of a folded text."""
    told = _NOT_WORDING.sub("", folded).encode()
    return int.from_bytes(hashlib.blake2b(told, digest_size=8).digest())


def build_part(output: Output, plan: PartPlan, topics: Sequence[str], folder: Path) -> None:
    """Index the shards of ``plan`` into ``folder / plan.name``.

    Args:
        output: the scored archive.
        plan: of one part.
        topics: names of the topics as the archive calls them.
        folder: of the index.

    Raises:
        IndexUnusable: there are more topics than an index can hold.
        OutputRefused: a file does not hold what its receipt tells of.
        OSError: a file of the archive is missing, or the index cannot be written.
    """
    if len(topics) > MOST_TOPICS:
        raise IndexUnusable(f"the archive has {len(topics)} topics; an index holds at most {MOST_TOPICS}")
    drafts = folder / DRAFTS
    drafts.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=drafts, prefix=plan.name))
    try:
        build = _Build(output, topics)
        with engine.writer(draft) as add:
            for shard in plan.shards:
                for rows in build.shard(shard):
                    for row, text in rows:
                        add(row, text)
        if build.paragraph_count != plan.paragraphs:
            told = f"its shards have {build.paragraph_count} paragraphs, their receipts tell of {plan.paragraphs}"
            raise damaged(output, plan.shards, told)
        write_columns(draft, *build.columns())
        try:
            draft.rename(folder / plan.name)
        except OSError:
            if not (folder / plan.name).exists():  # another process may have been faster: both made the same
                raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)


@dataclass
class _Build:
    """Columns on their way; ``shard`` gives what is to be indexed as text."""

    output: Output
    topics: Sequence[str]
    paragraphs: dict[str, list[Array]] = field(default_factory=dict)
    articles: dict[str, list[Array]] = field(default_factory=dict)
    confidences: list[list[Array]] = field(default_factory=list)
    sources: dict[str, int] = field(default_factory=dict)
    pages: dict[str, int] = field(default_factory=lambda: {"": 0})
    files: list[str] = field(default_factory=list)
    paragraph_count: int = 0
    article_count: int = 0

    def __post_init__(self) -> None:
        self._ledger = Ledger(self.output)

    def shard(self, shard: str) -> Iterator[Iterator[tuple[int, str]]]:
        """Take in a shard; for each of its files the numbers and folded texts to index."""
        files = {written.name for written in self._ledger.receipt(shard).files}
        for written in sorted(files):
            table, _, name = written.partition("/")
            if table == "articles":
                yield self._file(name, has_paragraphs=f"paragraphs/{name}" in files)

    def columns(self) -> tuple[ParagraphColumns, ArticleColumns, PartNames]:
        """All that was taken in."""
        paragraphs = _joined(self.paragraphs, _PARAGRAPH_TYPES)
        confidences = tuple(self._confidences(place) for place in range(len(self.topics)))
        names = PartNames(tuple(self.topics), tuple(self.sources), tuple(self.pages), tuple(self.files))
        articles = ArticleColumns(**_joined(self.articles, _ARTICLE_TYPES))
        return ParagraphColumns(**paragraphs, confidences=confidences), articles, names

    def _confidences(self, place: int) -> Array:
        return np.concatenate([np.empty(0, np.uint16), *(file[place] for file in self.confidences)])

    def _file(self, name: str, *, has_paragraphs: bool) -> Iterator[tuple[int, str]]:
        articles = self._read(f"articles/{name}", _ARTICLES)
        paragraphs = self._read(f"paragraphs/{name}", _PARAGRAPHS) if has_paragraphs else None
        counts = self._add_articles(name, articles, paragraphs)
        texts: list[str] = []
        if paragraphs is not None:
            texts = fold_all(paragraphs["text"].to_pylist())
            self._add_paragraphs(paragraphs, texts, counts)
        first = self.paragraph_count
        yield from ((engine.paragraph_number(first + i), text) for i, text in enumerate(texts))
        for i, headline in enumerate(articles["headline"].to_pylist()):
            if headline:
                yield engine.headline_number(self.article_count + i), fold(headline)
        self.paragraph_count += len(texts)
        self.article_count += len(articles)

    def _read(self, name: str, columns: list[str]) -> Any:
        with self.output.filesystem.open(f"{self.output.root}/{name}", "rb") as file:
            return pq.ParquetFile(file).read(columns=columns)

    def _add_articles(self, name: str, articles: Any, paragraphs: Any) -> Array:
        """Take in the articles of a file; the number of paragraphs of each."""
        source = source_of(name)
        keys = list(zip(*(articles[column].to_pylist() for column in ("file", "line", "article")), strict=True))
        counts = np.zeros(len(keys), np.int64)
        if paragraphs is not None:
            place = {key: i for i, key in enumerate(keys)}
            lines, numbers = paragraphs["line"].to_numpy(), paragraphs["article"].to_numpy()
            files = pc.dictionary_encode(paragraphs["file"].combine_chunks())
            codes, file_names = files.indices.to_numpy(), files.dictionary.to_pylist()
            changed = (np.diff(codes) != 0) | (np.diff(lines) != 0) | (np.diff(numbers) != 0)
            begins = np.flatnonzero(np.r_[True, changed])
            at = [place[file_names[codes[i]], int(lines[i]), int(numbers[i])] for i in begins]
            counts[at] = np.diff(np.r_[begins, len(lines)])
        before = np.cumsum(counts) - counts
        days = articles["date"].combine_chunks().cast(pa.int32())
        headlines = articles["headline"].to_pylist()
        self.files.append(name)
        rows = {
            "id": [article_id(source, *key) for key in keys],
            "day": np.where(days.is_null(), UNDATED, days.fill_null(0).to_numpy(zero_copy_only=False) + _EPOCH),
            "source": np.full(len(keys), self.sources.setdefault(source, len(self.sources))),
            "page": [self.pages.setdefault(page or "", len(self.pages)) for page in articles["page"].to_pylist()],
            "topics": _topic_bits(articles["topics"], self.topics),
            "headed": [bool(headline) for headline in headlines],
            "file": np.full(len(keys), len(self.files) - 1),
            "row": np.arange(len(keys)),
            "first_row": before,
            "first": before + self.paragraph_count,
            "paragraphs": counts,
        }
        for column, values in rows.items():
            self.articles.setdefault(column, []).append(np.asarray(values, _ARTICLE_TYPES[column]))
        return counts

    def _add_paragraphs(self, paragraphs: Any, texts: Sequence[str], counts: Array) -> None:
        confidences = paragraphs["confidences"].combine_chunks()
        by_topic = [confidences.field(name).to_numpy(zero_copy_only=False) for name in self.topics]
        self.confidences.append([np.rint(values * SCALE).astype(np.uint16) for values in by_topic])
        rows = {
            "article": np.repeat(np.arange(len(counts)) + self.article_count, counts),
            "number": paragraphs["paragraph"].to_numpy(),
            "topics": _topic_bits(paragraphs["topics"], self.topics),
            "uncertain": paragraphs["uncertain"].to_numpy(),
            "wording": [wording_of(text) for text in texts],
        }
        for column, values in rows.items():
            self.paragraphs.setdefault(column, []).append(np.asarray(values, _PARAGRAPH_TYPES[column]))


def source_of(file: str) -> str:
    """The source in a file's path, as `output.parquet` writes it.

    >>> source_of("year=2023/source=a%2Fb日报/c0ffee.parquet")
    'a/b日报'
    """
    return unquote(file.split("/")[1].removeprefix("source="))


_PARAGRAPH_TYPES: dict[str, type[np.generic]] = {
    "article": np.uint32,
    "number": np.uint32,
    "topics": np.uint64,
    "uncertain": np.bool_,
    "wording": np.uint64,
}
_ARTICLE_TYPES: dict[str, type[np.generic]] = {
    "id": np.uint64,
    "day": np.int32,
    "source": np.uint32,
    "page": np.uint32,
    "topics": np.uint64,
    "headed": np.bool_,
    "file": np.uint32,
    "row": np.uint32,
    "first_row": np.uint32,
    "first": np.uint32,
    "paragraphs": np.uint32,
}


def _joined(columns: dict[str, list[Array]], types: dict[str, type[np.generic]]) -> dict[str, Array]:
    return {name: np.concatenate([np.empty(0, kind), *columns.get(name, [])]) for name, kind in types.items()}


def _topic_bits(column: Any, topics: Sequence[str]) -> Array:
    """A bit for each topic of each row's list."""
    lists = column.combine_chunks()
    rows = np.repeat(np.arange(len(lists)), np.diff(lists.offsets.to_numpy()))
    encoded = pc.dictionary_encode(lists.flatten())
    codes, names = encoded.indices.to_numpy(), encoded.dictionary.to_pylist()
    bits = np.zeros(len(lists), np.uint64)
    for code, name in enumerate(names):
        given = np.zeros(len(lists), np.bool_)
        given[rows[codes == code]] = True
        bits |= given.astype(np.uint64) << np.uint64(topics.index(name))
    return bits
