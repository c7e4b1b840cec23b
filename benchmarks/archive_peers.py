"""Other ways to classify the paragraphs of an archive with a bundle's weights."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from safetensors import safe_open
from transformers import AutoTokenizer, Pipeline

from baozhai_training.learners.network import TopicNetwork
from baozhai_training.learners.warm_start import WarmStart

LONGEST = 512  # tokens; they cut what is longer, which ours reads in windows


@dataclass(frozen=True)
class Checkpoints:
    """The encoders of a bundle as transformers reads them; ``large`` is None in a bundle without one."""

    small: Path
    large: Path | None


def checkpoints(bundle: Path) -> Checkpoints:
    """The encoders of ``bundle``."""
    start = WarmStart.of(bundle)
    return Checkpoints(start.checkpoint, start.large)


class TopicPipeline(Pipeline):
    """transformers' own pipeline around a checkpoint and its heads: it tokenizes, collates, batches and loops."""

    def __init__(self, network: TopicNetwork, **options: Any) -> None:
        super().__init__(model=network.encoder, **options)
        self.network = network

    def _sanitize_parameters(self, **parameters: Any) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        return {}, {}, {}

    def preprocess(self, text: str, **parameters: Any) -> Any:
        """Token ids of one text."""
        return self.tokenizer(text, return_tensors="pt", truncation=True, max_length=LONGEST)

    def _forward(self, inputs: Any, **parameters: Any) -> Any:
        return {"logits": self.network(inputs["input_ids"], inputs["attention_mask"]).topic_logits}

    def postprocess(self, outputs: Any, **parameters: Any) -> Any:
        """Probabilities."""
        return torch.sigmoid(outputs["logits"].float()).tolist()


def piped(
    checkpoint: Path, sample: Sequence[str], batch: int, precision: torch.dtype = torch.float32
) -> Callable[[], object]:
    """The transformers pipeline over a list."""
    network, tokenizer = load_network(checkpoint).to(precision), AutoTokenizer.from_pretrained(checkpoint)
    classify = TopicPipeline(network, tokenizer=tokenizer, device="cpu")
    return lambda: list(classify(list(sample), batch_size=batch))


def mapped(checkpoint: Path, sample: Sequence[str], batch: int) -> Callable[[], object]:
    """``Dataset.map`` over batches that are padded to their longest text."""
    network, tokenizer = load_network(checkpoint), AutoTokenizer.from_pretrained(checkpoint)
    rows = Dataset.from_dict({"text": list(sample)})

    def classify(texts: list[str]) -> dict[str, Any]:
        tokens = tokenizer(texts, return_tensors="pt", padding=True, truncation=True, max_length=LONGEST)
        with torch.inference_mode():
            logits = network(tokens["input_ids"], tokens["attention_mask"]).topic_logits
        return {"confidences": torch.sigmoid(logits).tolist()}

    return lambda: rows.map(
        classify, input_columns="text", batched=True, batch_size=batch, load_from_cache_file=False, keep_in_memory=True
    )


def posted(port: int, sample: Sequence[str], clients: int, together: int) -> None:
    """Post texts to a server on loopback, ``together`` in a request, from several clients."""
    parts = [list(sample[start : start + together]) for start in range(0, len(sample), together)]

    def post(texts: list[str]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request("POST", "/v1/classify", json.dumps({"texts": texts}), {"content-type": "application/json"})
        response = connection.getresponse()
        if response.status != http.client.OK:
            raise RuntimeError(f"status {response.status}: {response.read()[:200]!r}")
        response.read()
        connection.close()

    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(post, parts))


def load_network(checkpoint: Path) -> TopicNetwork:
    """A checkpoint and its heads, ready to classify."""
    with safe_open(checkpoint / "heads.safetensors", "pt") as heads:
        topics = heads.get_tensor("topic_head.weight").shape[0]
    return TopicNetwork.from_base(str(checkpoint), topics, 0.0).float().eval()
