"""From threads to Qt: in order, on the GUI thread, and no more once forgotten."""

import threading

import pytest
from PySide6.QtCore import QThread

from engine.errors import LabError
from engine.jobs import Ended, Outcome, Progress
from gui.bridge import EventBridge
from gui.job_table import JobTable


@pytest.fixture
def bridge(qtbot) -> EventBridge:
    bridge = EventBridge()
    yield bridge
    bridge.stop()


def test_events_arrive_in_order_on_the_gui_thread(qtbot, bridge: EventBridge):
    seen, threads = [], set()

    def hear(event: int) -> None:
        seen.append(event)
        threads.add(QThread.currentThread())

    queue = bridge.listen(hear)
    worker = threading.Thread(target=lambda: [queue.put(n) for n in range(2000)])
    worker.start()
    qtbot.waitUntil(lambda: len(seen) == 2000, timeout=5000)
    worker.join()
    assert seen == list(range(2000))
    assert threads == {bridge.thread()}


def test_a_forgotten_queue_is_silent_even_in_mid_burst(qtbot, bridge: EventBridge):
    seen: list[int] = []

    def hear(event: int) -> None:
        seen.append(event)
        bridge.forget(queue)

    queue = bridge.listen(hear)
    for number in range(5):
        queue.put(number)
    bridge.drain()
    bridge.drain()
    assert seen == [0]


def test_a_job_ends_exactly_once_and_is_forgotten(qtbot, bridge: EventBridge):
    jobs, ends, steps = JobTable(bridge), [], []

    def work(report, _cancel):
        report(Progress("push", 0.5))
        return 42

    jobs.run("deploy", work, ends.append, steps.append)
    assert jobs.busy("deploy")
    qtbot.waitUntil(lambda: bool(ends), timeout=5000)
    assert ends == [Ended(Outcome.COMPLETED, result=42)]
    assert steps == [Progress("push", 0.5)]
    assert not jobs.busy("deploy")


def test_a_cancelled_job_tells_its_end(qtbot, bridge: EventBridge):
    jobs, ends = JobTable(bridge), []
    jobs.run("deploy", lambda _report, cancel: cancel.wait(60), ends.append)
    jobs.cancel("deploy")
    qtbot.waitUntil(lambda: bool(ends), timeout=5000)
    assert ends == [Ended(Outcome.CANCELLED)]


def test_a_second_job_of_a_name_replaces_the_first(qtbot, bridge: EventBridge):
    jobs, ends = JobTable(bridge), []
    jobs.run("open", lambda _report, cancel: cancel.wait(60), ends.append)
    jobs.run("open", lambda _report, _cancel: "second", ends.append)
    qtbot.waitUntil(lambda: len(ends) == 2, timeout=5000)
    assert {each.outcome for each in ends} == {Outcome.CANCELLED, Outcome.COMPLETED}
    assert not jobs.busy("open")


def test_an_expected_error_arrives_with_its_advice(qtbot, bridge: EventBridge):
    jobs, ends = JobTable(bridge), []

    def fail(_report, _cancel):
        raise LabError("The cable is out.", "Plug it in.")

    jobs.run("deploy", fail, ends.append)
    qtbot.waitUntil(lambda: bool(ends), timeout=5000)
    assert ends[0].error.advice == "Plug it in."


def test_a_queue_that_another_handler_forgot_tells_nothing_more(bridge: EventBridge):
    heard = []
    first = bridge.listen(lambda _event: bridge.forget(second))
    second = bridge.listen(heard.append)
    first.put("the phone left")
    second.put("what it said before")
    bridge.drain()
    assert heard == []
