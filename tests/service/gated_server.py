"""A server on loopback whose encoder can be held up, and clients that ask it."""

from __future__ import annotations

import concurrent.futures
import contextlib
import json
import socket
from collections.abc import Iterator
from typing import Any

import httpx2
from fastapi import FastAPI

from baozhai_model.model import Model
from baozhai_service.app import create_app
from baozhai_service.settings import Settings
from tests.service.encoders import Gated, with_encoder
from tests.service.serving import PATIENT, running

TEXT = "社区党支部发展新党员并严肃组织生活。"
BODY = json.dumps({"texts": [TEXT]}).encode()
Reply = tuple[int, dict[str, str], bytes]


class GatedServer:
    """A server whose encoder can be held up, and clients that ask it."""

    def __init__(self, app: FastAPI, address: str, encoder: Gated, model: Model) -> None:
        self.app, self.address, self.encoder, self.model = app, address, encoder, model
        self.host, self.port = "127.0.0.1", int(address.rpartition(":")[2])
        self._clients = concurrent.futures.ThreadPoolExecutor(64)

    def ask(self, body: bytes = BODY) -> httpx2.Response:
        return httpx2.post(
            f"{self.address}/v1/classify", content=body, headers={"content-type": "application/json"}, timeout=None
        )

    def asking(self, body: bytes = BODY) -> concurrent.futures.Future[httpx2.Response]:
        return self._clients.submit(self.ask, body)

    def metric(self, name: str) -> float:
        for line in httpx2.get(f"{self.address}/metrics", timeout=None).text.splitlines():
            if line.startswith(f"{name} "):
                return float(line.split(" ")[1])
        raise KeyError(name)

    def until(self, name: str, value: float) -> None:
        """Wait until a metric has a value."""
        while self.metric(name) != value:
            pass

    def connect(self) -> socket.socket:
        return socket.create_connection((self.host, self.port))


@contextlib.contextmanager
def held(model: Model, **given: Any) -> Iterator[GatedServer]:
    encoder = Gated(model.bundle.encoder)
    app = create_app(with_encoder(model, encoder), Settings(**{"deadline_seconds": PATIENT, **given}))
    with running(app) as address:
        try:
            yield GatedServer(app, address, encoder, model)
        finally:
            encoder.gate.set()


def request(body: bytes, size: int | None = None) -> bytes:
    head = "POST /v1/classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    return (head + f"Content-Length: {len(body) if size is None else size}\r\n\r\n").encode() + body


def over_the_wire(connection: socket.socket) -> Reply:
    """Read one response."""
    with connection, connection.makefile("rb") as stream:
        status = int(stream.readline().split()[1])
        headers = {}
        while line := stream.readline().strip():
            name, _, value = line.decode().partition(": ")
            headers[name.lower()] = value
        return status, headers, stream.read(int(headers["content-length"]))
