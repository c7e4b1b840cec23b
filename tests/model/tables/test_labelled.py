"""Tables of labels as people bring them: every row is read or named, whatever went wrong in others."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from baozhai_model.errors import UnreadableTable
from baozhai_model.tables.headings import AmbiguousHeading, columns, field_of
from baozhai_model.tables.labelled import RejectedRow, read_labelled_rows
from baozhai_model.tables.topic_cell import topics_of
from baozhai_model.topics.topic_set import Topic, TopicSet

TOPICS = TopicSet(
    [Topic("party_building", "党建", "Party building"), Topic("governance", "治理"), Topic("finance", "金融")]
)
SPELLINGS = ["党建", "治理", "finance", "Finance", "黨建", "金\u200b融", "Party building"]
TEXTS = [f"第{number}村的支部召开会议，查摆问题{number + 3}条。" for number in range(30)]
NAMES = [("党建", "治理", "金融")[number % 3] for number in range(30)]


def read(path: Path) -> tuple[dict[int, tuple[str, list[str]]], dict[int, str]]:
    rows = list(read_labelled_rows(path, TOPICS))
    rejected = {row.row: row.reason for row in rows if isinstance(row, RejectedRow)}
    taken = [row for row in rows if not isinstance(row, RejectedRow)]
    return {number: (said.text, sorted(topic.zh for topic in said.topics)) for number, said in taken}, rejected


def written(path: Path, lines: list[str], encoding: str = "utf-8") -> Path:
    path.write_bytes("".join(f"{line}\n" for line in lines).encode(encoding))
    return path


def lines_with(stray: dict[int, str]) -> list[str]:
    """A table of `TEXTS`; the row of each place in ``stray`` is as given, with {} for the row as it would be."""
    plain = [f"{text},{name}" for text, name in zip(TEXTS, NAMES, strict=True)]
    return ["text,topics", *(stray.get(place, "{}").format(row) for place, row in enumerate(plain))]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sets(st.integers(0, 29), max_size=4), st.sampled_from(['"{}', '{}"', '"', '""{}', '"{}"']))
@example({0, 29}, '"')
@example({0, 2}, '"')
def test_stray_quotation_marks_lose_no_row(
    tmp_path_factory: pytest.TempPathFactory, places: set[int], how: str
) -> None:
    path = tmp_path_factory.mktemp("table") / "labels.csv"
    taken, rejected = read(written(path, lines_with(dict.fromkeys(places, how))))
    untouched = [(TEXTS[place], [NAMES[place]]) for place in range(30) if place not in places]
    assert [row for row in taken.values() if row in untouched] == untouched
    assert len(taken) + len(rejected) == 30 or how == '"'  # two lone marks on neighbouring lines are one empty row


@pytest.mark.parametrize(("first", "last"), [(3, 4), (3, 9), (0, 29)])
def test_two_stray_marks_that_pair_up_are_named(first: int, last: int, tmp_path: Path) -> None:
    text, name = TEXTS[last], NAMES[last]
    stray = {first: '"{}', last: f'{text}",{name}'}
    taken, rejected = read(written(tmp_path / "labels.csv", lines_with(stray)))
    assert list(rejected) == [first + 2]
    assert "quotation mark" in rejected[first + 2]
    assert len(taken) == 29


def test_a_quoted_text_of_several_lines_is_one_text(tmp_path: Path) -> None:
    rows = [("text", "topics"), ("第一段，\n第二段,有逗号\n说“好”", "党建"), ("另一段\n甲,乙", "治理"), ("第三段", "")]
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    path = tmp_path / "labels.csv"
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    taken, rejected = read(path)
    assert rejected == {}
    assert list(taken.values()) == [(said, [name] if name else []) for said, name in rows[1:]]
    assert list(taken) == [2, 3, 4]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_tables_of_every_spreadsheet(encoding: str, delimiter: str, tmp_path: Path) -> None:
    lines = ["正文,标签", *(f"{text},{name}" for text, name in zip(TEXTS, NAMES, strict=True))]
    path = written(tmp_path / "labels.csv", [line.replace(",", delimiter) for line in lines], encoding)
    taken, rejected = read(path)
    assert (len(taken), rejected) == (30, {})


def test_a_table_in_big5(tmp_path: Path) -> None:
    lines = ["正文,標籤", "社區書記每週三下午坐班，解決停車問題四十餘件。,治理", "銀行向小微企業發放信用貸款。,金融"]
    taken, rejected = read(written(tmp_path / "labels.csv", lines, "big5"))
    assert ([names for _, names in taken.values()], rejected) == ([["治理"], ["金融"]], {})


@pytest.mark.parametrize("separator", [";", "；", "、", "，", ",", "#", "|", "\n", " ; ", "/", " ", "＃", "｜"])
@given(names=st.lists(st.sampled_from(SPELLINGS), min_size=1))
def test_topics_are_parted_by_whatever_people_use(separator: str, names: list[str]) -> None:
    if separator in ("/", " "):
        names = [name.replace("Party building", "党建") for name in names]
    wanted = {topic for name in names for topic in topics_of([name], TOPICS)}
    assert topics_of(separator.join(names), TOPICS) == wanted
    assert topics_of(json.dumps(names), TOPICS) == topics_of(repr(names), TOPICS) == topics_of(names, TOPICS) == wanted
    assert topics_of({"choices": names}, TOPICS) == topics_of(json.dumps({"choices": names}), TOPICS) == wanted


@pytest.mark.parametrize("cell", [None, "", " ", "\u200b", "None", "无主题", "无", "[]", [], float("nan"), ";", "nan"])
def test_an_empty_cell_is_no_topic(cell: object) -> None:
    assert topics_of(cell, TOPICS) == frozenset()


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("体育", "unknown topic: '体育'"),
        ("党建、体育", "unknown topic: '体育'"),
        ("党建金融", "several are separated by ;"),
        ("['体育']", "unknown topic: '体育'"),
        ("[党建", "no JSON list"),
        ("{'a': 1}", "choices"),
        (3, "int"),
        ([[0, 2, "党建"]], "list, not a name"),
    ],
)
def test_what_is_no_topic_is_refused_with_what_is_accepted(cell: object, said: str) -> None:
    with pytest.raises(ValueError, match=said.replace("[", "\\[")):
        topics_of(cell, TOPICS)


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("text", "text"),
        (" Text ", "text"),
        ("正文", "text"),
        ("label", "topics"),
        ("標籤", "topics"),
        ("标签（必填）", "topics"),
        ("标题*", "title"),
        ("ｔｏｐｉｃｓ", "topics"),
        ("\ufeff来源", "source"),
        ("日期", "date"),
        ("备注", None),
        (None, None),
    ],
)
def test_headings(heading: object, field: str | None) -> None:
    assert field_of(heading) == field


def test_of_two_columns_for_one_field_the_english_name_counts() -> None:
    assert columns(["正文", "text", "标签"], ("text", "topics")) == [None, "text", "topics"]
    with pytest.raises(AmbiguousHeading, match="'标签' and '主题' both mean topics"):
        columns(["text", "标签", "主题"], ("text", "topics"))


def excel(path: Path, rows: list[list[object]], merged: str = "", sheet: str = "") -> Path:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if merged:
        book.active.merge_cells(merged)
    if sheet:
        for row in rows:
            (book[sheet] if sheet in book.sheetnames else book.create_sheet(sheet)).append(row)
    book.save(path)
    return path


def test_merged_topics_count_for_every_row(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["标签", "正文"],
        ["党建", TEXTS[0]],
        [None, TEXTS[1]],
        [None, TEXTS[2]],
        ["治理", TEXTS[3]],
    ]
    taken, rejected = read(excel(tmp_path / "a.xlsx", rows, "A2:A4"))
    assert ([names for _, names in taken.values()], rejected) == ([["党建"]] * 3 + [["治理"]], {})


@pytest.mark.parametrize(("merged", "rows"), [("B2:B4", [2, 3, 4]), ("A3:B3", [3])])
def test_other_merged_cells_are_refused_with_their_range(merged: str, rows: list[int], tmp_path: Path) -> None:
    table: list[list[object]] = [
        ["标签", "正文"],
        *([name, text] for name, text in zip(NAMES[:4], TEXTS[:4], strict=True)),
    ]
    _, rejected = read(excel(tmp_path / "a.xlsx", table, merged))
    assert list(rejected) == rows
    assert all(merged in reason for reason in rejected.values())


def test_a_formula_without_its_result_is_no_empty_cell(tmp_path: Path) -> None:
    _, rejected = read(excel(tmp_path / "a.xlsx", [["text", "topics"], [TEXTS[0], "=B1"]]))
    assert "formula" in rejected[2]


def test_labels_on_two_sheets_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableTable, match="several sheets"):
        read(excel(tmp_path / "a.xlsx", [["text", "topics"], [TEXTS[0], "党建"]], sheet="第二批"))
