"""Weights that are stored once: a safetensors file that training reads, and an ONNX graph that points into it.

A graph's large tensors become external data at the offsets that safetensors gives them. Half-precision tensors and
8-bit rows are widened by the graph; ONNX Runtime does so once, when it loads it. The matrices of linear layers whose
inputs were observed are multiplied as integers, see `integer_products`.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

from baozhai_training.export.canonical_graph import canonicalize
from baozhai_training.export.integer_products import IntegerProducts
from baozhai_training.export.quantization import forget_origin
from baozhai_training.learners.stored_weights import LARGE, SCALE, SMOOTH, read_weights


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
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < LARGE:
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
