"""Plain FastAPI around a transformers pipeline with a bundle's own weights, as their documentation would have it.

``python -m benchmarks.service_peer_pipeline BUNDLE PORT``
"""

import sys
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from transformers import AutoTokenizer

from benchmarks.archive_peers import TopicPipeline, checkpoints, load_network


class Texts(BaseModel):
    """The body of a request."""

    texts: list[str]


def application(bundle: Path) -> FastAPI:
    """The service."""
    checkpoint = checkpoints(bundle).small
    tokenizer = AutoTokenizer.from_pretrained(checkpoint)
    classify = TopicPipeline(load_network(checkpoint), tokenizer=tokenizer, device="cpu")
    service = FastAPI()

    @service.get("/health")
    def health() -> str:
        return "ok"

    @service.post("/v1/classify")
    def answer(body: Texts) -> list[Any]:
        return list(classify(body.texts))

    return service


if __name__ == "__main__":
    uvicorn.run(
        application(Path(sys.argv[1])),
        host="127.0.0.1",
        port=int(sys.argv[2]),
        log_level="warning",
        access_log=False,
    )
