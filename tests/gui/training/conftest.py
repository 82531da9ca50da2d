"""Drawn pictures, and an engine that answers at once or when it is let."""

import threading
import time
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QObject, Signal

from engine.accuracy.evaluation import Answer, Evaluation
from engine.accuracy.test_set import KnownPicture, PictureSet
from engine.errors import Cancelled, LabError
from engine.jobs import CancelToken, Progress, Report
from engine.training.head import Epoch
from gui.bridge import EventBridge
from gui.job_table import JobTable
from gui.main_window import MainWindow
from gui.training.values import ClassLine, Looked, Result, Told
from gui.training.wiring import TrainingSide
from gui.training.work import Done, Found, Origin, Passed


def draw(path: Path, seed: int, *, bright: bool) -> None:
    """A road of a kind, or a meadow: two classes that anything can tell apart."""
    chance = np.random.default_rng(seed)
    rgb = chance.integers(0, 60, (96, 128, 3)).astype(np.uint8)
    if bright:
        rgb[:, :, 1] += 150
    else:
        corners = np.array([[64, 20], [20 + seed % 9, 95], [110 - seed % 7, 95]])
        cv2.fillPoly(rgb, [corners], (200, 200, 200))
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), rgb)


@pytest.fixture
def drawn(tmp_path) -> Path:
    """A folder of two classes, 14 pictures each."""
    folder = tmp_path / "drawn"
    for number in range(14):
        draw(folder / "meadow" / f"{number}.png", number, bright=True)
        draw(folder / "road" / f"{number}.png", 100 + number, bright=False)
    return folder


def make_evaluation(folder: Path, answers: tuple[Answer, ...], labels: tuple[str, ...]):
    known = tuple(KnownPicture(each.path, each.truth) for each in answers)
    return Evaluation(
        model="drawn-model",
        model_sha256="ab" * 32,
        pictures=PictureSet(folder, known, labels, "the folders' names"),
        answers=answers,
        unreadable=(),
        preprocessing="crop to 128 x 128, bilinear",
        classes=len(labels),
        seconds=0.1,
        threads=1,
    )


def make_answers(folder: Path) -> tuple[Answer, ...]:
    """Four meadows of which one is taken for a road, and four roads told right."""
    answers = [
        Answer(folder / "meadow" / f"{n}.png", 0, (0, 1), 0.9 - n / 100, 0.9) for n in range(3)
    ]
    answers.append(Answer(folder / "meadow" / "3.png", 0, (1, 0), 0.7, 0.3))
    answers += [Answer(folder / "road" / f"{n}.png", 1, (1, 0), 0.8, 0.8) for n in range(4)]
    return tuple(answers)


class Trained:
    """An engine that makes up its answers. ``go_on`` holds it back where it is cleared."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: list[tuple] = []
        self.go_on = threading.Event()
        self.go_on.set()
        self.trouble: LabError | None = None
        self.notice = ""

    def look(self, folder: Path, seed: int, report: Report, cancel: CancelToken) -> Found:
        report(Progress("look", 0.5, "14 of 28"))
        self._wait(cancel)
        if self.trouble is not None:
            raise self.trouble
        return self.divide(SimpleNamespace(folder=folder), seed)

    def divide(self, dataset, seed: int) -> Found:
        lines = (ClassLine("meadow", 8, 2, 4), ClassLine("road", 8 + seed, 2, 4 - seed))
        problems = ((dataset.folder / "road" / "cut.jpg", "ends in the middle."),)
        warnings = ("road has only 14 pictures.",)
        return Found(dataset, Looked(dataset.folder, lines, warnings, problems, 6, seed))

    def retrain(self, wish, found, marks, *, resume, report, cancel) -> Done:
        self.asked.append((wish, marks, resume))
        report(Progress("features", 0.5, "100 of 200 views"))
        for number in range(3):
            epoch = Epoch(number, 60, 0.5, 0.6, 0.8, 0.7, 0.1 * number)
            report(Passed("train", number / 60, epoch=epoch))
        for number in range(2 if wish.blocks else 0):
            epoch = Epoch(number, 12, 0.5, 0.6, 0.8, 0.7, 0.1 * number, stage="blocks")
            report(Passed("tune", number / 12, epoch=epoch))
        self._wait(cancel)
        if self.trouble is not None:
            raise self.trouble
        names = {0: "meadow", 1: "road"}
        answers = make_answers(self.folder)
        evaluation = make_evaluation(self.folder, answers, ("meadow", "road"))
        told = tuple(
            Told(word, names, answers, evaluation.top1) for word in ("float32", "float16", "int8")
        )
        result = Result(
            "meadow / road",
            "learned from 16 pictures",
            told,
            Told("learned from", names, answers, None),
            self.notice,
            evaluations=(evaluation,) * 3,
        )
        models = {told.word: self.folder / f"drawn-{told.word}.tflite" for told in result.told}
        card = SimpleNamespace(to_markdown=lambda: "# card", to_json=lambda: b"{}")
        return Done(result, models, card, 2, 1.5, found.looked.classes)

    def evaluate(self, model, labels, folder, report, cancel) -> Evaluation:
        self.asked.append((model, folder))
        report(Progress("evaluate", 0.5, "4 of 8"))
        self._wait(cancel)
        if self.trouble is not None:
            raise self.trouble
        return make_evaluation(folder, make_answers(folder), tuple(labels) or ("meadow", "road"))

    def origin(self, path: Path) -> Origin:
        if path.suffix != ".tflite":
            raise LabError(f"{path.name} does not hold weights.", "Choose a .tflite file.")
        return Origin(path.stem, path, 0.25, 160)

    def origins(self) -> tuple[Origin, ...]:
        return ()

    def close(self) -> None:
        self.go_on.set()

    def _wait(self, cancel: CancelToken) -> None:
        while not self.go_on.wait(0.01):
            if cancel.cancelled:
                raise Cancelled


class Shelf(QObject):
    """A shelf whose models open at once."""

    catalog_read = Signal(object)
    model_opened = Signal(object, object)
    model_refused = Signal(str)

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.opened: list[Path] = []

    def open_model(self, path: Path) -> None:
        self.opened.append(path)
        self.model_opened.emit(SimpleNamespace(path=path, name=path.stem), ())

    def payload(self, row, _precision, _report, _cancel):
        return SimpleNamespace(model=Path(row.name), labels=("meadow", "road"), untrained=True)


@pytest.fixture
def engine(drawn) -> Trained:
    return Trained(drawn)


@pytest.fixture
def build(qtbot, window, rows):
    """Make a Train view at work with an engine."""
    bridges: list[EventBridge] = []
    sides: list[TrainingSide] = []

    def make(engine) -> TrainingSide:
        bridge = EventBridge()
        jobs = JobTable(bridge)
        shelf = Shelf(window)
        controller = SimpleNamespace(jobs=jobs, shelf=shelf, cancel=jobs.cancel, session=None)
        window.variant_list.show_variants(rows)
        window.variant_list.choose("v1_0.50_128")
        side = TrainingSide(window, controller, engine)
        shelf.catalog_read.emit(rows)
        window.show()
        window.side_bar.choose("train")
        bridges.append(bridge)
        sides.append(side)
        return side

    yield make
    for side, bridge in zip(sides, bridges, strict=True):
        side.controller.jobs.cancel_all()
        side.stop()
        side.controller.jobs.join(time.monotonic() + 20)
        bridge.stop()
        bridge.deleteLater()


@pytest.fixture
def side(build, engine) -> TrainingSide:
    return build(engine)


@pytest.fixture
def answers(drawn) -> tuple[Answer, ...]:
    return make_answers(drawn)


@pytest.fixture
def evaluation(drawn):
    return make_evaluation(drawn, make_answers(drawn), ("meadow", "road"))
