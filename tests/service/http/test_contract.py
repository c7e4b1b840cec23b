"""The OpenAPI document equals behaviour: each documented status is sent, and nothing else is."""

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance
from starlette.testclient import TestClient

from baozhai_model.model import Model
from baozhai_service.api.responses import Problem
from baozhai_service.app import create_app
from baozhai_service.batching.encoder_worker import CANARY
from baozhai_service.http.auth import Access, Key, Permission
from baozhai_service.resources import Resources
from baozhai_service.settings import Settings
from tests.service.encoders import Poisonable, with_encoder
from tests.service.gated_server import BODY, Reply, held, over_the_wire, request
from tests.service.serving import LOOPBACK, PATIENT, classify, running

SECRET = "secret-of-someone"
OK = {"texts": ["剧团公布了新的比赛日程。"]}
JSON = {"content-type": "application/json"}


def received(reply: Any) -> Reply:
    return reply.status_code, dict(reply.headers), reply.content


def posted(model: Model, body: bytes = json.dumps(OK).encode(), **headers: str) -> Reply:
    with TestClient(create_app(model, Settings(max_body_bytes=1000)), base_url=LOOPBACK) as client:
        return received(client.post("/v1/classify", content=body, headers={**JSON, **headers}))


def unauthenticated(model: Model) -> Reply:
    access = Access([Key("someone", Permission.READ, "0" * 64)])
    with TestClient(create_app(model, Settings(), access), base_url=LOOPBACK) as client:
        return received(classify(client, "文"))


def forbidden(model: Model) -> Reply:
    with (
        tempfile.TemporaryDirectory() as home,
        TestClient(workplace_app(model, Path(home)), base_url=LOOPBACK) as client,
    ):
        return received(client.get("/v1/runs", headers={"authorization": f"Bearer {SECRET}"}))


def workplace_app(model: Model, home: Path) -> FastAPI:
    """With every route that there is, and a key that may only ask for answers."""
    access = Access([Key("someone", Permission.READ, hashlib.sha256(SECRET.encode()).hexdigest())])
    return create_app(model, Settings(), access, Resources(home, Settings()))


def too_slow(model: Model) -> Reply:
    with held(model, deadline_seconds=0.1) as server:
        connection = server.connect()
        connection.sendall(request(BODY[:5], size=len(BODY)))
        return over_the_wire(connection)


def overloaded(model: Model) -> Reply:
    with held(model, max_requests=1) as server:
        server.encoder.shut()
        accepted = server.asking()
        server.until("baozhai_requests_in_work", 1)
        reply = received(server.ask())
        server.encoder.gate.set()
        accepted.result()
        return reply


def too_late(model: Model) -> Reply:
    with held(model, deadline_seconds=0.1) as server:
        server.encoder.shut()
        return received(server.ask())


def faulty(model: Model) -> Reply:
    broken = with_encoder(model, model.bundle.encoder)
    broken._cascade = object()  # type: ignore[assignment]
    return posted(broken)


def worker_down(model: Model) -> Reply:
    encoder = Poisonable(model.bundle.encoder, [])
    with TestClient(create_app(with_encoder(model, encoder)), base_url=LOOPBACK) as client:
        encoder.poison = {tuple(model.tokenize(text).windows[0]) for text in (CANARY, "文")}
        return received(classify(client, "文"))


SCENARIOS: dict[int, Callable[[Model], Reply]] = {
    200: posted,
    400: lambda model: posted(model, b"{"),
    401: unauthenticated,
    403: forbidden,
    408: too_slow,
    413: lambda model: posted(model, b"x" * 1001),
    415: lambda model: posted(model, **{"content-type": "text/plain"}),
    421: lambda model: posted(model, host="evil.example"),
    422: lambda model: posted(model, b"{}"),
    429: overloaded,
    500: faulty,
    503: worker_down,
    504: too_late,
}


@pytest.mark.parametrize("status", SCENARIOS)
def test_each_documented_status_is_sent_as_documented(served_model: Model, status: int) -> None:
    sent, headers, body = SCENARIOS[status](served_model)
    assert sent == status
    if status == 200:
        assert headers["content-type"] == "application/json"
        return
    assert headers["content-type"] == "application/problem+json"
    problem = Problem.model_validate_json(body)
    assert problem.status == status
    assert problem.type.startswith("urn:baozhai:problem:")
    assert problem.request_id == headers["x-request-id"]
    assert ("retry-after" in headers) == (status in (429, 503))


def test_the_document_names_these_statuses_and_no_others(served_model: Model) -> None:
    open_document = create_app(served_model).openapi()
    keyed_document = create_app(served_model, Settings(), Access([Key("someone", Permission.READ, "0" * 64)])).openapi()
    for path in ("/v1/classify", "/v1/digest", "/v1/read"):
        open_statuses = set(map(int, open_document["paths"][path]["post"]["responses"]))
        keyed_statuses = set(map(int, keyed_document["paths"][path]["post"]["responses"]))
        assert open_statuses == set(SCENARIOS) - {401}
        assert keyed_statuses == set(SCENARIOS) - {421}
        assert keyed_document["paths"][path]["post"]["security"] == [{"key": []}]


def test_the_document_says_where_a_read_key_does_not_suffice(served_model: Model, tmp_path: Path) -> None:
    app = workplace_app(served_model, tmp_path)
    paths = app.openapi()["paths"]
    with TestClient(app, base_url=LOOPBACK, headers={"authorization": f"Bearer {SECRET}"}) as client:
        for path, method in [(path, method) for path, methods in paths.items() for method in methods]:
            sent = client.request(method, path).status_code == 403
            documented = "403" in paths[path][method]["responses"]
            # What is posted may also come from another site's page, whatever the key may do.
            assert sent == documented or (documented and method == "post"), (method, path)


@pytest.fixture(scope="module")
def documented(served_model: Model) -> Iterator[Any]:
    limits = Settings(max_characters=2000, max_request_characters=4000)
    with running(create_app(served_model, limits)) as address:
        yield schemathesis.openapi.from_url(f"{address}/openapi.json")


OPERATIONS = [
    ("/v1/classify", "post"),
    ("/v1/digest", "post"),
    ("/v1/read", "post"),
    ("/v1/page-image", "post"),
    ("/v1/verify", "post"),
    ("/v1/models", "get"),
    ("/v2", "get"),
    ("/v2/health/live", "get"),
    ("/v2/health/ready", "get"),
    ("/v2/models/{name}", "get"),
    ("/v2/models/{name}/infer", "post"),
    ("/v2/models/{name}/ready", "get"),
    ("/v2/models/{name}/versions/{model_version}", "get"),
    ("/v2/models/{name}/versions/{model_version}/infer", "post"),
    ("/v2/models/{name}/versions/{model_version}/ready", "get"),
    ("/health/live", "get"),
    ("/health/ready", "get"),
    ("/metrics", "get"),
]


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_what_the_document_allows_is_answered_as_it_says(
    documented: Any, path: str, method: str, mode: GenerationMode
) -> None:
    """Statuses, media types, bodies and refusals conform, whether or not the request fits the schema; no 5xx.

    Left out is that whatever fits is accepted: no schema can say that a text must not be blank.
    """
    if mode is GenerationMode.NEGATIVE and method == "get":
        pytest.skip("any string fits a path, and there is nothing else to get wrong")

    @given(case=documented[path][method].as_strategy(generation_mode=mode))
    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    def check(case: schemathesis.Case) -> None:
        case.call_and_validate(excluded_checks=[positive_data_acceptance], timeout=PATIENT)

    check()


def test_every_operation_is_tried(served_model: Model) -> None:
    paths = create_app(served_model).openapi()["paths"]
    assert sorted((path, method) for path in paths for method in paths[path]) == sorted(OPERATIONS)


def test_the_document_itself_is_served(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    references = [part.split('"')[0] for part in json.dumps(document).split("#/components/schemas/")[1:]]
    assert set(references) <= set(document["components"]["schemas"])


def test_every_member_of_a_problem_is_documented(client: TestClient) -> None:
    documented = client.get("/openapi.json").json()["components"]["schemas"]["Problem"]["properties"]
    for path in ("/v1/classify", "/v2/models/baozhai/infer"):
        assert set(client.post(path, json={}).json()) <= set(documented)


def test_a_client_may_keep_its_connection(served_model: Model) -> None:
    with running(create_app(served_model)) as address, httpx2.Client(base_url=address, timeout=None) as client:
        answers = {classify(client, *OK["texts"]).content for _ in range(5)}
    assert len(answers) == 1
