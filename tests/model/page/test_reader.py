"""Laws of reading a page, and what pages of our own writing must read as."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from baozhai_model.page.reader import read_page
from baozhai_model.structure import BLANK, Page, Role
from tests.model.strategies import clauses, pages, paragraphs, texts

PAGES = sorted((Path(__file__).parents[1] / "pages").glob("*.txt"))
JILIN = Path(__file__).parents[3].parent / "shared/data/pages/jilin-daily-2023-07-19.txt"


def assert_lossless(page: Page) -> None:
    blocks = [block for article in page.articles for block in article.blocks]
    spans = sorted((span for block in blocks for span in block.spans), key=lambda span: span.start)
    end = 0
    for span in spans:
        assert end <= span.start < span.end
        assert not page.text[end : span.start].strip(BLANK)
        end = span.end
    assert not page.text[end:].strip(BLANK)
    for block in blocks:
        assert block.text == "".join(span.of(page.text) for span in block.spans)
        assert block.text.strip(BLANK) == block.text != ""
        assert list(block.spans) == sorted(block.spans, key=lambda span: span.start)
        assert 0 <= block.confidence <= 1


@given(texts | pages)
def test_no_character_is_lost(text):
    assert_lossless(read_page(text))


@given(texts | pages)
def test_blocks_and_articles_stand_in_the_order_of_the_page(text):
    starts = [block.spans[0].start for article in read_page(text).articles for block in article.blocks]
    assert starts == sorted(starts)


@given(texts | pages)
def test_paragraphs_are_the_body_and_headlines_the_first_headline(text):
    for article in read_page(text).articles:
        body = [block for block in article.blocks if block.role is Role.BODY]
        assert [(p.spans, p.text) for p in article.paragraphs] == [(b.spans, b.text) for b in body]
        assert article.headline == next((b.text for b in article.blocks if b.role is Role.HEADLINE), None)


@given(pages)
@example("乡乡乡\n\n乡乡乡\n乡乡乡\n")
def test_blank_lines_and_marks_around_a_page_change_nothing(text):
    def texts_of(page: Page) -> list[tuple[Role, str]]:
        return [(block.role, block.text) for article in page.articles for block in article.blocks]

    assert texts_of(read_page("\ufeff\n\n" + text.strip(BLANK) + "\n\n")) == texts_of(read_page(text.strip(BLANK)))


@given(paragraphs)
def test_the_body_of_one_paragraph_is_that_paragraph(paragraph):
    text = "山城修路记\n\n" + paragraph * 3
    read = read_page(text)
    assert [p.text for article in read.articles for p in article.paragraphs] == [paragraph * 3]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_reads_as_written_down(path):
    page = read_page(path.read_bytes().decode("utf-8"))
    expected = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    assert_lossless(page)
    assert [
        {"headline": article.headline, "blocks": [[block.role, block.text] for block in article.blocks]}
        for article in page.articles
    ] == expected["articles"]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_windows_line_ends_read_the_same(path):
    text = path.read_bytes().decode("utf-8")
    windows = read_page(text.replace("\n", "\r\n"))
    assert [[b.text for b in a.blocks] for a in windows.articles] == [
        [b.text for b in a.blocks] for a in read_page(text).articles
    ]


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\ufeff", "　\u2028\r\n", "\x00\u00ad\u200b"])
def test_a_blank_text_has_no_articles(text):
    assert read_page(text).articles == ()


@pytest.mark.parametrize("text", ["党", "\ud800", "\u202eשלום", "1", "。", "”", "（上接第二版）", "a\x00\n\nb", "🌾"])
def test_whatever_is_not_blank_is_in_a_block(text):
    page = read_page(text)
    assert_lossless(page)
    assert page.articles


@given(st.lists(clauses, min_size=6, max_size=12), st.integers(1, 5))
def test_a_paragraph_cut_after_a_comma_is_rejoined(parts, cut):
    first, rest = "，".join(parts[:cut]) + "，", "，".join(parts[cut:]) + "。"
    read = read_page(f"山城修路记\n\n路通了，人心也通了。\n\n{first}\n\n{rest}\n\n大家都说好。")
    assert [p.text for p in read.articles[0].paragraphs] == ["路通了，人心也通了。", first + rest, "大家都说好。"]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_paragraphs_read_again_are_the_same_paragraphs(path):
    for article in read_page(path.read_bytes().decode("utf-8")).articles:
        texts = [paragraph.text for paragraph in article.paragraphs]
        again = read_page("\n\n".join(texts)).articles
        assert [paragraph.text for article in again for paragraph in article.paragraphs] == texts


def test_a_full_line_that_ends_a_sentence_may_end_the_paragraph():
    lines = [
        "溪水从村口流过，两岸人家都靠它浇",
        "地做饭。村里人把它看得十分金贵。",
        "谁家孩子往里扔石头，大人都要数落",
        "半天。",
    ]
    blocks = read_page("\n".join(lines)).articles[0].blocks
    assert [(block.text, block.doubtful_join) for block in blocks] == [
        (lines[0] + lines[1], False),
        (lines[2] + lines[3], True),
    ]


def test_what_may_be_a_title_or_the_end_of_a_column_is_left_apart_and_flagged():
    text = "山城修路记\n\n路通了，人心也通了。\n\n渠水从山上一路流到\n\n田间地头，家家都能浇地。"
    blocks = read_page(text).articles[0].blocks
    assert [(block.text[:4], block.doubtful_join) for block in blocks[2:]] == [("渠水从山", False), ("田间地头", True)]


def test_a_text_of_many_lines_is_read_in_full():
    page = read_page("山城修路记\n\n" + "全村人轮流值班，没有一家缺席，\n\n渠水终于通了。\n\n" * 20_000)
    assert_lossless(page)


def test_the_first_real_page():
    if not JILIN.exists():
        pytest.skip("the page belongs to its publisher and is not here: ../shared/data/pages")
    page = read_page(JILIN.read_text(encoding="utf-8"))
    assert_lossless(page)
    review, commentary, continued, bank = page.articles
    roles = [[block.role for block in article.blocks] for article in page.articles]
    assert [r for r in roles[0] if r is not Role.BODY] == [
        Role.HEADLINE,
        Role.SUBHEAD,
        Role.BYLINE,
        Role.SUBHEAD,
        Role.SUBHEAD,
        Role.SUBHEAD,
        Role.SUBHEAD,
    ]
    assert roles[1] == [Role.HEADLINE, *[Role.BODY] * 5, Role.DATELINE]
    assert roles[2] == [Role.CONTINUATION, Role.CAPTION, Role.BODY, Role.BODY]
    assert roles[3] == [Role.HEADLINE, Role.CAPTION, *[Role.BODY] * 4, Role.CAPTION, Role.CAPTION]
    assert review.headline is not None
    assert review.headline.startswith("党旗高扬")
    assert commentary.headline is not None
    assert commentary.headline.startswith("学思想 强党性")
    assert continued.headline is None
    assert continued.paragraphs[0].text.startswith("丁薛祥")
    assert bank.headline is not None
    joined = [p.text for article in page.articles for p in article.paragraphs if len(p.spans) > 1]
    seams = ["为基层治理增添", "实现动态清零", "累计向超过6万家", "获得贷款资金，"]
    assert [seam in text for seam, text in zip(seams, joined, strict=True)] == [True] * 4


def test_a_page_number_glued_to_the_first_real_page_is_furniture():
    if not JILIN.exists():
        pytest.skip("the page belongs to its publisher and is not here: ../shared/data/pages")
    last = read_page(JILIN.read_text(encoding="utf-8") + "2").articles[-1].blocks
    assert [(block.role, block.text[-3:]) for block in last[-2:]] == [(Role.CAPTION, "授信。"), (Role.FURNITURE, "2")]


def test_an_editors_note_is_no_part_of_the_paragraph_above():
    page = read_page("　　希望有关部门尽快解决。\n　　　　　柳树村 王大山\n\n编者按：读者反映的问题值得重视。\n")
    assert [paragraph.text for article in page.articles for paragraph in article.paragraphs] == [
        "希望有关部门尽快解决。",
        "编者按：读者反映的问题值得重视。",
    ]


def test_the_end_of_a_speech_and_a_foreign_sentence_are_no_titles():
    spoken = "全会号召，全县党员干部锐意进取、埋头苦干！"
    foreign = "The bank said the 碳减排支持工具 will go on."
    text = f"全会闭幕\n\n全会听取了工作报告，讨论了明年的经济工作。\n\n{spoken}\n\n{foreign}\n\n大家表示欢迎。"
    (article,) = read_page(text).articles
    assert [paragraph.text for paragraph in article.paragraphs][1:3] == [spoken, foreign]


def test_reports_of_taiwan_and_hong_kong_are_told_from_who_reports():
    page = read_page(
        "市府推動河川整治\n\n記者王小明／台北報導\n\n【本報台北訊】環保局昨日表示，河川整治工程已完成七成。\n\n"
        "信用合作社推出小額貸款\n\n【記者李大同／高雄報導】高雄的信用合作社今起開辦小額貸款。"
    )
    assert [[(block.role, block.text) for block in article.blocks[1:]] for article in page.articles] == [
        [
            (Role.BYLINE, "記者王小明／台北報導"),
            (Role.DATELINE, "【本報台北訊】"),
            (Role.BODY, "環保局昨日表示，河川整治工程已完成七成。"),
        ],
        [(Role.DATELINE, "【記者李大同／高雄報導】"), (Role.BODY, "高雄的信用合作社今起開辦小額貸款。")],
    ]
