"""Faults of the encoder and its thread: who is hurt, what they are told, and what health says meanwhile."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from baozhai_model.model import Model
from baozhai_service.app import create_app
from baozhai_service.batching.encoder_worker import canary_of
from baozhai_service.settings import Settings
from tests.service.encoders import Mortal, NotANumber, Poisonable, Struck, with_encoder
from tests.service.serving import LOOPBACK, classify

GOOD = ["林业局植树造林、保护珍稀鸟类。", "政务大厅推行一窗受理方便群众办事。", "气象台预计明天有小雨和微风。" * 30]
POISON = "这一段文字会让编码器出错。"


def serving(model: Model, encoder: Any) -> AbstractContextManager[TestClient]:
    return TestClient(create_app(with_encoder(model, encoder)), base_url=LOOPBACK)


def kind(body: dict[str, Any]) -> str:
    return str(body["type"]).rpartition(":")[2]


def raising(error: BaseException) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


@pytest.fixture(scope="module")
def poisoned(served_model: Model) -> Any:
    poison = served_model.tokenize(POISON).windows
    with serving(served_model, Poisonable(served_model.bundle.encoder, poison)) as client:
        yield client


@given(items=st.lists(st.sampled_from([*GOOD, POISON]), min_size=1, max_size=12))
@settings(max_examples=25, deadline=None)
def test_a_poisonous_text_harms_nobody_else(client: TestClient, poisoned: TestClient, items: list[str]) -> None:
    results = classify(poisoned, *items).json()["results"]
    alone = {text: classify(client, text).json()["results"][0] for text in GOOD}
    for text, result in zip(items, results, strict=True):
        if text == POISON:
            assert kind(result["error"]) == "text_failed"
        else:
            assert result == alone[text]


def test_a_poisonous_article_is_the_clients_problem_and_not_a_5xx(poisoned: TestClient) -> None:
    for path in ("/v1/digest", "/v1/read"):
        reply = poisoned.post(path, json={"text": POISON})
        assert (reply.status_code, kind(reply.json())) == (422, "text_failed")
    assert poisoned.get("/health/ready").status_code == 200


def test_numbers_that_are_none_are_not_answered_with(served_model: Model) -> None:
    (window,) = served_model.tokenize(POISON).windows
    with serving(served_model, NotANumber(served_model.bundle.encoder, window)) as client:
        good, bad = classify(client, GOOD[0], POISON).json()["results"]
    assert "topics" in good
    assert kind(bad["error"]) == "text_failed"


def test_an_encoder_that_reads_nothing_any_more_is_not_the_texts_fault(served_model: Model) -> None:
    """The canary fails too, so the answer is 503, readiness goes, and liveness stays: it may get well."""
    poison = [*canary_of(served_model), *served_model.tokenize(POISON).windows]
    encoder = Poisonable(served_model.bundle.encoder, [])
    with serving(served_model, encoder) as client:
        encoder.poison = {tuple(window) for window in poison}
        reply = classify(client, POISON)
        assert (reply.status_code, kind(reply.json())) == (503, "worker_down")
        assert int(reply.headers["retry-after"]) >= 1
        assert client.get("/health/ready").status_code == 503
        assert client.get("/v2/health/ready").status_code == 503
        assert client.get("/health/live").status_code == 200


def test_no_limit_on_texts_concerns_the_canary(served_model: Model) -> None:
    model = Model(served_model.bundle, max_characters=2)
    with TestClient(create_app(model, Settings(max_characters=2)), base_url=LOOPBACK) as client:
        assert client.get("/health/ready").status_code == 200
        fits, too_long = classify(client, "林业", GOOD[0]).json()["results"]
    assert "topics" in fits
    assert kind(too_long["error"]) == "text_too_long"


def test_a_struck_worker_ends_its_requests_and_comes_back(served_model: Model) -> None:
    encoder = Mortal(served_model.bundle.encoder)
    with serving(served_model, encoder) as client:
        encoder.strike()
        reply = classify(client, GOOD[0])
        assert (reply.status_code, kind(reply.json())) == (503, "worker_down")
        encoder.tried.clear()
        encoder.tried.wait()  # the canary was tried again, in vain
        assert client.get("/health/ready").status_code == 503
        assert classify(client, GOOD[0]).status_code == 503
        encoder.heal()
        while client.get("/health/ready").status_code != 200:
            assert client.get("/health/live").status_code == 200
        assert classify(client, GOOD[0]).status_code == 200
        assert b"baozhai_worker_failures_total 0.0" not in client.get("/metrics").content


@pytest.mark.parametrize("error", [RuntimeError("x"), ValueError("x"), KeyError("x"), MemoryError(), Struck()])
def test_whatever_the_encoder_raises_every_request_ends(served_model: Model, error: BaseException) -> None:
    poison = served_model.tokenize(POISON).windows
    encoder = Poisonable(served_model.bundle.encoder, poison, raising(error))
    with serving(served_model, encoder) as client:
        reply = classify(client, GOOD[0], POISON)
        assert reply.status_code in (200, 503)
        while client.get("/health/ready").status_code != 200:
            pass
        assert "topics" in classify(client, GOOD[0]).json()["results"][0]


def test_a_fault_of_ours_is_a_problem_without_details(served_model: Model) -> None:
    """Faults outside the encoder, here in reading its outputs, are internal errors; the worker is not concerned."""
    broken = with_encoder(served_model, served_model.bundle.encoder)
    broken._cascade = object()  # type: ignore[assignment]
    with TestClient(create_app(broken), base_url=LOOPBACK) as client:
        reply = classify(client, GOOD[0])
        assert (reply.status_code, kind(reply.json())) == (500, "internal_error")
        assert reply.headers["content-type"] == "application/problem+json"
        assert reply.headers["x-request-id"] == reply.json()["request_id"]
        assert client.get("/health/ready").status_code == 200
