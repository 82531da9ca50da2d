"""Measuring from a terminal: what is asked, and a run in words."""

import re

import pytest

from engine.cli import run_cli
from engine.errors import LabError
from engine.link.messages import Health
from engine.measuring.presets import PRESETS
from engine.records.values import Flag
from engine.terminal.run_commands import choose_preset
from engine.terminal.run_text import run_lines
from tests.engine.measuring.made import made_readings, made_record, made_samples


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Keep everything in a home of its own."""
    monkeypatch.setenv("MOBILENET_LAB_HOME", str(tmp_path / "home"))


def test_the_labs_own_rule_is_the_default():
    assert choose_preset(None, None, None) == PRESETS["lab"]


def test_a_time_takes_the_place_of_a_preset():
    preset = choose_preset(None, 4.0, None)
    assert (preset.name, preset.max_s, preset.fixed) == ("", 4.0, True)


def test_sustained_takes_the_minutes_that_are_asked_for():
    assert choose_preset("sustained", None, 6.0).max_s == 360
    assert choose_preset("sustained", None, None).max_s == 600


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (("lab", 4.0, None), "Leave --seconds away"),
        ((None, 4.0, 5.0), "Leave --seconds away"),
        (("lab", None, 5.0), "Only the preset sustained"),
        ((None, None, 5.0), "Only the preset sustained"),
        (("sustained", None, 3.0), "5 to 30 minutes"),
        (("sustained", None, float("nan")), "5 to 30 minutes"),
        (("slow", None, None), "Choose one of quick, lab, mlperf, sustained"),
    ],
)
def test_what_contradicts_itself_is_one_sentence(asked, sentence):
    with pytest.raises(LabError, match=sentence):
        choose_preset(*asked)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["measure", "--preset", "slow"], "There is no preset 'slow'"),
        (["measure", "--no-wait"], "Add --start-c"),
        (["measure", "--start-c", "nan"], "'--start-c'"),
        (["measure", "--start-c", "900"], "'--start-c'"),
        (["mirror-cost", "--blocks", "2"], "'--blocks'"),
        (["mirror-cost", "--seconds", "nan"], "'--seconds'"),
        (["mirror-cost", "--preset", "lab", "--seconds", "3"], "Leave --seconds away"),
    ],
)
def test_bad_input_leaves_with_2_and_reaches_no_phone(arguments, sentence, capsys):
    assert run_cli(arguments) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert sentence in told.err
    assert "Traceback" not in told.err


def text_of(record):
    return "\n".join(run_lines(record))


def test_a_calm_run_says_its_figures_and_that_it_is_valid():
    text = text_of(made_record(made_samples(12)))
    assert re.search(r"median latency 1[12]\.\d\d ms \(95 %: .* to .*, ±0\.\d %\)", text)
    assert re.search(r"p90 .* ms \(.* to .*\), p95 .* ms \(.*\), p99 .* ms \(.*\)", text)
    assert "load 12.5 ms, first inference 31.0 ms" in text
    assert "of warm-up (0.5 s)" in text
    assert re.search(r"engine 8\d\.\d FPS, pipeline 30\.0 FPS, 95 % of frames within .* ms", text)
    assert "battery 31.0 to 31.0 °C, clock limits not lowered" in text
    assert "reading this cost 0.4 % of one core" in text
    assert "a result each 33.33 ms: besides inference camera" in text
    assert text.endswith("\nvalid")


def test_a_percentile_that_is_not_earned_says_what_it_needs():
    text = text_of(made_record(made_samples(4)))
    assert "p99 needs n >= 299" in text
    assert "p99 1" not in text


def test_a_throttled_run_is_told_in_its_parts():
    samples = made_samples(60, slower=1.2, at_s=40)
    text = text_of(made_record(samples, flags=(Flag.THROTTLED,)))
    assert re.search(r"steady [01]-40 s: 1[12]\.\d\d ms; throttled 40-60 s: 14\.\d\d ms", text)
    assert "slowed down by heat: latency" in text
    assert text.endswith("not to be ranked: slowed down by heat")


def test_a_flag_that_does_not_count_against_a_run_is_said_beside():
    text = text_of(made_record(made_samples(12), flags=(Flag.UNTRAINED,)))
    assert text.endswith("valid; untrained model")
    text = text_of(made_record(made_samples(12), flags=(Flag.UNTRAINED, Flag.MIRROR_ON)))
    assert text.endswith("not to be ranked: mirror was on; untrained model")


def test_outliers_are_counted_and_said_to_be_kept():
    samples = made_samples(12)
    samples["infer_ns"][200:203] *= 5
    assert "3 outliers, kept in every figure" in text_of(made_record(samples))


def test_a_clock_that_fell_is_told():
    readings = made_readings(12)
    fallen = made_readings(12)[-1]
    fallen = type(fallen)(fallen.clock_ns, fallen.vitals, (1_500_000,) * 4, 4.0)
    text = text_of(made_record(made_samples(12), (*readings[:-1], fallen)))
    assert "clock limits up to 25 % lower" in text


def test_a_phone_that_tells_nothing_leaves_the_line_out():
    text = text_of(made_record(made_samples(12), (), (Health(10**9),)))
    assert "battery" not in text
    assert "clock" not in text


def test_a_warm_up_that_did_not_end_is_said():
    assert "and it was not seen to end" in text_of(made_record(made_samples(1)))


def test_a_run_without_samples_says_so():
    assert text_of(made_record(made_samples(0), ())).endswith("no samples")


def test_a_long_run_says_whether_it_held_out():
    text = text_of(made_record(made_samples(300)))
    assert "No detectable change: the last minute" in text
