"""The lab's app at a made-up pace: what it tells, what it waits, what the phone says of it."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from engine.virtual_phone.app.link_messages import FromLab, FromPhone
from engine.virtual_phone.app.model import PACKAGE
from engine.virtual_phone.app.pacing import WATCHED, Pacing
from engine.virtual_phone.app.settings import MAX_THREADS
from engine.virtual_phone.heat import Throttle
from engine.virtual_phone.pace import Line, Pace, find_pace
from engine.virtual_phone.system.properties import NOTE, NOTE_PROPERTY

PACE = find_pace("pixel-3")
NOMINAL_NS = PACE.nominal_ms(13_000_000, "int8", 1, "xnnpack") * 1e6
"""Of the stand-in model: about 2 ms."""


@pytest.fixture
def records_of(samples_in):
    """``records_of(lab, generation, count)`` are its next samples of that generation."""

    def work(lab, generation, count):
        records = []
        while len(records) < count:
            payload = lab.read_until(FromPhone.SAMPLES)
            records += [one for one in samples_in(payload) if one[1] == generation]
        return records

    return work


def test_a_pace_is_told_and_really_waited(start, records_of, phone):
    phone.handset.set_pace(PACE)
    lab = start(phone, source="loop")
    assert lab.load(b"another")["ok"]
    model = next(json.loads(data) for kind, data in reversed(lab.seen) if kind == FromPhone.MODEL)
    records = records_of(lab, 2, 120)
    infer = np.array([record[6] for record in records])
    wall = np.array([record[3] - record[2] for record in records])
    assert (wall >= infer).all()
    assert np.median(infer[60:]) == pytest.approx(NOMINAL_NS, rel=0.02)
    assert len(set(infer)) > 110
    assert model["first_ms"] > 2 * NOMINAL_NS / 1e6
    assert [one.runs for one in phone.opened] == [1, 1]  # nobody reads what the loop's runs say


def test_what_the_camera_sees_is_still_recognised(start, records_of, phone):
    phone.handset.set_pace(PACE)
    lab = start(phone)
    records = records_of(lab, 1, 12)
    assert [record[5] for record in records[1:]] == [1000] * (len(records) - 1)  # convert is real
    assert {record[6] for record in records}.isdisjoint({2000})
    assert FromPhone.RESULT in [kind for kind, _ in lab.seen]
    assert phone.opened[0].runs >= len(records)


def test_the_phone_says_that_it_is_simulated(start, phone):
    phone.handset.set_pace(PACE)
    lab = start(phone)
    hello = lab.read_json(FromPhone.HELLO)
    assert hello["phone"]["soc"] == "simulated pixel-3"
    assert hello["max_threads"] == 8
    assert "simulated pixel-3" in phone.handset.properties[NOTE_PROPERTY]
    assert phone.screen._app.view().note == phone.handset.properties[NOTE_PROPERTY]
    assert lab.ask(FromLab.SET, 1, {"threads": 8})["ok"]
    assert phone.screen._app.state()["threads"] == 8
    assert phone.opened[-1].threads == MAX_THREADS


def test_another_pace_is_another_generation(start, records_of, phone):
    lab = start(phone, source="loop")
    assert lab.read_json(FromPhone.MODEL)["generation"] == 1
    assert {record[6] for record in records_of(lab, 1, 5)} == {2000}
    phone.handset.set_pace(PACE)
    assert lab.read_json(FromPhone.MODEL)["generation"] == 2
    assert lab.ask(FromLab.SET, 1, {"threads": 8})["ok"]
    assert min(record[6] for record in records_of(lab, 3, 5)) > 500_000
    phone.handset.set_pace(None)
    assert lab.read_json(FromPhone.MODEL)["generation"] == 4
    assert {record[6] for record in records_of(lab, 4, 5)} == {2000}
    assert phone.screen._app.state()["threads"] == MAX_THREADS
    assert phone.handset.properties[NOTE_PROPERTY] == NOTE


def test_two_openings_of_a_model_differ(start, records_of, connect, phone):
    phone.handset.set_pace(PACE)
    first = [record[6] for record in records_of(start(phone, source="loop"), 1, 10)]
    phone.handset.force_stop(PACKAGE)
    phone.handset.start_activity(f"{PACKAGE}/.MainActivity")
    phone.wait(lambda: phone.screen._app.model() is not None)
    assert first != [record[6] for record in records_of(connect(phone), 1, 10)]


def test_a_hot_phone_is_slower_and_its_clocks_fall(start, records_of, phone):
    phone.handset.set_pace(PACE, Throttle(2.0, 0))
    lab = start(phone, source="loop")
    infer = [record[6] for record in records_of(lab, 1, 100)][60:]
    assert np.median(infer) == pytest.approx(2 * NOMINAL_NS, rel=0.02)
    health = lab.read_json(FromPhone.HEALTH)
    while health["cpu_khz"][0] != PACE.cores_khz[0] // 2:  # the first may come before an inference
        health = lab.read_json(FromPhone.HEALTH)
    assert health["thermal"] == 3


def test_a_throttle_that_comes_later_is_no_other_generation(start, records_of, phone):
    phone.handset.set_pace(PACE)
    lab = start(phone, source="loop")
    records_of(lab, 1, 60)
    phone.handset.set_pace(PACE, Throttle(3.0, 0))
    infer = [record[6] for record in records_of(lab, 1, 100)][60:]
    assert np.median(infer) == pytest.approx(3 * NOMINAL_NS, rel=0.02)


def test_a_computer_too_slow_for_the_pace_says_so_and_tells_made_up_times(handset):
    line = Line(0.001, 0.0)
    handset.set_pace(Pace("quick", "nothing", line, line, 4, cores_khz=(1_000_000,)))
    facts = SimpleNamespace(macs=0, precision="int8")
    opened = SimpleNamespace(
        host=SimpleNamespace(facts=facts),
        model=SimpleNamespace(sha256=""),
        threads=1,
        applied="xnnpack",
        first_ns=10**9,
    )
    pacing = Pacing(handset)
    assert pacing.take_on(opened, 1) < 10**5  # not this computer's second
    told = [pacing.spend(10**9) for _ in range(WATCHED)]
    assert max(told) < 10**5
    assert "too slow" in handset.properties[NOTE_PROPERTY]
    for _ in range(WATCHED):
        pacing.spend(0)
    assert handset.properties[NOTE_PROPERTY] == handset.pace.note
