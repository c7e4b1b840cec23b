"""How far the inputs of linear layers reach, and what evens them out before they are rounded to 8 bits.

A few columns of an encoder's activations are ten times as large as the others; rounded with one scale, they leave the
others no digits. A column's inputs are therefore divided by what the column of the weights is multiplied with (Xiao et
al. 2023, SmoothQuant, arXiv:2211.10438, section 4).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from baozhai_training.learners.pair_encoder import padded_batch

ALPHA = 0.8  # of a column's reach moves to the weights; 0.5 leaves three times the error on multilingual-e5-small
_LEAST_INPUT, _LEAST_WEIGHT = 1e-3, 1e-5

Floats = NDArray[np.float32]


def smoothing(encoder: nn.Module, windows: Sequence[list[int]], pad: int) -> dict[str, Floats]:
    """What the inputs of each linear layer are multiplied by, (columns,), by the name of the layer's weight.

    Layers that read the same tensor (query, key and value) get the same vector, so that it is rounded once.

    Args:
        encoder: of transformers; its linear layers are `nn.Linear`.
        windows: token ids, such as it will read.
        pad: the id of padding.
    """
    layers = {name: layer for name, layer in encoder.named_modules() if isinstance(layer, nn.Linear)}
    reach: dict[str, Floats] = {}
    readers: dict[int, list[str]] = {}
    kept: list[torch.Tensor] = []  # so that no tensor takes the identity of an earlier one

    def observe(name: str) -> Any:
        def hook(_: nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
            kept.append(inputs[0])
            readers.setdefault(id(inputs[0]), []).append(name)
            found = inputs[0].detach().abs().flatten(0, -2).amax(0).numpy()
            reach[name] = np.maximum(reach.get(name, np.float32(0.0)), found)

        return hook

    handles = [layer.register_forward_pre_hook(observe(name)) for name, layer in layers.items()]
    try:
        for window in windows:
            readers.clear()
            kept.clear()
            ids, mask = padded_batch([window], pad)
            with torch.inference_mode():
                encoder(input_ids=ids, attention_mask=mask)
    finally:
        for handle in handles:
            handle.remove()
    found: dict[str, Floats] = {}
    for names in readers.values():
        weights = np.stack([layers[name].weight.detach().abs().amax(0).float().numpy() for name in names]).max(axis=0)
        inputs = np.maximum(reach[names[0]], _LEAST_INPUT)
        factors = inputs**ALPHA / np.maximum(weights, _LEAST_WEIGHT) ** (1.0 - ALPHA)
        factors /= np.exp(np.log(factors).mean())
        found.update({f"{name}.weight": (1.0 / factors).astype(np.float32) for name in names})
    return found
