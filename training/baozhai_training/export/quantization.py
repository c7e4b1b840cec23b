"""Make an ONNX model a third of its size without batch-mates changing an answer.

Word embeddings become 8-bit rows with a scale each; other weights are stored in half precision and widened when the
model is loaded. Activations stay in 32 bits: dynamic 8-bit activations share one scale over a batch, so that
batch-mates change a text's answer. (Bundles of stages have them, and read one window a pass.)
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from baozhai_training.export.canonical_graph import canonicalize

_LARGE = 4096  # numbers; smaller weights stay as they are


def quantize(source: Path, target: Path) -> None:
    """Write the compact form of the model at ``source`` to ``target``.

    Raises:
        ValueError: the model has no embedding table to gather from.
    """
    model = onnx.load(str(source))
    graph = model.graph
    weights = {tensor.name: tensor for tensor in graph.initializer}
    lookups = [node for node in graph.node if node.op_type == "Gather" and node.input[0] in weights]
    if not lookups:
        raise ValueError(f"{source} gathers from no embedding table")
    table = max(lookups, key=lambda node: np.prod(weights[node.input[0]].dims))
    first: list[NodeProto] = []
    added: list[TensorProto] = []
    removed = [table.input[0]]
    for name, tensor in weights.items():
        if name != table.input[0] and tensor.data_type == TensorProto.FLOAT and np.prod(tensor.dims) >= _LARGE:
            added.append(numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float16), f"{name}.half"))
            first.append(helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT))
            removed.append(name)
    position = list(graph.node).index(table)
    rows, nodes = _eight_bit_rows(table, numpy_helper.to_array(weights[table.input[0]]))
    kept = list(graph.node)
    kept[position : position + 1] = nodes
    del graph.node[:]
    graph.node.extend([*first, *kept])
    initializers = [tensor for tensor in graph.initializer if tensor.name not in removed]
    del graph.initializer[:]
    graph.initializer.extend([*initializers, *added, *rows])
    canonicalize(graph)
    forget_origin(model)
    onnx.checker.check_model(model)
    onnx.save(model, str(target))


def forget_origin(model: ModelProto) -> None:
    """Drop the exporter's notes: stack traces with the folders of the machine that trained."""
    for part in (model, model.graph, *model.graph.node, *model.graph.input, *model.graph.output):
        del part.metadata_props[:]
        part.doc_string = ""


def _eight_bit_rows(lookup: NodeProto, table: np.ndarray) -> tuple[list[TensorProto], list[NodeProto]]:
    """The tables and nodes that stand for ``lookup``: gather a row and its scale, multiply."""
    scale = (np.abs(table).max(axis=1, keepdims=True) / 127.0).astype(np.float32)
    scale[scale == 0.0] = 1.0
    rows = np.clip(np.round(table / scale), -127, 127).astype(np.int8)
    name, ids, output = lookup.input[0], lookup.input[1], lookup.output[0]
    tables = [numpy_helper.from_array(rows, f"{name}.rows"), numpy_helper.from_array(scale, f"{name}.scale")]
    nodes = [
        helper.make_node("Gather", [f"{name}.rows", ids], [f"{output}.row"]),
        helper.make_node("Gather", [f"{name}.scale", ids], [f"{output}.scale"]),
        helper.make_node("Cast", [f"{output}.row"], [f"{output}.wide"], to=TensorProto.FLOAT),
        helper.make_node("Mul", [f"{output}.wide", f"{output}.scale"], [output]),
    ]
    return tables, nodes
