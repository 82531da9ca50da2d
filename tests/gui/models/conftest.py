"""A store with tiny models, pictures they can judge, and the view at work on them."""

import threading
import time
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QObject

from engine.errors import LabError
from engine.jobs import Progress
from engine.models.marker import Marker, add_marker
from engine.models.store import ModelStore
from engine.records.database import Database
from gui.bridge import EventBridge
from gui.job_table import JobTable
from gui.models.wiring import ModelsSide
from gui.models.work import Engine
from tests.engine.tiny_model import make_tiny_model

COLOURS = {"red": (255, 0, 0), "green": (0, 255, 0), "blue": (0, 0, 255)}


class Shelf(QObject):
    """What the view needs of the shelf: it notes what was opened."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.opened = []
        self.read = 0

    def workers(self):
        raise AssertionError("TensorFlow is not for these tests")

    def open_model(self, path, labels=None) -> None:
        self.opened.append((path, labels))

    def read_sizes(self) -> None:
        self.read += 1


class Making(Engine):
    """The real engine, but building and fetching put a tiny model there, when they are let."""

    def __init__(self, records) -> None:
        super().__init__(records, lambda: pytest.fail("TensorFlow is not for these tests"))
        self.go_on = threading.Event()
        self.go_on.set()
        self.trouble = ""
        self.asked = []

    def build(self, names, origin, report, cancel):
        self.asked.append(("build", tuple(names), origin))
        return self._make([(*name, True) for name in names], report, cancel)

    def fetch(self, names, report, cancel):
        self.asked.append(("fetch", tuple(names)))
        return self._make([(*name.rsplit("-", 1), False) for name in names], report, cancel)

    def _make(self, made, report, cancel):
        report(Progress("model", 0.5, "half of it"))
        while not self.go_on.wait(0.01):
            cancel.check()
        if self.trouble:
            raise LabError(self.trouble, "Try again when there is a network.")
        keys = []
        for variant, kind, built in made:
            name = f"{variant}-{kind}"
            marker = Marker(variant, "float32", untrained=True, seed=len(name))
            data = add_marker(make_tiny_model(), marker) if built else make_tiny_model()
            key = f"{abs(hash(name)):064x}"[-64:]
            ModelStore().put(key, data, name=name, built=built)
            keys.append(key)
        return tuple(keys)


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("MOBILENET_LAB_HOME", str(tmp_path / "home"))
    return tmp_path


@pytest.fixture
def tiny(home):
    """A file of a model that knows colours."""
    path = home / "colours.tflite"
    path.write_bytes(make_tiny_model())
    return path


@pytest.fixture
def kept(tiny):
    """The same in the store, with labels, and another one that takes red for blue."""
    store = ModelStore()
    first = store.add(tiny, labels=tuple(COLOURS))
    marked = add_marker(tiny.read_bytes(), Marker("other", "float32", untrained=False))
    store.put("ab" * 32, marked, name="swapped", built=False, labels=("blue", "green", "red"))
    return first, store.kept("ab" * 32)


@pytest.fixture
def pictures(home):
    """Two pictures of each colour in a folder of its name."""
    for name, colour in COLOURS.items():
        (home / "pictures" / name).mkdir(parents=True)
        for number in range(2):
            rgb = np.full((16, 16, 3), colour, np.uint8)
            rgb[number] //= 2
            cv2.imwrite(str(home / "pictures" / name / f"{number}.png"), rgb[..., ::-1])
    return home / "pictures"


@pytest.fixture
def view(window):
    return window.models_view


@pytest.fixture
def side(qtbot, home, window, view):
    bridge = EventBridge()
    jobs = JobTable(bridge)
    database = Database()
    controller = SimpleNamespace(
        jobs=jobs, shelf=Shelf(window), records=lambda: database, cancel=jobs.cancel
    )
    side = ModelsSide(window, controller, Making(controller.records))
    window.resize(1600, 1000)
    window.show()
    yield side
    side.engine.go_on.set()
    jobs.cancel_all()
    jobs.join(time.monotonic() + 20)
    view.thumbnails.stop()
    bridge.stop()
    bridge.deleteLater()
    database.close()


@pytest.fixture
def shown(qtbot, side, window):
    """The view in front, its table read."""
    with qtbot.waitSignal(side.read, timeout=20_000):
        window.side_bar.choose("models")
    return side
