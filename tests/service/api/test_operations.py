"""The three answers over HTTP: their shapes, and that nothing about a request but its text changes them."""

import itertools
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from baozhai_model.model import Model
from baozhai_service.http.context import AppContext
from tests.service.serving import classify

PARTY = "镇党委组织党员开展主题教育学习，受到大家的好评。"
FINANCE = "农商银行向小微企业发放信用贷款，取得了明显成效。"
NOTHING = "足球队在周末迎来大批观众。"
ARTICLE = (
    "农商银行今年下调贷款利率、扩大融资规模，全年覆盖8万人次，比上年增长9%。记者到访时正下着小雨。"
    "据介绍，农商银行还推出普惠保险并防范金融风险。天色渐渐暗了下来。"
)
PAGE = "农商银行下调贷款利率\n本报记者 李四\n    农商银行今年下调贷款利率、扩大融资规模，受到大家的\n好评。\n"


def test_classify_gives_one_result_per_text_in_order(client: TestClient) -> None:
    reply = classify(client, PARTY, FINANCE, NOTHING)
    assert reply.status_code == 200
    body = reply.json()
    assert set(body) == {"model_version", "results"}
    assert [result["coverage"]["characters"] for result in body["results"]] == [len(PARTY), len(FINANCE), len(NOTHING)]
    for result in body["results"]:
        assert set(result) == {"topics", "confidences", "uncertain", "stage", "coverage"}
        assert list(result["confidences"]) == ["党建", "治理", "金融", "生态"]
        assert set(result["topics"]) <= set(result["confidences"])
        assert result["coverage"]["read"] == result["coverage"]["characters"]


def test_topics_are_called_by_id_on_request(client: TestClient) -> None:
    (by_id,) = classify(client, PARTY, names="id").json()["results"]
    (by_name,) = classify(client, PARTY).json()["results"]
    assert list(by_id["confidences"]) == ["party_building", "governance", "finance", "ecology"]
    assert list(by_id["confidences"].values()) == list(by_name["confidences"].values())


def test_evidence_is_a_slice_of_the_text(client: TestClient) -> None:
    (result,) = classify(client, ARTICLE, evidence=True).json()["results"]
    assert set(result["evidence"]) <= set(result["topics"])
    for piece in itertools.chain.from_iterable(result["evidence"].values()):
        assert ARTICLE[piece["start"] : piece["end"]] == piece["text"]
        assert 0 <= piece["drop"] <= 1


def test_the_title_of_their_article_counts_for_all_texts(client: TestClient, served_model: Model) -> None:
    vague = "这项工作将持续到年底，取得了明显成效。"
    told = classify(client, vague, vague, title=FINANCE).json()["results"]
    (expected,) = served_model.classify([vague], [FINANCE])
    assert not isinstance(expected, Exception)
    for result in told:
        assert list(result["confidences"].values()) == [round(value, 4) for value in expected.confidences.values()]
    assert told[0] != classify(client, vague).json()["results"][0]


def test_a_title_that_is_no_text_is_refused(client: TestClient) -> None:
    body = json.dumps({"texts": [PARTY], "title": "半个\ud800"})
    reply = client.post("/v1/classify", content=body, headers={"content-type": "application/json"})
    assert reply.status_code == 422
    assert reply.headers["content-type"] == "application/problem+json"


def test_a_bad_text_gets_an_error_and_the_others_their_answers(client: TestClient) -> None:
    alone = classify(client, PARTY).json()["results"]
    body = {"texts": ["", PARTY, "前半\ud800", "　\n", "长" * 20_001]}
    reply = client.post("/v1/classify", content=json.dumps(body), headers={"content-type": "application/json"})
    results = reply.json()["results"]
    assert reply.status_code == 200
    assert [result["error"]["type"].rpartition(":")[2] if "error" in result else None for result in results] == [
        "empty_text", None, "unencodable_text", "empty_text", "text_too_long",
    ]  # fmt: skip
    assert "20001" in results[4]["error"]["detail"]
    assert "20000" in results[4]["error"]["detail"]
    assert results[1] == alone[0]


def test_digest_sentences_are_slices_in_order_within_budget(client: TestClient) -> None:
    reply = client.post("/v1/digest", json={"text": ARTICLE, "title": "农商银行扩大融资", "max_sentences": 2})
    body = reply.json()
    assert set(body) == {"model_version", "sentences", "coverage"}
    assert 1 <= len(body["sentences"]) <= 2
    starts = [sentence["start"] for sentence in body["sentences"]]
    assert starts == sorted(starts)
    for sentence in body["sentences"]:
        assert ARTICLE[sentence["start"] : sentence["end"]] == sentence["text"]


def test_a_digest_in_characters_keeps_within_them(client: TestClient) -> None:
    body = client.post("/v1/digest", json={"text": ARTICLE, "max_characters": 40, "topic": "finance"}).json()
    assert sum(len(sentence["text"]) for sentence in body["sentences"]) <= 40


def test_read_gives_the_articles_of_a_page(client: TestClient) -> None:
    body = client.post("/v1/read", json={"text": PAGE, "digest": {"max_sentences": 1}}).json()
    assert set(body) == {"model_version", "articles", "coverage"}
    (article,) = body["articles"]
    assert set(article) == {"headline", "blocks", "paragraphs", "topics", "digest"}
    assert article["headline"] == "农商银行下调贷款利率"
    assert [block["role"] for block in article["blocks"]] == ["headline", "byline", "body"]
    (paragraph,) = article["paragraphs"]
    assert paragraph["text"] == "".join(PAGE[start:end] for start, end in paragraph["spans"])
    assert "大家的好评" in paragraph["text"]
    for sentence in article["digest"]:
        assert sentence["text"] == "".join(PAGE[start:end] for start, end in sentence["spans"])


def test_models_tells_what_is_live(client: TestClient, served_model: Model) -> None:
    body = client.get("/v1/models").json()
    assert body["live"] == served_model.version
    (model,) = body["models"]
    assert model["live"]
    assert [topic["zh"] for topic in model["topics"]] == ["党建", "治理", "金融", "生态"]


@pytest.mark.parametrize("evidence", [False, True])
def test_every_answer_names_the_version_that_gave_it(client: TestClient, served_model: Model, evidence: bool) -> None:
    assert classify(client, PARTY, evidence=evidence).json()["model_version"] == served_model.version
    assert client.post("/v1/digest", json={"text": PARTY}).json()["model_version"] == served_model.version


TEXTS = st.lists(
    st.one_of(
        st.sampled_from([PARTY, FINANCE, NOTHING, ARTICLE, ARTICLE * 20, "", "好"]),
        st.text(st.sampled_from("党建金融生态治理。！？“”（）\u3000\n ABC123🙂"), max_size=80),
    ),
    min_size=1,
    max_size=8,
)


@given(texts=TEXTS)
@settings(max_examples=25, deadline=None)
def test_a_text_gets_the_same_answer_alone_and_among_others(client: TestClient, texts: list[str]) -> None:
    together = classify(client, *texts).json()["results"]
    assert together == [classify(client, text).json()["results"][0] for text in texts]
    assert classify(client, *reversed(texts)).json()["results"] == together[::-1]


def test_answers_are_rounded_to_four_places(client: TestClient) -> None:
    (result,) = classify(client, PARTY).json()["results"]
    assert all(round(value, 4) == value for value in result["confidences"].values())


def test_the_model_below_http_gives_the_same_answer(client: TestClient, served_model: Model) -> None:
    context: AppContext = client.app.state.context  # type: ignore[attr-defined]
    assert context.live.model is served_model
    (answer,) = served_model.classify([PARTY])
    (result,) = classify(client, PARTY).json()["results"]
    assert not isinstance(answer, Exception)
    assert result["topics"] == [topic.zh for topic in answer.topics]
    assert list(result["confidences"].values()) == [round(value, 4) for value in answer.confidences.values()]
