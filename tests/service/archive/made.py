"""Scored archives without a scorer: rows of our own making in the very files that a run writes."""

from __future__ import annotations

import datetime
import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from baozhai_service.archive.output import schema
from baozhai_service.archive.output.folder import MANIFEST, Output
from baozhai_service.archive.output.ledger import Receipt, enter
from baozhai_service.archive.output.manifest import Manifest, input_fingerprint
from baozhai_service.archive.output.parquet import described, write_table
from baozhai_service.archive.output.partitions import partition

TOPICS = ("党建", "治理", "金融", "生态")
IDS = ("party_building", "governance", "finance", "ecology")
VERSION = "2026-01-01-0000000"


@dataclass(frozen=True)
class MadeParagraph:
    text: str
    topics: tuple[str, ...] = ()
    confidences: tuple[float, ...] = (0.1, 0.1, 0.1, 0.1)
    uncertain: bool = False


@dataclass(frozen=True)
class MadeArticle:
    paragraphs: tuple[MadeParagraph, ...]
    source: str = "晨报"
    date: datetime.date | None = datetime.date(2023, 7, 19)
    page: str | None = "1"
    headline: str | None = None
    topics: tuple[str, ...] = ()
    digest: tuple[str, ...] = field(default=())


def write_scored(out: Path, articles: Sequence[MadeArticle], *, shard_articles: int = 2) -> Path:
    """Write ``articles`` as the output of a run, so many in a shard; each is a line of one file."""
    output = Output(str(out))
    shards, totals = [], defaultdict(int)
    for start in range(0, len(articles), shard_articles):
        chosen = articles[start : start + shard_articles]
        shard = hashlib.sha256(repr((start, chosen)).encode()).hexdigest()[:16]
        shards.append(shard)
        rows: dict[tuple[str, int | None, str], list[dict[str, Any]]] = defaultdict(list)
        for line, article in enumerate(chosen, start + 1):
            year = article.date.year if article.date else None
            rows["articles", year, article.source].append(_article_row(article, line))
            if article.paragraphs:
                rows["paragraphs", year, article.source].extend(_paragraph_rows(article, line))
        files = []
        with output.drafts() as drafts:
            for (table, year, source), part in rows.items():
                columns = schema.ARTICLES if table == "articles" else schema.paragraphs(TOPICS)
                write_table(drafts / "draft", part, columns)
                name = partition(table, year, source, shard)
                files.append(described(drafts / "draft", name, len(part)))
                output.publish(drafts / "draft", name)
                totals[table] += len(part)
        paragraphs = sum(len(article.paragraphs) for article in chosen)
        enter(output, Receipt(shard, tuple(files), {"paragraphs": paragraphs}))
    told = {"fingerprint": input_fingerprint(tuple(shards)), "bytes": 0}
    everything = [paragraph for article in articles for paragraph in article.paragraphs]
    counts = {
        "records": len(articles),
        "articles": totals["articles"],
        "paragraphs": totals["paragraphs"],
        "characters": sum(len(paragraph.text) for paragraph in everything),
        "none": sum(not paragraph.topics for paragraph in everything),
        "uncertain": sum(paragraph.uncertain for paragraph in everything),
        "topics": {},
        "dead_letters": {},
        "encodings": {"utf-8": len(articles)},
    }
    basis = {
        "settings": {"names": "zh", "digests": True},
        "model_version": VERSION,
        "bundle": "0" * 64,
        "release": "0",
    }
    measured = [
        {"id": id_, "zh": zh, "precision": 0.9, "recall": 0.9, "count": 300, "total": 2000}
        for id_, zh in zip(IDS, TOPICS, strict=True)
    ]
    output.write(MANIFEST, Manifest(basis, told, tuple(shards), counts, tuple(measured)).to_bytes())
    return out


def _keys(article: MadeArticle, line: int) -> dict[str, Any]:
    return {
        "file": "made.jsonl",
        "line": line,
        "id": str(line),
        "date": article.date,
        "page": article.page,
        "article": 1,
    }


def _article_row(article: MadeArticle, line: int) -> dict[str, Any]:
    return {
        **_keys(article, line),
        "headline": article.headline,
        "topics": list(article.topics),
        "paragraphs": len(article.paragraphs),
        "characters": sum(len(paragraph.text) for paragraph in article.paragraphs),
        "digest": [
            {"spans": [{"start": 0, "end": len(text)}], "text": text, "salience": 0.5} for text in article.digest
        ],
        "encoding": "utf-8",
        "model_version": VERSION,
    }


def _paragraph_rows(article: MadeArticle, line: int) -> list[dict[str, Any]]:
    return [
        {
            **_keys(article, line),
            "paragraph": number,
            "start": 0,
            "end": len(paragraph.text),
            "spans": [{"start": 0, "end": len(paragraph.text)}],
            "text": paragraph.text,
            "topics": list(paragraph.topics),
            "confidences": dict(zip(TOPICS, paragraph.confidences, strict=True)),
            "uncertain": paragraph.uncertain,
            "salience": 0.5,
            "windows": 1,
            "model_version": VERSION,
        }
        for number, paragraph in enumerate(article.paragraphs, 1)
    ]
