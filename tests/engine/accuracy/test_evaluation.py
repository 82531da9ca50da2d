import numpy as np
import pytest

from engine.accuracy.evaluation import evaluate
from engine.errors import Cancelled, LabError
from engine.jobs import CancelToken
from engine.models.interpreter import HostModel
from engine.models.labels import read_labels
from engine.models.pictures import read_picture

LABELS = ("red", "green", "blue")
COLOURS = {"red": (220, 30, 30), "green": (30, 220, 30), "blue": (30, 30, 220)}


@pytest.fixture
def folder(tmp_path, picture_file):
    """Four pictures a class; one of the red ones is blue."""
    for name, colour in COLOURS.items():
        for at in range(4):
            picture_file(tmp_path / name / f"{at}.png", colour)
    picture_file(tmp_path / "red" / "3.png", COLOURS["blue"])
    return tmp_path


def test_right_answers_are_counted(colour_model, folder):
    result = evaluate(colour_model, folder, labels=LABELS)
    assert (result.top1.hits, result.n) == (11, 12)
    assert (result.top5.hits, result.top5.n) == (12, 12)
    assert {index: share.hits for index, share in result.per_class().items()} == {0: 3, 1: 4, 2: 4}
    assert result.confusion().tolist() == [[3, 0, 1], [0, 4, 0], [0, 0, 4]]
    assert result.preprocessing == "crop to 8 x 8, bilinear"


def test_the_surest_mistake_comes_first(evaluation):
    rows = [(0, (1, 0), 0.6), (0, (2, 0), 0.9), (1, (1, 0), 0.99)]
    assert [each.score for each in evaluation(rows).mistakes()] == [0.9, 0.6]


def test_one_answer_for_several_classes_is_told(evaluation):
    assert evaluation([(0, (2, 0), 0.9), (1, (2, 1), 0.8)]).one_answer == 2
    assert evaluation([(0, (2, 0), 0.9), (1, (1, 2), 0.8)]).one_answer is None
    assert evaluation([(2, (2, 0), 0.9), (2, (2, 1), 0.8)]).one_answer is None


def test_calibration_sorts_answers_by_score(evaluation):
    rows = [(0, (0,), 0.95), (0, (1,), 0.91), (1, (1,), 0.32), (1, (1,), 1.0)]
    bins = evaluation(rows).calibration()
    assert [each.n for each in bins] == [0, 0, 0, 1, 0, 0, 0, 0, 0, 3]
    assert (bins[9].right, bins[9].mean_score) == (2, pytest.approx((0.95 + 0.91 + 1.0) / 3))


def test_threads_change_nothing_but_time(colour_model, folder):
    one = evaluate(colour_model, folder, labels=LABELS, threads=1)
    four = evaluate(colour_model, folder, labels=LABELS, threads=4)
    assert one.answers == four.answers


def test_a_broken_picture_is_left_out_by_name(colour_model, folder):
    (folder / "green" / "0.png").write_bytes(b"no picture")
    result = evaluate(colour_model, folder, labels=LABELS)
    assert [path.name for path, _ in result.unreadable] == ["0.png"]
    assert result.n == 11


def test_only_broken_pictures_are_an_error(colour_model, tmp_path):
    (tmp_path / "red").mkdir()
    (tmp_path / "red" / "0.png").touch()
    with pytest.raises(LabError, match="None of the 1 pictures"):
        evaluate(colour_model, tmp_path, labels=LABELS)


def test_cancel_stops_between_pictures(colour_model, folder):
    cancel, seen = CancelToken(), []

    def report(progress):
        seen.append(progress.fraction)
        if len(seen) == 3:
            cancel.cancel()

    with pytest.raises(Cancelled):
        evaluate(colour_model, folder, labels=LABELS, report=report, cancel=cancel)
    assert seen == [pytest.approx(at / 12) for at in (1, 2, 3)]


def test_a_detector_is_not_evaluated(shared, folder):
    model = shared / "models" / "coco_ssd_mobilenet_v1_1.0_quant_2018_06_29.tflite"
    with pytest.raises(LabError, match="only classifiers"):
        evaluate(model, folder)


def test_another_models_labels_are_refused(colour_model, folder):
    with pytest.raises(LabError, match="3 classes, but 2 labels"):
        evaluate(colour_model, folder, labels=("red", "green"))


def test_answers_are_those_of_the_model_itself(shared):
    model = shared / "models" / "mobilenet_v1_0.25_128_quant.tflite"
    labels = read_labels(shared / "models" / "imagenet_labels.txt")
    result = evaluate(model, shared / "pictures" / "imagenet_100", labels=labels)
    assert result.n == 100
    assert result.pictures.left_out == ()
    with HostModel(model) as host:
        for each in result.answers[:10]:
            said = host.predict(read_picture(each.path)).entries
            assert each.said == tuple(entry.index for entry in said)
            assert each.truth_score == float(host.scores()[each.truth])
    assert np.mean([each.right for each in result.answers]) > 0.3  # a broken pipeline has 0.01
