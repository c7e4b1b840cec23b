"""An encoder's weights as a staged bundle stores them: matrices as rows of 8-bit integers, with a scale each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

WEIGHTS = "model.safetensors"
SCALE, SMOOTH = ".scale", ".smooth"
LARGE = 4096  # numbers; smaller weights are stored in 32 bits
_MOST = 127  # largest integer of a row

Arrays = dict[str, NDArray[np.generic]]


def eight_bit(state: dict[str, torch.Tensor], smooth: Mapping[str, NDArray[np.float32]]) -> Arrays:
    """``state`` with its large matrices as 8-bit rows; the rest is float32.

    A matrix ``NAME`` is stored as integers, with ``NAME.scale`` (rows, 1). Where ``smooth`` has a vector (columns,)
    for it, that is stored as ``NAME.smooth``: inputs are multiplied by it, so columns are divided by it. These matrices
    are multiplied as integers. Two neighbours of a row add up to 127 at most: processors without VNNI add their
    products with inputs of up to 255 in 16 bits.
    """
    stored: Arrays = {}
    for name, value in state.items():
        array = value.detach().cpu().float().numpy()
        if array.ndim == 2 and array.size >= LARGE:
            reach = np.abs(array)
            if name in smooth:
                stored[name + SMOOTH] = smooth[name]
                array = array / smooth[name]
                reach = np.add.reduceat(np.abs(array), np.arange(0, array.shape[1], 2), axis=1)
            scale = (reach.max(axis=1, keepdims=True) / _MOST).astype(np.float32)
            scale[scale == 0.0] = 1.0
            stored[name] = np.clip(np.round(array / scale), -_MOST, _MOST).astype(np.int8)
            stored[name + SCALE] = scale
        else:
            stored[name] = array
    return stored


def write_weights(stored: Arrays, path: Path) -> None:
    """Write ``stored`` as a transformers checkpoint has it."""
    save_file({name: np.ascontiguousarray(value) for name, value in stored.items()}, path, metadata={"format": "pt"})


def read_weights(path: Path) -> dict[str, torch.Tensor]:
    """What `write_weights` wrote, in 32 bits; 8-bit rows are widened."""
    stored = load_file(path)
    found = {}
    for name, value in stored.items():
        if not name.endswith((SCALE, SMOOTH)):
            wide = value.astype(np.float32)
            if value.dtype == np.int8:
                wide = wide * stored[name + SCALE] * stored.get(name + SMOOTH, np.float32(1.0))
            found[name] = torch.from_numpy(wide)
    return found


def is_rounded(path: Path) -> bool:
    """Whether the safetensors file at ``path`` is one of `write_weights` with 8-bit rows."""
    if not path.is_file():
        return False
    with safe_open(path, framework="np") as stored:
        return any(name.endswith(SCALE) for name in stored.keys())  # noqa: SIM118 # it is no dictionary
