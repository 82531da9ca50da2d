"""Tells what a model is for from the last operations of its graph."""

from collections.abc import Sequence
from typing import Final

from engine.models.graph import Graph, Operator
from engine.models.tasks import (
    CLASSIFICATION,
    DETECTION,
    EMBEDDING,
    LOGITS,
    SEGMENTATION,
    UNKNOWN,
    TensorFacts,
    map_form,
)

_DETECTION_OP: Final = "TFLite_Detection_PostProcess"
_RESHAPED: Final = {"RESHAPE", "SQUEEZE", "EXPAND_DIMS", "QUANTIZE", "DEQUANTIZE", "CAST"}
_RESIZED: Final = {"RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR", "STRIDED_SLICE", "SLICE"}
_SHIFTED: Final = {"ADD", "SUB", "MUL", "DIV"}
_SCORES: Final = {"SOFTMAX": "softmax", "LOGISTIC": "sigmoid", "LOG_SOFTMAX": LOGITS}
_WEIGHED: Final = {"CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "TRANSPOSE_CONV"}
_POOLED: Final = {"MEAN", "AVERAGE_POOL_2D", "MAX_POOL_2D", "L2_NORMALIZATION", "SUM"}
_BENT: Final = {
    "RELU", "RELU6", "RELU_N1_TO_1", "RELU_0_TO_1", "TANH", "HARD_SWISH", "LEAKY_RELU", "PRELU",
    "ELU", "GELU",
}  # fmt: skip
_MAPPED: Final = {*_SCORES, *_WEIGHED, "ADD", "ARG_MAX", "CONCATENATION", "BATCH_MATMUL"}


def tell_task(graph: Graph, outputs: Sequence[TensorFacts]) -> tuple[str, str]:
    """Say what a model is for.

    Returns:
        The task, and for a classifier how its scores come about: ``softmax``, ``sigmoid`` or
        ``logits``; otherwise nothing.
    """
    if any(operator.name == _DETECTION_OP for operator in graph.operators):
        return DETECTION, ""
    if len(outputs) != 1:
        return UNKNOWN, ""
    if outputs[0].is_vector and outputs[0].is_real:
        return _task_of_vector(graph, _last_operator(graph, _RESHAPED))
    if map_form(outputs[0]):
        last = _last_operator(graph, _RESHAPED | _RESIZED)
        mapped = last is not None and last.name in _MAPPED and not last.activation
        return (SEGMENTATION if mapped else UNKNOWN), ""
    return UNKNOWN, ""


def _task_of_vector(graph: Graph, last: Operator | None) -> tuple[str, str]:
    if last is None:
        return UNKNOWN, ""
    if last.name in _SCORES:
        return CLASSIFICATION, _SCORES[last.name]
    if last.name in _WEIGHED:  # scores go below zero: what is cut off there is a feature
        return (EMBEDDING, "") if last.activation else (CLASSIFICATION, LOGITS)
    features = last.name in _POOLED | _BENT or _is_normalised(graph, last)
    return (EMBEDDING if features else UNKNOWN), ""


def _is_normalised(graph: Graph, last: Operator) -> bool:
    """Whether it brings a vector to a length: values times one number that comes from them.

    Converters write Keras's UnitNormalization so. A softmax divides powers by their sum alike.
    """
    if last.name not in ("MUL", "DIV") or len(last.inputs) != 2 or min(last.inputs) < 0:
        return False
    values, factor = last.inputs
    if last.name == "MUL" and graph.tensors[values].elements == 1:
        values, factor = factor, values
    maker = graph.producers.get(values)
    return graph.tensors[factor].elements == 1 and (maker is None or maker.name != "EXP")


def _last_operator(graph: Graph, passed_through: set[str]) -> Operator | None:
    """Return what computes the output, looking through what only shapes, shifts or scales it."""
    index = graph.outputs[0]
    for _ in graph.operators:  # at most once around: a damaged file may hold a circle
        operator = graph.producers.get(index)
        if operator is None or not operator.inputs:
            return None
        index = operator.inputs[0]
        if operator.name in _SHIFTED:
            computed = [i for i in operator.inputs if i >= 0 and not graph.tensors[i].constant]
            if len(computed) != 1:
                return operator
            index = computed[0]
        elif operator.name not in passed_through:
            return operator
    return None
