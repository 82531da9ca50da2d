"""The Keras graph of an SSD on MobileNet; in the converter's child process only.

As TensorFlow's object detection has it (``ssd_mobilenet_v1_coco``, ``ssd_mobilenet_v2_coco``):
six feature maps, 1917 anchors, box and class predictors of 1 x 1, scores by sigmoid.
"""

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.models.lowering import frozen

BOX_HEAD: Final = "boxes"
SCORE_HEAD: Final = "scores"

_V1_BLOCKS: Final = (
    (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *((512, 1),) * 5, (1024, 2),
    (1024, 1),
)  # fmt: skip
_V1_FINER_MAP: Final = 11
_EXTRAS: Final = ((256, 512), (128, 256), (128, 256), (64, 128))
_SCALES: Final = (0.2, 0.95)
_RATIOS: Final = (1.0, 2.0, 0.5, 3.0, 1 / 3)
_DETECTIONS: Final = 10
_IMPLEMENTS: Final = (
    'name: "TFLite_Detection_PostProcess"',
    'attr {{ key: "max_detections" value {{ i: {detections} }} }}',
    'attr {{ key: "max_classes_per_detection" value {{ i: 1 }} }}',
    'attr {{ key: "use_regular_nms" value {{ b: false }} }}',
    'attr {{ key: "nms_score_threshold" value {{ f: 0.00000001 }} }}',
    'attr {{ key: "nms_iou_threshold" value {{ f: 0.6 }} }}',
    'attr {{ key: "y_scale" value {{ f: 10.0 }} }}',
    'attr {{ key: "x_scale" value {{ f: 10.0 }} }}',
    'attr {{ key: "h_scale" value {{ f: 5.0 }} }}',
    'attr {{ key: "w_scale" value {{ f: 5.0 }} }}',
    'attr {{ key: "num_classes" value {{ i: {classes} }} }}',
)


def build_ssd(backbone: str, side: int, classes: int) -> Any:
    """Build the network up to raw boxes and scores.

    Args:
        backbone: ``v1`` or ``v2``.
        side: Of the input, pixels; 300 as published.
        classes: Without background.

    Returns:
        A ``keras.Model`` from (1, side, side, 3), values -1..1, RGB, to boxes as offsets from
        their anchors, (1, n, 4), and scores, (1, n, classes + 1), background first.
    """
    import keras
    from keras import layers

    picture = keras.Input(batch_shape=(1, side, side, 3), name="picture")
    maps = _maps_of_v1(picture) if backbone == "v1" else _maps_of_v2(picture)
    for narrow, wide in _EXTRAS:
        squeezed = _normed(layers.Conv2D(narrow, 1, use_bias=False)(maps[-1]))
        halved = layers.Conv2D(wide, 3, 2, padding="same", use_bias=False)(squeezed)
        maps.append(_normed(halved))
    boxes, scores = [], []
    for number, values in enumerate(maps):
        anchors = 3 if number == 0 else 6
        cells = values.shape[1] * values.shape[2]
        box = layers.Conv2D(4 * anchors, 1, name=f"{BOX_HEAD}_{number}")(values)
        score = layers.Conv2D((classes + 1) * anchors, 1, name=f"{SCORE_HEAD}_{number}")(values)
        boxes.append(layers.Reshape((cells * anchors, 4))(box))
        scores.append(layers.Reshape((cells * anchors, classes + 1))(score))
    joined = layers.Concatenate(axis=1)(boxes)
    likely = layers.Activation("sigmoid")(layers.Concatenate(axis=1)(scores))
    model = keras.Model(picture, [joined, likely], name=f"ssd_mobilenet_{backbone}_{side}")
    model.cells = [values.shape[1] for values in maps]
    return model


def _maps_of_v1(picture: Any) -> list[Any]:
    """MobileNet v1 as TensorFlow pads it: Keras's own loses a row where a side is odd."""
    from keras import layers

    values = _normed(layers.Conv2D(32, 3, 2, padding="same", use_bias=False)(picture))
    maps = []
    for number, (filters, strides) in enumerate(_V1_BLOCKS, 1):
        deep = layers.DepthwiseConv2D(3, strides, padding="same", use_bias=False)(values)
        values = _normed(layers.Conv2D(filters, 1, use_bias=False)(_normed(deep)))
        if number in (_V1_FINER_MAP, len(_V1_BLOCKS)):
            maps.append(values)
    return maps


def _maps_of_v2(picture: Any) -> list[Any]:
    import keras

    network = keras.applications.MobileNetV2(include_top=False, weights=None, input_tensor=picture)
    return [network.get_layer(name).output for name in ("block_13_expand_relu", "out_relu")]


def _normed(values: Any) -> Any:
    from keras import layers

    return layers.ReLU(6.0)(layers.BatchNormalization(epsilon=1e-3)(values))


def anchors(cells: list[int]) -> NDArray[np.float32]:
    """Return the anchors: centre y, centre x, height, width, in fractions of the picture.

    Args:
        cells: Rows, alike columns, of each feature map, finest first.
    """
    lowest, highest = _SCALES
    scales = [lowest + (highest - lowest) * i / (len(cells) - 1) for i in range(len(cells))]
    rows = []
    for number, count in enumerate(cells):
        scale = scales[number]
        following = scales[number + 1] if number + 1 < len(cells) else 1.0
        if number == 0:
            shapes = [(0.1, 1.0), (scale, 2.0), (scale, 0.5)]
        else:
            shapes = [(scale, ratio) for ratio in _RATIOS]
            shapes.append((math.sqrt(scale * following), 1.0))
        for row in range(count):
            for column in range(count):
                for size, ratio in shapes:
                    root = math.sqrt(ratio)
                    centre = ((row + 0.5) / count, (column + 0.5) / count)
                    rows.append((*centre, size / root, size * root))
    return np.array(rows, np.float32)


def detector(model: Any, classes: int) -> tuple[Any, Any]:
    """Return the whole detector as a function for the converter, and what keeps it alive.

    The last step is TensorFlow Lite's own operation: the converter puts it in the place of a
    function that says it implements it.

    Args:
        model: From ``build_ssd``.
        classes: Without background.
    """
    import tensorflow as tf

    implements = " ".join(_IMPLEMENTS).format(detections=_DETECTIONS, classes=classes)

    def select(offsets: Any, scores: Any, fixed: Any) -> Any:  # noqa: ARG001 - for its form only
        empty = tf.zeros((1, _DETECTIONS), tf.float32)
        return tf.zeros((1, _DETECTIONS, 4), tf.float32), empty, empty, tf.zeros((1,), tf.float32)

    selecting = tf.function(select, experimental_implements=implements)
    fixed = tf.constant(anchors(model.cells))

    raw = frozen(model)

    def run(picture: Any) -> Any:
        offsets, scores = raw(picture)
        boxes, kinds, likely, count = selecting(offsets, scores, fixed)
        return {"boxes": boxes, "classes": kinds, "scores": likely, "count": count}

    module = tf.Module()
    picture = tf.TensorSpec(model.input_shape, tf.float32, "picture")
    module.run = tf.function(run, input_signature=[picture])
    return module.run.get_concrete_function(), module
