"""Real servers on loopback, and requests to them."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import uvicorn
from fastapi import FastAPI

LOOPBACK = "http://127.0.0.1"


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()


@contextlib.contextmanager
def running(app: FastAPI) -> Iterator[str]:
    """Serve ``app`` in a thread; the address."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = _Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="on"))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        server.up.wait()
        yield f"{LOOPBACK}:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@dataclass
class Process:
    """A server process: its address, and what it has logged."""

    process: subprocess.Popen[str]
    address: str
    log: list[str] = field(default_factory=list)

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait()
        self.reader.join()
        assert self.process.stderr is not None
        self.process.stderr.close()

    @property
    def reader(self) -> threading.Thread:
        return self._reader

    def follow(self) -> None:
        """Go on reading the log, so that the process never waits for that."""
        assert self.process.stderr is not None
        stream = self.process.stderr
        self._reader = threading.Thread(target=lambda: self.log.extend(stream))
        self._reader.start()


def baozhai(*arguments: str | Path) -> list[str]:
    """The command line of ``baozhai ARGUMENTS``."""
    return [sys.executable, "-m", "baozhai_service", *map(str, arguments)]


def start(bundle: Path, *options: str | Path) -> Process:
    """Start ``baozhai serve`` on a free port and wait until it says that it is up."""
    command = baozhai("serve", "--bundle", bundle, "--port", "0", *options)
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, encoding="utf-8")
    assert process.stderr is not None
    log = []
    for line in process.stderr:
        log.append(line)
        if "running on http" in line:
            address = LOOPBACK + ":" + line.split(LOOPBACK + ":")[1].split(" ")[0].split('"')[0]
            started = Process(process, address, log)
            started.follow()
            return started
    raise AssertionError(f"the server did not start: {''.join(log)}")


def classify(client: Any, *texts: str, **fields: Any) -> httpx2.Response:
    """Ask ``client`` to classify ``texts``."""
    response: httpx2.Response = client.post("/v1/classify", json={"texts": list(texts), **fields})
    return response
