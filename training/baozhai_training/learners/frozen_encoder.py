"""Topic heads on an encoder that stays as it is: what retraining does with the large encoder of a staged bundle.

The encoder reads every text once, as serving runs it; then the heads learn from its pooled states, which takes seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from baozhai_model.encoder.encoder import Encoder
from baozhai_training.learners.network import TopicNetwork

_EPOCHS, _BATCH = 10, 32
_KNOWN, _FRESH = 3e-4, 2e-3  # learning rates: of heads that know the topics, and of new ones

Floats = NDArray[np.float32]


def pooled_states(model: Path, windows: Sequence[list[int]], pad: int) -> Floats:
    """Mean and maximum of the token states of each window, (windows, 2 * width), by the ONNX file ``model``."""
    encoder, found = Encoder(model, pad=pad), []
    for window in windows:  # one at a time: states are large
        states = encoder.encode([window])[0].states
        found.append(np.concatenate([states.mean(axis=0), states.max(axis=0)]))
    return np.stack(found).astype(np.float32)


def teach_heads(network: TopicNetwork, pooled: Floats, truth: NDArray[np.bool_], *, fresh: bool, seed: int) -> None:
    """Teach the heads of ``network`` ``truth`` (texts, topics) of ``pooled`` (texts, 2 * width), in place.

    ``fresh``: some topic is new to them, so that they learn faster.
    """
    torch.manual_seed(seed)
    learnt = [*network.dense.parameters(), *network.topic_head.parameters()]
    optimizer = torch.optim.AdamW(learnt, lr=_FRESH if fresh else _KNOWN, weight_decay=0.01)
    inputs, wanted = torch.from_numpy(pooled), torch.from_numpy(truth.astype(np.float32))
    steps = max(1, _EPOCHS * -(-len(inputs) // _BATCH))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1.0 - step / (steps + 1))
    random = np.random.default_rng(seed)
    network.train()
    for _ in range(_EPOCHS):
        order = random.permutation(len(inputs))
        for start in range(0, len(order), _BATCH):
            rows = torch.from_numpy(order[start : start + _BATCH])
            loss = nn.functional.binary_cross_entropy_with_logits(network.classify(inputs[rows]), wanted[rows])
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.step()
            schedule.step()
    network.eval()


@torch.inference_mode()
def head_logits(network: TopicNetwork, pooled: Floats) -> NDArray[np.float64]:
    """Topic logits of ``pooled``, (texts, topics)."""
    logits: NDArray[np.float64] = network.classify(torch.from_numpy(pooled)).numpy().astype(np.float64)
    return logits
