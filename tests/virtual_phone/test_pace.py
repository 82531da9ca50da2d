"""What a pace comes to, and that its noise is what it says."""

import tomllib
from pathlib import Path

import numpy as np
import pytest

from engine.errors import LabError
from engine.virtual_phone.pace import FIRST_FACTOR, JITTER, PACES, Times, find_pace

CATALOG = Path(__file__).parents[2] / "assets" / "catalog.toml"


def published():
    """Yield precision, MACs and milliseconds of the Pixel 3 on 4 threads."""
    for variant in tomllib.loads(CATALOG.read_text())["variants"]:
        macs = {each["source"]: each["value"] for each in variant["macs"]}
        for told in variant.get("latency_ms", ()):
            if told["on"] == "Pixel 3, CPU, 4 threads" and "slim" in macs:
                yield {"float": "float32", "quant": "int8"}[told["precision"]], macs["slim"], told


def test_the_pixel_3_pace_is_near_the_published_table():
    pace, off = find_pace("pixel-3"), []
    for precision, macs, told in published():
        nominal_ms = pace.nominal_ms(macs, precision, 4, "xnnpack")
        off.append((nominal_ms - told["value"], told["value"]))
    errors_ms, values_ms = map(np.array, zip(*off, strict=True))
    assert len(off) == 32
    assert np.median(np.abs(errors_ms / values_ms)) < 0.05
    assert np.max(np.abs(errors_ms)) < 1.5


@pytest.mark.parametrize("name", PACES)
def test_more_macs_and_fewer_threads_take_longer(name):
    pace = find_pace(name)
    by_macs = [pace.nominal_ms(macs * 10**6, "int8", 4, "xnnpack") for macs in (7, 49, 150, 569)]
    assert by_macs == sorted(set(by_macs))
    by_threads = [pace.nominal_ms(49 * 10**6, "int8", threads, "xnnpack") for threads in (4, 2, 1)]
    assert by_threads == sorted(set(by_threads))
    assert pace.nominal_ms(10**8, "int8", 4, "xnnpack") < pace.nominal_ms(
        10**8, "float32", 4, "xnnpack"
    )
    assert pace.nominal_ms(10**8, "int8", 4, "xnnpack") < pace.nominal_ms(10**8, "int8", 4, "cpu")
    assert "simulated" in pace.note
    assert name in pace.note


def test_the_mi_a1_pace_meets_its_one_published_figure():
    nominal = find_pace("mi-a1").nominal_ms(569_000_000, "float32", 8, "xnnpack")
    assert nominal == pytest.approx(93.0)


def test_an_unknown_pace_names_the_known_ones():
    with pytest.raises(LabError, match="Choose one of pixel-3, mi-a1"):
        find_pace("nexus")


def times(seed, count=4000, nominal_ms=10.0):
    stream = Times(nominal_ms, seed)
    return np.array([stream.next_ns() for _ in range(count)]) / 1e6


def test_the_same_seed_gives_the_same_times_and_another_does_not():
    assert (times("a", 600) == times("a", 600)).all()
    assert (times("a", 600) != times("b", 600)).any()


def test_warm_times_have_the_nominal_median_and_the_said_jitter():
    first, second = times("one")[200:], times("two")[200:]
    for warm in (first, second):
        assert np.median(warm) == pytest.approx(10.0, rel=0.003)
        log = np.log(warm / 10.0)
        middle = log[np.abs(log) < 5 * JITTER]
        assert np.std(middle) == pytest.approx(JITTER, rel=0.1)
        assert 0.001 < np.mean(log > 0.3) < 0.012  # outliers are rare, and there


def test_the_first_times_are_longer():
    starts = np.array([times(str(seed), 60) for seed in range(60)])
    typical = np.median(starts, axis=0)
    assert typical[0] == pytest.approx(10 * FIRST_FACTOR, rel=0.05)
    assert typical[1] == pytest.approx(13.5, rel=0.05)
    assert 10.4 < typical[12] < 11.5
    assert typical[40:].mean() == pytest.approx(10, rel=0.02)
