import os
import signal
import threading

import pytest

from engine.errors import Cancelled, LabError
from engine.jobs import CancelToken, ignore_progress
from engine.models.recipe import Recipe
from engine.models.worker import Worker, Workers

RECIPE = Recipe("v1_0.25_128", "float32", 3, 0)


def convert(worker, recipe=RECIPE, report=ignore_progress, cancel=None):
    return worker.convert(recipe, report, cancel or CancelToken())


def wait_until(condition):
    for _ in range(1200):
        if condition():
            return True
        threading.Event().wait(0.05)
    return False


def test_a_worker_stays_warm_after_a_recipe_and_after_a_refusal(tmp_path):
    worker = Worker()
    try:
        assert convert(worker)[4:8] == b"TFL3"
        child = worker.pid
        (tmp_path / "b.jpg").write_bytes(b"no picture")
        broken = Recipe("v1_0.25_128", "int8", 3, 0, calibration=(str(tmp_path / "b.jpg"),))
        with pytest.raises(LabError, match="is not a picture"):
            convert(worker, broken)
        assert convert(worker)[4:8] == b"TFL3"
        assert worker.pid == child
    finally:
        worker.close()
    assert not worker.warm


def test_a_worker_that_was_killed_while_it_rested_is_replaced():
    with Workers(1) as workers:
        first = workers.convert(RECIPE, ignore_progress, CancelToken())
        worker = workers._all[0]
        os.kill(worker.pid, signal.SIGKILL)
        assert wait_until(lambda: not worker.warm)
        assert workers.convert(RECIPE, ignore_progress, CancelToken()) == first


def test_cancelling_kills_at_once_and_the_next_recipe_gets_a_new_worker():
    worker, token, ended = Worker(), CancelToken(), []

    def cancelled():
        with pytest.raises(Cancelled) as caught:
            convert(worker, report=lambda _: started.set(), cancel=token)
        ended.append(caught.value)

    started = threading.Event()
    thread = threading.Thread(target=cancelled)
    thread.start()
    assert started.wait(60)
    token.cancel()
    thread.join(30)
    assert len(ended) == 1
    assert not worker.warm
    assert convert(worker)[4:8] == b"TFL3"
    worker.close()


def test_an_idle_worker_is_ended():
    worker = Worker(idle_s=0.05)
    convert(worker)
    assert wait_until(lambda: not worker.warm)
    worker.close()


def test_those_who_find_no_free_worker_wait_their_turn():
    with Workers(1) as workers:
        said = []
        threads = [
            threading.Thread(
                target=lambda: said.append(
                    workers.convert(RECIPE, ignore_progress, CancelToken())[4:8]
                )
            )
            for _ in range(2)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(100)
        assert said == [b"TFL3"] * 2
