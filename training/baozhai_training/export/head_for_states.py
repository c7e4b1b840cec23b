"""A salience head that goes on reading an encoder after that encoder has learnt more.

Learning topics turns an encoder's states. A linear map, fitted on the same tokens read before and after, turns them
back for the head; it commutes with the mean over a sentence's tokens.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

_RIDGE = 1e-2  # of the states' mean square: where they tell nothing, the map is the identity
_MAP = "states_map"

Floats = NDArray[np.float32]


def states_map(before: Floats, after: Floats) -> Floats:
    """The matrix (width, width) with which ``after @ matrix`` is nearest to ``before``, both (tokens, width)."""
    x, y = after.astype(np.float64), before.astype(np.float64)
    held = _RIDGE * float((x**2).sum(axis=0).mean()) * np.eye(x.shape[1])
    return np.linalg.solve(x.T @ x + held, x.T @ y + held).astype(np.float32)


def mapped_head(source: Path, target: Path, matrix: Floats) -> None:
    """Write the head at ``source`` to ``target`` with its states multiplied by ``matrix`` first."""
    model = onnx.load(str(source))
    graph = model.graph
    for tensor in graph.initializer:
        if tensor.name == _MAP:  # mapped before: one map does for both
            tensor.CopyFrom(numpy_helper.from_array(matrix @ numpy_helper.to_array(tensor), _MAP))
            onnx.save(model, str(target))
            return
    for node in graph.node:
        node.input[:] = [f"{name}.mapped" if name in ("sentences", "title") else name for name in node.input]
    first = [helper.make_node("MatMul", [name, _MAP], [f"{name}.mapped"]) for name in ("sentences", "title")]
    rest = list(graph.node)
    del graph.node[:]
    graph.node.extend([*first, *rest])
    graph.initializer.append(numpy_helper.from_array(matrix, _MAP))
    onnx.checker.check_model(model)
    onnx.save(model, str(target))
