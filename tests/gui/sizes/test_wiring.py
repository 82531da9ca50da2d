"""The Sizes view at work: it asks while somebody looks, and the newest wish counts."""

import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QObject, Signal

from engine.errors import LabError
from engine.jobs import Ended, Outcome
from gui.bridge import EventBridge
from gui.job_table import JobTable
from gui.sizes.wiring import NOT_YET, SizesSide, floor_sentence
from gui.sizes.work import Findings, Reported


class Shelf(QObject):
    catalog_read = Signal(object)
    model_opened = Signal(object, object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.built = {"v1_0.50_128-int8": 1_526_736}

    def own_models(self):
        return {}


class Engine:
    """Answers wishes at once, or when it is let."""

    def __init__(self, sizes) -> None:
        self.sizes = sizes
        self.asked = []
        self.go_on = threading.Event()
        self.go_on.set()
        self.trouble = ""

    def __call__(self, wish, present, known) -> Findings:
        self.asked.append((wish, present, known))
        assert self.go_on.wait(20)
        if self.trouble:
            raise LabError(self.trouble)
        reported = Reported("The report's app", 33_500_000, self.sizes, "one model")
        return Findings(wish, self.sizes, self.sizes, self.sizes, (("all ABIs", 5),), (reported,))


@pytest.fixture
def engine(small) -> Engine:
    return Engine(small)


@pytest.fixture
def side(qtbot, window, rows, engine):
    bridge = EventBridge()
    jobs = JobTable(bridge)
    controller = SimpleNamespace(jobs=jobs, shelf=Shelf(window))
    window.variant_list.show_variants(rows)
    window.variant_list.choose("v1_0.50_128")
    side = SizesSide(window, controller, engine)
    controller.shelf.catalog_read.emit(rows)
    window.show()
    yield side
    engine.go_on.set()
    jobs.join(1e12)
    bridge.stop()
    bridge.deleteLater()


def test_nothing_is_asked_while_nobody_looks(qtbot, side, engine, window):
    side.take_choice()
    assert engine.asked == []
    with qtbot.waitSignal(side.found, timeout=20_000):
        window.side_bar.choose("sizes")
    assert engine.asked[0][0].model == "v1_0.50_128"
    assert engine.asked[0][2].built == side.controller.shelf.built


def test_what_the_engine_says_is_shown(qtbot, side, window):
    with qtbot.waitSignal(side.found, timeout=20_000):
        window.side_bar.choose("sizes")
    view = window.sizes_view
    assert view.what_if.total.text() == "5.45"
    assert view.detail.bars[0].total == 5_452_765
    assert view.report.bars[1].claimed == 33_500_000
    assert "floor" in view.what_if.floor.text()
    assert view.detail.bars[1].empty == NOT_YET


def test_of_two_wishes_the_newer_counts(qtbot, side, engine, window):
    with qtbot.waitSignal(side.found, timeout=20_000):
        window.side_bar.choose("sizes")
    engine.go_on.clear()
    window.sizes_view.what_if.precision.choose("float32")
    window.sizes_view.what_if.precision.choose("float16")
    shown = []
    side.found.connect(lambda: shown.append(side._found.wish.precision))
    with qtbot.waitSignal(side.found, timeout=20_000):
        engine.go_on.set()
    assert shown == ["float16"]


def test_what_is_not_known_is_told_and_taken_back(qtbot, side, engine, window):
    engine.trouble = "The base APK is missing."
    with qtbot.waitSignal(side.failed, timeout=20_000):
        window.side_bar.choose("sizes")
    assert window.sizes_view.trouble.text() == "The base APK is missing."
    engine.trouble = ""
    with qtbot.waitSignal(side.found, timeout=20_000):
        window.sizes_view.what_if.precision.choose("float32")
    assert window.sizes_view.trouble.isHidden()


def test_the_phones_abi_is_what_a_deploy_packs_for(qtbot, side, engine, window):
    side.take_phone(SimpleNamespace(abis=("mips", "x86_64", "x86")))
    what_if = window.sizes_view.what_if
    qtbot.waitUntil(lambda: what_if.present.abi == "x86_64", timeout=20_000)
    assert what_if.abis.words == ("x86_64", "all")


def test_an_apk_that_was_deployed_is_measured(qtbot, side, window):
    base = Path(__file__).parents[3] / "assets" / "phone-app.apk"
    apk = SimpleNamespace(path=base, model=SimpleNamespace(name="v1_0.50_128-int8"))
    side.take_deployed(Ended(Outcome.COMPLETED, result=SimpleNamespace(apk=apk)))
    bars = window.sizes_view.detail
    qtbot.waitUntil(lambda: bars.bars[1].total == base.stat().st_size, timeout=20_000)
    assert "v1_0.50_128-int8" in bars.bars[1].title


def test_a_deploy_that_failed_changes_nothing(side, window):
    side.take_deployed(Ended(Outcome.FAILED, "No."))
    assert window.sizes_view.detail.bars[1].empty == NOT_YET


def test_the_floor_names_the_largest_part(small):
    said = floor_sentence(small)
    assert "5.45 MB" in said
    assert "63.7 %" in said
    assert "native library arm64-v8a" in said
