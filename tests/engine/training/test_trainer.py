"""The child process that trains: its words, its end, and what is left of its work."""

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from engine.errors import Cancelled, LabError
from engine.jobs import CancelToken
from engine.models.inspector import inspect_model
from engine.paths import ASSETS
from engine.training.dataset import scan
from engine.training.retraining import RetrainOptions
from engine.training.trainer import Trainer

WEIGHTS = ASSETS / "sample" / "road-or-not.tflite"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("home")
    before = os.environ.get("MOBILENET_LAB_HOME")
    os.environ["MOBILENET_LAB_HOME"] = str(folder)
    yield folder
    del os.environ["MOBILENET_LAB_HOME"]
    if before is not None:
        os.environ["MOBILENET_LAB_HOME"] = before


@pytest.fixture(scope="module")
def trainer(home):
    made = Trainer()
    yield made
    made.close()


@pytest.fixture
def folder(tmp_path, colours):
    return colours(tmp_path / "pictures")


@pytest.fixture
def retrain(trainer, folder):
    """Retrain the head of the sample's network on the folder."""

    def start(**given):
        usual = {
            "variant": "v1_0.25_128",
            "weights": WEIGHTS,
            "precisions": ("float32",),
            "seed": 0,
            "options": RetrainOptions(views=2),
            "dataset": scan(folder),
            "excluded": frozenset(),
            "relabelled": {},
            "resume": False,
        }
        return trainer.retrain(folder, **usual | given)

    return start


def gone(pid: int) -> bool:
    """Whether a process has ended; one that waits for its parent's look has."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def wait_until(condition) -> bool:
    for _ in range(600):
        if condition():
            return True
        threading.Event().wait(0.02)
    return False


def children_of(pid: int) -> list[int]:
    said = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(each) for each in said.split()]


def test_it_finds_what_this_process_finds(trainer, folder):
    said = []
    assert trainer.scan(folder, report=said.append) == scan(folder)
    assert said[-1].step == "look"
    assert said[-1].fraction == 1


def test_a_retraining_is_told_of_and_its_result_comes_whole(retrain, folder):
    said, passes = [], []
    made = retrain(report=said.append, on_epoch=passes.append)
    assert tuple(passes) == made.trained.epochs
    assert {"features", "train", "build", "test"} <= {each.step for each in said}
    assert inspect_model(made.models["float32"]).labels == ("blue", "red")
    assert made.dataset.folder == folder


def test_a_refusal_is_the_same_sentence(trainer, tmp_path):
    with pytest.raises(LabError) as here:
        scan(tmp_path / "nowhere")
    with pytest.raises(LabError) as there:
        trainer.scan(tmp_path / "nowhere")
    assert str(there.value) == str(here.value)
    assert there.value.detail == here.value.detail


def test_it_stays_warm(trainer, folder):
    trainer.scan(folder)
    child = trainer.pid
    trainer.scan(folder)
    assert trainer.pid == child != 0


def test_it_is_cancelled_by_a_word_and_stays_warm(trainer, retrain):
    cancel = CancelToken()

    def stop(progress):
        if progress.step == "features":
            cancel.cancel()

    with pytest.raises(Cancelled):
        retrain(report=stop, cancel=cancel, options=RetrainOptions(views=9))
    child = trainer.pid
    assert retrain().evaluations["float32"].n
    assert trainer.pid == child


def test_a_child_that_does_not_obey_is_ended(trainer, folder):
    trainer.scan(folder)
    child = trainer.pid
    os.kill(child, signal.SIGSTOP)  # it hears nothing any more
    cancel = CancelToken()
    threading.Timer(0.1, cancel.cancel).start()
    begun = time.monotonic()
    with pytest.raises(Cancelled):
        trainer.scan(folder, cancel=cancel)
    assert time.monotonic() - begun < 30
    assert wait_until(lambda: gone(child))
    assert trainer.scan(folder).classes == ("blue", "red")


def test_a_child_that_was_killed_is_explained_and_replaced(trainer, retrain):
    def kill(progress):
        if progress.step == "train":
            os.kill(trainer.pid, signal.SIGKILL)

    with pytest.raises(LabError, match="has ended before it was done") as told:
        retrain(report=kill)
    assert "lack of memory" in told.value.advice
    assert retrain().evaluations["float32"].n


def test_orders_wait_for_each_other(trainer, folder):
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(trainer.scan(folder).counts)) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert found == [(20, 20)] * 3


def test_nothing_is_left_when_it_is_closed_in_the_middle(home, folder):
    """Neither the child nor TensorFlow's own, which hangs on it."""
    other, ended, started = Trainer(), [], threading.Event()

    def work() -> None:
        given = {
            "variant": "v1_0.25_128", "weights": None, "precisions": ("int8",), "seed": 7,
            "options": RetrainOptions(views=1), "dataset": scan(folder),
            "excluded": frozenset(), "relabelled": {}, "resume": False,
        }  # fmt: skip
        with pytest.raises(LabError):
            other.retrain(
                folder, **given, report=lambda each: each.step == "build" and started.set()
            )
        ended.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    assert started.wait(60)
    assert wait_until(lambda: children_of(other.pid) != [])
    family = [other.pid, *children_of(other.pid)]
    other.close()
    thread.join(20)
    assert ended
    assert wait_until(lambda: all(gone(pid) for pid in family))
