"""The two services that ours is measured against, as their own documentation would have one write them.

``python benchmarks/service_peer_apps.py pipeline|litserve --bundle DIR --checkpoint DIR --port N``
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer

app = typer.Typer()
LONGEST = 200  # tokens; both cut longer texts, as they do by default


@app.command()
def pipeline(bundle: Path, checkpoint: Path, port: int) -> None:
    """Plain FastAPI around a transformers text-classification pipeline with the bundle's own weights."""
    import torch
    import uvicorn
    from fastapi import FastAPI
    from pydantic import BaseModel
    from transformers import PreTrainedModel, PreTrainedTokenizerFast, TextClassificationPipeline
    from transformers.modeling_outputs import SequenceClassifierOutput

    from baozhai_training.network import TopicNetwork

    network = TopicNetwork.from_base(str(checkpoint), topics=4, dropout=0.0).eval()

    class Classifier(PreTrainedModel):  # type: ignore[misc]
        config_class = type(network.encoder.config)

        def __init__(self) -> None:
            super().__init__(network.encoder.config)
            self.network = network

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor, **_: Any) -> SequenceClassifierOutput:
            return SequenceClassifierOutput(logits=self.network(input_ids, attention_mask).topic_logits)

    network.encoder.config.num_labels = 4
    classify = TextClassificationPipeline(
        model=Classifier(),
        tokenizer=PreTrainedTokenizerFast(tokenizer_file=str(bundle / "tokenizer.json"), pad_token="[PAD]"),
        function_to_apply="sigmoid",
        top_k=None,
    )
    server = FastAPI()

    class Texts(BaseModel):
        texts: list[str]

    @server.get("/health")
    def health() -> str:
        return "ok"

    @server.post("/v1/classify")
    def answer(body: Texts) -> list[Any]:
        return list(classify(body.texts, truncation=True, max_length=LONGEST))

    uvicorn.run(server, port=port, log_level="warning", access_log=False)


@app.command()
def litserve(bundle: Path, checkpoint: Path, port: int) -> None:
    """LitServe with dynamic batching around the bundle's own ONNX file."""
    import litserve as ls
    import numpy as np
    import onnxruntime
    from tokenizers import Tokenizer

    class Topics(ls.LitAPI):  # type: ignore[misc]
        def setup(self, device: str) -> None:
            self.session = onnxruntime.InferenceSession(str(bundle / "model.onnx"))
            self.tokenizer = Tokenizer.from_file(str(bundle / "tokenizer.json"))
            self.tokenizer.enable_truncation(LONGEST)
            self.tokenizer.enable_padding()

        def decode_request(self, request: dict[str, Any]) -> str:
            return str(request["texts"][0])

        def batch(self, inputs: list[str]) -> list[str]:
            return inputs

        def predict(self, texts: Sequence[str]) -> Any:
            encoded = self.tokenizer.encode_batch(list(texts))
            ids = np.array([each.ids for each in encoded], dtype=np.int64)
            mask = np.array([each.attention_mask for each in encoded], dtype=np.int64)
            (logits,) = self.session.run(["topic_logits"], {"input_ids": ids, "attention_mask": mask})
            return 1 / (1 + np.exp(-logits))

        def unbatch(self, output: Any) -> list[Any]:
            return list(output)

        def encode_response(self, output: Any) -> dict[str, Any]:
            return {"confidences": [float(value) for value in output]}

    api = Topics(max_batch_size=16, batch_timeout=0.005, api_path="/v1/classify")
    ls.LitServer(api, accelerator="cpu", timeout=60).run(port=port, log_level="warning", generate_client_file=False)


if __name__ == "__main__":
    sys.exit(app())
