import cv2
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from engine.errors import LabError
from engine.models.interpreter import BY_OUTPUTS, HostModel
from engine.models.labels import label_of, read_labels
from engine.models.preprocessing import to_tensor

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
    ("options", "sentence"),
    [
        ({"threads": 0}, "0 threads"),
        ({"delegate": "gpu"}, "'gpu'"),
        ({"fit": "fill"}, "no fit 'fill'"),
        ({"task": "poetry"}, "no task 'poetry'"),
        ({"scores": "softmax"}, "'softmax'"),
        ({"task": "detection"}, "a detector gives boxes"),
        ({"task": "segmentation"}, "a segmentation gives one map"),
    ],
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


def halves(left, right, height=24, width=32):
    rgb = plain(left, height, width)
    rgb[:, width // 2 :] = right
    return rgb


@pytest.mark.parametrize(
    "name",
    ["map_of_scores", "map_of_scores_int8", "map_of_softmax", "map_of_two_branches",
     "map_of_classes", "map_of_classes_int32", "map_of_classes_int8"],
)  # fmt: skip
def test_a_map_says_what_is_where(small_models, name):
    with HostModel(small_models / f"{name}.tflite") as model:
        seen = model.predict(halves(RED, BLUE))
        assert (model.task, model.fit, seen.kind) == ("segmentation", "stretch", "map")
        assert seen.cells.shape == (16, 16)
        assert seen.cells.dtype == np.uint8
        assert (seen.cells[:, :8] == 0).all()
        assert (seen.cells[:, 8:] == 2).all()
        assert [(each.index, each.score) for each in seen.entries] == [(0, 0.5), (2, 0.5)]
        assert seen.vector is None


def test_a_map_lies_on_the_input_as_it_was_fitted(small_models):
    with HostModel(small_models / "map_of_softmax.tflite", fit="letterbox") as model:
        cells = model.predict(halves(GREEN, BLUE)).cells
        assert (cells[2:14, :8] == 1).all()
        assert (cells[2:14, 8:] == 2).all()
        assert (cells[:2] == 0).all()  # all classes alike on black bars: the lowest
        assert (cells[14:] == 0).all()


def test_a_mask_is_one_where_it_is_over_a_half(small_models):
    path = small_models / "mask.tflite"
    with HostModel(path) as model:
        seen = model.predict(halves(RED, GREEN))
        real = model.outputs()[0].reshape(16, 16)
    np.testing.assert_array_equal(seen.cells, real > 0.5)
    assert sum(entry.score for entry in seen.entries) == 1


@pytest.mark.parametrize("name", ["embedding", "embedding_int8"])
def test_a_vector_comes_out_dequantised(small_models, name):
    with HostModel(small_models / f"{name}.tflite") as model:
        seen = model.predict(plain([255, 0, 128]))
        assert (model.task, model.fit) == ("embedding", "crop")
        assert (seen.kind, seen.entries, seen.cells) == ("vector", (), None)
        assert seen.vector.dtype == np.float32
        np.testing.assert_allclose(seen.vector, [1, -1, 0.004], atol=0.01)


def test_like_pictures_have_like_vectors(shared, read_picture):
    path = shared / "models/mobilenet_v1_1.0_224_quant_embedding_extractor.tflite"
    photos = shared / "pictures/photos"
    with HostModel(path) as model:

        def vector_of(rgb):
            vector = model.predict(rgb).vector
            assert vector.shape == (1024,)
            return vector / np.linalg.norm(vector)

        cat = read_picture(photos / "cat_720p.jpg")
        same = vector_of(cat) @ vector_of(np.ascontiguousarray(cat[:, ::-1]))
        other = vector_of(cat) @ vector_of(read_picture(photos / "hot_dog.jpg"))
        assert same > 0.8 > other


def test_a_classifier_may_be_read_as_an_embedding(tiny_model):
    with HostModel.from_bytes(tiny_model(), task="embedding") as model:
        assert model.predict(plain(GREEN)).vector.argmax() == 1
        with pytest.raises(LabError, match="embedding: it has no scores"):
            model.scores()


def test_scores_may_be_told_against_the_graph(tiny_model):
    """Softmaxing what was softmaxed already: nobody's wish, but it was said."""
    told = HostModel.from_bytes(tiny_model(), scores="logits")
    assert told.predict(plain(RED)).entries[0].score == pytest.approx(np.e / (np.e + 2), rel=1e-3)


def test_scores_are_told_by_the_graph_or_by_the_outputs_or_by_the_word(small_models):
    """Three sigmoids add up to more than one: without the graph they look like logits."""
    path = small_models / "sigmoid.tflite"

    def scores(**how):
        with HostModel(path, **how) as model:
            model.predict(plain([255, 255, 255]))
            return model.scores()

    graph = scores()
    assert graph.sum() > 2.9
    np.testing.assert_array_equal(scores(scores="probabilities", task=BY_OUTPUTS), graph)
    np.testing.assert_array_equal(scores(task="classification"), graph)
    softmaxed = scores(scores="logits")
    assert softmaxed.sum() == pytest.approx(1)
    np.testing.assert_array_equal(scores(scores=BY_OUTPUTS), softmaxed)
    np.testing.assert_array_equal(scores(task=BY_OUTPUTS), softmaxed)


def test_outputs_alone_decide_where_that_is_asked(tiny_model, small_models):
    softmax, logits = (
        HostModel.from_bytes(tiny_model(softmax=softmax), task=BY_OUTPUTS)
        for softmax in (True, False)
    )
    found, expected = logits.predict(plain(RED)), softmax.predict(plain(RED))
    assert found.entries[0].score == pytest.approx(expected.entries[0].score, abs=1e-6)
    vector = (small_models / "embedding.tflite").read_bytes()
    assert HostModel.from_bytes(vector, task=BY_OUTPUTS).task == "classification"
    for name, task in (("mask", "segmentation"), ("larger_picture", "segmentation")):
        data = (small_models / f"{name}.tflite").read_bytes()
        assert HostModel.from_bytes(data, task=BY_OUTPUTS).task == task


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("delegate", ["xnnpack", "cpu"])
@pytest.mark.parametrize(
    "name",
    ["mobilenet_v1_0.25_128_quant", "mobilenet_v1_0.25_224_float",
     "coco_ssd_mobilenet_v1_1.0_quant_2018_06_29",
     "mobilenet_v1_1.0_224_quant_embedding_extractor"],
)  # fmt: skip
def test_the_host_gives_just_what_litert_gives(shared, read_picture, name, delegate, threads):
    path = shared / "models" / f"{name}.tflite"
    rgb = read_picture(shared / "pictures/photos/cat_720p.jpg")
    with HostModel(path, delegate=delegate, threads=threads) as model:
        tensor = to_tensor(rgb, model.facts.inputs[0], model.fit)
        model.predict(rgb)
        ours = model.outputs()
    resolver = OpResolverType.BUILTIN
    if delegate == "cpu":
        resolver = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    plain_litert = Interpreter(
        str(path), num_threads=threads, experimental_op_resolver_type=resolver
    )
    plain_litert.allocate_tensors()
    plain_litert.set_tensor(plain_litert.get_input_details()[0]["index"], tensor)
    plain_litert.invoke()
    theirs = [plain_litert.get_tensor(each["index"]) for each in plain_litert.get_output_details()]
    assert [each.tobytes() for each in ours] == [each.tobytes() for each in theirs]


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
