"""Load on a loopback server: a small HTTP client, open and closed loops, and what they saw."""

from __future__ import annotations

import asyncio
import json
import math
import random
import socket
import struct
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

_SUBJECTS = [
    "市委党校",
    "街道综治中心",
    "农村信用社",
    "湿地公园管理处",
    "青年篮球队",
    "县档案馆",
    "乡镇党委",
    "河道保洁队",
]
_ACTS = [
    "围绕年度重点任务开展专题学习",
    "把服务窗口搬到群众家门口",
    "为种粮大户发放信用贷款",
    "补种芦苇并清理淤积的河床",
    "在主场迎来赛季首胜",
    "公布了新近整理的一批旧照片",
]
_ENDS = ["，受到欢迎。", "，进度快于去年同期。", "，目前已覆盖三分之二的村庄。", "。", "，下半年将继续推进。"]


def paragraphs(count: int, seed: int = 1, sentences: tuple[int, int] = (2, 8)) -> list[str]:
    """Made-up paragraphs of about 50 to 200 characters."""
    rng = random.Random(seed)
    return [
        "".join(rng.choice(_SUBJECTS) + rng.choice(_ACTS) + rng.choice(_ENDS) for _ in range(rng.randint(*sentences)))
        for _ in range(count)
    ]


def bodies(texts: Sequence[str], field: str = "texts") -> list[bytes]:
    """One classify request per text."""
    return [json.dumps({field: [text] if field == "texts" else text}, ensure_ascii=False).encode() for text in texts]


@dataclass(frozen=True, slots=True)
class Sample:
    """One request: its status (0: the connection broke before an answer), and its time in seconds."""

    status: int
    seconds: float
    retry_after: bool = False


class Client:
    """HTTP/1.1 to one loopback server, over connections that are kept."""

    def __init__(self, port: int, path: str = "/v1/classify") -> None:
        self._port, self._path = port, path
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def send(self, body: bytes, path: str | None = None) -> Sample:
        """Post ``body`` and read the answer."""
        began = time.perf_counter()
        try:
            while True:
                kept = bool(self._idle)
                reader, writer = self._idle.pop() if kept else await self.connect()
                try:
                    writer.write(self.request(body, path))
                    status, headers, _ = await _answer(reader)
                    break
                except (OSError, asyncio.IncompleteReadError) as error:
                    if not kept or getattr(error, "partial", b""):
                        raise  # one that was kept too long may be closed by the server: that is no answer lost
        except (OSError, asyncio.IncompleteReadError):
            return Sample(0, time.perf_counter() - began)
        if headers.get("connection") == "close":
            writer.close()
        else:
            self._idle.append((reader, writer))
        return Sample(status, time.perf_counter() - began, "retry-after" in headers)

    async def get(self, path: str) -> bytes:
        """Get ``path`` over a connection of its own."""
        reader, writer = await self.connect()
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        _, _, body = await _answer(reader)
        writer.close()
        return body

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A new connection."""
        return await asyncio.open_connection("127.0.0.1", self._port)

    async def hang_up(self, body: bytes, path: str | None = None, after: float = 0.01) -> None:
        """Post ``body`` over a connection of its own and reset that ``after`` some seconds."""
        _, writer = await self.connect()
        writer.write(self.request(body, path))
        await writer.drain()
        await asyncio.sleep(after)
        connection = writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # not a polite end
        writer.close()

    def request(self, body: bytes, path: str | None = None) -> bytes:
        """The bytes of a request."""
        head = f"POST {path or self._path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body

    def close(self) -> None:
        """Close what is kept."""
        for _, writer in self._idle:
            writer.close()
        self._idle.clear()


async def closed_loop(client: Client, requests: Sequence[bytes], clients: int) -> tuple[list[Sample], float]:
    """Let ``clients`` send ``requests``, each its next when it has its answer; the samples, and requests a second."""
    waiting = iter(requests)
    samples: list[Sample] = []

    async def one() -> None:
        for body in waiting:
            samples.append(await client.send(body))

    began = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(clients)))
    return samples, len(samples) / (time.perf_counter() - began)


async def open_loop(client: Client, requests: Sequence[bytes], rate: float, seconds: float) -> list[Sample]:
    """Send ``rate`` requests a second at random moments (Poisson), whether or not answers come."""
    rng = random.Random(7)
    tasks: list[asyncio.Task[Sample]] = []
    began = at = time.perf_counter()
    while at < began + seconds:
        at += rng.expovariate(rate)
        await asyncio.sleep(max(at - time.perf_counter(), 0))
        tasks.append(asyncio.create_task(client.send(requests[len(tasks) % len(requests)])))
    return list(await asyncio.gather(*tasks))


def percentile(samples: Sequence[Sample], share: float) -> float:
    """The time within which ``share`` of the samples were answered, in milliseconds; NaN of none."""
    ordered = sorted(sample.seconds for sample in samples)
    return 1000 * ordered[min(math.ceil(share * len(ordered)), len(ordered)) - 1] if ordered else math.nan


def statuses(samples: Sequence[Sample]) -> dict[int, int]:
    """How many samples had each status."""
    return dict(sorted(Counter(sample.status for sample in samples).items()))


async def _answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return int(head[0].split(" ")[1]), headers, body
