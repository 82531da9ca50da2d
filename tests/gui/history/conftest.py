"""A file of a few runs, and the view at work on it."""

import time
from contextlib import closing
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QObject, Signal

from engine.records.database import Database
from engine.records.values import Flag
from gui.bridge import EventBridge
from gui.history.wiring import HistorySide
from gui.history.work import Engine
from gui.job_table import JobTable
from tests.engine.records.conftest import keep_run

XIAOMI = {"manufacturer": "Xiaomi", "model": "Mi A1", "android": "7.1.2", "abis": []}
PIXEL = {"manufacturer": "Google", "model": "Pixel 3", "android": "12", "abis": []}


class Runs(QObject):
    """What the view needs of the runs: it hears of their ends."""

    ended = Signal(object)


@pytest.fixture
def database(tmp_path):
    """Three runs: a valid one, a tagged one of a series, and one that heat spoilt."""
    with closing(Database(tmp_path / "lab.sqlite")) as opened:
        series = opened.series.begin("sweep", "All 16", {})
        keep_run(opened, phone=XIAOMI, started_utc="2026-05-01T08:00:00.000Z")
        second = keep_run(
            opened,
            name="v1_1.00_224-int8",
            ms=90,
            phone=XIAOMI,
            series_id=series,
            preset="lab",
            started_utc="2026-05-01T09:00:00.000Z",
        )
        opened.history.add_tag(second, "release")
        keep_run(
            opened,
            phone=PIXEL,
            serial="P3",
            ms=10,
            flags=(Flag.HOT, Flag.MIRROR_ON),
            started_utc="2026-05-01T10:00:00.000Z",
        )
        yield opened


@pytest.fixture
def side(window, database):
    """The view's wiring on that file; the window shows Live."""
    bridge = EventBridge(window)  # it goes with the window: nothing is told after that
    jobs = JobTable(bridge)
    controller = SimpleNamespace(jobs=jobs, runs=Runs(window), cancel=jobs.cancel)
    side = HistorySide(window, controller, Engine(lambda: database))
    window.show()
    yield side
    jobs.cancel_all()
    jobs.join(time.monotonic() + 30)


@pytest.fixture
def view(qtbot, side, window):
    """The view, in front and filled."""
    with qtbot.waitSignals([side.read, side.opened], timeout=20_000):
        window.side_bar.choose("history")
    return window.history_view
