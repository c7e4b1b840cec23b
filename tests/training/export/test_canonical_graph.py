"""The same graph is the same file, in whatever order and under whatever names an exporter wrote it."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import ModelProto, TensorProto, checker, helper
from onnx.reference import ReferenceEvaluator

from baozhai_training.export.canonical_graph import canonicalize

NODES = [
    ("Neg", ["x"], "negative"),
    ("Abs", ["x"], "size"),
    ("Mul", ["negative", "weight"], "low"),
    ("Mul", ["size", "weight"], "high"),
    ("Sub", ["low", "high"], "y"),
    ("Add", ["high", "x"], "z"),
    ("Exp", ["low"], "unused"),
]


def graph(order: list[int], names: list[str]) -> ModelProto:
    """The nodes in ``order`` (which may put one before what it needs), their inner results called ``names``."""
    inner = [name for _, _, name in NODES if name not in ("y", "z")]
    called = dict(zip(inner, names, strict=True))
    nodes = [
        helper.make_node(kind, [called.get(name, name) for name in needs], [called.get(made, made)])
        for kind, needs, made in (NODES[number] for number in order)
    ]
    value = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [2]) for name in ("x", "y", "z")]
    weight = helper.make_tensor("weight", TensorProto.FLOAT, [2], [2.0, 3.0])
    made = helper.make_graph(nodes, "graph", value[:1], value[1:], [weight])
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 20)])


PLAIN = graph(list(range(len(NODES))), ["a", "b", "c", "d", "e"])
canonicalize(PLAIN.graph)


@given(order=st.permutations(range(len(NODES))), names=st.permutations(["p", "q", "r", "s", "t"]))
@settings(deadline=None)
def test_order_and_names_do_not_count(order: list[int], names: list[str]) -> None:
    model = graph(order, names)
    canonicalize(model.graph)
    assert model.SerializeToString() == PLAIN.SerializeToString()


def test_it_computes_what_it_did() -> None:
    checker.check_model(PLAIN)
    x = np.array([-1.5, 4.0], dtype=np.float32)
    low, high = ReferenceEvaluator(PLAIN).run(None, {"x": x})
    np.testing.assert_array_equal(low, -x * [2, 3] - np.abs(x) * [2, 3])
    np.testing.assert_array_equal(high, np.abs(x) * [2, 3] + x)


def test_what_no_output_needs_goes() -> None:
    assert "Exp" not in {node.op_type for node in PLAIN.graph.node}
