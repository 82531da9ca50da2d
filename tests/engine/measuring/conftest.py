"""An app and its link for the tests of measuring."""

import pytest

from engine.link.client import Link
from engine.records.database import Database
from tests.engine.link.scripted import ScriptedApp
from tests.engine.measuring.stream import Stream


@pytest.fixture
def database(tmp_path):
    opened = Database(tmp_path / "lab.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def app():
    scripted = ScriptedApp()
    yield scripted
    scripted.close()


@pytest.fixture
def link(app):
    opened = Link.open(app)
    yield opened
    opened.close()


@pytest.fixture
def stream(app):
    app.ready()
    running = Stream(app)
    yield running
    running.stop()
