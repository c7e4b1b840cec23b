"""What real pages showed: captions, headlines on two lines, notices, verses, lists, contents, mark-up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baozhai_model.page.reader import read_page
from tests.model.page.test_reader import assert_lossless

HEAD = "村医值守到夜里"
FIRST = "县里昨日公布新规，要求各村卫生室按时开诊，村医轮流值守，老人看病少跑路。"
LAST = "目前已有六十个村卫生室完成改造，年底前全部完成。"


def blocks(text: str) -> list[tuple[str, str]]:
    page = read_page(text)
    assert_lossless(page)
    return [(block.role.value, block.text) for article in page.articles for block in article.blocks]


def roles(text: str) -> list[str]:
    return [role for role, _ in blocks(text)]


@pytest.mark.parametrize(
    ("lines", "headline"),
    [
        ("从“靠山吃山”到\n“养山富山”", "从“靠山吃山”到“养山富山”"),
        ("山乡书屋点亮\n农家孩子的夜晚和\n清晨", None),
        ("让老旧小区\n焕发新活力", "让老旧小区焕发新活力"),
        ("“一站式\n服务”进山村", "“一站式服务”进山村"),
        ("渠水清清润田园，\n新苗青青満山坡", "渠水清清润田园，新苗青青満山坡"),
        ("县里如何\n把好水送到田头", "县里如何把好水送到田头"),
    ],
)
def test_a_headline_on_two_lines_is_one(lines: str, headline: str | None) -> None:
    read = read_page(f"{lines}\n\n本报讯 {FIRST}\n\n{LAST}").articles[0]
    if headline is not None:
        assert read.headline == headline
        assert len(read.blocks[0].spans) == 2


@pytest.mark.parametrize(
    "lines", ["县乡联手修水渠\n两地合力保秋收", "以学铸魂\n以学增智", f"{HEAD}\n——山村见闻", f"{HEAD}\n张三"]
)
def test_two_headings_stay_two(lines: str) -> None:
    assert read_page(f"{lines}\n\n本报讯 {FIRST}").articles[0].headline == lines.split("\n")[0]


@pytest.mark.parametrize("between", ["\n\n", "\n——我县见闻\n\n", "\n本报记者 张三\n\n"])
@pytest.mark.parametrize("paragraphs", [[FIRST], [LAST], [FIRST, LAST], ["群众都说好。"]])
def test_the_last_or_only_paragraph_is_no_caption(between: str, paragraphs: list[str]) -> None:
    text = f"{HEAD}{between}" + "\n\n".join(paragraphs)
    assert [text for role, text in blocks(text) if role == "body"] == paragraphs


CREDITS = [
    "新华社记者 王五 摄",
    "王五/摄",
    "（王五 摄）",
    "摄影：王五",
    "本报记者 王五 李四 摄",
    "县融媒体中心 王五 摄",
    "图/王五",
    "资料图片",
]


@pytest.mark.parametrize("credit", CREDITS)
@pytest.mark.parametrize(
    "caption", ["志愿者在湿地巡护候鸟", "志愿者正在湿地巡护候鸟，劝导游客文明观鸟。", "图为湿地一角。"]
)
def test_a_caption_and_its_credit_below(caption: str, credit: str) -> None:
    read = blocks(f"{HEAD}\n\n{FIRST}\n\n{caption}\n{credit}\n\n{LAST}")
    assert read[2:] == [("caption", caption), ("caption", credit), ("body", LAST)]


@pytest.mark.parametrize("credit", CREDITS)
def test_a_caption_whose_credit_stands_apart(credit: str) -> None:
    caption = "7月19日，志愿者正在湿地巡护候鸟。"
    read = blocks(f"{HEAD}\n\n{FIRST}\n\n{caption}\n\n{credit}\n\n{LAST}")
    assert read[2:] == [("caption", caption), ("caption", credit), ("body", LAST)]
    assert roles(f"{HEAD}\n\n{FIRST}\n\n{LAST}\n\n{credit}") == ["headline", "body", "body", "caption"]


def test_a_photo_above_the_headline() -> None:
    read = blocks(f"志愿者在湿地巡护候鸟\n王五/摄\n\n{HEAD}\n\n{FIRST}")
    assert [role for role, _ in read] == ["caption", "caption", "headline", "body"]


NOTICES = [["- 4 -"], ["4"], ["第4版 要闻"], ["青山日报 2023年7月19日 星期三 第4版", "- 4 -"], ["第 4 页 共 8 页"], []]


@pytest.mark.parametrize("notices", NOTICES)
def test_a_page_number_does_not_cut_a_paragraph(notices: list[str]) -> None:
    first, rest = (
        "今年以来，县里的流动服务车走遍了六十个村，为种植大户办",
        "理信用贷款三亿元，平均利率下降零点六个百分点。",
    )
    text = "\n".join([f"{HEAD}\n\n{first}", *(notices or [""]), rest]) + f"\n\n{LAST}"
    (article,) = read_page(text).articles
    assert [paragraph.text for paragraph in article.paragraphs] == [first + rest, LAST]
    assert [block.role.value for block in article.blocks].count("furniture") == len(notices)


DATELINES = [
    "〔本报讯〕",
    "[本报讯]",
    "【本报讯】",
    "本报综合讯 ",
    "日报讯（全媒体记者 张三）",
    "晚报讯 ",
    "本报讯：",
    "本报讯 | ",
    "北京7月19日讯",
    "青山县7月19日电 ",
    "中新网7月19日电 ",
    "本报记者张三报道 ",
    "记者张三 李四报道：",
    "据新华社消息 ",
    "本报讯（张三 李四）",
    "本报讯 记者 张三 ",
    "【环球时报综合报道】",
    "县融媒体中心讯（记者 张三）",
    "本 报 讯 （ 记 者 张 三 ）",
]


@pytest.mark.parametrize("dateline", DATELINES)
def test_datelines(dateline: str) -> None:
    first = " ".join(FIRST) if dateline.startswith("本 ") else FIRST
    assert blocks(f"{HEAD}\n\n{dateline}{first}\n\n{LAST}")[1:3] == [("dateline", dateline.strip()), ("body", first)]


BYLINES = [
    "■ 张三 文/图",
    "○ 记者 张三",
    "■张三",
    "● 本报记者 张三 李四",
    "张三 文/图",
    "文图/张三",
    "图文：张三",
    "撰文 张三",
    "记者 张三 摄影报道",
    "（本报记者 张三）",
]


@pytest.mark.parametrize("byline", BYLINES)
def test_bylines(byline: str) -> None:
    assert roles(f"{HEAD}\n\n{byline}\n{FIRST}\n\n{LAST}") == ["headline", "byline", "body", "body"]


ENDS = [
    "（下转第三版·要闻）",
    "（下转A4版）",
    "▶相关报道见3版",
    "[责任编辑：张三]",
    "【责任编辑：张三】",
    "（责编：张三、李四）",
    "编辑：张三",
    "值班编辑 张三",
    "（来源：县融媒体中心）",
    "来源：青山发布",
    "（据新华社）",
    "（完）",
    "（全文完）",
    "—END—",
    "（转载自青山日报）",
    "图片由县医院提供",
    "原标题：村医",
    "张三",
    "（作者系县医院院长）",
    "县卫健局",
    "2023年7月19日",
]


@pytest.mark.parametrize("end", ENDS)
def test_lines_below_an_article(end: str) -> None:
    read = roles(f"{HEAD}\n\n{FIRST}\n\n{LAST}\n\n{end}")
    assert read[:3] == ["headline", "body", "body"]
    assert read[3:] in (["continuation"], ["furniture"], ["byline"], ["dateline"])


HEADLINES = [
    "第2页记事本里的民情",
    "国内统一刊号背后的故事",
    "扫码点餐为何惹人烦",
    "热线电话架起连心桥",
    "7月19日第一书记进村",
    "第3版图的诞生",
    "版权所有者的烦恼",
    "策划一场春天的约会",
    "编辑部里的年轻人",
    "邮编退场之后",
    "电话那头的老人",
    "图为民心",
    "评论员下乡记",
    "来源于泥土的歌",
    "转眼三十年",
    "综合治理见成效",
]


@pytest.mark.parametrize("headline", HEADLINES)
def test_headlines_that_begin_like_notices(headline: str) -> None:
    assert blocks(f"{headline}\n\n本报讯 {FIRST}\n\n{LAST}")[0] == ("headline", headline)


@pytest.mark.parametrize(
    ("stanzas", "name"),
    [
        (["雾从芦苇里升起\n白鹭点开了水面\n我把昨夜的雨\n写成一行诗", "风过处\n一池清波\n都是春天"], "张三\n\n"),
        (["柳溪水，慢慢流\n流过村前石桥头\n桥头老人数白鸭\n数到天黑不回家"], ""),
        (["白云山上尽，\n清水石间流。\n欲问桃花事，\n春风满小楼。"], "李四\n\n"),
        (["山那边\n有灯", "灯下\n有书", "书里有海"], "李四\n\n"),
    ],
)
def test_a_poem_is_one_article(stanzas: list[str], name: str) -> None:
    page = read_page(f"湿地晨歌\n\n{name}" + "\n\n".join(stanzas))
    assert_lossless(page)
    (article,) = page.articles
    assert article.headline == "湿地晨歌"
    assert "".join(paragraph.text for paragraph in article.paragraphs) == "".join(stanzas).replace("\n", "")
    assert bool(name) == any(block.role.value == "byline" for block in article.blocks)


@pytest.mark.parametrize(
    "items",
    [
        ["- 第一批：二十个村", "- 第二批：四十个村"],
        ["1. 村卫生室按时开诊", "2. 村医轮流值守", "3. 药品统一配送"],
        ["（一）按时开诊", "（二）轮流值守", "（三）统一配送"],
        ["• 柳溪村", "• 青山村"],
    ],
)
@pytest.mark.parametrize("between", ["\n", "\n\n"])
def test_list_items_are_body(items: list[str], between: str) -> None:
    read = blocks(f"{HEAD}\n\n{FIRST}\n\n{between.join(items)}\n\n{LAST}")
    assert [role for role, _ in read] == ["headline", "body", *["body"] * len(items), "body"]


def test_names_after_a_colon_are_body() -> None:
    read = roles(f"{HEAD}\n\n首批入选的村庄名单如下：\n柳溪村\n青山村\n河湾村\n\n{LAST}")
    assert read == ["headline", *["body"] * 5]


@pytest.mark.parametrize("entry", ["{} 2版", "{}……3", "{} 第4版", "{}（A2版）", "{} ▶5版"])
def test_contents_are_no_articles(entry: str) -> None:
    entries = [entry.format(title) for title in ("城区新增口袋公园十二处", "县医院开通夜间门诊", "机器人大赛落幕")]
    page = read_page("今日导读\n" + "\n".join(entries) + f"\n\n{HEAD}\n\n本报讯 {FIRST}")
    assert_lossless(page)
    (article,) = page.articles
    assert article.headline == HEAD
    assert [block.role.value for block in article.blocks][:4] == ["furniture"] * 4


def test_a_second_report_under_a_shared_headline() -> None:
    reports = [f"本报讯（记者 张三）{FIRST}", LAST, f"本报讯（记者 李四）{LAST}", FIRST]
    text = "县乡联手修水渠\n两地合力保秋收\n\n" + "\n\n".join(reports)
    first, second = read_page(text).articles
    assert [paragraph.text for paragraph in first.paragraphs] == [FIRST, LAST]
    assert [paragraph.text for paragraph in second.paragraphs] == [LAST, FIRST]
    assert len(read_page(f"{HEAD}\n\n本报讯 {FIRST}\n\n{LAST}（新华社北京7月19日电）\n\n{FIRST}").articles) == 1


def test_markdown() -> None:
    read = blocks(f"# {HEAD}\n\n**本报讯** {FIRST}\n\n![图](a.png)\n\n- 第一批\n- 第二批\n\n---\n\n> {LAST}\n")
    assert [each for each in read if each[0] != "furniture"] == [
        ("headline", HEAD),
        ("dateline", "本报讯"),
        ("body", FIRST),
        ("body", "- 第一批"),
        ("body", "- 第二批"),
        ("body", LAST),
    ]


def test_html_that_was_pasted() -> None:
    read = blocks(f"<h1>{HEAD}</h1><p>本报讯&nbsp;{FIRST}</p><p>{LAST}</p>")
    assert [each for each in read if each[0] != "furniture"] == [
        ("headline", HEAD),
        ("dateline", "本报讯"),
        ("body", FIRST),
        ("body", LAST),
    ]


@given(
    st.lists(
        st.sampled_from(
            [
                HEAD,
                FIRST,
                LAST,
                "# ",
                "- ",
                "**",
                "<p>",
                "</p>",
                "&nbsp;",
                "\u200b",
                "王五/摄",
                "4",
                "本报讯 ",
                "\n",
                "\n\n",
                " ",
                "![a](b)",
                "&lt;b&gt;",
            ]
        ),
        max_size=16,
    ).map("".join)
)
def test_marked_up_pages_lose_no_character(text: str) -> None:
    assert_lossless(read_page(text))


@pytest.mark.parametrize("number", ["— 3 —", "第 3 页 共 8 页", "·3·", "A03"])
def test_a_page_number_within_the_first_paragraph_does_not_make_its_beginning_a_subhead(number: str) -> None:
    text = f"青河市供暖检修完成\n\n入冬以来，青河市提前检修供热管\n\n{number}\n\n道，保证居民家中温度不低于二十摄氏度。"
    (article,) = read_page(text).articles
    assert [p.text for p in article.paragraphs] == [
        "入冬以来，青河市提前检修供热管道，保证居民家中温度不低于二十摄氏度。"
    ]


def test_a_dateline_may_have_its_day_in_chinese_numerals() -> None:
    (article,) = read_page("供暖检修完成\n\n新华社北京十二月三日电　青河市提前检修了供热管道。").articles
    assert [p.text for p in article.paragraphs] == ["青河市提前检修了供热管道。"]


def test_a_day_in_brackets_closes_a_caption() -> None:
    body = "入冬以来，青河市提前检修供热管道，群众对此普遍满意。"
    (article,) = read_page(f"供暖检修完成\n\n{body}\n\n工人在南浦县检修管道（12月3日摄）。").articles
    assert [p.text for p in article.paragraphs] == [body]
