"""What happened is in the log."""

import errno
import io
import logging
import threading
from datetime import UTC, datetime

import pytest

from engine.logs import MAX_SLICE, slice_of_log, start_log


@pytest.fixture
def log(tmp_path):
    root = logging.getLogger()
    before, level, hook = list(root.handlers), root.level, threading.excepthook
    root.handlers = [each for each in before if not hasattr(each, "baseFilename")]
    path = start_log(folder=tmp_path)
    yield path
    threading.excepthook = hook
    root.setLevel(level)
    for handler in set(root.handlers) - set(before):
        handler.close()
    root.handlers = before


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


def local(utc):
    moment = datetime.fromisoformat(utc).replace(tzinfo=UTC).astimezone()
    return f"{moment:%Y-%m-%d %H:%M:%S},{moment.microsecond // 1000:03}"


def test_a_slice_of_the_log_is_its_lines_of_that_time(log):
    moments = ("10:00:00.000", "10:00:01.000", "10:00:02.500", "10:00:02.501")
    lines = [f"{local(f'2026-05-01T{each}')} INFO {each}" for each in moments]
    lines.insert(3, "Traceback: goes with the line before")
    log.with_name("lab.log.1").write_text(lines[0] + "\n" + lines[1] + "\n")
    log.write_text("\n".join(lines[2:]))
    told = slice_of_log("2026-05-01T10:00:01.000Z", "2026-05-01T10:00:02.500Z")
    assert told.splitlines() == lines[1:4]


def test_a_slice_keeps_the_end_of_what_is_too_long(log):
    line = f"{local('2026-05-01T10:00:00')} " + "x" * 1000
    log.write_text("\n".join([line] * 300 + [line + " last"]))
    told = slice_of_log("2026-05-01T10:00:00.000Z", "2026-05-01T10:00:01.000Z")
    assert len(told) == MAX_SLICE
    assert told.endswith("last")


def test_a_process_without_a_log_has_no_slice():
    assert slice_of_log("2026-05-01T10:00:00.000Z", "2026-05-01T10:00:01.000Z") == ""
