"""A digest against its source: what is verbatim is found wherever a page breaks it, and every difference is named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baozhai_model.digest.verification import Fidelity, verify
from baozhai_model.errors import EmptyText, TextTooLong
from baozhai_model.model import Model
from baozhai_model.structure import Span
from baozhai_model.text.sentences import split_sentences
from tests import tiny

PAGE = (
    "农商银行今年向小微企业\n发放信用贷款5600万元。“钱都有了着落。”种粮大户说。\n\n林业局植树造林，修复湿地八百亩。\n"
)
WORDS = st.text(st.sampled_from("银行林业党员治理贷款植树，、。“”！\n 　5六𠮷"), min_size=1, max_size=80)


def test_the_models_own_digests_are_verbatim(model: Model) -> None:
    for article in tiny.digested_articles():
        text = str(article["text"])
        digest = "\n".join(f"{n}. {each.text}" for n, each in enumerate(model.digest(text).sentences, 1))
        assert {each.fidelity for each in verify(text, digest)} == {Fidelity.VERBATIM}


def test_a_sentence_is_found_across_line_breaks_and_its_spans_have_its_characters() -> None:
    (quoted,) = verify(PAGE, "农商银行今年向小微企业发放信用贷款5600万元。")
    assert (quoted.fidelity, quoted.share) == (Fidelity.VERBATIM, 1.0)
    assert [span.of(PAGE) for span in quoted.source] == ["农商银行今年向小微企业", "发放信用贷款5600万元。"]


@pytest.mark.parametrize(
    ("written", "differences"),
    [
        ("农商银行今年向小微企业发放信用贷款6500万元。", [("6500", "5600")]),  # a figure is one thing
        ("农商银行向小微企业发放信用贷款5600万元。", [("", "今年")]),
        ("农商银行今年也向小微企业发放信用贷款5600万元。", [("也", "")]),
        ("林业局植树造林,修复湿地八百亩。", [(",", "，")]),
    ],
)
def test_every_difference_is_named(written: str, differences: list[tuple[str, str]]) -> None:
    (quoted,) = verify(PAGE, written)
    assert quoted.fidelity is Fidelity.NEAR
    assert [(each.digest.of(written), each.source) for each in quoted.differences] == differences


@pytest.mark.parametrize("written", ["明年将建成三所学校。", "银行说，林业局的贷款是植树用的。", "足球队周末比赛。"])
def test_what_is_not_there_is_absent(written: str) -> None:
    assert [each.fidelity for each in verify(PAGE, written)] == [Fidelity.ABSENT]


def test_list_marks_are_passed_over_unless_the_source_has_them() -> None:
    assert [each.span for each in verify(PAGE, "1. 林业局植树造林，修复湿地八百亩。")] == [Span(3, 19)]
    numbered = "1. 林业局植树造林。\n2. 修复湿地。"
    assert [each.span.start for each in verify(numbered, numbered)] == [0, 12]


@given(WORDS)
def test_a_text_is_verbatim_in_itself(text: str) -> None:
    if any(char.isalnum() for char in text):
        assert {each.fidelity for each in verify(text, text)} == {Fidelity.VERBATIM}


@given(WORDS, WORDS)
def test_spans_lie_in_their_texts_and_differences_mend_what_departs(source: str, digest: str) -> None:
    if not source.strip() or not digest.strip():
        return
    for each in verify(source, digest):
        assert 0 <= each.span.start < each.span.end <= len(digest)
        assert all(0 <= span.start < span.end <= len(source) for span in each.source)
        if each.fidelity is Fidelity.NEAR:
            mended, at = "", each.span.start
            for difference in each.differences:
                mended += digest[at : difference.digest.start] + difference.source
                at = difference.digest.end
            mended += digest[at : each.span.end]
            assert "".join(mended.split()) == "".join("".join(span.of(source) for span in each.source).split())


def test_sentences_of_random_pages_stay_sentences() -> None:
    spans = [each.span for each in verify(PAGE, PAGE)]
    assert spans == [span.stripped(PAGE) for span in split_sentences(PAGE) if span.stripped(PAGE)]


def test_what_cannot_be_read_is_refused() -> None:
    with pytest.raises(EmptyText):
        verify(PAGE, " ")
    with pytest.raises(TextTooLong):
        verify(PAGE, "甲" * 20_001)
    with pytest.raises(TextTooLong):
        verify(PAGE, "甲", max_characters=10)
