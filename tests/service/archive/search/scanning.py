"""What a search must find, by the plainest means: every row of the Parquet files is looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from baozhai_service.archive.search.filters import NO_TOPIC, Filters
from baozhai_service.archive.search.folding import fold
from baozhai_service.archive.search.hits import Hits
from baozhai_service.archive.search.query import parse_query

Key = tuple[str, int, int, int]  # source, line, article, paragraph; 0 for the headline


def scan(out: Path, query: str, filters: Filters) -> dict[Key, dict[str, Any]]:
    """The rows of an output that match, by where they are."""
    node = parse_query(query)
    return {
        key: row
        for key, row in _rows(out)
        if (node is None or node.matches(fold(row["text"]))) and _passes(row, filters)
    }


def found(hits: Hits) -> list[Key]:
    """Where the hits are, in the order of the archive."""
    keys = []
    for part, rows in hits.by_part():
        for row, article in zip(rows.tolist(), part.article_of(rows).tolist(), strict=True):
            number = int(part.paragraphs.number[row]) if row < part.size else 0
            file = part.names.files[part.articles.file[article]]
            at = pq.read_table(
                part.folder.parents[2] / "articles" / file, columns=["line", "article"], partitioning=None
            ).to_pylist()[part.articles.row[article]]
            keys.append((part.names.sources[part.articles.source[article]], at["line"], at["article"], number))
    return keys


def count_facets(rows: dict[Key, dict[str, Any]]) -> dict[str, dict[str, int]]:
    """How many rows there are of each kind."""
    counted: dict[str, Counter[str]] = {
        name: Counter() for name in ("topic", "source", "year", "month", "page", "role", "uncertain")
    }
    for row in rows.values():
        counted["topic"].update(row["topics"] or [NO_TOPIC])
        counted["source"][row["source"]] += 1
        counted["year"][f"{row['date']:%Y}" if row["date"] else ""] += 1
        counted["month"][f"{row['date']:%Y-%m}" if row["date"] else ""] += 1
        counted["page"][row["page"] or ""] += 1
        counted["role"][row["role"]] += 1
        if row["role"] == "body":
            counted["uncertain"][str(row["uncertain"]).lower()] += 1
    return {name: dict(counts) for name, counts in counted.items()}


def _rows(out: Path) -> Iterator[tuple[Key, dict[str, Any]]]:
    for table in ("paragraphs", "articles"):
        rows = pq.read_table(out / table).to_pylist() if (out / table).exists() else []
        for row in rows:
            row["source"] = str(row["source"])
            row["role"] = "body" if table == "paragraphs" else "headline"
            if table == "articles":
                row["text"] = row["headline"]
            if row["text"]:
                yield (row["source"], row["line"], row["article"], row.get("paragraph", 0)), row


def _passes(row: dict[str, Any], filters: Filters) -> bool:
    body = row["role"] == "body"
    if filters.roles and row["role"] not in filters.roles:
        return False
    if filters.topics and not (set(row["topics"] or [NO_TOPIC]) & set(filters.topics)):
        return False
    if filters.uncertain is not None and not (body and row["uncertain"] == filters.uncertain):
        return False
    if filters.confidence is not None:
        wanted = set(filters.topics) or set(row["topics"])
        given = set(row["topics"]) & wanted
        if not (body and any(row["confidences"][name] >= filters.confidence for name in given)):
            return False
    if filters.first and not (row["date"] and row["date"] >= filters.first):
        return False
    if filters.last and not (row["date"] and row["date"] <= filters.last):
        return False
    if filters.sources and row["source"] not in filters.sources:
        return False
    return not (filters.pages and (row["page"] or "") not in filters.pages)
