"""What all that the window builds shares."""

import pytest

from gui.bridge import EventBridge
from gui.job_table import JobTable
from gui.shelf import Shelf


@pytest.fixture
def shelf(qapp):
    bridge = EventBridge()
    yield Shelf(JobTable(bridge))
    bridge.stop()
    bridge.deleteLater()


def test_tensorflow_stays_warm_for_whatever_is_built_next(shelf):
    workers = shelf.workers()
    assert shelf.workers() is workers
    shelf.close()
    assert not any(worker.warm for worker in workers._all)


def test_a_shelf_that_built_nothing_has_nothing_to_close(shelf):
    shelf.close()
