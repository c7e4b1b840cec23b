"""Real servers on loopback, and requests to them."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import uvicorn
from fastapi import FastAPI

LOOPBACK = "http://127.0.0.1"
PATIENT = 3600.0  # seconds: a deadline that no busy machine makes a test miss


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


class Process:
    """A server process: its address, and its log as it comes."""

    def __init__(self, process: subprocess.Popen[str], address: str, log: list[str]) -> None:
        self.process = process
        self.address = address
        self.log = log
        self._client = httpx2.Client(base_url=address, timeout=None)
        self._more = threading.Condition()
        self._reader = threading.Thread(target=self._follow)
        self._reader.start()

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()
        self.process.terminate()
        self.ended()

    def ended(self) -> int:
        """Wait for its end; its exit status."""
        status = self.process.wait()
        self._reader.join()
        return status

    def seen(self, part: str) -> None:
        """Wait until the log has a line with ``part``."""
        with self._more:
            self._more.wait_for(lambda: any(part in line for line in self.log))

    def get(self, path: str, **options: Any) -> httpx2.Response:
        return self._client.get(path, **options)

    def post(self, path: str, **options: Any) -> httpx2.Response:
        return self._client.post(path, **options)

    def _follow(self) -> None:
        assert self.process.stderr is not None
        with self.process.stderr as stream:
            for line in stream:
                with self._more:
                    self.log.append(line)
                    self._more.notify_all()


def baozhai(*arguments: str | Path) -> list[str]:
    """The command line of ``baozhai ARGUMENTS``."""
    return [sys.executable, "-m", "baozhai_service", *map(str, arguments)]


def start(bundle: Path | None, *options: str | Path) -> Process:
    """Start ``baozhai serve`` on a free port and wait until it is up; without ``bundle`` it serves what is live."""
    return started(baozhai("serve", *(["--bundle", bundle] if bundle else []), "--port", "0", *options))


def started(command: list[str], **options: Any) -> Process:
    """Start ``command``, which serves on loopback, and wait until it is up; ``options`` are those of Popen."""
    patient = {**os.environ, "BAOZHAI_DEADLINE_SECONDS": str(PATIENT), **options.pop("env", {})}
    process = subprocess.Popen(command, env=patient, stderr=subprocess.PIPE, text=True, encoding="utf-8", **options)
    assert process.stderr is not None
    log = []
    for line in process.stderr:
        log.append(line)
        if "running on http" in line:
            address = LOOPBACK + ":" + line.split(LOOPBACK + ":")[1].split(" ")[0].split('"')[0]
            return Process(process, address, log)
    raise AssertionError(f"the server did not start: {''.join(log)}")


def classify(client: Any, *texts: str, **fields: Any) -> httpx2.Response:
    """Ask ``client`` to classify ``texts``."""
    response: httpx2.Response = client.post("/v1/classify", json={"texts": list(texts), **fields})
    return response
