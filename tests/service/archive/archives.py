"""Small archives of our own writing, and what their scores look like on disk."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import random
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from baozhai_service.archive.output.folder import PRIVATE
from baozhai_service.archive.run import ArchiveRun, Outcome
from baozhai_service.archive.settings import ScoreSettings
from tests.tiny import digested_articles, labelled_paragraphs

SMALL = ScoreSettings(shard_bytes=4000)
PARAGRAPHS = [str(row["text"]) for row in labelled_paragraphs()]
ARTICLES = digested_articles()


def page(seed: int) -> str:
    """A page of two articles."""
    chosen = random.Random(seed).sample(ARTICLES, 2)
    return "\n\n".join(f"{article['title']}\n\n本报讯（记者 李明）{article['text']}" for article in chosen)


def article(seed: int) -> str:
    """An article of three paragraphs."""
    return "\n".join(random.Random(seed).sample(PARAGRAPHS, 3))


def write_jsonl(path: Path, rows: Iterable[Mapping[str, Any] | bytes]) -> Path:
    """Rows as JSON Lines; bytes as they are."""
    lines = [row if isinstance(row, bytes) else json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(lines))
    return path


def csv_bytes(rows: Iterable[Iterable[str]]) -> bytes:
    """Rows as CSV."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def make_archive(folder: Path) -> Path:
    """Pages in two encodings, JSONL, CSV and Parquet, with a bad record here and there."""
    pages = folder / "晨报"
    pages.mkdir(parents=True)
    for day in range(1, 9):
        (pages / f"202307{day:02d}-01.txt").write_bytes(page(day).encode("gb18030" if day % 3 == 0 else "utf-8"))
    (pages / "20231345-01.txt").write_text(page(9), encoding="utf-8")
    write_jsonl(
        folder / "晚报.jsonl",
        [
            *({"id": i, "text": article(i), "title": "标题", "date": f"202{i % 3}-05-{i + 1:02d}"} for i in range(30)),
            b"{no json\n",
            {"id": 4, "text": "同一个编号出现了两次。"},
            b'{"text": "torn',
        ],
    )
    rows = [["date", "text", "source"], *(["2022年1月3日", article(100 + i), f"县报{i % 2}"] for i in range(12))]
    (folder / "table.csv").write_bytes(csv_bytes(rows))
    columns = {"text": [article(200 + i) for i in range(12)], "date": [20210101 + i for i in range(12)]}
    pq.write_table(pa.table(columns), folder / "rows.parquet", row_group_size=5)
    return folder


def score(source: Path, out: Path, bundle: Path, settings: ScoreSettings = SMALL, **options: Any) -> Outcome:
    """Score in this process."""
    return ArchiveRun(str(source), str(out), bundle, settings, **options).score()


def contents(out: Path) -> dict[str, str]:
    """The SHA-256 of every file of an output, run notes left out."""
    return {
        path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.relative_to(out).parts[0] != PRIVATE
    }


def table(out: Path, name: str) -> list[dict[str, Any]]:
    """The rows of a table, with what the path says."""
    if not (out / name).exists():
        return []
    rows: list[dict[str, Any]] = pq.read_table(out / name).to_pylist()
    return rows
