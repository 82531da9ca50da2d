"""The Sweep page at work with an engine that measures nothing."""

import threading
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.errors import PhoneError
from engine.jobs import Progress
from gui.bridge import EventBridge
from gui.compare.view import CompareView
from gui.job_table import JobTable
from gui.sweep.values import (
    AB,
    HERE,
    SWEEP,
    VARIANTS,
    Change,
    Line,
    Model,
    Offer,
    Standing,
    Unfinished,
)
from gui.sweep.wiring import SweepSide

NAMES = [
    f"v1_{a}_{side}" for a in ("1.00", "0.75", "0.50", "0.25") for side in (224, 192, 160, 128)
]


def make_offer(*, unfinished: tuple[Unfinished, ...] = ()) -> Offer:
    models = [
        Model(
            f"{name}-{precision}", f"{name}-{precision}", VARIANTS, float(name[3:7]),
            int(name[8:]), precision, built=precision == "int8",
        )
        for precision in ("int8", "float32")
        for name in NAMES
    ]  # fmt: skip
    models.append(Model("/models/mine.tflite", "mine", HERE))
    three = ("v1_0.25_128-int8", "v1_0.50_160-int8", "v1_1.00_224-int8")
    return Offer(tuple(models), three, unfinished)


def make_line(title: str, ms: float | None, rank: int | None, **changes) -> Line:
    blocks = () if ms is None else (0.99 * ms, ms, 1.01 * ms)
    interval = None if ms is None else (0.97 * ms, 1.03 * ms)
    line = Line(
        title, f"{title}, xnnpack, 4 threads, loop", 0.5, 128, "int8", blocks, ms, interval, rank,
        tied=False, why="",
    )  # fmt: skip
    return line._replace(**changes)


def make_standing(measured: int = 2, *, kind: str = SWEEP, finished: bool = False) -> Standing:
    change = None
    sentence = "Fastest: v1_0.25_128-int8, 5.00 ms."
    if kind == AB:
        sentence = "No detectable change: B is between 1.0 % faster and 1.2 % slower than A."
        change = Change(1.001, (0.99, 1.012), sentence)
    lines = (
        make_line("v1_0.25_128-int8", 5.0, 1, tied=True),
        make_line("v1_0.25_160-int8", 5.1, 1, tied=True),
        make_line("v1_1.00_224-int8", None, None, why="slowed down by heat"),
    )
    return Standing(
        7, kind, "3 models, quick", lines, 3, measured, 9, sentence, finished, change,
        ("xnnpack", 4, "loop"),
    )  # fmt: skip


class Engine:
    """Does what the test lets it; ``tasks`` is what it was asked to measure."""

    def __init__(self) -> None:
        self.offered = make_offer()
        self.go_on = threading.Event()
        self.begun = threading.Event()
        self.left = False
        self.trouble: Exception | None = None
        self.tasks = []
        self.closed = []
        self.written = []

    def offer(self, opened=()):
        return self.offered

    def measure(self, session, task, told, report, cancel):
        self.tasks.append(task)
        told(make_standing(2, kind=task.kind))
        report(Progress("sweep", 0.25, "3 of 9, v1_1.00_224-int8, about 9 min left"))
        if self.left:
            report(Progress("wait", 0.25, "v1_1.00_224-int8: the phone left. Plug it in (99 s)"))
        self.begun.set()
        while not self.go_on.is_set():
            cancel.wait(0.01)
        if self.trouble is not None:
            raise self.trouble
        return make_standing(9, kind=task.kind, finished=True)

    def close(self, series_id):
        self.closed.append(series_id)
        self.offered = make_offer()

    def write_report(self, series_id, path, report, cancel):
        self.written.append((series_id, path))
        return (path,)


class Shelf(QObject):
    model_opened = Signal(object, object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.read = 0

    def workers(self):
        raise AssertionError("nothing is built here")

    def own_models(self):
        return {}

    def read_sizes(self) -> None:
        self.read += 1


class Said(QObject):
    said = Signal(str)


class Frame(QWidget):
    """As much of the window as the page's side knows."""

    def __init__(self, theme) -> None:
        super().__init__()
        self.theme = theme
        self.compare_view = CompareView(theme)
        self.compare_view.page.choose("sweep")
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.compare_view)


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def frame(qtbot, light) -> Frame:
    frame = Frame(light)
    qtbot.addWidget(frame)
    frame.resize(1500, 930)
    return frame


@pytest.fixture
def side(qtbot, frame, engine):
    bridge = EventBridge()
    jobs = JobTable(bridge)
    teller = Said(frame)
    controller = SimpleNamespace(
        jobs=jobs,
        serial="A1",
        session=object(),
        shelf=Shelf(frame),
        said=teller.said,
        teller=teller,
        records=lambda: None,
        wait_for_session=lambda _then: False,
        let_go_count=0,
        cancel=jobs.cancel,
    )

    def let_go() -> None:
        controller.let_go_count += 1

    controller.let_go = let_go
    side = SweepSide(frame, controller, engine)
    side.show_ready(True, "")
    with qtbot.waitSignal(side.offered, timeout=5000):
        frame.show()
    yield side
    engine.go_on.set()
    jobs.cancel_all()
    jobs.join(10.0)
    bridge.stop()


@pytest.fixture
def lost() -> PhoneError:
    return PhoneError("The phone left and did not come back.", "Plug it in and resume series 7.")
