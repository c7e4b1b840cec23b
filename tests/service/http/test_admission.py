"""Overload, deadlines, clients that hang up, and the way out: real requests before an encoder that is held up."""

import json
from typing import Any

import httpx2
import pytest

from baozhai_model.errors import Overloaded, ShuttingDown
from baozhai_model.model import Model
from baozhai_service.http.admission import Admission
from baozhai_service.settings import Settings
from tests.service.gated_server import BODY, held, request


def test_beyond_the_limit_requests_are_refused_while_those_in_work_are_answered(served_model: Model) -> None:
    with held(served_model, max_requests=3) as server:
        server.encoder.shut()
        accepted = [server.asking() for _ in range(3)]
        server.until("baozhai_requests_in_work", 3)
        refused = server.ask()
        assert refused.status_code == 429
        assert refused.json()["type"] == "urn:baozhai:problem:overloaded"
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert httpx2.get(f"{server.address}/health/ready").status_code == 200  # busy is not unwell
        server.encoder.gate.set()
        answers = {future.result().content for future in accepted}
        assert len(answers) == 1
        server.until("baozhai_requests_in_work", 0)
        assert server.ask().content in answers


def test_a_refusal_does_not_wait_for_the_body(served_model: Model) -> None:
    """The header alone is answered: nothing of the body was sent."""
    with held(served_model, max_requests=1) as server:
        server.encoder.shut()
        accepted = server.asking()
        server.until("baozhai_requests_in_work", 1)
        with server.connect() as connection:
            connection.sendall(request(b"", size=1_000_000))
            assert connection.recv(12) == b"HTTP/1.1 429"
        server.encoder.gate.set()
        assert accepted.result().status_code == 200


def test_a_thousand_requests_at_once_never_exceed_the_bound(served_model: Model) -> None:
    with held(served_model, max_requests=8) as server:
        server.encoder.shut()
        accepted = [server.asking() for _ in range(8)]
        server.until("baozhai_requests_in_work", 8)
        refused = list(server._clients.map(lambda _: server.ask().status_code, range(200)))
        assert set(refused) == {429}
        assert server.metric("baozhai_requests_in_work") == 8
        server.encoder.gate.set()
        assert {future.result().status_code for future in accepted} == {200}


def test_requests_that_wait_are_run_together(served_model: Model) -> None:
    with held(served_model) as server:
        server.encoder.shut()
        first = server.asking()
        server.encoder.entered.wait()
        later = [server.asking() for _ in range(6)]
        server.until("baozhai_queue_windows", 6)
        server.encoder.gate.set()
        assert {future.result().content for future in [first, *later]} == {first.result().content}
        assert max(map(len, server.encoder.batches)) == 6


def test_the_work_of_a_client_that_hung_up_is_not_done(served_model: Model) -> None:
    with held(served_model) as server:
        server.encoder.shut()
        first = server.asking()
        server.encoder.entered.wait()
        with server.connect() as connection:
            connection.sendall(request(json.dumps({"texts": ["没有人等的一段文字。"]}).encode()))
            server.until("baozhai_queue_windows", 1)
        server.until("baozhai_abandoned_total", 1)
        server.until("baozhai_queue_windows", 0)
        server.encoder.gate.set()
        assert first.result().status_code == 200
        server.until("baozhai_requests_in_work", 0)
        assert server.ask().content == first.result().content
        (unwanted,) = served_model.tokenize("没有人等的一段文字。").windows
        assert tuple(unwanted) not in [window for batch in server.encoder.batches for window in batch]


def test_a_client_that_hangs_up_within_its_body_leaves_no_trace(served_model: Model) -> None:
    with held(served_model) as server:
        with server.connect() as connection:
            connection.sendall(request(BODY[:10], size=len(BODY)))
            server.until("baozhai_requests_in_work", 1)
        server.until("baozhai_requests_in_work", 0)
        assert server.ask().status_code == 200


def test_an_answer_that_does_not_come_in_time_is_a_504(served_model: Model) -> None:
    with held(served_model, deadline_seconds=0.2) as server:
        server.encoder.shut()
        reply = server.ask()
        assert reply.status_code == 504
        assert reply.json()["type"] == "urn:baozhai:problem:deadline_exceeded"
        server.encoder.gate.set()
        server.until("baozhai_requests_in_work", 0)


def test_a_body_that_does_not_come_in_time_is_a_408(served_model: Model) -> None:
    with held(served_model, deadline_seconds=0.2) as server, server.connect() as connection:
        connection.sendall(request(BODY[:10], size=len(BODY)))
        assert connection.recv(12) == b"HTTP/1.1 408"
        server.until("baozhai_requests_in_work", 0)


def test_a_batch_that_runs_for_ever_is_not_alive(served_model: Model) -> None:
    with held(served_model, stuck_seconds=0.01, deadline_seconds=0.2) as server:
        server.encoder.shut()
        assert server.ask().status_code == 504
        for path in ("/health/live", "/health/ready", "/v2/health/live", "/v2/models/baozhai/ready"):
            assert httpx2.get(server.address + path).status_code == 503
        server.encoder.gate.set()
        while httpx2.get(f"{server.address}/health/live").status_code != 200:
            pass


def admission(**given: Any) -> Admission:
    return Admission(Settings(**given))


def test_large_bodies_do_not_shut_out_small_ones() -> None:
    door = admission(max_requests=10, max_pending_bytes=1_000_000, small_bytes=1000)
    large = [door.enter(500_000), door.enter(500_000)]
    with pytest.raises(Overloaded):
        door.enter(2000)
    door.enter(1000)
    door.leave(large.pop())
    assert door.enter(2000).size == 2000


def test_a_large_body_alone_is_let_in() -> None:
    assert admission(max_pending_bytes=1000).enter(4_000_000).size == 4_000_000


def test_what_leaves_makes_room() -> None:
    door = admission(max_requests=1)
    for size in (10, None, 4_000_000, 0):
        door.leave(door.enter(size))
    assert (door.requests, door.pending_bytes) == (0, 0)


def test_a_closing_door_still_lets_in_and_a_closed_one_does_not() -> None:
    door = admission()
    door.warn()
    assert door.closing
    door.leave(door.enter(1))
    door.close()
    with pytest.raises(ShuttingDown):
        door.enter(1)
