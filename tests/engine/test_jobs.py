"""A job reports, obeys its token, and ends exactly once."""

import logging
import socket
import threading
from queue import Empty, SimpleQueue

import pytest

from engine.errors import Cancelled, LabError
from engine.jobs import CancelToken, Ended, Job, Outcome, Progress

WAIT_S = 10


def run(work):
    events = SimpleQueue()
    job = Job("test", work, events)
    job.start()
    job.join(WAIT_S)
    found = []
    while True:
        try:
            found.append(events.get_nowait())
        except Empty:
            return found


def test_what_is_reported_comes_before_the_one_end():
    def work(report, cancel):
        report(Progress("build", 0.5))
        return 42

    assert run(work) == [Progress("build", 0.5), Ended(Outcome.COMPLETED, result=42)]


def test_expected_trouble_ends_in_its_sentence():
    error = LabError("The cable is out.", "Plug it in.")

    def work(report, cancel):
        raise error

    (ended,) = run(work)
    assert ended == Ended(Outcome.FAILED, "The cable is out. Plug it in.", error)


def test_a_bug_ends_in_the_log(caplog):
    def work(report, cancel):
        raise ZeroDivisionError

    with caplog.at_level(logging.ERROR):
        (ended,) = run(work)
    assert ended.outcome is Outcome.FAILED
    assert ended.error is None
    assert "ZeroDivisionError" in caplog.text


def test_cancelling_is_not_an_error():
    def work(report, cancel):
        cancel.cancel()
        cancel.check()

    assert run(work) == [Ended(Outcome.CANCELLED)]


def test_cancel_ends_a_wait_at_once():
    events = SimpleQueue()
    job = Job("test", lambda report, cancel: cancel.wait(3600), events)
    job.start()
    job.cancel()
    assert events.get(timeout=WAIT_S) == Ended(Outcome.CANCELLED)


def test_cancel_ends_a_blocking_read_by_closing_it():
    near, far = socket.socketpair()
    reading = threading.Event()

    def work(report, cancel):
        with cancel.closing(lambda: near.shutdown(socket.SHUT_RDWR)):
            reading.set()
            if not near.recv(1):
                raise OSError("closed")

    events = SimpleQueue()
    job = Job("test", work, events)
    job.start()
    assert reading.wait(WAIT_S)
    job.cancel()
    assert events.get(timeout=WAIT_S) == Ended(Outcome.CANCELLED)
    near.close()
    far.close()


def test_a_closer_runs_only_while_its_block_does():
    token = CancelToken()
    closed = []
    with token.closing(lambda: closed.append(1)):
        pass
    token.cancel()
    assert closed == []


def test_a_block_that_begins_cancelled_does_not_run():
    token = CancelToken()
    token.cancel()
    entered = []
    with pytest.raises(Cancelled), token.closing(lambda: None):
        entered.append(1)
    assert entered == []


def test_errors_of_a_block_that_was_not_cancelled_stay_themselves():
    with pytest.raises(OSError, match="broken"), CancelToken().closing(lambda: None):
        raise OSError("broken")


def test_a_job_starts_once():
    job = Job("test", lambda report, cancel: None, SimpleQueue())
    job.start()
    job.join(WAIT_S)
    assert not job.running
    with pytest.raises(RuntimeError):
        job.start()
