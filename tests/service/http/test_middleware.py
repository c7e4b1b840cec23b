"""What every answer carries: an id, and headers that keep browsers from doing harm with it."""

import pytest
from starlette.testclient import TestClient

from tests.service.serving import Process, classify

SECURITY = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cache-control": "no-store",
}


@pytest.mark.parametrize("path", ["/v1/models", "/health/live", "/nowhere", "/v1/classify", "/openapi.json"])
def test_every_answer_carries_the_security_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert {name: headers.get(name) for name in SECURITY} == SECURITY


def test_a_request_id_comes_back(client: TestClient) -> None:
    reply = client.get("/nowhere", headers={"x-request-id": "trace-42"})
    assert reply.headers["x-request-id"] == reply.json()["request_id"] == "trace-42"


@pytest.mark.parametrize("given", ["", "a" * 129, "with blank", "坏".encode(), b"\xff", 'a"b'])
def test_an_unsound_request_id_is_replaced(client: TestClient, given: str | bytes) -> None:
    reply = client.get("/health/live", headers={"x-request-id": given})
    assert len(reply.headers["x-request-id"]) == 32


def test_requests_without_an_id_get_one_each(client: TestClient) -> None:
    assert client.get("/health/live").headers["x-request-id"] != client.get("/health/live").headers["x-request-id"]


def test_the_log_has_a_line_for_each_request_and_no_text(server: Process) -> None:
    secret = "只此一句不可外传"
    for call in (
        lambda: classify(server, secret, "", f"{secret}。" * 300),
        lambda: server.post("/v1/digest", json={"text": secret, "topic": secret}),
        lambda: server.post("/v1/read", json={"text": secret, secret: 1}),
        lambda: server.get(f"/{secret}?q={secret}"),
        lambda: server.post("/v1/classify", content=secret.encode("gbk")),
        lambda: server.get("/v1/models", headers={"x-request-id": "the-last-one"}),
    ):
        call()
    server.seen("the-last-one")
    assert not [line for line in server.log if secret in line or secret.encode("unicode_escape").decode() in line]


def test_metrics_count_what_was_done(client: TestClient) -> None:
    classify(client, "林业局植树造林。")
    client.get("/v1/models", headers={"host": "evil.example"})
    text = client.get("/metrics").text
    for line in (
        'baozhai_requests_total{route="/v1/classify",status="200"}',
        'baozhai_refusals_total{reason="host_refused"}',
        'baozhai_stage_seconds_count{stage="encode"}',
        'baozhai_stage_seconds_count{stage="compute"}',
        "baozhai_batch_tokens_sum",
        "baozhai_queue_windows 0.0",
        "baozhai_requests_in_work",
        "baozhai_answers_total{model_version=",
        "baozhai_live_model{model_version=",
    ):
        assert line in text
    assert "植树" not in text
