"""One way to write a graph down: exporters that go through a set write the same network in another order each time."""

from __future__ import annotations

from onnx import AttributeProto, GraphProto, NodeProto

_GRAPHS = (AttributeProto.GRAPH, AttributeProto.GRAPHS)


def canonicalize(graph: GraphProto) -> None:
    """Put the nodes of ``graph`` in the order in which its outputs ask for them, and number what they make.

    A node comes right after what it needs, depth first, inputs in their order; so neither the order in which an
    exporter wrote the nodes nor the names that it gave their results count. Nodes that no output needs go. A graph
    with graphs in it (loops, branches) is left as it is, since those know its names.
    """
    if any(attribute.type in _GRAPHS for node in graph.node for attribute in node.attribute):
        return
    maker = {name: number for number, node in enumerate(graph.node) for name in node.output if name}
    outputs = [output.name for output in graph.output]
    ordered: list[NodeProto] = []
    begun: set[int] = set()
    asked = [(maker[name], False) for name in reversed(outputs) if name in maker]
    while asked:
        number, ready = asked.pop()
        node = graph.node[number]
        if ready:
            ordered.append(node)
        elif number not in begun:
            begun.add(number)
            asked.append((number, True))
            asked += [(maker[name], False) for name in reversed(node.input) if name in maker]
    made = [name for node in ordered for name in node.output if name and name not in outputs]
    renamed = {name: f"made_{number}" for number, name in enumerate(made)}
    for number, node in enumerate(ordered):
        node.name = f"{node.op_type}_{number}"
        node.input[:] = [renamed.get(name, name) for name in node.input]
        node.output[:] = [renamed.get(name, name) for name in node.output]
    del graph.node[:]
    graph.node.extend(ordered)
    del graph.value_info[:]
