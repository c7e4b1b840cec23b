"""What copying and OCR put into a text changes no answer; offsets are those of the text as it was posted."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baozhai_model.errors import EmptyText
from baozhai_model.model import Model
from baozhai_model.results import Prediction
from baozhai_model.structure import INVISIBLE, Span
from baozhai_model.text.cleaning import clean
from baozhai_model.text.words import has_word
from tests import tiny
from tests.model.strategies import plain_sentences, texts

PLAIN = [str(row["text"]) for row in tiny.labelled_paragraphs()][::11]
WORDS = "社区党支部书记每周三下午坐班，已经解决停车、垃圾清运等问题四十余件。"

invisible = st.sampled_from("\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u202a\u2066\x00\ufe0f\U000e0041")
accidents = invisible | st.sampled_from(["<b>", "</b>", "<span class='t'>", "<!-- x -->", "&nbsp;", "&#8203;", "&shy;"])


def dirty(text: str, how: str) -> str:
    """``text`` with an accident of copying between its characters."""
    return how.join(text)


DIRT = [
    "\u200b",
    "\u00ad",
    "\ufeff",
    "\u2060\u200d",
    " ",
    "\u3000",
    "\u00a0",
    "\u2009",
    "&nbsp;",
    "&amp;nbsp;",
    "<b></b>",
]


@pytest.mark.parametrize("how", DIRT)
def test_the_clean_text_comes_out(how: str) -> None:
    assert clean(dirty(WORDS, how)).text == WORDS


@pytest.mark.parametrize(
    ("given_text", "wanted"),
    [
        ("<p>第一段。</p><p>第二段。</p>", "第一段。\n\n第二段。"),
        ("第一行<br/>第二行<BR>", "第一行\n第二行"),
        ("<script>var a = '标题';</script>正文<style>p {}</style>", "正文"),
        ("&ldquo;好&rdquo;&#12290;&hellip;", "“好”。…"),
        ("本 报 讯  （ 记 者  张 三 ） 昨 日 ， 我 市", "本报讯（记者张三）昨日，我市"),
        ("贷 款 2 0 0 0 万 元 ， 降 0 . 5 个 点 。", "贷款2000万元，降0.5个点。"),
        (
            "昨日 ， 我市 召开 基层 治理 推进会 ， 要求 各 街道 落实 。",
            "昨日，我市召开基层治理推进会，要求各街道落实。",
        ),
        ("# 标题\n\n> **本报讯** 见[网站](https://a.example/b)。![图](a.png)", "标题\n\n本报讯 见网站。"),
    ],
)
def test_markup_and_blanks_go(given_text: str, wanted: str) -> None:
    assert clean(given_text).text == wanted


@pytest.mark.parametrize(
    "text",
    [
        "学思想 强党性",
        "张三 李四 王五 赵六 钱七 孙八",
        "通 知",
        "3<5，5>3，<记者>说了，A&B公司，a*b**c",
        "增长 3.5 个百分点，发放贷款 20 亿元。",
        "Apple Bank lends & saves <more>.",
        "第一段。\n\n　　第二段。\t\n",
    ],
)
def test_what_may_be_meant_stays(text: str) -> None:
    assert clean(text).text is text


@given(texts | st.text())
def test_every_clean_character_has_its_place(text: str) -> None:
    view = clean(text)
    places = [view.in_source(Span(at, at + 1)) for at in range(len(view.text))]
    assert all(0 <= place.start < place.end <= len(text) for place in places)
    assert [place.start for place in places] == sorted(place.start for place in places)
    for char, place in zip(view.text, places, strict=True):
        assert place.of(text) == char or char in html.unescape(html.unescape(place.of(text))) or char == "\n"
    assert view.in_source(Span(0, len(view.text))).end <= len(text)


@given(plain_sentences, st.data())
def test_accidents_anywhere_are_taken_out(sentence: str, data: st.DataObject) -> None:
    between = data.draw(st.lists(st.just("") | accidents, min_size=len(sentence) - 1, max_size=len(sentence) - 1))
    posted = "".join(char + extra for char, extra in zip(sentence, [*between, ""], strict=True))
    view = clean(posted)
    assert view.text == sentence
    assert all(view.in_source(Span(at, at + 1)).of(posted) == char for at, char in enumerate(sentence))
    for at in range(len(sentence)):
        place = view.in_source(Span(at, at + 1))
        assert view.in_clean(place) == Span(at, at + 1)


@pytest.mark.parametrize("how", DIRT)
def test_the_answer_is_that_of_the_clean_text(how: str, model: Model) -> None:
    posted = [dirty(text, how) for text in PLAIN]
    for mine, same in zip(model.classify(posted), model.classify(PLAIN), strict=True):
        assert isinstance(mine, Prediction)
        assert isinstance(same, Prediction)
        assert (mine.topics, mine.confidences, mine.uncertain) == (same.topics, same.confidences, same.uncertain)
        assert mine.coverage.read == mine.coverage.characters > same.coverage.characters


@pytest.mark.parametrize("how", DIRT)
def test_a_digest_and_evidence_quote_the_text_as_posted(how: str, model: Model) -> None:
    text = "\n".join(PLAIN[:4])
    posted = "\n".join(dirty(line, how) for line in PLAIN[:4])
    found, same = model.digest(posted).sentences, model.digest(text).sentences
    assert [clean(sentence.text).text for sentence in found] == [sentence.text for sentence in same]
    assert [sentence.salience for sentence in found] == [sentence.salience for sentence in same]
    assert all(posted[sentence.start : sentence.end] == sentence.text for sentence in found)
    evidence, plain = model.evidence(posted), model.evidence(text)
    assert [[piece.drop for piece in pieces] for pieces in evidence.values()] == [
        [piece.drop for piece in pieces] for pieces in plain.values()
    ]
    assert all(piece.span.of(posted) == piece.text for pieces in evidence.values() for piece in pieces)


@pytest.mark.parametrize("title", ["<b>银行</b>让利", "银\u200b行\u00ad让利"])
def test_a_title_is_cleaned_too(title: str, model: Model) -> None:
    assert model.classify(PLAIN[:3], [title] * 3) == model.classify(PLAIN[:3], ["银行让利"] * 3)


@pytest.mark.parametrize(
    "text",
    ["①②③④⑤", "123456789012345678901234567890", "……！！！", "🌾🌾", "2023年7月19日", "一、二、三", "１２％", "（）《》",
     "https://bank.example.cn/apply?a=1", "a.b@example.cn", "- 4 -", "<p>123</p>", "Ⅳ", "3.14 + 2 = 5.14"],
)  # fmt: skip
def test_a_text_without_a_word_has_no_topic_and_says_why(text: str, model: Model) -> None:
    (answer,) = model.classify([text], ["银行发放信用贷款，利率下降"])
    assert isinstance(answer, Prediction)
    assert (answer.topics, answer.uncertain) == ((), True)
    assert answer.reason is not None
    assert "no word" in answer.reason


@pytest.mark.parametrize("text", ["党", "贷款3亿元", "一带一路", "Bank", "三农", "見"])
def test_a_text_with_a_word_is_read(text: str, model: Model) -> None:
    (answer,) = model.classify([text])
    assert has_word(text)
    assert isinstance(answer, Prediction)
    assert answer.reason is None


@pytest.mark.parametrize("text", ["\u200b\u00ad", "<p></p>", "&nbsp;&#8203;", INVISIBLE, "<br><br/>"])
def test_nothing_but_marks_is_empty(text: str, model: Model) -> None:
    (answer,) = model.classify([text])
    assert isinstance(answer, EmptyText)
