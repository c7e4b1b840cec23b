"""Any bytes in: an answer or a 4xx with a problem that says what is wrong and where, never a 5xx."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from tests.service.serving import Process

PATHS = ["/v1/classify", "/v1/digest", "/v1/read"]
TEXT = "湿地保护站修复湿地。"
JSON = {"content-type": "application/json"}


def post(client: TestClient, body: bytes, path: str = "/v1/classify", **headers: str) -> Any:
    return client.post(path, content=body, headers={**JSON, **headers})


def kind(reply: Any) -> str:
    assert reply.headers["content-type"] == "application/problem+json"
    body = reply.json()
    assert body["status"] == reply.status_code
    assert body["detail"]
    return str(body["type"]).rpartition(":")[2]


BODIES = {
    "nothing": (b"", 400, "malformed_body"),
    "no JSON": (b"texts=1", 400, "malformed_body"),
    "half a JSON": (b'{"texts": ["', 400, "malformed_body"),
    "GBK bytes": ('{"texts": ["' + TEXT + '"]}').encode("gbk"),
    "UTF-16 bytes": ('{"texts": ["' + TEXT + '"]}').encode("utf-16"),
    "a NUL byte": b'{"texts": ["a\x00b"]}',
    "NaN": b'{"texts": ["a"], "evidence": NaN}',
    "a very long number": b'{"texts": [' + b"9" * 5000 + b"]}",
    "very deep nesting": b'{"texts": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", BODIES)
def test_what_is_no_json_in_utf8_is_a_malformed_body(client: TestClient, path: str, name: str) -> None:
    body = BODIES[name]
    reply = post(client, body[0] if isinstance(body, tuple) else body, path)
    assert (reply.status_code, kind(reply)) == (400, "malformed_body")


def test_gbk_is_told_from_utf8(client: TestClient) -> None:
    reply = post(client, ('{"texts": ["' + TEXT + '"]}').encode("gbk"))
    assert "byte 1" in reply.json()["detail"]
    assert "GB18030" in reply.json()["detail"]


SHAPES = [
    ("/v1/classify", [], "the body is a list"),
    ("/v1/classify", "text", "the body is a string"),
    ("/v1/classify", {}, "texts: is missing"),
    ("/v1/classify", {"texts": TEXT}, "texts: must be a list, not a string"),
    ("/v1/classify", {"texts": []}, "texts: is empty"),
    ("/v1/classify", {"texts": [TEXT, 5]}, "texts[1]: must be a string, not a number"),
    ("/v1/classify", {"texts": [None]}, "texts[0]: must be a string, not null"),
    ("/v1/classify", {"texts": [[TEXT]]}, "texts[0]: must be a string, not a list"),
    ("/v1/classify", {"texts": [TEXT], "evidence": "yes"}, "evidence: must be a boolean, not a string"),
    ("/v1/classify", {"texts": [TEXT], "names": "en"}, "names: must be 'zh' or 'id'"),
    ("/v1/classify", {"texts": [TEXT], "txt": 1}, "txt: unknown field; accepted are texts, title, evidence, names"),
    ("/v1/classify", {"texts": [TEXT], "坏\ud800": 1}, "a field's name is not valid Unicode; accepted are texts"),
    ("/v1/classify", {"texts": [TEXT] * 10_000}, "the request has 10000 texts; at most 100"),
    ("/v1/classify", {"texts": ["长" * 15_000] * 5 + ["长" * 125_001]}, "at most 200000 are accepted in one request"),
    ("/v1/classify", {"texts": ["长" * 10_001] * 2, "evidence": True}, "with evidence"),
    ("/v1/digest", {"text": ""}, "the text is empty"),
    ("/v1/digest", {"text": " \u3000\n"}, "the text is empty"),
    ("/v1/digest", {"text": "\ufeff"}, "the text is empty"),
    ("/v1/digest", {"text": "前\ud800"}, "character 1 is a lone surrogate"),
    ("/v1/digest", {"text": TEXT, "title": "前\ud800"}, "title: character 1 is a lone surrogate"),
    ("/v1/classify", {"texts": [TEXT], "title": "长" * 20_001}, "title: has 20001 characters; at most 20000"),
    ("/v1/classify", {"texts": [5] * 50}, "texts[0]: must be a string, not a number (and 49 more, see errors for the"),
    ("/v1/digest", {"text": "长" * 20_001}, "the text has 20001 characters; at most 20000"),
    ("/v1/digest", {"text": TEXT, "max_sentences": 0}, "max_sentences: is 0; it must be at least 1"),
    ("/v1/digest", {"text": TEXT, "max_sentences": 10**400}, "max_sentences: is too large a number"),
    ("/v1/digest", {"text": TEXT, "max_sentences": "3"}, "max_sentences: must be a whole number, not a string"),
    ("/v1/digest", {"text": TEXT, "max_sentences": True}, "max_sentences: must be a whole number, not a boolean"),
    ("/v1/digest", {"text": TEXT, "max_sentences": 1, "max_characters": 9}, "max_sentences or max_characters"),
    ("/v1/digest", {"text": TEXT, "max_sentences": 1.0}, "max_sentences: is 1.0; it must be a whole number, without"),
    (
        "/v1/digest",
        {"text": TEXT, "topic": "体育"},
        "'体育' is no topic of this model; its topics are 党建 (party_building)",
    ),
    ("/v1/read", {"text": TEXT, "digest": {"topic": "体育"}}, "治理 (governance)"),
    ("/v1/digest", {"text": TEXT, "topic": "体\ud800"}, "is no topic of this model"),
    ("/v1/digest", {"text": TEXT, "topic": "长" * 101}, "topic: has 101 characters; at most 100 are accepted"),
    ("/v1/read", {"text": TEXT, "digest": {"max": 1}}, "digest.max: unknown field; accepted are max_sentences"),
    (
        "/v1/read",
        {"text": TEXT, "digest": {"\ud800": 1}},
        "digest: a field's name is not valid Unicode; accepted are max",
    ),
    (
        "/v2/models/baozhai/infer",
        {"id": "a\ud800", "inputs": []},
        "id: is not valid Unicode: it holds a lone surrogate",
    ),
    ("/v2/models/baozhai/infer", {"id": "a" * 201, "inputs": []}, "id: has 201 characters; at most 200 are accepted"),
    ("/v2/models/baozhai/infer", {"inputs": [{}, {}]}, "inputs: has 2 items; at most 1 are accepted"),
    ("/v1/read", {"text": TEXT, "digest": 3}, "digest: must be an object, not a number"),
    ("/v1/read?max_sentences=many", {"text": TEXT}, "max_sentences: must be a whole number"),
    ("/v1/read?pages=2", {"text": TEXT}, "pages: unknown field; accepted are "),
]


@pytest.mark.parametrize(("path", "body", "said"), SHAPES)
def test_what_is_no_such_request_is_told_what_would_be(client: TestClient, path: str, body: Any, said: str) -> None:
    reply = post(client, json.dumps(body).encode(), path)
    assert reply.status_code == 422
    kind(reply)
    assert said in reply.json()["detail"]


def test_all_problems_of_a_request_are_told_at_once(client: TestClient) -> None:
    reply = post(client, json.dumps({"texts": [1, TEXT, 2], "x": 0}).encode())
    assert {problem["field"] for problem in reply.json()["errors"]} == {"texts[0]", "texts[2]", "x"}


@pytest.mark.parametrize("path", PATHS)
def test_a_body_that_is_too_large_is_refused_by_its_declared_size_or_as_it_comes(client: TestClient, path: str) -> None:
    large = b'{"text": "' + b"x" * 2_000_000 + b'"}'
    for content in (large, iter([large[:200_000], large[200_000:]])):  # an iterator is sent in chunks, without a size
        reply = client.post(path, content=content, headers=JSON)
        assert (reply.status_code, kind(reply)) == (413, "body_too_large")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "the body is empty; it must be a JSON object"),
        (b" \n", "the body is empty; it must be a JSON object"),
        (b"{", "the body is not JSON: Expecting property name enclosed in double quotes at column 2"),
        (b"{\n", "the body is not JSON: Expecting property name enclosed in double quotes at line 2, column 1"),
        (b"[" + b"9" * 5000 + b"]", "the body is not JSON that is accepted here: a number has more than 4300 digits"),
        (b"[NaN]", "the body is not JSON that is accepted here: NaN is no JSON number"),
    ],
)
def test_a_malformed_body_is_told_in_plain_words(client: TestClient, body: bytes, said: str) -> None:
    assert post(client, body).json()["detail"] == said


def test_a_blank_title_is_no_title(client: TestClient) -> None:
    for path, body in (("/v1/classify", {"texts": [TEXT]}), ("/v1/digest", {"text": TEXT * 5, "max_sentences": 1})):
        without = client.post(path, json=body)
        assert without.status_code == 200
        assert {client.post(path, json={**body, "title": title}).content for title in ("", " ", "\u3000\n")} == {
            without.content
        }


def test_a_path_with_a_slash_too_many_is_not_found(client: TestClient) -> None:
    for path in ("/v1/models/", "/v1/classify/", "/v2/"):
        reply = client.get(path, headers={"host": "evil.example"}, follow_redirects=False)
        assert (reply.status_code, kind(reply)) == (404, "not_found")


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({"content-type": ""}, "there is no content type; send JSON in UTF-8"),
        ({"content-type": "application/json; charset=gbk"}, "the content type is 'application/json; charset=gbk'"),
        ({"content-encoding": "gzip"}, "the content encoding is 'gzip'; send the body as it is"),
        ({"content-encoding": "br"}, "the content encoding is 'br'; send the body as it is"),
    ],
)
def test_what_a_body_is_said_to_be_is_named_when_refused(
    client: TestClient, headers: dict[str, str], said: str
) -> None:
    reply = client.post("/v1/classify", content=b'{"texts": ["a"]}', headers={**JSON, **headers})
    assert reply.status_code == 415
    assert said in reply.json()["detail"]


@pytest.mark.parametrize("given", ["text/plain", "", "multipart/form-data", "application/x-www-form-urlencoded"])
def test_json_must_be_said_to_be_json(client: TestClient, given: str) -> None:
    reply = client.post("/v1/classify", content=b'{"texts": ["a"]}', headers={"content-type": given})
    assert (reply.status_code, kind(reply)) == (415, "wrong_content_type")


@pytest.mark.parametrize("given", ["application/json", 'application/json; charset="UTF-8"', "application/ld+json"])
def test_json_may_be_said_in_more_than_one_way(client: TestClient, given: str) -> None:
    reply = client.post("/v1/classify", content=b'{"texts": ["a"]}', headers={"content-type": given})
    assert reply.status_code == 200


ODD_TEXTS = [
    "a", "。", "🙂", "\u202e湿地\u202c", "湿\x00地", "\x00", "\ufeff湿地", "Aé∑", "12345", "�" * 50,
    "婀垮湴淇濇姢", "“" * 500, "湿" * 3000, "。" * 3000, "\n" * 200 + "湿", "(((((", "\r\n\r", "𠮷野家",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("text", ODD_TEXTS)
def test_odd_text_is_read_or_refused(client: TestClient, path: str, text: str) -> None:
    body = {"texts": [text]} if path == "/v1/classify" else {"text": text}
    reply = post(client, json.dumps(body).encode(), path)
    assert reply.status_code in (200, 422)
    if reply.status_code == 422:
        assert kind(reply) == "empty_text"


def test_a_byte_order_mark_before_the_json_is_allowed(client: TestClient) -> None:
    assert post(client, b"\xef\xbb\xbf" + json.dumps({"texts": [TEXT]}).encode()).status_code == 200


@given(body=st.binary(max_size=300))
@settings(max_examples=150, deadline=None)
def test_random_bytes_are_a_4xx(client: TestClient, body: bytes) -> None:
    assert 400 <= post(client, body).status_code < 500


@given(text=st.text(st.characters(), max_size=400))
@settings(max_examples=60, deadline=None)
def test_random_text_is_never_a_5xx(client: TestClient, text: str) -> None:
    for path, body in ((PATHS[0], {"texts": [text]}), (PATHS[1], {"text": text}), (PATHS[2], {"text": text})):
        assert post(client, json.dumps(body).encode(), path).status_code in (200, 422)


LARGE = {
    "200,000 characters": ("/v1/digest", {"text": "生态环境局修复湿地。" * 20_000}, 422),
    "a million sentences": ("/v1/read", {"text": "好。" * 1_000_000}, 413),
    "10,000 texts": ("/v1/classify", {"texts": ["好"] * 10_000}, 422),
    "10 MB": ("/v1/classify", {"texts": ["x" * 10_000_000]}, 413),
}


@pytest.mark.parametrize("name", LARGE)
def test_too_much_is_refused_by_the_default_limits(server: Process, name: str) -> None:
    path, body, status = LARGE[name]
    assert server.post(path, json=body).status_code == status


def test_a_whole_text_of_the_default_limit_is_read_in_full(server: Process) -> None:
    text = ("湿地保护站修复湿地。" * 50 + "\n") * 40
    (result,) = server.post("/v1/classify", json={"texts": [text]}).json()["results"]
    assert result["coverage"]["read"] == result["coverage"]["characters"] == len(text)
    assert result["coverage"]["windows"] > 1
