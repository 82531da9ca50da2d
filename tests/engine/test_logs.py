"""What happened is in the log."""

import errno
import io
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


class FullDisk(io.StringIO):
    def write(self, _text):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_costs_lines_but_says_nothing_on_the_terminal(log, capsys):
    (handler,) = (each for each in logging.getLogger().handlers if _writes(each, log))
    logging.getLogger("engine.test").info("kept")
    before = handler.setStream(FullDisk())
    logging.getLogger("engine.test").info("lost")
    handler.setStream(before)
    logging.getLogger("engine.test").info("kept too")
    assert [line.split(": ")[1] for line in log.read_text().splitlines()] == ["kept", "kept too"]
    assert capsys.readouterr().err == ""


def _writes(handler, path):
    return getattr(handler, "baseFilename", "") == str(path)
