import cv2
import flatbuffers
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from engine.accuracy.evaluation import Answer, Evaluation
from engine.accuracy.test_set import KnownPicture, PictureSet


@pytest.fixture
def picture_file():
    """Write a picture of one colour, red, green and blue 0..255."""

    def write(path, colour=(0, 0, 0), size=(16, 16)):
        path.parent.mkdir(parents=True, exist_ok=True)
        rgb = np.full((*size, 3), colour, np.uint8)
        data = cv2.imencode(".png", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))[1]
        path.write_bytes(data.tobytes())
        return path

    return write


@pytest.fixture
def evaluation(tmp_path):
    """Make an evaluation of answers given as (truth, said, score)."""

    def make(rows, labels=("red", "green", "blue"), model="made-up"):
        answers = tuple(
            Answer(tmp_path / f"{at:03}.png", truth, tuple(said), score, score)
            for at, (truth, said, score) in enumerate(rows)
        )
        known = tuple(KnownPicture(each.path, each.truth) for each in answers)
        pictures = PictureSet(tmp_path, known, tuple(labels), "the folders' names")
        return Evaluation(
            model, "0" * 64, pictures, answers, (), "crop to 8 x 8, bilinear", 3, 0.1, 1
        )

    return make


@pytest.fixture(scope="session")
def colour_model(tmp_path_factory):
    """A classifier that tells whether a picture is rather red, green or blue."""
    path = tmp_path_factory.mktemp("models") / "colours.tflite"
    path.write_bytes(_colour_model())
    return path


def _colour_model():
    """Mean of the picture, then softmax: (1, 8, 8, 3) float32 to (1, 3)."""
    model = schema.ModelT()
    model.version = 3
    model.buffers = [schema.BufferT(), schema.BufferT()]
    model.buffers[1].data = np.frombuffer(np.array([1, 2], "<i4").tobytes(), np.uint8)
    graph = schema.SubGraphT()
    graph.tensors = [
        _tensor("picture", (1, 8, 8, 3), schema.TensorType.FLOAT32),
        _tensor("axes", (2,), schema.TensorType.INT32, 1),
        _tensor("mean", (1, 3), schema.TensorType.FLOAT32),
        _tensor("scores", (1, 3), schema.TensorType.FLOAT32),
    ]
    reducer, softmax = schema.ReducerOptionsT(), schema.SoftmaxOptionsT()
    softmax.beta = 3.0
    graph.inputs, graph.outputs = [0], [3]
    graph.operators = [
        _operator(0, [0, 1], [2], schema.BuiltinOptions.ReducerOptions, reducer),
        _operator(1, [2], [3], schema.BuiltinOptions.SoftmaxOptions, softmax),
    ]
    model.operatorCodes = [
        _code(schema.BuiltinOperator.MEAN),
        _code(schema.BuiltinOperator.SOFTMAX),
    ]
    model.subgraphs = [graph]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


def _tensor(name, shape, kind, buffer=0):
    tensor = schema.TensorT()
    tensor.name, tensor.shape, tensor.type, tensor.buffer = name, list(shape), kind, buffer
    return tensor


def _operator(code, inputs, outputs, kind, options):
    operator = schema.OperatorT()
    operator.opcodeIndex, operator.inputs, operator.outputs = code, inputs, outputs
    operator.builtinOptionsType, operator.builtinOptions = kind, options
    return operator


def _code(number):
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = number
    code.version = 1
    return code
