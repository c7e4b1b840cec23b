"""Weights that are stored once: a safetensors file that training reads, and an ONNX graph that points into it.

A graph's large tensors become external data at the offsets that safetensors gives them. Half-precision tensors and
8-bit rows are widened by the graph; ONNX Runtime does so once, when it loads it. The matrices of linear layers whose
inputs were observed are multiplied as integers, see `integer_products`.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper
from safetensors.numpy import load_file, save_file

from baozhai_training.export.canonical_graph import canonicalize
from baozhai_training.export.integer_products import IntegerProducts
from baozhai_training.export.quantization import forget_origin

SCALE, SMOOTH = ".scale", ".smooth"
_LARGE = 4096  # numbers; smaller weights stay in the graph
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
        if array.ndim == 2 and array.size >= _LARGE:
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


def share_weights(source: Path, weights: Path, target: Path) -> None:
    """Write the graph of ``source`` to ``target`` with its weights taken from ``weights``, which lies beside it.

    ``source`` must have been exported from exactly what `read_weights` reads there.

    Raises:
        ValueError: none of the graph's large tensors is in ``weights``.
    """
    model = onnx.load(str(source))
    graph, known, products = model.graph, _Known(weights), IntegerProducts()
    readers: dict[str, list[NodeProto]] = {}
    for node in graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)
    first: list[NodeProto] = []
    instead: dict[str, list[NodeProto]] = {}
    kept: list[TensorProto] = []
    for tensor in graph.initializer:
        name, turned = known.named(tensor)
        if name is None:
            kept.append(tensor)
            continue
        kept += known.tensors(name)
        reading = readers.get(tensor.name, [])
        if reading and reading[0].op_type == "Gather" and not turned:
            instead[reading[0].output[0]] = known.gathered(name, reading[0].input[1], reading[0].output[0])
        elif turned and (smooth := known.smooth(name)) and all(node.op_type == "MatMul" for node in reading):
            for node in reading:
                instead[node.output[0]] = products.product(node, name, *smooth, name + SCALE)
        else:
            first += known.widened(name, f"{tensor.name}.turned" if turned else tensor.name)
            if turned:
                first.append(helper.make_node("Transpose", [f"{tensor.name}.turned"], [tensor.name], perm=[1, 0]))
    if len(kept) == len(graph.initializer):
        raise ValueError(f"{source} has none of the weights of {weights}")
    rest = [new for node in graph.node for new in instead.get(node.output[0], [node])]
    del graph.node[:], graph.initializer[:]
    graph.node.extend([*first, *products.turned, *rest])
    graph.initializer.extend({tensor.name: tensor for tensor in [*kept, *products.tensors.values()]}.values())
    canonicalize(graph)
    forget_origin(model)
    products.finish(model)
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
        self._smooth = {name: value for name, value in load_file(path).items() if name.endswith(SMOOTH)}
        self._names = {
            (tuple(value.shape), value.numpy().tobytes()): name for name, value in read_weights(path).items()
        }

    def named(self, tensor: TensorProto) -> tuple[str | None, bool]:
        """The name here of what the large ``tensor`` of a graph holds, and whether it holds that turned."""
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < _LARGE:
            return None, False
        array = numpy_helper.to_array(tensor)
        if name := self._names.get((array.shape, array.tobytes())):
            return name, False
        if array.ndim != 2:
            return None, False
        # Exporters turn the matrices of linear layers.
        name = self._names.get((array.T.shape, np.ascontiguousarray(array.T).tobytes()))
        return name, name is not None

    def smooth(self, name: str) -> tuple[TensorProto, bytes] | None:
        """What the inputs of the layer called ``name`` are multiplied by, as external data and as bytes."""
        if name + SMOOTH not in self._header:
            return None
        return self._external(name + SMOOTH), self._smooth[name + SMOOTH].tobytes()

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
