"""What the Live view's tests share: a file of runs."""

from contextlib import closing

import pytest

from engine.records.database import Database


@pytest.fixture
def database(tmp_path):
    with closing(Database(tmp_path / "lab.sqlite")) as opened:
        yield opened
