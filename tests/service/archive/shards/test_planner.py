"""Whatever bytes a file holds, each record is in exactly one shard, and cut anywhere they are the same records."""

import re
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baozhai_model.text.encodings import decode_page
from baozhai_service.archive.input.dates import parse_date
from baozhai_service.archive.input.filenames import read_name
from baozhai_service.archive.input.formats import read
from baozhai_service.archive.input.record import DeadLetter, Record
from baozhai_service.archive.input.source import Source
from baozhai_service.archive.settings import ScoreSettings
from baozhai_service.archive.shards.planner import plan
from baozhai_service.archive.shards.shard import Basis, Shard
from tests.model.strategies import paragraphs
from tests.service.archive.archives import csv_bytes, make_archive

fields = st.text(st.sampled_from('党建治理, "\n\r\t；。\ufeffa1'), max_size=12)
lines = st.one_of(
    st.builds(lambda text: f'{{"text": "{text}"}}'.encode(), paragraphs),
    st.builds(lambda text: f'{{"text": "{text}"}}'.encode("gb18030"), paragraphs),
    st.sampled_from([b"", b"{", b"\xff\xfe", b'{"text": 1}', "\ufeff{}".encode(), b'{"id": 1, "text": "a"}', b"\r"]),
)
jsonl = st.builds(
    lambda parts, torn: b"\n".join(parts) + torn, st.lists(lines, max_size=12), st.sampled_from([b"", b"\n"])
)
table = st.builds(
    lambda rows, noise: csv_bytes([["text", "title"], *rows]) + noise,
    st.lists(st.lists(fields, min_size=2, max_size=2), max_size=8),
    st.sampled_from([b"", b'"no end', b'a,"b"c\nd,e\n', b"one\n", "好,".encode("gb18030")]),
)


def items(name: str, raw: bytes, shard_bytes: int) -> Iterator[Record | DeadLetter]:
    """What a run would score and reject."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / name).write_bytes(raw)
        source = Source(folder)
        settings = ScoreSettings(source="x", shard_bytes=shard_bytes)
        for shard in plan(source, Basis(settings, "", "", "")):
            yield from shard.rejected
            for segment in shard.segments:
                yield from read(source, segment, settings)


@given(jsonl, st.integers(1, 400))
def test_no_line_is_lost_or_read_twice(raw: bytes, shard_bytes: int) -> None:
    found = list(items("a.jsonl", raw, shard_bytes))
    assert [item.raw for item in found] == [line for line in re.findall(rb"[^\n]*\n|[^\n]+", raw) if line.strip()]
    assert found == list(items("a.jsonl", raw, 10**9))
    assert [raw[item.place.start : item.place.end] for item in found] == [item.raw for item in found]
    assert [raw[: item.place.start].count(b"\n") + 1 for item in found] == [item.place.line for item in found]


@given(table, st.integers(1, 100))
def test_no_row_is_lost_or_read_twice(raw: bytes, shard_bytes: int) -> None:
    found = list(items("a.csv", raw, shard_bytes))
    assert found == list(items("a.csv", raw, 10**9))
    assert [raw[item.place.start : item.place.end] for item in found] == [item.raw for item in found]
    assert [raw[: item.place.start].count(b"\n") + 1 for item in found] == [item.place.line for item in found]


@given(st.lists(st.tuples(fields, fields), max_size=8))
def test_rows_are_those_that_were_written(rows: list[tuple[str, str]]) -> None:
    found = [item for item in items("a.csv", csv_bytes([["text", "title"], *rows]), 50) if isinstance(item, Record)]
    expected = [(text, title.strip() or None) for text, title in rows if text.strip("\ufeff\u200b \t\r\n")]
    assert [(item.text, item.title) for item in found] == expected or any("\ufeff" in "".join(row) for row in rows)


@given(st.lists(paragraphs, min_size=1, max_size=5), st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]))
def test_a_page_is_decoded_whatever_it_was_saved_as(texts: list[str], encoding: str) -> None:
    text = "\n".join(texts)
    assert decode_page(text.encode(encoding)).text == text


@pytest.mark.parametrize(
    ("name", "source", "date", "page", "identity"),
    [
        ("20230719-04.txt", None, "2023-07-19", "04", None),
        ("20230719-04-02.txt", None, "2023-07-19", "04", "02"),
        ("城市日报_2023-7-9_A4.txt", "城市日报", "2023-07-09", "A4", None),
        ("2023年7月19日.txt", None, "2023-07-19", None, None),
        ("notes.txt", None, None, None, None),
        ("no-2023071.txt", None, None, None, None),
    ],
)
def test_names(name: str, source: str | None, date: str | None, page: str | None, identity: str | None) -> None:
    found = read_name(f"folder/{name}")
    expected = (source, parse_date(date), page, identity)
    assert (found.source, found.date, found.page, found.id) == expected


def test_small_files_share_shards_and_a_new_one_moves_few(tmp_path: Path) -> None:
    for day in range(300):
        (tmp_path / f"{day:03d}.txt").write_text("一段话。", encoding="utf-8")
    basis = Basis(ScoreSettings(), "", "", "")
    before = [shard.id for shard in plan(Source(str(tmp_path)), basis)]
    (tmp_path / "0420.txt").write_text("又一段话。", encoding="utf-8")
    after = [shard.id for shard in plan(Source(str(tmp_path)), basis)]
    assert 5 < len(before) < 60
    assert len(set(after) - set(before)) <= 2
    assert before != [shard.id for shard in plan(Source(str(tmp_path)), replace(basis, release="2"))]


def test_a_shard_sent_to_another_machine_is_the_same_shard(tmp_path: Path) -> None:
    (make_archive(tmp_path) / "empty.csv").write_bytes(b"name\n1\n")
    shards = list(plan(Source(str(tmp_path)), Basis(ScoreSettings(shard_bytes=2000), "", "", "")))
    assert any(shard.duplicates for shard in shards)
    assert any(shard.rejected for shard in shards)
    assert any(segment.header for shard in shards for segment in shard.segments)
    assert [Shard.from_text(shard.to_text()) for shard in shards] == shards
