"""What cannot be scored is kept, with its place, its reason and its bytes; the rest goes through."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from baozhai_service.archive.settings import LARGEST_RECORD
from tests.service.archive.archives import article, csv_bytes, page, score, table, write_jsonl

GOOD = {"text": article(1), "date": "2023-07-19", "source": "晨报"}


def dead_letters(inputs: Path, bundle: Path, tmp_path: Path) -> list[dict[str, Any]]:
    outcome = score(inputs, tmp_path / "out", bundle)
    rows = table(tmp_path / "out", "dead_letters")
    assert outcome.manifest.dead_letters == sum(row["part"] == 0 for row in rows)
    return rows


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"not json\n", "bad_json"),
        (b"[1, 2]\n", "bad_json"),
        (b'{"text": "\xff\xff"}\n', "undecodable"),
        (b'{"text": "a", "text": "b"}\n', "bad_json"),
        (b"[" * 100_000 + b"\n", "bad_json"),
        (b'{"title": "x"}\n', "no_text"),
        (b'{"text": 7}\n', "no_text"),
        (b'{"text": " \\u3000 "}\n', "empty_text"),
        (b'{"text": "\\ud800"}\n', "unencodable_text"),
        ('{"text": "好", "date": "2023-02-30"}\n'.encode(), "bad_date"),
        ('{"text": "好", "date": "去年"}\n'.encode(), "bad_date"),
        ('{"text": "好", "title": ["x"]}\n'.encode(), "bad_field"),
        ('{"text": "好", "source": {"a": 1}}\n'.encode(), "bad_field"),
        (json.dumps({"text": "好", "source": "长" * 90}).encode() + b"\n", "bad_field"),
        (json.dumps({"text": "好" * 1_000_001}).encode() + b"\n", "text_too_long"),
        (b'{"text": "torn', "bad_json"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_bad_lines(line: bytes, reason: str, bundle_folder: Path, tmp_path: Path) -> None:
    write_jsonl(tmp_path / "in" / "a.jsonl", [GOOD, b"\n", line])
    rows = dead_letters(tmp_path / "in", bundle_folder, tmp_path)
    assert {(row["file"], row["line"], row["reason"]) for row in rows} == {("a.jsonl", 3, reason)}
    assert b"".join(row["bytes"] for row in rows) == line
    assert len(table(tmp_path / "out", "paragraphs")) == 3


def test_a_line_of_many_megabytes(bundle_folder: Path, tmp_path: Path) -> None:
    line = b'{"text": "' + b"x" * (LARGEST_RECORD + 5_000_000) + b'"}\n'
    write_jsonl(tmp_path / "in" / "a.jsonl", [GOOD, line, {**GOOD, "text": article(2)}])
    rows = dead_letters(tmp_path / "in", bundle_folder, tmp_path)
    assert {(row["line"], row["reason"]) for row in rows} == {(2, "too_large")}
    assert len(rows) > 20
    assert b"".join(row["bytes"] for row in sorted(rows, key=lambda row: row["part"])) == line
    assert len(table(tmp_path / "out", "paragraphs")) == 6


def test_pages(bundle_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    mixed = page(1).encode() + "\n\n另一编码的段落，由街道办推行一窗受理方便群众办事。\n".encode("gb18030")
    (folder / "20230719-01.txt").write_bytes(mixed)
    (folder / "20230719-02.txt").write_bytes(b"")
    (folder / "20230719-03.txt").write_bytes(b"\x81\x20\xff\xff\n" * 3)
    (folder / "20230719-04.txt").write_bytes(page(2).encode("utf-16"))
    (folder / "2023-07-19-04.txt").write_text(page(3), encoding="utf-8")
    (folder / "20230230-05.txt").write_text(page(4), encoding="utf-8")
    (folder / "undated.txt").write_text(page(5), encoding="utf-8-sig")
    (folder / "photo.psd").write_bytes(b"\xff\xd8")
    (folder / "gone.txt").symlink_to(folder / "nowhere")
    (folder / ".hidden.txt").write_bytes(b"")
    rows = {row["file"]: row for row in dead_letters(folder, bundle_folder, tmp_path)}
    assert {name: row["reason"] for name, row in rows.items()} == {
        "20230230-05.txt": "bad_date",
        "20230719-02.txt": "empty_text",
        "20230719-03.txt": "undecodable",
        "20230719-04.txt": "duplicate_key",
        "gone.txt": "unreadable_file",
        "photo.psd": "unsupported_file",
    }
    assert rows["20230719-04.txt"]["bytes"] == page(2).encode("utf-16")
    assert "2023-07-19-04.txt:1" in rows["20230719-04.txt"]["detail"]
    encodings = {row["file"]: row["encoding"] for row in table(tmp_path / "out", "articles")}
    assert encodings == {"20230719-01.txt": "mixed", "2023-07-19-04.txt": "utf-8", "undated.txt": "utf-8"}
    texts = [row["text"] for row in table(tmp_path / "out", "paragraphs")]
    assert any("另一编码的段落" in text for text in texts)


def test_tables(bundle_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    good = [article(6).replace("\n", "\r\n"), "2023/7/1", "标题，带\n换行和“引号”"]
    rows = [["text", "date", "title"], good, ["只有一格"], ["好的一段。", "13月", ""]]
    (folder / "a.csv").write_bytes(csv_bytes(rows) + 'x,"没有收尾的引号\n'.encode() + csv_bytes([good]))
    (folder / "b.csv").write_bytes("简介,日期\n好,2023\n".encode("gb18030"))
    (folder / "c.tsv").write_bytes("text\tsource\n街道办推行一窗受理。\t晚报\n".encode("gb18030"))
    (folder / "d.parquet").write_bytes(b"PAR1 torn")
    pq.write_table(pa.table({"body": ["x"]}), folder / "e.parquet")
    pq.write_table(pa.table({"text": [article(8), None], "id": [1, 2]}), folder / "f.parquet")
    found = [(row["file"], row["line"], row["reason"]) for row in dead_letters(folder, bundle_folder, tmp_path)]
    assert sorted(found) == [
        ("a.csv", 6, "bad_row"),
        ("a.csv", 7, "bad_date"),
        ("a.csv", 8, "bad_row"),
        ("b.csv", 1, "no_text"),
        ("d.parquet", 1, "unreadable_file"),
        ("e.parquet", 1, "no_text"),
        ("f.parquet", 2, "no_text"),
    ]
    articles = {(row["file"], row["line"]): row for row in table(tmp_path / "out", "articles")}
    assert sorted(articles) == [("a.csv", 2), ("a.csv", 9), ("c.tsv", 2), ("f.parquet", 1)]
    assert articles["a.csv", 2]["headline"] == good[2]


def test_headings_in_chinese(bundle_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    write_jsonl(
        folder / "a.jsonl", [{"标题": "题一", "正文": article(1), "日期": "2023-07-19", "来源": "晨报", "版面": 4}]
    )
    (folder / "b.csv").write_bytes(csv_bytes([["标题", "正文", "日期"], ["题二", article(2), "20230720"]]))
    traditional = "標題;內容;日期\n題三;社區書記每週三下午坐班，解決停車問題四十餘件。;2023/7/21\n"
    (folder / "c.csv").write_bytes(traditional.encode("big5"))
    pq.write_table(pa.table({"内容": [article(4)], "题目": ["题四"]}), folder / "d.parquet")
    assert dead_letters(folder, bundle_folder, tmp_path) == []
    rows = sorted(table(tmp_path / "out", "articles"), key=lambda row: row["file"])
    assert [(row["headline"], str(row["date"]), row["source"], row["page"]) for row in rows] == [
        ("题一", "2023-07-19", "晨报", "4"),
        ("题二", "2023-07-20", "b", None),
        ("題三", "2023-07-21", "c", None),
        ("题四", "None", "d", None),
    ]


def test_two_stray_quotation_marks_swallow_no_row(bundle_folder: Path, tmp_path: Path) -> None:
    lines = [f"第{number}条街道办推行一窗受理。,2023-07-{number:02}" for number in range(1, 10)]
    lines[2], lines[6] = f'"{lines[2]}', lines[6].replace(",", '",')
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.csv").write_text("\n".join(["text,date", *lines]), encoding="utf-8")
    (letter,) = dead_letters(tmp_path / "in", bundle_folder, tmp_path)
    assert (letter["line"], letter["reason"], "stray quotation mark" in letter["detail"]) == (4, "bad_row", True)
    assert len(table(tmp_path / "out", "articles")) == 8


def test_a_paragraph_that_the_model_cannot_read(bundle_folder: Path, tmp_path: Path) -> None:
    write_jsonl(tmp_path / "in" / "a.jsonl", [{"text": article(1) + "\n<br/><hr>"}])
    rows = dead_letters(tmp_path / "in", bundle_folder, tmp_path)
    assert len(table(tmp_path / "out", "paragraphs")) + len(rows) == 4
