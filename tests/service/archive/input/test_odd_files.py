"""What lies in real archives: names in GBK, links and pipes, damaged bytes, columns that a gap turned into floats."""

import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from baozhai_model.text.encodings import Undecodable, decode, decode_page
from baozhai_service.archive.errors import OutputRefused
from baozhai_service.archive.input.record import BadRecord, Place, record_of
from baozhai_service.archive.output.partitions import partition
from baozhai_service.archive.settings import ScoreSettings
from tests.service.archive.archives import article, csv_bytes, page, score, table, write_jsonl

hanzi = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=8, max_size=40)


def gbk(name: str) -> str:
    """``name`` as a zip from an old Windows leaves it on this disk."""
    return os.fsdecode(name.encode("gbk"))


def test_names_in_gbk(bundle_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in" / gbk("晨报")
    folder.mkdir(parents=True)
    (folder / "20230719-01.txt").write_text(page(1), encoding="utf-8")
    unnamed, named = {"id": 1, "text": article(1)}, {"id": 1, "text": article(2), "source": "县报"}
    write_jsonl(tmp_path / "in" / gbk("甲乙.jsonl"), [unnamed, named, named])
    write_jsonl(tmp_path / "in" / gbk("丙丁.jsonl"), [unnamed, {**named, "source": "市报"}, {**named, "id": 2}])
    (tmp_path / "in" / gbk("坏表.csv")).write_bytes(b"a,b\n1,2\n")
    (tmp_path / "in" / os.fsdecode(b"\xff\xff.psd")).write_bytes(b"")
    score(tmp_path / "in", tmp_path / "out", bundle_folder)
    rows = table(tmp_path / "out", "articles")
    assert {(row["file"], row["source"]) for row in rows} == {
        ("晨报/20230719-01.txt", "晨报"),
        ("甲乙.jsonl", "甲乙"),
        ("甲乙.jsonl", "县报"),
        ("丙丁.jsonl", "丙丁"),
        ("丙丁.jsonl", "市报"),
        ("丙丁.jsonl", "县报"),
    }
    dead_letters = {(row["file"], row["line"], row["reason"]): row for row in table(tmp_path / "out", "dead_letters")}
    assert sorted(dead_letters) == [
        ("\\xff\\xff.psd", 1, "unsupported_file"),
        ("坏表.csv", 1, "no_text"),
        ("甲乙.jsonl", 3, "duplicate_key"),
    ]
    assert dead_letters["坏表.csv", 1, "no_text"]["bytes"] == b"a,b\n1,2\n"


def test_an_archive_whose_own_name_is_in_gbk(bundle_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / gbk("晨报")
    folder.mkdir()
    (folder / "20230719-01.txt").write_text(page(1), encoding="utf-8")
    for _ in range(2):
        score(folder, tmp_path / "out", bundle_folder)
    assert {row["source"] for row in table(tmp_path / "out", "articles")} == {"晨报"}
    with pytest.raises(OutputRefused, match="输出: the path of the output is not valid UTF-8"):
        score(folder, tmp_path / gbk("输出"), bundle_folder)


def test_what_is_passed_over_is_told(bundle_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    write_jsonl(folder / "a.jsonl", [{"text": article(1)}])
    write_jsonl(tmp_path / "real" / "b.jsonl", [{"text": article(2)}])
    (folder / "linked").symlink_to(tmp_path / "real")
    (folder / "linked.jsonl").symlink_to(tmp_path / "real" / "b.jsonl")
    (folder / "self.txt").symlink_to("self.txt")
    os.mkfifo(folder / "pipe.txt")
    score(folder, tmp_path / "out", bundle_folder)
    dead_letters = {row["file"]: row for row in table(tmp_path / "out", "dead_letters")}
    assert {row["reason"] for row in dead_letters.values()} == {"unreadable_file"}
    assert {name: row["detail"].split(":")[0] for name, row in dead_letters.items()} == {
        "linked": "links to folders are not followed; give that folder itself",
        "pipe.txt": "it is no file, but a pipe, a socket or a device",
        "self.txt": "the link leads nowhere",
    }
    assert {row["file"] for row in table(tmp_path / "out", "articles")} == {"a.jsonl", "linked.jsonl"}


@given(hanzi, st.data())
def test_text_that_lost_a_byte_is_not_taken_for_gb18030(text: str, data: st.DataObject) -> None:
    raw = bytearray(text.encode())
    del raw[data.draw(st.integers(0, len(raw) - 1))]
    with pytest.raises(Undecodable, match="damaged"):
        decode(bytes(raw))
    with pytest.raises(Undecodable, match="line 3"):
        decode_page("社区党支部组织学习。\n\n".encode() + bytes(raw))


# Of a few characters GB18030 may happen to be UTF-8 too.
@given(
    st.builds(
        lambda chinese, other: [*chinese, *other],
        st.lists(st.characters(codec="gb2312", min_codepoint=0x4E00), min_size=16, max_size=60, unique=True),
        st.lists(st.characters(codec="ascii"), max_size=20),
    )
    .flatmap(st.permutations)
    .map("".join)
)
@example(b"00\xe3\xb3\xa1\xe80000".decode("gb18030"))
def test_gb18030_is_still_read(text: str) -> None:
    assert decode(text.encode("gb18030")).text == text


def test_a_page_with_a_damaged_line_is_a_dead_letter(bundle_folder: Path, tmp_path: Path) -> None:
    lines = ["社区党支部组织党员开展主题教育学习。".encode(), b"", "街道办推行一窗受理方便群众办事。".encode()]
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "20230719-01.txt").write_bytes(b"\n".join([*lines[:2], lines[2][:10] + lines[2][11:]]))
    (tmp_path / "in" / "20230719-02.txt").write_bytes(b"\n".join(lines))
    outcome = score(tmp_path / "in", tmp_path / "out", bundle_folder)
    (letter,) = table(tmp_path / "out", "dead_letters")
    assert (letter["file"], letter["reason"]) == ("20230719-01.txt", "undecodable")
    assert letter["detail"] == "line 3: it is UTF-8 text that is damaged from byte 10 on"
    assert outcome.manifest.counts["records"] == 1


def test_counts_are_of_what_was_scored(bundle_folder: Path, tmp_path: Path) -> None:
    long, good = {"text": "长" * 1_000_001}, {"text": article(1)}
    write_jsonl(tmp_path / "in" / "a.jsonl", [long, good])
    counts = score(tmp_path / "in", tmp_path / "out", bundle_folder).manifest.counts
    assert (counts["records"], counts["characters"]) == (1, len(good["text"]))
    assert counts["dead_letters"] == {"text_too_long": 1}


def test_parquet_whose_values_are_not_of_their_type(bundle_folder: Path, tmp_path: Path) -> None:
    texts = pa.array([article(1).encode("gbk"), article(2).encode(), article(3).encode()], pa.binary())
    table_ = pa.table(
        {
            "text": pa.StringArray.from_buffers(3, *texts.buffers()[1:]),
            "date": pa.array([1, 10**9, 2], pa.int32()).view(pa.date32()),
        }
    )
    (tmp_path / "in").mkdir()
    pq.write_table(table_, tmp_path / "in" / "a.parquet")
    score(tmp_path / "in", tmp_path / "out", bundle_folder)
    dead_letters = sorted(table(tmp_path / "out", "dead_letters"), key=lambda row: row["line"])
    assert [(row["line"], row["reason"]) for row in dead_letters] == [(1, "bad_field"), (2, "bad_field")]
    assert article(1).replace("\n", "\\n").encode("gbk") in dead_letters[0]["bytes"]
    assert b'"1000000000"' in dead_letters[1]["bytes"]
    assert [row["line"] for row in table(tmp_path / "out", "articles")] == [3]


def test_a_column_with_a_gap(bundle_folder: Path, tmp_path: Path) -> None:
    columns = {"text": [article(n) for n in range(3)], "page": [1.0, 2.0, None], "id": [7.0, float("nan"), 8.5]}
    (tmp_path / "in").mkdir()
    pq.write_table(pa.table({**columns, "date": [20230719.0, None, 20230720.0]}), tmp_path / "in" / "a.parquet")
    score(tmp_path / "in", tmp_path / "out", bundle_folder)
    rows = sorted(table(tmp_path / "out", "articles"), key=lambda row: row["line"])
    assert [(row["page"], row["id"], str(row["date"])) for row in rows] == [
        ("1", "7", "2023-07-19"),
        ("2", None, "None"),
    ]
    (letter,) = table(tmp_path / "out", "dead_letters")
    assert "must be a string or a whole number" in letter["detail"]


def test_a_source_too_long_for_a_folder() -> None:
    url = "http://" + "a/b?" * 48
    assert len(partition("paragraphs", None, url, "").split("/")[2]) > 255
    with pytest.raises(BadRecord, match="too long"):
        record_of({"text": "好", "source": url}, Place("a", 1), b"", source="x", encoding="utf-8")
    with pytest.raises(ValueError, match="--source: the source"):
        ScoreSettings(source="报" * 90)


def test_tables_of_two_papers_by_month(bundle_folder: Path, tmp_path: Path) -> None:
    for paper in ("晨报", "晚报"):
        for month in ("2023-07", "2023-08"):
            rows = [{"id": 1, "text": article(1)}, {"id": 2, "text": article(2)}]
            write_jsonl(tmp_path / "in" / paper / f"{month}.jsonl", rows)
    score(tmp_path / "in", tmp_path / "out", bundle_folder)
    assert table(tmp_path / "out", "dead_letters") == []
    found = [(row["source"], row["file"]) for row in table(tmp_path / "out", "articles")]
    assert sorted(found) == sorted(
        (paper, f"{paper}/2023-0{month}.jsonl") for paper in ("晨报", "晚报") for month in "7788"
    )


@pytest.mark.parametrize("name", ["晨报2023.07", "papers"])
def test_the_archive_s_own_name(name: str, bundle_folder: Path, tmp_path: Path) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "20230719-01.txt").write_text(page(1), encoding="utf-8")
    for source, out in ((tmp_path / name, "folder"), (tmp_path / name / "20230719-01.txt", "file")):
        score(source, tmp_path / out, bundle_folder)
        assert {row["source"] for row in table(tmp_path / out, "articles")} == {name}


def test_a_table_in_utf16_is_told(bundle_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jsonl").write_bytes('{"text": "好"}\n'.encode("utf-16"))
    (tmp_path / "in" / "b.csv").write_bytes(csv_bytes([["text"], [article(1)]]))
    score(tmp_path / "in", tmp_path / "out", bundle_folder)
    first, *_ = sorted(table(tmp_path / "out", "dead_letters"), key=lambda row: row["line"])
    assert "begins like UTF-16" in first["detail"]
