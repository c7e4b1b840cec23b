"""Linear layers of an ONNX graph as products of 8-bit integers, which processors multiply several times as fast.

Inputs are rounded as they come, with one scale a pass (ONNX ``DynamicQuantizeLinear``); so a pass reads one window,
see `runtimes.MARK`. The integers are multiplied exactly: every processor has the same products.
"""

from __future__ import annotations

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from baozhai_model.encoder.runtimes import MARK


class IntegerProducts:
    """Makes the nodes of linear layers; layers that read the same input share its rounding."""

    def __init__(self) -> None:
        """Begin with no layer."""
        self._rounded: dict[tuple[str, bytes], str] = {}
        self.tensors: dict[str, TensorProto] = {}
        self.turned: list[NodeProto] = []

    def product(self, node: NodeProto, name: str, smooth: TensorProto, values: bytes, scale: str) -> list[NodeProto]:
        """The nodes that stand for ``node``, a product of its first input with the transposed rows ``name``.

        Args:
            node: the MatMul.
            name: the stored integers, (rows, columns).
            smooth: what the input is multiplied by, (columns,).
            values: the same as bytes.
            scale: the name of the rows' scales, (rows, 1).
        """
        source = node.input[0]
        nodes = []
        if (source, values) not in self._rounded:
            smoothed = f"{source}.{len(self._rounded)}.smooth"
            self._rounded[source, values] = smoothed
            self.tensors[smooth.name] = smooth
            rounded = [f"{smoothed}.{part}" for part in ("ids", "scale", "zero")]
            nodes = [
                helper.make_node("Mul", [source, smooth.name], [smoothed]),
                helper.make_node("DynamicQuantizeLinear", [smoothed], rounded),
            ]
        ids, step, zero = (f"{self._rounded[source, values]}.{part}" for part in ("ids", "scale", "zero"))
        self.tensors["flat"] = numpy_helper.from_array(np.array([-1], dtype=np.int64), "flat")
        self.turned += [
            helper.make_node("Transpose", [name], [f"{name}.columns"], perm=[1, 0]),
            helper.make_node("Reshape", [scale, "flat"], [f"{name}.scales"]),
        ]
        product = ["MatMulIntegerToFloat", [ids, f"{name}.columns", step, f"{name}.scales", zero], [node.output[0]]]
        return [*nodes, helper.make_node(*product, domain="com.microsoft")]

    def finish(self, model: ModelProto) -> None:
        """Mark ``model`` and import the operators, if there was any layer."""
        if not self._rounded:
            return
        helper.set_model_props(model, dict([MARK]))
        if all(known.domain != "com.microsoft" for known in model.opset_import):
            model.opset_import.append(helper.make_opsetid("com.microsoft", 1))
