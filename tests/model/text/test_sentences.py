"""Laws and hard cases of sentence splitting."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baozhai_model.structure import BLANK
from baozhai_model.text.sentences import QUOTE_LIMIT, split_sentences
from tests.model.strategies import plain_sentences, texts


def split(text: str) -> list[str]:
    return [sentence.of(text) for sentence in split_sentences(text)]


@given(texts)
def test_sentences_tile_the_text(text):
    sentences = split_sentences(text)
    assert [s.start for s in sentences] == [0, *(s.end for s in sentences[:-1])][: len(sentences)]
    assert all(s.start < s.end for s in sentences)
    assert (sentences[-1].end if sentences else 0) == len(text)


@given(texts)
def test_a_line_break_ends_a_sentence(text):
    assert all(len(sentence.strip(BLANK).splitlines()) <= 1 for sentence in split(text))


@given(st.lists(plain_sentences, min_size=1, max_size=30))
def test_plain_sentences_come_back_one_by_one(sentences):
    assert split("".join(sentences)) == sentences


@given(st.lists(plain_sentences, max_size=3), st.lists(plain_sentences, min_size=1, max_size=4), plain_sentences)
def test_a_quotation_of_several_sentences_stays_whole(before, quoted, after):
    quotation = "“" + "".join(quoted) + "”"
    text = "".join(before) + "他说：" + quotation + after
    assert split(text) == [*before, "他说：" + quotation, after]


@given(st.lists(plain_sentences, min_size=2, max_size=8))
def test_an_unclosed_quotation_holds_nothing_together(sentences):
    assert split("他说：“" + "".join(sentences)) == ["他说：“" + sentences[0], *sentences[1:]]


def test_a_quotation_beyond_the_limit_counts_as_unclosed():
    sentence = "水" * 49 + "。"
    inside = sentence * (QUOTE_LIMIT // len(sentence) + 1)
    assert len(split(f"“{inside}”")) == QUOTE_LIMIT // len(sentence) + 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("他说：“好！”随后离开。没有句号的标题", ["他说：“好！”", "随后离开。", "没有句号的标题"]),
        ("她说：“先修路。再建桥。”大家鼓掌。", ["她说：“先修路。再建桥。”", "大家鼓掌。"]),
        ("牢记“为人民服务。”的嘱托，向前走。", ["牢记“为人民服务。”的嘱托，向前走。"]),
        ("喊着“加油！”，他们冲了上去。", ["喊着“加油！”，他们冲了上去。"]),
        ("“他问‘行吗？’我说‘行！’就定了。”散会。", ["“他问‘行吗？’我说‘行！’就定了。”", "散会。"]),
        ("读《怎么办？》有感。再读。", ["读《怎么办？》有感。", "再读。"]),
        ("村里（去年遭了灾！）今年丰收。好。", ["村里（去年遭了灾！）今年丰收。", "好。"]),
        ("一要快；二要稳；三要准。完", ["一要快；二要稳；三要准。", "完"]),
        ("等一等……再说吧。真的？！当然！！", ["等一等……", "再说吧。", "真的？！", "当然！！"]),
        ("苹果、梨……等都卖完了。", ["苹果、梨……等都卖完了。"]),
        ("增长3.5%，见No.7号文件。完", ["增长3.5%，见No.7号文件。", "完"]),
        ("第一段。\n第二段没完\n接着", ["第一段。\n", "第二段没完\n", "接着"]),
        ("一。\r\n　　二。\u2028三", ["一。\r\n　　", "二。\u2028", "三"]),
        ("结束了。（本报青山5月6日电）", ["结束了。", "（本报青山5月6日电）"]),
        ('他说："先修路。再建桥。"好。', ['他说："先修路。再建桥。"', "好。"]),
        ("甲说：“先修路。乙说：“再建桥。”丙笑了。", ["甲说：“先修路。", "乙说：“再建桥。”", "丙笑了。"]),
        ("多了一个”。还有一句。", ["多了一个”。", "还有一句。"]),
        ("“先修路。再建桥。”村支书老王说。大家鼓掌。", ["“先修路。再建桥。”村支书老王说。", "大家鼓掌。"]),
        ("“你去哪儿？”老王问。“回家。”老李答。", ["“你去哪儿？”老王问。", "“回家。”老李答。"]),
        ("“水清了。”他转身离开。", ["“水清了。”", "他转身离开。"]),
        ("“路修到了家门口。”老周说，村里还要架桥。", ["“路修到了家门口。”", "老周说，村里还要架桥。"]),
        ("“青山常在！”行动昨日启动。散会。", ["“青山常在！”行动昨日启动。", "散会。"]),
        ("他们唱着“向前进！”走过大街。散会。", ["他们唱着“向前进！”走过大街。", "散会。"]),
        ("“Well done!” said Tom. 大家笑了。", ["“Well done!” said Tom. ", "大家笑了。"]),
        (
            "The lake is clean. 鸟也多了。Birds came. Then fish.",
            ["The lake is clean. ", "鸟也多了。", "Birds came. ", "Then fish."],
        ),
        ("Apple Inc. 公司和 No. 7 矿 by Mr. Li.", ["Apple Inc. 公司和 No. 7 矿 by Mr. Li."]),
        ("路通了.水清了.降了0.5度.好", ["路通了.", "水清了.", "降了0.5度.", "好"]),
        ("路通了．水清了．", ["路通了．", "水清了．"]),
        ("约翰.史密斯来了。他住下了。", ["约翰.史密斯来了。", "他住下了。"]),
        ("见 https://a.example/b?c=1&d=!x 查询。完", ["见 https://a.example/b?c=1&d=!x 查询。", "完"]),
        ("见www.a.example/?q=1。完", ["见www.a.example/?q=1。", "完"]),
        ("网址是 http://a.example/b. 完", ["网址是 http://a.example/b. 完"]),
        ("标准等。地方政府负责。", ["标准等。", "地方政府负责。"]),
        ("", []),
        (" \n ", [" \n "]),
        ("党", ["党"]),
        ("。", ["。"]),
        ("\x00\ud800。\ufeff", ["\x00\ud800。\ufeff"]),
    ],
)
def test_hard_cases(text, expected):
    assert split(text) == expected


@pytest.mark.parametrize(
    "unit", ["好。", "“好。", "”", "（“", "“好。”", "\n", '"好。', "a", "a.", "好.", "“好！”好", "http://a?"]
)
def test_a_long_text_is_split_in_full(unit):
    text = unit * 200_000
    sentences = split_sentences(text)
    assert (sentences[0].start, sentences[-1].end) == (0, len(text))
