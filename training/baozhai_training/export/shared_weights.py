"""Weights that are stored once: a safetensors file that training reads, and an ONNX graph that points into it.

A graph's large tensors become external data at the offsets that safetensors gives them. They are half precision, or
8-bit rows with a scale each, and the graph widens them; ONNX Runtime does so once, when it loads the graph.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper
from safetensors.numpy import load_file, save_file

from baozhai_training.export.canonical_graph import canonicalize
from baozhai_training.export.quantization import forget_origin

SCALE = ".scale"
_LARGE = 4096  # numbers; smaller weights stay in the graph

Arrays = dict[str, NDArray[np.generic]]


def eight_bit(state: dict[str, torch.Tensor]) -> Arrays:
    """``state`` with its large matrices as 8-bit rows; ``NAME.scale`` (rows, 1) widens ``NAME``. The rest is f32."""
    stored: Arrays = {}
    for name, value in state.items():
        array = value.detach().cpu().float().numpy()
        if array.ndim == 2 and array.size >= _LARGE:
            scale = (np.abs(array).max(axis=1, keepdims=True) / 127.0).astype(np.float32)
            scale[scale == 0.0] = 1.0
            stored[name] = np.clip(np.round(array / scale), -127, 127).astype(np.int8)
            stored[name + SCALE] = scale
        else:
            stored[name] = array
    return stored


def half(state: dict[str, torch.Tensor]) -> Arrays:
    """``state`` in half precision."""
    return {name: value.detach().cpu().to(torch.float16).numpy() for name, value in state.items()}


def write_weights(stored: Arrays, path: Path) -> None:
    """Write ``stored`` as a transformers checkpoint has it."""
    save_file({name: np.ascontiguousarray(value) for name, value in stored.items()}, path, metadata={"format": "pt"})


def read_weights(path: Path) -> dict[str, torch.Tensor]:
    """What `write_weights` wrote, in 32 bits; 8-bit rows are widened."""
    stored = load_file(path)
    return {
        name: torch.from_numpy(
            value.astype(np.float32) * stored[name + SCALE] if value.dtype == np.int8 else value.astype(np.float32)
        )
        for name, value in stored.items()
        if not name.endswith(SCALE)
    }


def share_weights(source: Path, weights: Path, target: Path) -> None:
    """Write the graph of ``source`` to ``target`` with its weights taken from ``weights``, which lies beside it.

    ``source`` must have been exported from exactly what `read_weights` reads there.

    Raises:
        ValueError: none of the graph's large tensors is in ``weights``.
    """
    model = onnx.load(str(source))
    graph, known = model.graph, _Known(weights)
    lookups = {node.input[0]: node for node in graph.node if node.op_type == "Gather"}
    nodes: list[NodeProto] = []
    gathered: dict[str, list[NodeProto]] = {}
    kept: list[TensorProto] = []
    shared = 0
    for tensor in graph.initializer:
        array = numpy_helper.to_array(tensor)
        large = tensor.data_type == TensorProto.FLOAT and array.size >= _LARGE
        name, turned = (known.name_of(array) if large else None), False
        if name is None and large and array.ndim == 2:  # exporters turn the matrices of linear layers
            name, turned = known.name_of(np.ascontiguousarray(array.T)), True
        if name is None:
            kept.append(tensor)
            continue
        shared += 1
        kept += known.tensors(name)
        if tensor.name in lookups and not turned:
            node = lookups[tensor.name]
            gathered[node.output[0]] = known.gathered(name, node.input[1], node.output[0])
        else:
            nodes += known.widened(name, f"{tensor.name}.turned" if turned else tensor.name)
            if turned:
                nodes.append(helper.make_node("Transpose", [f"{tensor.name}.turned"], [tensor.name], perm=[1, 0]))
    if not shared:
        raise ValueError(f"{source} has none of the weights of {weights}")
    rest = [new for node in graph.node for new in gathered.get(node.output[0], [node])]
    del graph.node[:], graph.initializer[:]
    graph.node.extend([*nodes, *rest])
    graph.initializer.extend({tensor.name: tensor for tensor in kept}.values())
    canonicalize(graph)
    forget_origin(model)
    onnx.save(model, str(target))
    onnx.checker.check_model(str(target))


class _Known:
    """The tensors of a safetensors file, found by what they hold."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            header = json.loads(file.read(length))
        self._file, self._start = path.name, 8 + length
        self._header = {name: entry for name, entry in header.items() if name != "__metadata__"}
        self._names = {
            (tuple(value.shape), value.numpy().tobytes()): name for name, value in read_weights(path).items()
        }

    def name_of(self, array: NDArray[np.generic]) -> str | None:
        """The name of the tensor that holds ``array`` once it is widened."""
        return self._names.get((array.shape, array.tobytes()))

    def tensors(self, name: str) -> list[TensorProto]:
        """``name`` and its scale as external data."""
        return [self._external(each) for each in (name, name + SCALE) if each in self._header]

    def widened(self, name: str, output: str) -> list[NodeProto]:
        """The nodes that make the whole of ``name`` as floats."""
        if name + SCALE not in self._header:
            return [helper.make_node("Cast", [name], [output], to=TensorProto.FLOAT)]
        return [
            helper.make_node("Cast", [name], [f"{output}.wide"], to=TensorProto.FLOAT),
            helper.make_node("Mul", [f"{output}.wide", name + SCALE], [output]),
        ]

    def gathered(self, name: str, ids: str, output: str) -> list[NodeProto]:
        """The nodes that look up rows of ``name``; only the rows that are looked up are widened."""
        first = helper.make_node("Gather", [name, ids], [f"{output}.row"])
        if name + SCALE not in self._header:
            return [first, helper.make_node("Cast", [f"{output}.row"], [output], to=TensorProto.FLOAT)]
        return [
            first,
            helper.make_node("Gather", [name + SCALE, ids], [f"{output}.scale"]),
            helper.make_node("Cast", [f"{output}.row"], [f"{output}.wide"], to=TensorProto.FLOAT),
            helper.make_node("Mul", [f"{output}.wide", f"{output}.scale"], [output]),
        ]

    def _external(self, name: str) -> TensorProto:
        entry = self._header[name]
        kinds = {"F16": TensorProto.FLOAT16, "F32": TensorProto.FLOAT, "I8": TensorProto.INT8}
        begin, end = entry["data_offsets"]
        tensor = TensorProto(name=name, data_type=kinds[entry["dtype"]], dims=entry["shape"])
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in (("location", self._file), ("offset", self._start + begin), ("length", end - begin)):
            tensor.external_data.add(key=key, value=str(value))
        return tensor
