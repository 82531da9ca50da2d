"""Write the vectors beside this file: output tensors, and what PROTOCOL.md says they mean.

The expectations come from the page's words in exact fractions, cell by cell: nobody's
implementation made them. Run it only when the page changes:
``python tests/vectors/tasks/write.py``.
"""

import json
import math
import struct
from fractions import Fraction
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
NAN = math.nan
CODES = {"float32": "f", "uint8": "B", "int8": "b", "int16": "h", "int32": "i", "int64": "q"}

Json = dict[str, Any]


def output(
    dtype: str, shape: tuple[int, ...], values: Any, scale: float = 0.0, zero_point: int = 0
) -> Json:
    """Describe one output; ``values`` are what is stored, None for one whose shape is enough."""
    numbers = [] if values is None else flat(values)
    if values is not None and len(numbers) != math.prod(shape):
        raise ValueError(f"{len(numbers)} values for {shape}")
    (kept,) = struct.unpack("<f", struct.pack("<f", scale))  # as a model's file holds it
    return {
        "shape": list(shape),
        "dtype": dtype,
        "scale": kept,
        "zero_point": zero_point,
        "hex": struct.pack(f"<{len(numbers)}{CODES[dtype]}", *numbers).hex(),
    }


def flat(values: Any) -> list[Any]:
    """Return the numbers of nested lists in order."""
    if not isinstance(values, list | tuple):
        return [values]
    return [number for value in values for number in flat(value)]


def stored(made: Json) -> list[Any]:
    """Read the numbers of an output back: floats as a float32 holds them."""
    data = bytes.fromhex(made["hex"])
    return list(struct.unpack(f"<{math.prod(made['shape'])}{CODES[made['dtype']]}", data))


def real(made: Json) -> list[Fraction]:
    """Return an output's real values, exactly."""
    if made["dtype"] == "float32":
        return [Fraction(value) for value in stored(made)]
    return [Fraction(made["scale"]) * (q - made["zero_point"]) for q in stored(made)]


def classes(made: Json, *, softmax: bool) -> Json:
    """Expect the five best classes."""
    scores = real(made)
    if softmax:
        powers = [Fraction(math.exp(score - max(scores))) for score in scores]
        scores = [power / sum(powers) for power in powers]
    best = sorted(range(len(scores)), key=lambda index: (-scores[index], index))[:5]
    return {
        "kind": "classes",
        "entries": [{"class": index, "score": float(scores[index])} for index in best],
    }


def vector(made: Json) -> Json:
    """Expect the numbers themselves."""
    return {"kind": "vector", "entries": [], "vector": [float(value) for value in real(made)]}


def boxes(edges: Json, kinds: Json, scores: Json, count: Json) -> Json:
    """Expect the sound ones of the first ``count`` boxes, the best 25."""
    told = min(int(stored(count)[0]), edges["shape"][1])
    found = []
    for number in range(told):
        box = stored(edges)[4 * number : 4 * number + 4]
        score = stored(scores)[number]
        if all(math.isfinite(value) for value in (score, *box)):
            places = dict(zip(("top", "left", "bottom", "right"), box, strict=True))
            found.append({"class": int(stored(kinds)[number]), "score": score} | places)
    found.sort(key=lambda entry: -entry["score"])
    return {"kind": "boxes", "entries": found[:25]}


def best_class(cell: list[Fraction]) -> int:
    """Return the class of a cell of scores: the highest, the lowest among equals."""
    return min(range(len(cell)), key=lambda index: (-cell[index], index))


def segmentation(made: Json) -> Json:
    """Expect one class per cell, and how much of the map each takes."""
    shape = made["shape"]
    rows, columns = shape[1:3]
    if len(shape) == 4 and shape[3] > 1:
        values, channels = real(made), shape[3]
        every = range(0, len(values), channels)
        cells = [best_class(values[first : first + channels]) for first in every]
    elif made["dtype"] == "float32" or made["scale"]:
        cells = [int(value > Fraction(1, 2)) for value in real(made)]
    else:
        cells = [min(max(value, 0), 255) for value in stored(made)]
    shares = {index: Fraction(cells.count(index), len(cells)) for index in set(cells)}
    largest = sorted(shares, key=lambda index: (-shares[index], index))[:5]
    return {
        "kind": "map",
        "entries": [{"class": index, "score": float(shares[index])} for index in largest],
        "columns": columns,
        "rows": rows,
        "cells_hex": bytes(cells).hex(),
    }


def case(task: str | None, outputs: list[Json], expect: Json, scores: str | None = None) -> Json:
    """Put one vector together; see README.md."""
    return {"task": task, "scores": scores, "outputs": outputs, "expect": expect}


def classification_cases() -> dict[str, Json]:
    """Classifiers of every kind of output, with and without a word on their scores."""
    float_8 = [0.0625, 0.5, 0.03125, 0.125, 0.25, 0.015625, 0.0078125, 0.0078125]
    logits = [-1.5, 2.25, 0.0, 3.0, -0.5, 1.0]
    sigmoid = [0.75, 0.125, 0.9375, 0.5]
    bytes_8 = [0, 3, 250, 1, 1, 0, 1, 0]
    made = {
        "softmax_float": output("float32", (1, 8), float_8),
        "softmax_of_background": output("float32", (1, 4), [0.875, 0.0625, 0.03125, 0.03125]),
        "more_leading_ones": output("float32", (1, 1, 1, 4), [0.125, 0.25, 0.5, 0.125]),
        "probabilities_uint8": output("uint8", (1, 8), bytes_8, 1 / 256, 0),
        "probabilities_int8": output("int8", (1, 8), [q - 128 for q in bytes_8], 1 / 256, -128),
        "probabilities_of_255": output("uint8", (1, 3), [5, 250, 0], 1 / 255, 0),
        "probabilities_of_a_narrow_range": output("uint8", (1, 3), [9, 200, 10], 1 / 1024, 0),
        "equal_scores": output("uint8", (1, 7), [30, 40, 30, 40, 30, 40, 30], 1 / 256, 0),
        "sigmoid_float": output("float32", (1, 4), sigmoid),
        "one_sigmoid": output("float32", (1, 1), [0.75]),
        "fewer_than_five": output("float32", (1, 2), [0.25, 0.75]),
    }
    found = {
        name: case("classification", [each], classes(each, softmax=False), scores="probabilities")
        for name, each in made.items()
    }
    for name in (
        "softmax_float",
        "probabilities_uint8",
        "probabilities_int8",
        "probabilities_of_255",
        "probabilities_of_a_narrow_range",
    ):
        told = classes(made[name], softmax=False)
        found[f"{name}_untold"] = case("classification", [made[name]], told)
    softmaxed = {
        "logits_float": output("float32", (1, 6), logits),
        "logits_uint8": output("uint8", (1, 6), [116, 146, 128, 152, 124, 136], 0.125, 128),
        "logits_int8": output("int8", (1, 6), [-12, 18, 0, 24, -4, 8], 0.125, 0),
        "logits_of_equals": output("float32", (1, 6), [1.0] * 6),
    }
    for name, each in softmaxed.items():
        told = classes(each, softmax=True)
        found[name] = case("classification", [each], told, scores="logits")
        found[f"{name}_untold"] = case("classification", [each], told)
    # A word on the scores wins over what they look like.
    looks_alike = made["softmax_float"]
    found["logits_that_look_like_probabilities"] = case(
        "classification", [looks_alike], classes(looks_alike, softmax=True), scores="logits"
    )
    several = made["sigmoid_float"]  # these add up to more than 1
    found["sigmoid_untold"] = case("classification", [several], classes(several, softmax=True))
    found["nothing_told"] = case(None, [looks_alike], classes(looks_alike, softmax=False))
    return found


def detection_cases() -> dict[str, Json]:
    """Detectors in both orders of outputs, whole and with unsound numbers."""

    def detector(found: list[tuple[float, ...]], count: float, *, capacity: int = 0) -> list[Json]:
        found = found + [(0.0,) * 6] * (capacity - len(found))
        n = len(found)
        return [
            output("float32", (1, n, 4), [each[2:] for each in found]),
            output("float32", (1, n), [each[0] for each in found]),
            output("float32", (1, n), [each[1] for each in found]),
            output("float32", (1,), [count]),
        ]

    plain = [
        (16.0, 0.9375, 0.25, 0.125, 0.75, 1.0),
        (0.0, 0.75, 0.0, -0.0625, 0.5, 0.25),
        (89.0, 0.5, 0.5, 0.5, 1.125, 1.0),
        (17.0, 0.25, 0.125, 0.25, 0.375, 0.5),
        (1.0, 0.0625, 0.0, 0.0, 1.0, 1.0),
    ]
    nan = [list(each) for each in plain]
    nan[0][1], nan[1][3], nan[2][4], nan[3][2] = NAN, NAN, math.inf, -math.inf
    many = [
        (float(n), (40 - n) / 64, n / 64, n / 128, (n + 8) / 64, (n + 16) / 64) for n in range(30)
    ]
    many_nan = [(k, NAN if n in {0, 7} else s, *box) for n, (k, s, *box) in enumerate(many)]
    made = {
        "detector": detector(plain, 5.0),
        "detector_of_fewer_boxes": detector(plain[:2], 2.0, capacity=6),
        "detector_of_no_boxes": detector([], 0.0, capacity=4),
        "detector_that_counts_too_far": detector(plain[:3], 9.0),
        "detector_with_nan": detector([tuple(each) for each in nan], 5.0),
        "detector_out_of_order": detector([plain[i] for i in (3, 0, 4, 1, 2)], 5.0),
        "detector_of_many": detector(many, 30.0),
        "detector_of_many_with_nan": detector(many_nan, 30.0),
    }
    made["detector_with_long_count"] = [
        *made["detector"][:3],
        output("float32", (1, 1), [3.0]),
    ]
    found = {name: case("detection", outputs, boxes(*outputs)) for name, outputs in made.items()}
    for name in ("detector", "detector_of_fewer_boxes", "detector_with_nan"):
        edges, kinds, scores, count = made[name]
        other = [scores, edges, count, kinds]
        found[f"{name}_of_tensorflow_2"] = case("detection", other, found[name]["expect"])
    found["detector_untold"] = case(None, made["detector"], found["detector"]["expect"])
    other = found["detector_of_tensorflow_2"]
    found["detector_of_tensorflow_2_untold"] = other | {"task": None}
    return found


def embedding_cases() -> dict[str, Json]:
    """Vectors of numbers that are no scores."""
    made = {
        "embedding_float": output("float32", (1, 5), [-1.5, 0.0, 2.25, 1e-3, 1e6]),
        "embedding_uint8": output("uint8", (1, 1, 1, 4), [0, 128, 255, 129], 0.0234375, 128),
        "embedding_int8": output("int8", (1, 4), [-128, 0, 127, -1], 0.01, -1),
        "embedding_of_one": output("float32", (1, 1), [0.5]),
    }
    return {name: case("embedding", [each], vector(each)) for name, each in made.items()}


def segmentation_cases() -> dict[str, Json]:
    """Maps in every form of the page's table."""
    scores = [
        [[0.5, 0.25, 0.0], [0.25, 0.5, 0.5], [-1.0, -2.0, -0.5], [3.0, 3.0, 3.0]],
        [[0.0, 0.0, 0.25], [-1.5, -0.5, -0.5], [8.0, 7.0, 9.0], [0.0, 1.0, 0.5]],
    ]
    steps = [[[round(8 * score) for score in cell] for cell in row] for row in scores]
    seven = [[[float(channel == n) for channel in range(8)] for n in range(8)]]  # a class each
    seven[0][0] = seven[0][3] = seven[0][7]
    last = [[[1.0] * 256, [0.0] * 255 + [0.5]]]
    mask = [[0.5, 0.5000001], [0.4999999, 1.0], [0.0, -3.0]]
    wide = [-5, 0, 1, 255, 256, 300, 2**31 - 1, -(2**31), 7, 7, 7, 1]
    wider = [2**32, 2**32 + 5, -(2**32) + 5, 2**63 - 1, -(2**63), 3, 3, 255]
    made = {
        "map_of_scores_float": output("float32", (1, 2, 4, 3), scores),
        "map_of_scores_int8": output("int8", (1, 2, 4, 3), steps, 0.125, -3),
        "map_of_scores_uint8": output(
            "uint8", (1, 2, 4, 3), [q + 128 for q in flat(steps)], 0.125, 128
        ),
        "map_of_two_classes": output(
            "float32", (1, 2, 2, 2), [0.0, 1.0, 1.0, 0.0, 0.5, 0.5, 0.25, 0.75]
        ),
        "map_of_more_than_five_classes": output("float32", (1, 1, 8, 8), seven),
        "map_of_256_classes": output("float32", (1, 1, 2, 256), last),
        "map_of_one_cell": output("float32", (1, 1, 1, 3), [0.25, 0.25, 0.5]),
        "mask_float": output("float32", (1, 3, 2, 1), mask),
        "mask_uint8": output("uint8", (1, 2, 3, 1), [0, 127, 128, 129, 255, 1], 1 / 256, 0),
        "mask_int8": output("int8", (1, 2, 3, 1), [-128, -1, 0, 1, 127, 5], 1 / 256, -128),
        "mask_int8_of_logits": output("int8", (1, 2, 2, 1), [-128, 4, 5, 127], 0.125, 0),
        "classes_int32": output("int32", (1, 3, 4), wide),
        "classes_int32_of_four_dimensions": output("int32", (1, 3, 4, 1), wide),
        "classes_int64": output("int64", (1, 2, 4), wider),
        "classes_int64_of_four_dimensions": output("int64", (1, 4, 2, 1), wider),
        "classes_uint8": output("uint8", (1, 2, 3), [0, 15, 255, 15, 128, 0]),
        "classes_uint8_of_four_dimensions": output("uint8", (1, 3, 2, 1), [0, 15, 255, 15, 1, 0]),
        "classes_of_equal_shares": output("int64", (1, 2, 6), [9, 2, 7, 4, 1, 3, 3, 1, 4, 7, 2, 9]),
    }
    found = {name: case("segmentation", [each], segmentation(each)) for name, each in made.items()}
    for name in ("map_of_scores_float", "mask_int8", "classes_int64"):
        found[f"{name}_untold"] = found[name] | {"task": None}
    return found


def refused_cases() -> dict[str, Json]:
    """Outputs that do not fit the task, or are too large for the link: their bytes do not count."""
    vector_8, other_8 = output("float32", (1, 8), None), output("float32", (1, 8), None)
    edges, flat_8 = output("float32", (1, 8, 4), None), output("float32", (1, 8), None)
    count = output("float32", (1,), None)
    refused: dict[str, tuple[str | None, list[Json]]] = {
        "no_vector_of_scores": ("classification", [output("float32", (1, 4, 4, 8), None)]),
        "scores_without_a_scale": ("classification", [output("uint8", (1, 8), None)]),
        "scores_of_int32": ("classification", [output("int32", (1, 8), None)]),
        "two_vectors_of_scores": ("classification", [vector_8, other_8]),
        "two_outputs_untold": (None, [vector_8, other_8]),
        "three_outputs_of_a_detector": ("detection", [edges, flat_8, flat_8]),
        "detector_without_boxes": ("detection", [flat_8, flat_8, flat_8, count]),
        "detector_of_five_edges": (
            "detection",
            [output("float32", (1, 8, 5), None), flat_8, flat_8, count],
        ),
        "detector_of_unlike_lengths": (
            "detection",
            [edges, output("float32", (1, 7), None), flat_8, count],
        ),
        "detector_of_uint8": (
            "detection",
            [output("uint8", (1, 8, 4), None, 0.125, 0), flat_8, flat_8, count],
        ),
        "embedding_too_long": ("embedding", [output("float32", (1, 65_537), None)]),
        "embedding_that_is_a_map": ("embedding", [output("float32", (1, 7, 7, 8), None)]),
        "map_too_large": ("segmentation", [output("int32", (1, 513, 512), None)]),
        "map_of_257_classes": ("segmentation", [output("float32", (1, 4, 4, 257), None)]),
        "map_that_is_a_vector": ("segmentation", [vector_8]),
        "map_of_int16": ("segmentation", [output("int16", (1, 4, 4), None)]),
        "map_of_two_pictures": ("segmentation", [output("int32", (2, 4, 4), None)]),
        "map_without_a_channel": ("segmentation", [output("float32", (1, 4, 4), None)]),
        "scores_of_a_map_without_a_scale": ("segmentation", [output("int8", (1, 4, 4, 3), None)]),
        "two_maps": ("segmentation", [output("int32", (1, 4, 4), None)] * 2),
    }
    return {
        f"refused_{name}": case(task, outputs, {"error": "bad_model"})
        for name, (task, outputs) in refused.items()
    }


def cases() -> dict[str, Json]:
    """Return every vector by its name."""
    return (
        classification_cases()
        | detection_cases()
        | embedding_cases()
        | segmentation_cases()
        | refused_cases()
    )


def main() -> None:
    """Write all vectors."""
    for name, each in cases().items():
        text = json.dumps(each, indent=1, allow_nan=False) + "\n"
        (HERE / f"{name}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
