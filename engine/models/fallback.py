"""Which operations of an 8-bit model still compute with floats."""

from pathlib import Path

from engine.models.graph import parse_graph
from engine.models.inspector import read_model

_FLOATS = ("float16", "float32", "float64")


def float_operations(path: Path) -> tuple[str, ...]:
    """Return the names of the operations that take or give floats, each once, as they run.

    Raises:
        LabError: If the file is no sound model.
    """
    graph = parse_graph(read_model(path))
    found = [
        operator.name
        for operator in graph.operators
        if any(
            graph.tensors[index].dtype in _FLOATS
            for index in (*operator.inputs, *operator.outputs)
            if index >= 0
        )
    ]
    return tuple(dict.fromkeys(found))
