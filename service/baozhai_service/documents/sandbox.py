"""Untrusted files are read in processes of their own, which can be ended.

A worker reads one document after the other, so that what it has loaded serves them all; one that fails, runs out of
time or memory, or has read many documents is never used again.
"""

from __future__ import annotations

import atexit
import json
import os
import struct
import subprocess
import sys
import threading
from contextlib import suppress
from typing import Any

from baozhai_service.documents.errors import BrokenDocument, DocumentTooSlow, error_of
from baozhai_service.documents.limits import Limits

_MOST_DOCUMENTS = 200
_MOST_IDLE = 2
_LARGEST_ANSWER = 512 * 2**20


class Worker:
    """A process that reads documents."""

    def __init__(self) -> None:
        """Start it; it is ready when it answers."""
        self.documents = 0
        command = [sys.executable, "-m", "baozhai_service.documents.worker"]
        environment = {**os.environ, "OMP_NUM_THREADS": str(os.cpu_count() or 1)}
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
        )

    def ask(self, question: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
        """Send a question with a file, and wait for the answer.

        Raises:
            OSError, EOFError, ValueError: the process ended, or answers what it should not.
        """
        self.documents += 1
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        send(stdin, question, data)
        return receive(stdout)

    def kill(self) -> None:
        """End the process, whatever it is at."""
        self._process.kill()

    def close(self) -> None:
        """End the process and free what is held for it."""
        self.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):  # what was not written yet cannot be written any more
                    pipe.close()


class Sandbox:
    """Workers, as many as there are documents at a time. Safe to use from several threads."""

    def __init__(self) -> None:
        self._idle: list[Worker] = []
        self._lock = threading.Lock()
        self._owner = os.getpid()

    def ask(self, question: dict[str, Any], data: bytes, limits: Limits) -> tuple[dict[str, Any], bytes]:
        """The answer to ``question`` about ``data``, within ``limits``.

        Raises:
            DocumentError: the file cannot be read, or not within the limits.
        """
        worker = self._take()
        late = threading.Event()

        def end() -> None:
            late.set()
            worker.kill()

        timer = threading.Timer(limits.seconds, end)
        timer.start()
        try:
            answer, attachment = worker.ask({**question, "limits": limits.to_json()}, data)
        except (OSError, EOFError, ValueError, struct.error):
            timer.cancel()
            worker.close()
            if late.is_set():
                raise DocumentTooSlow(limits.seconds) from None
            raise BrokenDocument(
                "the document made its reader fail, or needs more memory than it may take; is the file damaged?"
            ) from None
        except BaseException:
            timer.cancel()
            worker.close()
            raise
        timer.cancel()
        self._give_back(worker, reusable=not late.is_set() and "error" not in answer)
        if "error" in answer:
            raise error_of(str(answer["error"].get("code")), str(answer["error"].get("detail")))
        return answer, attachment

    def close(self) -> None:
        """End all workers that are not at work."""
        with self._lock:
            idle, self._idle = self._idle, []
        if self._owner == os.getpid():
            for worker in idle:
                worker.close()

    def _take(self) -> Worker:
        with self._lock:
            if self._owner != os.getpid():  # a fork: the workers are the parent's
                self._idle, self._owner = [], os.getpid()
            if self._idle:
                return self._idle.pop()
        return Worker()

    def _give_back(self, worker: Worker, *, reusable: bool) -> None:
        with self._lock:
            if reusable and worker.documents < _MOST_DOCUMENTS and len(self._idle) < _MOST_IDLE:
                self._idle.append(worker)
                return
        worker.close()


def send(stream: Any, message: dict[str, Any], data: bytes = b"") -> None:
    """Write a message with an attachment."""
    head = json.dumps(message, ensure_ascii=False).encode("utf-8", "surrogatepass")
    stream.write(struct.pack(">QQ", len(head), len(data)))
    stream.write(head)
    stream.write(data)
    stream.flush()


def receive(stream: Any) -> tuple[dict[str, Any], bytes]:
    """Read what `send` wrote.

    Raises:
        EOFError: there is no more, or only a part.
        ValueError: it is no message.
    """
    head, body = struct.unpack(">QQ", _exactly(stream, 16))
    if head > _LARGEST_ANSWER or body > _LARGEST_ANSWER:
        raise ValueError("the message is too large")
    message = json.loads(_exactly(stream, head).decode("utf-8", "surrogatepass"))
    if not isinstance(message, dict):
        raise ValueError("the message is no object")
    return message, _exactly(stream, body)


def _exactly(stream: Any, size: int) -> bytes:
    data: bytes = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data


SHARED = Sandbox()
"""The sandbox of this process."""
atexit.register(SHARED.close)
