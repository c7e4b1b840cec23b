"""The network that is fine-tuned: any encoder of transformers, a topic head and a salience head on one pass."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, PretrainedConfig, PreTrainedModel

from baozhai_model.topics.calibration import logit
from baozhai_training.learners.stored_weights import WEIGHTS, is_rounded, read_weights

HEADS = "heads.safetensors"
CHECKPOINT = "checkpoint"  # the folder of a bundle of one encoder that `TopicNetwork.save` writes
# The names of ModernBERT, and of BERT and models like it.
_DROPOUTS = ("mlp_dropout", "attention_dropout", "hidden_dropout_prob", "attention_probs_dropout_prob")


@dataclass
class NetworkOutput:
    """What one pass gives.

    Attributes:
        topic_logits: (batch, topics).
        salience: (batch, tokens), one logit a token.
        states: (batch, tokens, width), the last hidden layer.
    """

    topic_logits: Tensor
    salience: Tensor
    states: Tensor


class TopicNetwork(nn.Module):
    """Mean- and max-pooled token states give topic logits; each token's state gives its salience."""

    def __init__(self, encoder: PreTrainedModel, topics: int, dropout: float = 0.1) -> None:
        """Put fresh heads on ``encoder``."""
        super().__init__()
        width = encoder.config.hidden_size
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        self.dense = nn.Linear(2 * width, width)
        self.topic_head = nn.Linear(width, topics)
        self.salience_head = nn.Linear(width, 1)

    @classmethod
    def from_base(cls, base: str, topics: int, dropout: float, *, encoder_dropout: float | None = None) -> TopicNetwork:
        """Fresh heads on the encoder of ``base``, a folder or hub id; heads of the same shape there are taken over.

        ``dropout`` is that of the heads, and of the encoder unless that has its own.
        """
        config = AutoConfig.from_pretrained(base)
        for name in _DROPOUTS:
            if hasattr(config, name):
                setattr(config, name, dropout if encoder_dropout is None else encoder_dropout)
        encoder = _encoder(base, config)
        if getattr(encoder, "pooler", None) is not None:
            encoder.pooler = None  # the heads pool for themselves
        network = cls(encoder, topics, dropout)
        if (heads := Path(base) / HEADS).is_file():
            own = network.state_dict()
            kept = {name: value for name, value in load_file(heads).items() if own[name].shape == value.shape}
            network.load_state_dict(kept, strict=False)
        return network

    def begin_at(self, share: NDArray[np.float64], fresh: NDArray[np.bool_]) -> None:
        """Let the ``fresh`` topics begin at the log-odds of ``share``, how often each is given; both (topics,)."""
        with torch.no_grad():
            self.topic_head.bias[torch.from_numpy(fresh)] = torch.from_numpy(logit(share[fresh])).float()

    def save(self, folder: Path) -> None:
        """Write a checkpoint in half precision: ``from_pretrained`` reads the encoder, `from_base` the heads too."""
        half = {name: value.to(torch.float16) for name, value in self.encoder.state_dict().items()}
        self.encoder.save_pretrained(folder, state_dict=half)
        heads = {name: value for name, value in self.state_dict().items() if not name.startswith("encoder.")}
        save_file({name: value.to(torch.float16).contiguous() for name, value in heads.items()}, folder / HEADS)

    def save_base(self, folder: Path) -> None:
        """Write the encoder, and of the heads that for salience: a base whose topics are yet to be learnt."""
        self.encoder.save_pretrained(folder)
        save_file(
            {f"salience_head.{name}": value for name, value in self.salience_head.state_dict().items()}, folder / HEADS
        )

    def attend_plainly(self) -> None:
        """Compute attention by plain products where it trains on a processor.

        There the gradient of torch's fused attention takes 60 % of a step of a 12-layer encoder in bfloat16.
        """
        if not torch.cuda.is_available():
            self.encoder.set_attn_implementation("eager")

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> NetworkOutput:
        """Read windows of token ids, shape (batch, tokens)."""
        states = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        return NetworkOutput(
            topic_logits=self.classify(pool(states, attention_mask)),
            salience=self.salience_head(states).squeeze(-1),
            states=states,
        )

    def classify(self, pooled: Tensor) -> Tensor:
        """Topic logits of pooled states, (..., 2 * width) -> (..., topics)."""
        hidden = nn.functional.gelu(self.dense(self.dropout(pooled)))
        logits: Tensor = self.topic_head(self.dropout(hidden))
        return logits


def _encoder(base: str, config: PretrainedConfig) -> PreTrainedModel:
    """The encoder of ``base``; transformers would not widen the 8-bit rows of a staged bundle."""
    if not is_rounded(Path(base) / WEIGHTS):
        loaded: PreTrainedModel = AutoModel.from_pretrained(base, config=config)
        return loaded
    encoder: PreTrainedModel = AutoModel.from_config(config)
    missing, strange = encoder.load_state_dict(read_weights(Path(base) / WEIGHTS), strict=False)
    if strange or any("pooler" not in name for name in missing):
        raise ValueError(f"{base} has not the weights of its config.json: {', '.join([*missing, *strange][:3])}")
    return encoder


def pool(states: Tensor, attention_mask: Tensor) -> Tensor:
    """Mean and maximum of the unmasked token states, (batch, tokens, width) -> (batch, 2 * width)."""
    mask = attention_mask.to(states.dtype)
    share = mask / mask.sum(dim=1, keepdim=True)
    # A product, not a sum over tokens: ONNX Runtime adds in another order when the batch holds a single window.
    mean = torch.bmm(share.unsqueeze(1), states).squeeze(1)
    highest = (states + (mask.unsqueeze(-1) - 1.0) * 1e4).max(dim=1).values
    return torch.cat([mean, highest], dim=-1)
