"""Turn a fine-tuned network into the bundle's ONNX file, and refuse one that answers differently."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from baozhai_model.encoder.encoder import Encoder
from baozhai_model.topics.calibration import sigmoid
from baozhai_training.learners.finetuning import window_outputs
from baozhai_training.learners.network import TopicNetwork

OUTPUTS = ["topic_logits", "salience", "states"]


class ExportMismatch(RuntimeError):
    """The exported model and the torch model disagree beyond the tolerance."""


class _Served(torch.nn.Module):
    """ONNX wants a tuple of tensors."""

    def __init__(self, network: TopicNetwork, salience: bool) -> None:
        super().__init__()
        self.network, self.salience = network, salience

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> tuple[torch.Tensor, ...]:
        output = self.network(input_ids, attention_mask)
        if not self.salience:
            return output.topic_logits, output.states
        return output.topic_logits, output.salience, output.states


def export_onnx(network: TopicNetwork, path: Path, *, salience: bool = True) -> None:
    """Write ``network`` to ``path`` with free batch and length axes; without its ``salience``, if so wanted."""
    network.eval()
    network.encoder.set_attn_implementation("eager")  # the other way leaves a test for NaN in every layer of the graph
    example = torch.ones((2, 24), dtype=torch.long)
    mask = example.clone()
    mask[1, 16:] = 0  # without padding in it, transformers would leave the mask out of the graph
    axes = {
        0: torch.export.Dim("batch"),
        1: torch.export.Dim("tokens", max=network.encoder.config.max_position_embeddings),
    }
    program = torch.onnx.export(
        _Served(network, salience).eval(),
        (example, mask),
        input_names=["input_ids", "attention_mask"],
        output_names=[name for name in OUTPUTS if salience or name != "salience"],
        dynamic_shapes={"input_ids": axes, "attention_mask": axes},
        dynamo=True,
        optimize=True,
        verbose=False,
    )
    assert program is not None
    program.save(str(path), external_data=False)


def check_parity(network: TopicNetwork, path: Path, windows: Sequence[list[int]], tolerance: float) -> float:
    """The largest difference in topic probability between ``network`` and the model at ``path``.

    Raises:
        ExportMismatch: it is above ``tolerance``.
    """
    expected = np.stack([output.topic_logits for output in window_outputs(network, windows)])
    exported = np.stack([output.topic_logits for output in Encoder(path).encode(windows)])
    worst = float(np.abs(sigmoid(exported.astype(np.float64)) - sigmoid(expected.astype(np.float64))).max())
    if worst > tolerance:
        raise ExportMismatch(
            f"{path} differs from the torch model by {worst:.4f} in probability; at most {tolerance} may"
        )
    return worst
