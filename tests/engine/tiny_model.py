"""A model small enough to be written by hand."""

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema


def tensor(name, shape, dtype, *, buffer=0, scale=None, zero_point=0, signature=None):
    made = schema.TensorT()
    made.name, made.shape, made.type, made.buffer = name, list(shape), dtype, buffer
    made.shapeSignature = signature
    if scale is not None:
        made.quantization = schema.QuantizationParametersT()
        made.quantization.scale, made.quantization.zeroPoint = [scale], [zero_point]
    return made


def operator_code(number):
    made = schema.OperatorCodeT()
    made.builtinCode = made.deprecatedBuiltinCode = number
    made.version = 1
    return made


def operator(opcode, inputs, outputs, kind, options):
    made = schema.OperatorT()
    made.opcodeIndex, made.inputs, made.outputs = opcode, inputs, outputs
    made.builtinOptionsType, made.builtinOptions = kind, options
    return made


def make_tiny_model(
    input_shape=(1, 16, 16, 3), dtype=schema.TensorType.FLOAT32, softmax=True, scale=None,
    zero_point=0, signature=None, weights_shape=None,
):  # fmt: skip
    """A classifier of mean colour: class 0 is red, 1 green, 2 blue. Two kilobytes."""
    float32, int32 = schema.TensorType.FLOAT32, schema.TensorType.INT32
    model = schema.ModelT()
    model.version, model.description = 3, "tiny"
    model.buffers = [schema.BufferT() for _ in range(3)]
    model.buffers[1].data = list(np.array([1, 2], "<i4").tobytes())
    channels = input_shape[-1] if input_shape[-1] > 0 else 3
    weights_shape = weights_shape or (3, channels)
    weights = (np.eye(*weights_shape) * 9).astype("<f4")
    model.buffers[2].data = list(weights.tobytes())
    options = schema.BuiltinOptions
    codes = schema.BuiltinOperator
    used = [codes.MEAN, codes.FULLY_CONNECTED, codes.SOFTMAX, codes.DEQUANTIZE]
    model.operatorCodes = [operator_code(code) for code in used]
    reducer, beta = schema.ReducerOptionsT(), schema.SoftmaxOptionsT()
    reducer.keepDims, beta.beta = False, 1.0
    graph = schema.SubGraphT()
    graph.tensors = [
        tensor("picture", input_shape, dtype, scale=scale, zero_point=zero_point,
               signature=signature),
        tensor("axes", (2,), int32, buffer=1),
        tensor("mean", (1, channels), float32),
        tensor("weights", weights_shape, float32, buffer=2),
        tensor("logits", (1, 3), float32),
        tensor("scores", (1, 3), float32),
        tensor("real", input_shape, float32),
    ]  # fmt: skip
    first = 0 if dtype == float32 else 6
    graph.operators = [
        operator(0, [first, 1], [2], options.ReducerOptions, reducer),
        operator(1, [2, 3, -1], [4], options.FullyConnectedOptions,
                 schema.FullyConnectedOptionsT()),
    ]  # fmt: skip
    if first:
        graph.operators.insert(
            0, operator(3, [0], [6], options.DequantizeOptions, schema.DequantizeOptionsT())
        )
    if softmax:
        graph.operators.append(operator(2, [4], [5], options.SoftmaxOptions, beta))
    graph.inputs, graph.outputs = [0], [5 if softmax else 4]
    model.subgraphs = [graph]
    builder = flatbuffers.Builder(4096)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())
