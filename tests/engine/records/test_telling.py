"""A run in words leaves nothing out that matters, and makes nothing up."""

import pytest

from engine.records.telling import ENDED, EXPLAINED, tell_run
from engine.records.values import End, Flag
from tests.engine.records.conftest import keep_run, make_samples


def told(record):
    return {line.name: line.value for line in tell_run(record)}


def test_every_flag_and_every_end_is_explained():
    assert set(EXPLAINED) == set(Flag)
    assert set(ENDED) == set(End)
    assert all(text.endswith(".") for text in EXPLAINED.values())


def test_figures_come_with_intervals_or_with_what_they_need(database):
    lines = told(database.load(keep_run(database, count=200)))
    assert "95 %: " in lines["median latency"]
    assert "p99 needs n >= 299" in lines["percentiles"]
    assert lines["may be ranked"] == "yes"
    assert lines["temperature"] == "battery 31.0 to 31.5 °C"
    assert lines["untrained model"] == EXPLAINED[Flag.UNTRAINED]


def test_a_delegate_that_was_refused_is_said(database):
    lines = told(database.load(keep_run(database)))
    assert lines["runs on"] == "cpu, not xnnpack as asked: no kernels; 4 threads"


def test_a_run_that_heat_slowed_down_says_when_and_to_what(database, facts):
    samples = make_samples(3000)
    samples["infer_ns"][1500:] = samples["infer_ns"][1500:] * 1.5
    run = database.begin_run(facts)
    database.append(run, samples)
    database.finish(run, End.COMPLETED, (Flag.THROTTLED,))
    lines = told(database.load(run))
    assert float(lines["slowed down"].split()[1]) == pytest.approx(60, abs=6)
    assert lines["because"]
    assert "median 60" in lines["then"] or "median 59" in lines["then"]
    assert lines["may be ranked"] == "no"


def test_a_run_of_a_series_says_where_it_stands(database):
    series = database.series.begin("sweep", "All 16", {})
    run = keep_run(database, series_id=series, block=2, place="v1_0.50_128-int8, 4 threads")
    assert told(database.load(run))["series"] == "1, block 2, v1_0.50_128-int8, 4 threads"
    assert "series" not in told(database.load(keep_run(database)))


def test_a_run_without_samples_says_so(database, facts):
    lines = told(database.load(database.begin_run(facts)))
    assert lines["median latency"] == "no sample was counted"
    assert "temperature" not in lines
