"""Lines of a column are joined where a sentence goes on; paragraphs, headings and list items stay apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baozhai_model.model import Model
from baozhai_model.text.cleaning import clean
from baozhai_model.text.linebreaks import soft_breaks
from tests.model.strategies import plain_sentences, texts

SENTENCES = [
    "今年全县安排乡村振兴衔接资金一亿二千万元，重点支持茶叶产业。",
    "利率下降零点五个百分点，农户李大姐当天就拿到了贷款。",
]


def unwrapped(text: str) -> str:
    return clean(text, unwrap=True).text


def wrapped(text: str, width: int, end: str = "\n") -> str:
    return end.join(text[start : start + width] for start in range(0, len(text), width))


@given(st.lists(plain_sentences, min_size=3, max_size=12), st.integers(8, 30))
def test_a_column_is_read_without_its_line_breaks(sentences: list[str], width: int) -> None:
    text = "".join(sentences)
    column = wrapped(text, width)
    read = unwrapped(column)
    assert read.replace("\n", "") == text
    *lines, _last = column.splitlines()
    if len(lines) > 2 and sum(line[-1] != "。" for line in lines) > len(lines) / 2:  # else they may be paragraphs
        assert all(line[-1] in "。，" for line in read.splitlines())


@given(texts)
def test_only_line_breaks_and_blanks_beside_them_go(text: str) -> None:
    assert all(not text[start:end].strip() and any(char in "\r\n" for char in text[start:end])
               for start, end, _ in soft_breaks(text))  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "标题在此\n第一段写得很长，说了许多事情。\n第二段写得也很长，说了另外的事情。",
        "一、总体要求\n二、主要任务\n三、保障措施",
        "第一段。\n\n第二段没有写完\n\n第三段。",
        "（一）加强领导\n各地要高度重视这项工作，抓好落实。",
        "　　路通了，\n　　水清了。",
    ],
)
def test_paragraphs_headings_and_lists_stay(text: str) -> None:
    assert unwrapped(text) == text


def test_english_words_keep_a_blank() -> None:
    assert unwrapped("The bank will\nlend more money to\nfarmers this year.") == (
        "The bank will lend more money to farmers this year."
    )


@pytest.mark.parametrize(("width", "end"), [(9, "\n"), (12, "\r\n"), (14, " \n")])
def test_a_digest_quotes_whole_sentences_of_a_column(width: int, end: str, model: Model) -> None:
    posted = wrapped("".join(SENTENCES), width, end)
    found = model.digest(posted).sentences
    assert found
    assert all(posted[sentence.start : sentence.end] == sentence.text for sentence in found)
    assert {"".join(sentence.text.split()) for sentence in found} <= set(SENTENCES)
