import cv2
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from engine.errors import LabError
from engine.models.interpreter import HostModel
from engine.models.labels import label_of, read_labels

RED, GREEN, BLUE = ([250, 5, 5], [5, 250, 5], [5, 5, 250])


def plain(colour, height=24, width=32):
    return np.full((height, width, 3), colour, np.uint8)


@pytest.fixture(scope="module")
def colours(tiny_model):
    return HostModel.from_bytes(tiny_model(), name="colours", labels=("red", "green", "blue"))


@pytest.mark.parametrize(("colour", "index"), [(RED, 0), (GREEN, 1), (BLUE, 2)])
def test_channels_arrive_as_rgb(colours, colour, index):
    recognition = colours.predict(plain(colour))
    assert recognition.kind == "classes"
    assert recognition.entries[0].index == index
    assert len(recognition.entries) == 3


def test_scores_are_sorted_and_sum_to_one(colours):
    scores = [entry.score for entry in colours.predict(plain(GREEN)).entries]
    assert scores == sorted(scores, reverse=True)
    assert sum(scores) == pytest.approx(1)


def test_logits_are_softmaxed(tiny_model, colours):
    logits = HostModel.from_bytes(tiny_model(softmax=False))
    assert logits.predict(plain(RED)).entries[0].score == pytest.approx(
        colours.predict(plain(RED)).entries[0].score, abs=1e-6
    )


def test_a_quantised_input_gives_the_same_answer(tiny_model, colours):
    quantised = HostModel.from_bytes(
        tiny_model(dtype=schema.TensorType.UINT8, scale=1 / 128, zero_point=128)
    )
    found, expected = quantised.predict(plain(BLUE)), colours.predict(plain(BLUE))
    assert found.entries[0].index == expected.entries[0].index
    assert found.entries[0].score == pytest.approx(expected.entries[0].score, abs=0.05)


def test_each_stage_is_timed(colours):
    recognition = colours.predict(plain(RED))
    assert min(recognition.convert_ns, recognition.infer_ns, recognition.post_ns) > 0
    assert colours.time_once() > 0


def test_both_delegates_agree(tiny_model):
    answers = [
        HostModel.from_bytes(tiny_model(), delegate=delegate, threads=2).predict(plain(RED))
        for delegate in ("xnnpack", "cpu")
    ]
    assert answers[0].entries[0].score == pytest.approx(answers[1].entries[0].score, abs=1e-5)


def test_a_file_and_its_bytes_are_the_same_model(tmp_path, tiny_model):
    path = tmp_path / "colours.tflite"
    path.write_bytes(tiny_model())
    with HostModel(path) as model:
        assert model.facts.sha256 == HostModel.from_bytes(tiny_model()).facts.sha256
        assert model.predict(plain(GREEN)).entries[0].index == 1
        assert model.labels == ()


def test_a_closed_model_says_so(tiny_model):
    model = HostModel.from_bytes(tiny_model())
    model.close()
    with pytest.raises(LabError, match="closed"):
        model.predict(plain(RED))


@pytest.mark.parametrize(
    ("options", "sentence"), [({"threads": 0}, "0 threads"), ({"delegate": "gpu"}, "'gpu'")]
)
def test_an_impossible_option_is_named(tiny_model, options, sentence):
    with pytest.raises(LabError, match=sentence):
        HostModel.from_bytes(tiny_model(), **options)


def test_a_model_that_takes_no_picture_is_refused(tiny_model):
    with pytest.raises(LabError, match=r"\(1, 10\) float32"):
        HostModel.from_bytes(tiny_model(input_shape=(1, 10)))


def test_what_litert_refuses_is_named(tiny_model):
    ends_in_a_mismatch = tiny_model(weights_shape=(3, 4))
    with pytest.raises(LabError, match="LiteRT cannot open the model") as caught:
        HostModel.from_bytes(ends_in_a_mismatch)
    assert caught.value.detail


def as_camera_frame(rgb, width=640, height=480):
    """Fill a camera's frame with a photo: scaled to cover it, the middle kept."""
    scale = max(width / rgb.shape[1], height / rgb.shape[0])
    size = (max(width, round(rgb.shape[1] * scale)), max(height, round(rgb.shape[0] * scale)))
    covered = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    top, left = (size[1] - height) // 2, (size[0] - width) // 2
    return covered[top : top + height, left : left + width]


@pytest.mark.parametrize("seen", ["directly", "through a camera"])
@pytest.mark.parametrize(
    ("photo", "label"),
    [("cat_720p", "Egyptian cat"), ("parrot", "macaw"), ("hot_dog", "hotdog"), ("burger", "chees")],
)
def test_known_photos_are_recognised(shared, read_picture, photo, label, seen):
    labels = read_labels(shared / "models/imagenet_labels.txt")
    rgb = read_picture(shared / "pictures/photos" / f"{photo}.jpg")
    with HostModel(shared / "models/mobilenet_v1_0.5_160_quant.tflite", labels=labels) as model:
        best = model.predict(rgb if seen == "directly" else as_camera_frame(rgb)).entries[0]
        assert label_of(model.labels, best.index).startswith(label)
        assert best.score > 0.5


def test_objects_are_found_where_they_are(shared, read_picture):
    rgb = read_picture(shared / "pictures/photos/cats_and_dogs.jpg")
    with HostModel(shared / "models/coco_ssd_mobilenet_v1_1.0_quant_2018_06_29.tflite") as model:
        recognition = model.predict(rgb)
        assert recognition.kind == "boxes"
        named = [(label_of(model.labels, box.index), box) for box in recognition.entries]
        assert {"cat", "dog"} <= {name for name, box in named if box.score > 0.5}
        scores = [box.score for _, box in named]
        assert scores == sorted(scores, reverse=True)
        for _, box in named:
            assert box.top < box.bottom
            assert box.left < box.right


def test_a_mirrored_picture_moves_the_boxes_to_the_other_side(shared, read_picture):
    rgb = read_picture(shared / "pictures/photos/cat_720p.jpg")
    with HostModel(shared / "models/coco_ssd_mobilenet_v1_1.0_quant_2018_06_29.tflite") as model:
        best = model.predict(rgb).entries[0]
        mirrored = model.predict(np.ascontiguousarray(rgb[:, ::-1])).entries[0]
        assert best.index == mirrored.index
        assert mirrored.left == pytest.approx(1 - best.right, abs=0.1)
        assert mirrored.top == pytest.approx(best.top, abs=0.1)
