"""Labels from every format, with every bad row told of."""

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baozhai_model.errors import UnreadableTable
from baozhai_model.topics.topic_set import Topic, TopicSet
from baozhai_training.config import RunConfig, TopicConfig
from baozhai_training.data.labels import LabelledParagraph, Reading, read_labelled, read_labels
from baozhai_training.data.near_duplicates import merged_groups, near_duplicates
from baozhai_training.data.validation import check_labels, counted
from baozhai_training.recipe.workdir import TooFewExamples, check_counts

TOPICS = TopicSet([Topic("party_building", "党建"), Topic("governance", "治理"), Topic("finance", "金融")])
ROWS = [
    ("镇党委组织党员学习，街道办推行一窗受理。", "党建;治理"),
    ("农商银行下调贷款利率，\n说“先到先得”。", "finance"),
    ("足球队周末主场比赛。", ""),
    ("派出所调解邻里矛盾。", "治理；governance"),
]
WANTED = [{"党建", "治理"}, {"金融"}, set(), {"治理"}]


def as_csv(path: Path, encoding: str = "utf-8") -> Path:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([("text", "topics"), *ROWS])
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def as_jsonl(path: Path) -> Path:
    lines = [json.dumps({"text": text, "topics": topics}, ensure_ascii=False) for text, topics in ROWS]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def as_parquet(path: Path) -> Path:
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    topics = [[name for name in names.replace("；", ";").split(";") if name] for _, names in ROWS]
    pq.write_table(pa.table({"正文": [text for text, _ in ROWS], "主题": topics}), path)
    return path


def as_excel(path: Path) -> Path:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in [("文本", "标签"), *ROWS]:
        book.active.append([cell or None for cell in row])
    book.save(path)
    return path


FILES = {
    "UTF-8 CSV": lambda folder: as_csv(folder / "a.csv"),
    "CSV with a byte-order mark": lambda folder: as_csv(folder / "a.csv", "utf-8-sig"),
    "CSV of a Chinese spreadsheet": lambda folder: as_csv(folder / "a.csv", "gb18030"),
    "JSONL": lambda folder: as_jsonl(folder / "a.jsonl"),
    "Parquet with lists": lambda folder: as_parquet(folder / "a.parquet"),
    "Excel": lambda folder: as_excel(folder / "a.xlsx"),
}


@pytest.mark.parametrize("name", FILES)
def test_every_format_gives_the_same_paragraphs(name: str, tmp_path: Path) -> None:
    paragraphs = read_labelled(FILES[name](tmp_path), TOPICS)
    assert [p.text for p in paragraphs] == [text for text, _ in ROWS]
    assert [{t.zh for t in p.topics} for p in paragraphs] == WANTED


def reading_of(folder: Path, lines: list[str]) -> Reading:
    path = folder / "labels.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return read_labels(path, TOPICS)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not JSON"),
        ("[1]", "not a JSON object"),
        ('{"text": "甲"}', "no field topics"),
        ('{"topics": []}', "no field text"),
        ('{"text": "  ", "topics": []}', "empty or blank"),
        ('{"text": 5, "topics": []}', "int"),
        ('{"text": "甲", "topics": 3}', "int"),
        ('{"text": "甲", "topics": [3]}', "int"),
        ('{"text": "甲", "topics": ["体育"]}', "unknown topic: '体育'"),
        ('{"text": "甲\\ud800", "topics": []}', "surrogate"),
        ("[" * 200_000, "JSON"),
    ],
)
def test_a_bad_row_is_rejected_by_number_and_the_rest_goes_through(line: str, reason: str, tmp_path: Path) -> None:
    reading = reading_of(tmp_path, ['{"text": "乙", "topics": []}', "", line, '{"text": "丙", "topics": ["党建"]}'])
    assert [p.text for p in reading.paragraphs] == ["乙", "丙"]
    (rejected,) = reading.rejected
    assert rejected.row == 3
    assert reason in rejected.reason


def test_duplicates_are_kept_once_and_conflicts_not_at_all(tmp_path: Path) -> None:
    rows = [("甲 乙", ["党建"]), ("丙", []), ("甲乙", ["党建"]), ("丙", ["治理"]), ("丁", ["金融"])]
    reading = reading_of(tmp_path, [json.dumps({"text": text, "topics": topics}) for text, topics in rows])
    assert [p.text for p in reading.paragraphs] == ["甲 乙", "丁"]
    assert reading.rows == [1, 5]
    assert reading.duplicates == [(3, 1)]
    assert reading.conflicts == [(2, 4)]


def test_a_csv_row_with_too_many_cells_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,topics\n甲,党建\n乙,丙,党建\n丁\n", encoding="utf-8")
    reading = read_labels(path, TOPICS)
    assert [p.text for p in reading.paragraphs] == ["甲"]
    assert [(r.row, r.reason[:7]) for r in reading.rejected] == [(3, "3 cells"), (4, "no cell")]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", b""),
        ("a.csv", b""),
        ("a.csv", b"text,remark\n"),
        ("a.csv", b"\xff\xff"),
        ("a.csv", b"text,label,\xe6\xa0\x87\xe7\xad\xbe\n"),
        ("a.parquet", b"x"),
        ("a.xlsx", b"x"),
    ],
)
def test_a_file_that_cannot_be_read_says_so(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UnreadableTable, match=name):
        read_labels(tmp_path / name, TOPICS)


CHINESE = st.text(st.sampled_from("党建金融生态治理街道银行河长会议群众服务推进落实，。"), min_size=30, max_size=80)


@given(CHINESE, st.integers(0, 29))
def test_one_changed_character_leaves_a_near_duplicate(text: str, place: int) -> None:
    changed = text[:place] + "Q" + text[place + 1 :]
    shared = near_duplicates([text, changed], alike=0.3)
    assert shared in ([], [(0, 1, shared[0][2] if shared else 0.0)])
    assert near_duplicates([text, text]) == [(0, 1, 1.0)]


def test_near_duplicates_are_found_across_train_and_test(tmp_path: Path) -> None:
    long = "县林业局今年植树造林三万亩，并在河道两岸修复湿地，保护了越冬的候鸟，受到沿岸居民的一致好评。"
    lines = [json.dumps({"text": text, "topics": []}) for text in (long, "博物馆周末开放。")]
    (tmp_path / "test").mkdir()
    test = reading_of(tmp_path / "test", [json.dumps({"text": long.replace("三万", "四万"), "topics": []})])
    report = check_labels(reading_of(tmp_path, lines), TOPICS, test)
    assert [(pair.row, pair.other, pair.leak) for pair in report.alike] == [(1, 1, True)]
    assert all(count.too_few for count in report.counts)
    assert any("test file" in line for line in report.lines())


def test_groups_with_near_duplicates_become_one() -> None:
    merged = merged_groups(["a", "b", "c", "d", "a"], [(0, 1, 0.9), (2, 4, 0.8)])
    assert merged[0] == merged[1] == merged[2] == merged[4] != merged[3]


def test_a_run_warns_once_of_rows_it_does_not_learn_from(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    good, unknown = [("乙", ["党建"]), ("乙", ["党建"])], [(text, ["体育"]) for text in "甲丁戊"]
    rows = [*good, ("丙", []), ("丙", ["治理"]), *unknown]
    path = tmp_path / "labels.jsonl"
    path.write_text("\n".join(json.dumps({"text": text, "topics": named}) for text, named in rows), encoding="utf-8")
    assert [paragraph.text for paragraph in read_labelled(path, TOPICS)] == ["乙"]
    (warning,) = caplog.messages
    assert "5 of 7 rows are not learnt from: 3 times unknown topic: '体育'" in warning
    assert "2 times the same text with different topics" in warning
    assert "baozhai-train check" in warning


def test_nothing_is_warned_of_where_every_row_is_learnt_from(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    read_labelled(as_csv(tmp_path / "labels.csv"), TOPICS)
    assert caplog.messages == []


@pytest.mark.parametrize(("examples", "told"), [(9, "too few: a run refuses"), (10, "  few:"), (20, "20 without")])
def test_what_a_run_refuses_is_told_apart_from_what_is_advised(examples: int, told: str) -> None:
    (line, *_) = [str(count) for count in counted(paragraphs_with(examples), TOPICS)]
    assert line.startswith(f"党建: {examples} with it, {examples} without")
    assert told in line
    assert ("few" in line) == (examples < 20)
    config = RunConfig(topics=(TopicConfig(id="party_building", zh="党建"),))
    if examples < 10:
        with pytest.raises(TooFewExamples):
            check_counts(paragraphs_with(examples), config)
    else:
        check_counts(paragraphs_with(examples), config)


def paragraphs_with(examples: int) -> list[LabelledParagraph]:
    """So many with the first topic, and as many with none."""
    (first, *_) = TOPICS
    return [LabelledParagraph(f"{n}", frozenset({first} if n < examples else ())) for n in range(2 * examples)]
