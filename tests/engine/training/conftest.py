import cv2
import flatbuffers
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from engine.models.marker import Marker, add_marker
from engine.models.tuned import TunedBlocks
from engine.training.dataset import Dataset, Picture
from engine.training.head import Head

SIDE = 16
FEATURES = 3
ONES = (np.ones((1, 1, 1, 1), np.float32), np.ones(1, np.float32))


@pytest.fixture
def noise():
    """Write a picture of coarse noise; another seed looks quite different."""

    def write(path, seed, *, side=64, quality=90):
        path.parent.mkdir(parents=True, exist_ok=True)
        cells = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), np.uint8)
        rgb = cv2.resize(cells, (side, side), interpolation=cv2.INTER_CUBIC)
        options = [cv2.IMWRITE_JPEG_QUALITY, quality] if path.suffix == ".jpg" else []
        path.write_bytes(cv2.imencode(path.suffix, rgb, options)[1].tobytes())
        return path

    return write


@pytest.fixture
def folder(tmp_path, noise):
    """Two classes with six quite different pictures each."""
    for label, name in enumerate(("not_road", "road")):
        for at in range(6):
            noise(tmp_path / name / f"{at}.jpg", 100 * label + at)
    return tmp_path


@pytest.fixture
def dataset(tmp_path):
    """Make a dataset from (label, look) pairs, without files."""

    def make(rows, classes=("a", "b")):
        pictures = tuple(
            Picture(tmp_path / f"{at}.jpg", label, f"{at:064x}", look, 8, 8)
            for at, (label, look) in enumerate(rows)
        )
        return Dataset(tmp_path, tuple(classes), pictures, ())

    return make


@pytest.fixture
def colours(tmp_path):
    """A folder with reddish and bluish pictures, all different."""

    def make(folder, counts=(20, 20), names=("blue", "red")):
        for label, (name, count) in enumerate(zip(names, counts, strict=True)):
            for at in range(count):
                chance = np.random.default_rng([label, at])
                cells = chance.integers(0, 150, (8, 8, 3))
                cells[..., (2, 0)[label % 2]] += 90
                rgb = cv2.resize(
                    cells.clip(0, 255).astype(np.uint8), (48, 40), interpolation=cv2.INTER_CUBIC
                )
                path = folder / name / f"{at:03}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                cv2.imwrite(str(path), cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
        return folder

    return make


@pytest.fixture
def networks(tmp_path, monkeypatch):
    """Stands for the converter, which takes seconds and TensorFlow."""
    monkeypatch.setattr("engine.training.second_stage.map_side", lambda _blocks, _side: 1)
    folder = tmp_path / "networks"
    folder.mkdir()
    return ColourNetworks(folder)


@pytest.fixture
def backbone(networks):
    """A network whose features of a picture are its mean red, green and blue."""
    return networks.backbone("", None, report=None, cancel=None)


@pytest.fixture(name="surer")
def surer_made():
    """Make a tuner for ``networks``; see below."""
    return surer


def surer(times=3.0, collapsed=False, epochs=2):
    """What stands for training the last blocks: a head that is so many times as sure."""

    def tuner(head, maps, on_epoch):
        pixels = np.load(maps.path)[:, 0, 0].astype(np.float32)
        after = Head(head.kernel * times, head.bias * times)
        for number in range(epochs + 1):
            said = dict.fromkeys(
                ("train_loss", "validation_loss", "train_accuracy", "validation_accuracy"), 0.5
            )
            one_answer = collapsed and number > 0
            on_epoch(
                {"number": number, "of": epochs, "seconds": 0.1, "one_answer": one_answer} | said
            )
        return TunedBlocks(
            () if collapsed else (ONES,) * 2,
            after.kernel,
            after.bias,
            0 if collapsed else epochs,
            head.probabilities(pixels),
            after.probabilities(pixels),
        )

    return tuner


class ColourNetworks:
    def __init__(self, folder):
        self.folder = folder
        self.built = []
        self.tuner = surer()

    def backbone(self, variant, weights, *, report, cancel):
        path = self.folder / "backbone.tflite"
        path.write_bytes(colour_network())
        return path

    def maps(self, variant, weights, blocks, *, report, cancel):
        """As if nothing came before the last blocks but the means: maps of one pixel."""
        return self.backbone(variant, weights, report=report, cancel=cancel)

    def tuned(self, variant, weights, head, maps, options, *, seed, report, on_epoch, cancel):
        return self.tuner(head, maps, on_epoch)

    def retrained(self, variant, weights, head, labels, precision, calibration, *, seed, **_how):
        self.built.append((precision, tuple(calibration)))
        path = self.folder / f"{precision}.tflite"
        note = Marker(variant, precision, untrained=False, seed=seed, labels=tuple(labels))
        path.write_bytes(add_marker(colour_network(head), note))
        return path


def colour_network(head=None):
    """(1, SIDE, SIDE, 3) float32 to the means (1, 3), or to a head's scores."""
    model = schema.ModelT()
    model.version = 3
    model.buffers = [_buffer(b""), _buffer(np.array([1, 2], "<i4").tobytes())]
    graph = schema.SubGraphT()
    graph.tensors = [
        _tensor("picture", (1, SIDE, SIDE, 3), schema.TensorType.FLOAT32),
        _tensor("axes", (2,), schema.TensorType.INT32, 1),
        _tensor("mean", (1, FEATURES), schema.TensorType.FLOAT32),
    ]
    graph.inputs, graph.outputs = [0], [2]
    graph.operators = [_operator(0, [0, 1], [2], "Reducer", schema.ReducerOptionsT())]
    model.operatorCodes = [_code(schema.BuiltinOperator.MEAN)]
    if head is not None:
        _add_head(model, graph, head)
    model.subgraphs = [graph]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


def _add_head(model, graph, head):
    classes = len(head.bias)
    model.buffers += [_buffer(head.kernel.T.tobytes()), _buffer(head.bias.tobytes())]
    graph.tensors += [
        _tensor("kernel", (classes, FEATURES), schema.TensorType.FLOAT32, 2),
        _tensor("bias", (classes,), schema.TensorType.FLOAT32, 3),
        _tensor("logits", (1, classes), schema.TensorType.FLOAT32),
        _tensor("scores", (1, classes), schema.TensorType.FLOAT32),
    ]
    softmax = schema.SoftmaxOptionsT()
    softmax.beta = 1.0
    graph.operators += [
        _operator(1, [2, 3, 4], [5], "FullyConnected", schema.FullyConnectedOptionsT()),
        _operator(2, [5], [6], "Softmax", softmax),
    ]
    graph.outputs = [6]
    numbers = (schema.BuiltinOperator.FULLY_CONNECTED, schema.BuiltinOperator.SOFTMAX)
    model.operatorCodes += [_code(number) for number in numbers]


def _buffer(data):
    buffer = schema.BufferT()
    buffer.data = np.frombuffer(data, np.uint8) if data else None
    return buffer


def _tensor(name, shape, kind, buffer=0):
    tensor = schema.TensorT()
    tensor.name, tensor.shape, tensor.type, tensor.buffer = name, list(shape), kind, buffer
    return tensor


def _operator(code, inputs, outputs, kind, options):
    operator = schema.OperatorT()
    operator.opcodeIndex, operator.inputs, operator.outputs = code, inputs, outputs
    operator.builtinOptionsType = getattr(schema.BuiltinOptions, f"{kind}Options")
    operator.builtinOptions = options
    return operator


def _code(number):
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = number
    code.version = 1
    return code
