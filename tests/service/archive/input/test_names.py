"""What file names and dates say, in the forms that archives use."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baozhai_service.archive.input.dates import parse_date
from baozhai_service.archive.input.filenames import PageName, default_source, read_name
from tests.service.archive.archives import page, score

DAY = datetime.date(2023, 7, 20)


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("rmrb/2023年7月20日第4版.txt", PageName(None, DAY, "4")),
        ("rmrb/rmrb2023072004.txt", PageName("rmrb", DAY, "04")),
        ("rmrb/20230720A04.txt", PageName(None, DAY, "A04")),
        ("rmrb/青山日报20230720第4版要闻.txt", PageName("青山日报", DAY, "4")),
        ("rmrb/2023-07-20T08.txt", PageName(None, DAY, "08")),
        ("rmrb/2023/07/20/05.txt", PageName(None, DAY, "05")),
        ("rmrb/20230720/05.txt", PageName(None, DAY, "05")),
        ("rmrb/2023-07/20/node_05.txt", PageName(None, DAY, "05")),
        ("rmrb/2023年7月20日/第5版.txt", PageName(None, DAY, "5")),
        ("rmrb/nw.D110000renmrb_20230720_3-04.txt", PageName(None, DAY, "04", "3")),
        ("20230720-04-02.txt", PageName(None, DAY, "04", "02")),
        ("2023.7.20 4版.txt", PageName(None, DAY, "4")),
        ("13912345678.txt", PageName()),
        ("rmrb/undated.txt", PageName()),
    ],
)
def test_names_of_pages(path: str, wanted: PageName) -> None:
    assert read_name(path) == wanted


@given(st.dates(datetime.date(1900, 1, 1), datetime.date(2099, 12, 31)), st.integers(1, 99))
def test_a_date_and_a_page_in_every_form(day: datetime.date, number: int) -> None:
    forms = [
        f"{day:%Y%m%d}-{number:02}",
        f"{day:%Y%m%d}{number:02}",
        f"报{day:%Y%m%d}A{number:02}",
        f"{day:%Y-%m-%d}_{number:02}",
        f"{day.year}年{day.month}月{day.day}日第{number:02}版",
        f"{day:%Y/%m/%d}/{number:02}",
        f"x/{day:%Y%m%d}/{number:02}",
    ]
    for form in forms:
        found = read_name(f"{form}.txt")
        assert found.date == day
        assert (found.page or "").removeprefix("A") == f"{number:02}"


@pytest.mark.parametrize(
    "written",
    [
        "二〇二三年七月二十日",
        "二○二三年七月二十日",
        "（二零二三年七月二十日）",
        "20230720.0",
        "2023年7月20日 星期四",
        "２０２３年７月２０日",
        20230720,
    ],
)
def test_dates_of_the_trade(written: object) -> None:
    assert parse_date(written) == DAY


@pytest.mark.parametrize("written", ["45126", "二〇二三年十三月一日", "2023-02-30", "去年", "20230720.5"])
def test_what_is_no_day_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="is no day"):
        parse_date(written)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("晨报/2023/07/20/05.txt", "晨报"),
        ("2023/07/20/05.txt", "papers"),
        ("2023-07/晨报/05.txt", "晨报"),
        ("晨报.jsonl", "晨报"),
    ],
)
def test_folders_of_days_name_no_paper(path: str, source: str) -> None:
    assert default_source(path, "papers") == source


def test_records_without_a_date_are_counted(bundle_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number, name in enumerate(["undated.txt", "20230720-04.txt", "page.txt"]):
        (tmp_path / "in" / name).write_text(page(number), encoding="utf-8")
    counts = score(tmp_path / "in", tmp_path / "out", bundle_folder).manifest.counts
    assert (counts["records"], counts["undated"]) == (3, 2)
