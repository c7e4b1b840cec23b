"""The report's figures and places are those of what was scored."""

import base64
import json
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from baozhai_service.archive.report.page import report
from tests.service.archive.archives import PARAGRAPHS, score, write_jsonl


def doubt_all(out: Path) -> None:
    """Make every paragraph of an output uncertain."""
    for path in (out / "paragraphs").rglob("*.parquet"):
        rows = pq.ParquetFile(path).read()
        at = rows.schema.get_field_index("uncertain")
        pq.write_table(rows.set_column(at, "uncertain", pa.array([True] * len(rows))), path)


def to_label(page: str) -> list[dict[str, Any]]:
    found = re.search(r'base64,([^"]*)"', page)
    assert found is not None
    return [json.loads(line) for line in base64.b64decode(found[1]).decode().splitlines()]


def test_what_is_to_be_labelled_is_where_it_is_said_to_be(bundle_folder: Path, tmp_path: Path) -> None:
    one, two, three, often = PARAGRAPHS[:4]
    write_jsonl(tmp_path / "in" / "a.jsonl", [{"text": one}, {"text": f"{two}\n{often}"}])
    write_jsonl(tmp_path / "in" / "b.jsonl", [{"text": often}, {"text": f"{three}\n{often}"}])
    score(tmp_path / "in", tmp_path / "out", bundle_folder)
    doubt_all(tmp_path / "out")
    page = report(str(tmp_path / "out"))
    told = {row["id"]: row["text"] for row in to_label(page)}
    assert told == {"a.jsonl:1:1:1": one, "a.jsonl:2:1:1": two, "a.jsonl:2:1:2": often, "b.jsonl:2:1:1": three}
    assert "a.jsonl:2，第 1 篇第 2 段" in page


def test_dead_letters_are_not_told_as_read(bundle_folder: Path, tmp_path: Path) -> None:
    good = [{"text": f"{PARAGRAPHS[0]}\n  {PARAGRAPHS[1]}"}, {"text": PARAGRAPHS[2]}]
    write_jsonl(tmp_path / "good" / "a.jsonl", good)
    write_jsonl(tmp_path / "bad" / "a.jsonl", [*good, {"text": "好" * 1_000_001}])
    size = sum(len(text) for text in PARAGRAPHS[:3])
    for name, told, untold in (
        ("good", "2 条记录全部读完，没有截断；", "没能评分"),
        ("bad", "另有 1 条没能评分", "记录全部读完"),
    ):
        score(tmp_path / name, tmp_path / f"{name}-out", bundle_folder)
        page = report(str(tmp_path / f"{name}-out"))
        assert f"<p>3 个段落，2 篇，{size} 字 · 模型" in page
        assert told in page
        assert untold not in page
