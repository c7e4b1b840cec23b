"""The laws of answers, on a small bundle that was really trained."""

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from baozhai_model.digest.digester import Budget
from baozhai_model.digest.salience import dangles
from baozhai_model.errors import (
    EmptyText,
    InputError,
    InvalidBudget,
    TextTooLong,
    UnencodableText,
    UnknownTopic,
)
from baozhai_model.model import EVIDENCE_SHARE, Model
from baozhai_model.results import Prediction
from tests.tiny import digested_articles, labelled_paragraphs

OWN = [str(row["text"]) for row in labelled_paragraphs()]
ARTICLES = digested_articles()
TEXTS = st.lists(
    st.sampled_from(OWN) | st.text("党建金融生态治理。！？，“”\n Aa1", min_size=0, max_size=300), max_size=12
)
relaxed = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(texts=TEXTS, order=st.randoms(use_true_random=False))
@relaxed
def test_a_text_is_answered_alike_alone_in_a_batch_and_in_any_order(model: Model, texts: list[str], order) -> None:
    together = model.classify(texts)
    shuffled = list(range(len(texts)))
    order.shuffle(shuffled)
    mixed = model.classify([texts[i] for i in shuffled])
    for place, index in enumerate(shuffled):
        alone = model.classify([texts[index]])[0]
        for answer in (together[index], mixed[place]):
            assert type(answer) is type(alone)
            if isinstance(alone, Prediction):
                assert answer == alone  # to the last bit: confidences are floats of equal bytes


@given(texts=TEXTS)
@relaxed
def test_nothing_is_cut_silently(model: Model, texts: list[str]) -> None:
    for text, answer in zip(texts, model.classify(texts), strict=True):
        if isinstance(answer, Prediction):
            assert answer.coverage.characters == answer.coverage.read == len(text)
            assert answer.coverage.windows >= 1


def test_a_long_text_is_about_what_any_of_its_windows_is_about(model: Model) -> None:
    text = "足球队公布了新的比赛日程。" * 40 + "河长办治理污染河道、修复湿地，取得了明显成效。"
    answer = model.classify([text])[0]
    windows = model.classify([span.of(text) for span in model.tokenize(text).window_spans])
    assert isinstance(answer, Prediction)
    assert answer.coverage.windows == len(windows) > 1
    for topic, confidence in answer.confidences.items():
        assert confidence == max(window.confidences[topic] for window in windows if isinstance(window, Prediction))


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", EmptyText),
        (" \u3000\n", EmptyText),
        ("\ufeff", EmptyText),
        ("\x00", EmptyText),
        ("好\ud800", UnencodableText),
    ],
)
def test_what_cannot_be_read_is_refused_alone(model: Model, text: str, error: type[InputError]) -> None:
    answers = model.classify([OWN[0], text, OWN[1]])
    assert isinstance(answers[1], error)
    assert [answers[0], answers[2]] == model.classify([OWN[0], OWN[1]])


@pytest.mark.parametrize("text", ["党", "hello world", "🎉🎉", "٠١٢ שלום", "1", "。", "中\x00文", "ä½ å¥½", "\u202e反"])
def test_odd_text_gets_an_answer(model: Model, text: str) -> None:
    assert isinstance(model.classify([text])[0], Prediction)


def test_a_text_beyond_the_limit_is_refused_with_both_numbers(bundle_folder) -> None:
    short = Model.load(bundle_folder, max_characters=10)
    error = short.classify(["党" * 11])[0]
    assert isinstance(error, TextTooLong)
    assert (error.length, error.limit) == (11, 10)


@given(
    picked=st.lists(st.sampled_from(ARTICLES), min_size=1, max_size=3),
    budget=st.builds(Budget, sentences=st.integers(1, 8)) | st.builds(Budget, characters=st.integers(1, 300)),
)
@relaxed
def test_a_digest_never_misquotes(model: Model, picked, budget: Budget) -> None:
    text = "\n".join(str(article["text"]) for article in picked)
    digest = model.digest(text, budget, title=str(picked[0]["title"]))
    spans = [(sentence.start, sentence.end) for sentence in digest.sentences]
    assert spans == sorted(spans)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
    assert all(text[s.start : s.end] == s.text and s.text.strip() == s.text != "" for s in digest.sentences)
    if budget.sentences:
        assert len(spans) <= budget.sentences
    if budget.characters:
        assert sum(end - start for start, end in spans) <= budget.characters


def test_a_digest_takes_what_a_reader_would(model: Model) -> None:
    article = ARTICLES[5]
    digest = model.digest(str(article["text"]), Budget(sentences=2), title=str(article["title"]))
    assert [(s.start, s.end) for s in digest.sentences] == article["digest"]


def test_a_dangling_sentence_brings_its_antecedent_or_stays_out(model: Model) -> None:
    text = "县里修建了三座水库。对此，农户普遍欢迎。天气转凉。"
    for most in (1, 2, 3):
        digest = model.digest(text, Budget(sentences=most))
        for sentence in digest.sentences:
            if dangles(sentence.text):
                assert text[: sentence.start].endswith("水库。")
                assert digest.sentences[0].start == 0


def test_a_sentence_is_not_said_twice(model: Model) -> None:
    sentence = "农商银行今年向小微企业发放信用贷款，覆盖3万人次。"
    digest = model.digest(f"{sentence}\n{sentence}\n{sentence}", Budget(sentences=3))
    assert [s.text for s in digest.sentences] == [sentence]


def test_a_digest_for_a_topic_keeps_to_it(model: Model) -> None:
    text = (
        "足球队公布了新的比赛日程。农商银行向小微企业发放信用贷款，受到大家的好评。"
        "河长办治理污染河道、修复湿地，取得了明显成效。"
    )
    for name, word in (("金融", "贷款"), ("ecology", "湿地")):
        digest = model.digest(text, Budget(sentences=1), topic=model.topic(name))
        assert word in digest.sentences[0].text


def test_a_digest_for_a_topic_has_nothing_else(model: Model) -> None:
    text = "足球队公布了新的比赛日程。农商银行向小微企业发放信用贷款，受到大家的好评。博物馆在周末迎来大批观众。"
    (only,) = model.digest(text, Budget(sentences=3), topic=model.topic("金融")).sentences
    assert "贷款" in only.text
    assert model.digest(text, Budget(sentences=3), topic=model.topic("生态")).sentences == ()


@pytest.mark.parametrize("numbers", [{"sentences": 0}, {"characters": -1}, {"sentences": 1, "characters": 1}])
def test_an_impossible_budget_is_refused(numbers: dict[str, int]) -> None:
    with pytest.raises(InvalidBudget):
        Budget(**numbers)


def test_an_unknown_topic_is_refused_with_those_there_are(model: Model) -> None:
    with pytest.raises(
        UnknownTopic, match=r"党建 \(party_building\), 治理 \(governance\), 金融 \(finance\), 生态 \(ecology\)"
    ):
        model.topic("体育")


def test_a_topic_may_be_named_in_traditional_characters(model: Model) -> None:
    assert [model.topic(name).zh for name in ("黨建", "治理", "生態", "ecology")] == ["党建", "治理", "生态", "生态"]


def test_evidence_is_what_lowers_the_confidence_when_deleted(model: Model) -> None:
    text = (
        "农商银行向小微企业发放信用贷款，受到大家的好评。足球队公布了新的比赛日程。农商银行推出普惠保险并防范金融风险。"
    )
    whole = model.classify([text])[0]
    assert isinstance(whole, Prediction)
    found = model.evidence(text)
    assert set(found) <= set(whole.topics)
    assert model.topic("金融") in found
    for topic, pieces in found.items():
        drops = [piece.drop for piece in pieces]
        assert drops == sorted(drops, reverse=True)
        assert drops[-1] >= EVIDENCE_SHARE * drops[0]
        for piece in pieces:
            assert text[piece.span.start : piece.span.end] == piece.text
            rest = model.classify([text[: piece.span.start] + text[piece.span.end :]])[0]
            assert isinstance(rest, Prediction)
            assert whole.confidences[topic] - rest.confidences[topic] == piece.drop > 0


def test_a_lone_sentence_carries_its_topic_alone(model: Model) -> None:
    text = "农商银行向小微企业发放信用贷款，受到大家的好评。"
    answer = model.classify([text])[0]
    assert isinstance(answer, Prediction)
    (piece,) = model.evidence(text)[model.topic("金融")]
    assert (piece.text, piece.drop) == (text, answer.confidences[model.topic("金融")])


def test_a_list_of_headlines_is_about_what_they_are(model: Model) -> None:
    page = model.read("农商银行向企业发放信用贷款\n\n河长办治理污染河道修复湿地\n\n12")
    assert [[topic.zh for topic in article.topics] for article in page.articles] == [["金融"], ["生态"]]
    assert [article.paragraphs for article in page.articles] == [(), ()]
    assert page.coverage.windows == 2


def test_a_page_is_read_article_by_article(model: Model) -> None:
    page = (
        "农商银行推出新贷款\n\n本报记者 张三\n\n"
        "农商银行向小微企业发放信用贷款，受到大家的好评。\n\n"
        "河长办修复城北湿地\n\n本报记者 李四\n\n"
        "河长办治理污染河道、修复湿地，取得了明显成效。\n"
    )
    read = model.read(page, Budget(sentences=1))
    assert [article.article.headline for article in read.articles] == ["农商银行推出新贷款", "河长办修复城北湿地"]
    assert [[topic.zh for topic in article.topics] for article in read.articles] == [["金融"], ["生态"]]
    for article in read.articles:
        for sentence in article.digest:
            assert "".join(page[span.start : span.end] for span in sentence.spans) == sentence.text
            assert "记者 " not in sentence.text
    assert read.coverage.characters == read.coverage.read == len(page)
