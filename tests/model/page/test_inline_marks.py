"""What is cut off the two ends of a paragraph, and what is not."""

from __future__ import annotations

import pytest

from baozhai_model.page.reader import read_page
from baozhai_model.structure import Role

WORDS = "山里新修的公路昨天通车，沿线四个村的乡亲都来看热闹。"


def roles_of(text: str) -> list[tuple[str, str]]:
    return [(block.role.value, block.text) for article in read_page(text).articles for block in article.blocks]


@pytest.mark.parametrize(
    ("role", "mark"),
    [
        ("dateline", "新华社北京7月18日电"),
        ("dateline", "新华社联合国5月6日电（记者 田野）"),
        ("dateline", "本报讯（记者 田野 通讯员 林语）"),
        ("dateline", "本报讯 记者田野报道："),
        ("dateline", "本报记者 田野 青山5月6日讯"),
        ("dateline", "据新华社电"),
        ("continuation", "（上接第一版）"),
    ],
)
def test_marks_before_the_words(role, mark):
    assert roles_of(f"{mark} {WORDS}") == [(role, mark), ("body", WORDS)]


@pytest.mark.parametrize(
    ("role", "mark"),
    [
        ("dateline", "（新华社北京7月18日电）"),
        ("dateline", "（据新华社电）"),
        ("byline", "（记者 田野）"),
        ("byline", "（作者系山城大学教授）"),
        ("furniture", "（责任编辑：何青）"),
        ("furniture", "2"),
        ("furniture", "１２"),
        ("continuation", "（下转第四版）"),
    ],
)
def test_marks_after_the_words(role, mark):
    assert roles_of(WORDS + mark) == [("body", WORDS), (role, mark)]


@pytest.mark.parametrize(
    "text",
    [
        "本报记者走进发电站，看工人怎样值守到天亮。",
        "新华社记者采访了水电站的十一名职工，他们都说好。",
        "山里的收音机传来电讯，大家都凑过来听。",
        "今年的收成比去年多了三成（遭灾的两个村除外）。",
        "全村一共修了水渠12条，通了公路3条，栽树2万棵，人均增收2000元。",
    ],
)
def test_words_that_only_look_like_marks_stay(text):
    assert roles_of(text) == [("body", text)]


@pytest.mark.parametrize(
    ("line", "role"),
    [
        ("（紧接第三版）", Role.CONTINUATION),
        ("▶下转A4版", Role.CONTINUATION),
        ("- 3 -", Role.FURNITURE),
        ("A07", Role.FURNITURE),
        ("本版编辑：何青 美编：顾一鸣", Role.FURNITURE),
        ("新闻热线：12345678", Role.FURNITURE),
        ("2024年5月17日 星期五 农历四月初十", Role.FURNITURE),
        ("资料图片 田野 摄", Role.CAPTION),
        ("图①：渠水流进田里。", Role.CAPTION),
        ("孩子们在新操场上奔跑。（资料图片）", Role.CAPTION),
        ("本报记者 田野 通讯员 林语", Role.BYLINE),
        ("文/田野 图/林语", Role.BYLINE),
        ("作者：田野", Role.BYLINE),
        ("2024年5月17日", Role.DATELINE),
    ],
)
def test_lines_that_say_what_they_are(line, role):
    assert roles_of(f"山城修路记\n\n{WORDS}\n\n{line}\n\n{WORDS}")[2] == (role, line)
