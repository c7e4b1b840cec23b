"""The bundle through our code against its peers, in one run on this machine.

    .venv/bin/python -m benchmarks.model [--texts FILE.jsonl] [--count 300]

Peers: the transformers pipeline with the small encoder (its default float32, batches of 16), and a BERT of
bert-base-chinese's shape (12 layers, 768 wide, a token a character, padded batches of 16; weights random, which costs
the same). Then the memory of a process that only serves, and the seconds from its start to its first ready answer.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from transformers import BertConfig, BertForSequenceClassification

from baozhai_model.bundle import DEFAULT_BUNDLE
from baozhai_model.model import Model
from benchmarks.archive_peers import checkpoints, piped

_BATCH = 16


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--texts", type=Path, help="JSONL of {text}; by default texts made here")
    arguments.add_argument("--count", type=int, default=300)
    arguments.add_argument("--bundle", type=Path, default=DEFAULT_BUNDLE)
    given = arguments.parse_args()
    texts = _texts(given.texts, given.count)
    characters = sum(map(len, texts))
    print(f"{len(texts)} paragraphs, {characters / len(texts):.0f} characters each, {torch.get_num_threads()} threads")
    model = Model.load(given.bundle)
    ours = _rate("baozhai", texts, lambda: model.classify(texts))
    same = _rate(
        "transformers pipeline, the small encoder", texts, piped(checkpoints(given.bundle).small, texts, _BATCH)
    )
    few = texts[: max(_BATCH, len(texts) // 10)]
    base = _rate("12-layer BERT (torch)", few, _bert(few))
    print(f"ratio to the pipeline with the small encoder: {ours / same:.1f}; to the 12-layer BERT: {ours / base:.0f}")
    _serving(given.bundle, texts)


def _texts(path: Path | None, count: int) -> list[str]:
    if path is not None:
        lines = path.read_text(encoding="utf-8").splitlines()[:count]
        return [json.loads(line)["text"] for line in lines]
    words = [
        "镇党委",
        "组织",
        "党员",
        "河长办",
        "修复",
        "湿地",
        "农商银行",
        "发放",
        "贷款",
        "街道",
        "网格员",
        "调解",
        "矛盾",
    ]
    dice = random.Random(0)
    return [
        "，".join("".join(dice.choices(words, k=5)) for _ in range(dice.randint(4, 26))) + "。" for _ in range(count)
    ]


def _rate(name: str, texts: Sequence[str], work: Callable[[], object]) -> float:
    """Paragraphs a second, the best of three."""
    best = min(_seconds(work) for _ in range(3))
    print(f"{name}: {len(texts) / best:.1f} paragraphs/s, {sum(map(len, texts)) / best:,.0f} characters/s")
    return len(texts) / best


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _bert(texts: Sequence[str]) -> Callable[[], object]:
    model = BertForSequenceClassification(BertConfig(vocab_size=21_128, num_labels=4)).eval()
    batches = [texts[start : start + _BATCH] for start in range(0, len(texts), _BATCH)]

    def run() -> None:
        with torch.inference_mode():
            for batch in batches:
                lengths = torch.tensor([min(len(text) + 2, 512) for text in batch])
                ids = torch.randint(1, 21_128, (len(batch), int(lengths.max())))
                model(input_ids=ids, attention_mask=(torch.arange(ids.shape[1]) < lengths[:, None]).long())

    return run


def _serving(bundle: Path, texts: Sequence[str]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "baozhai_service", "serve", "--port", str(port), "--bundle", str(bundle)]
    began = time.perf_counter()
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not _ready(port):
            if server.poll() is not None:
                raise SystemExit(f"{' '.join(command)} ended with {server.returncode}")
            time.sleep(0.02)
        print(f"ready {time.perf_counter() - began:.2f} s after process start, {_resident(server.pid)} MB resident")
        for start in range(0, len(texts), 50):
            body = json.dumps({"texts": texts[start : start + 50]})
            connection = http.client.HTTPConnection("127.0.0.1", port)
            connection.request("POST", "/v1/classify", body, {"content-type": "application/json"})
            connection.getresponse().read()
            connection.close()
        print(f"after {len(texts)} paragraphs: {_resident(server.pid)} MB resident")
    finally:
        server.terminate()
        server.wait()


def _ready(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()


def _resident(process: int) -> int:
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    kilobytes = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(kilobytes.split()[1]) // 1024


if __name__ == "__main__":
    main()
