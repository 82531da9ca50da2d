"""What happened is in the log."""

import logging
import threading

import pytest

from engine.logs import start_log


@pytest.fixture
def log(tmp_path):
    root = logging.getLogger()
    before, level, hook = list(root.handlers), root.level, threading.excepthook
    path = start_log(folder=tmp_path)
    yield path
    threading.excepthook = hook
    root.setLevel(level)
    for handler in set(root.handlers) - set(before):
        root.removeHandler(handler)
        handler.close()


def test_starting_twice_writes_each_line_once(log, tmp_path):
    assert start_log(folder=tmp_path) == log
    logging.getLogger("engine.test").info("hello %s", "there")
    assert log.read_text().count("hello there") == 1


def test_a_thread_that_crashes_leaves_its_trace(log):
    thread = threading.Thread(target=lambda: 1 / 0, name="the reader")
    thread.start()
    thread.join()
    text = log.read_text()
    assert "the reader crashed" in text
    assert "ZeroDivisionError" in text
