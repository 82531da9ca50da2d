"""What a value against its limit comes to."""

import math

import numpy as np
import pytest

from engine.measuring.comparison import compare_blocks
from engine.measuring.plan import LIMITS
from engine.qa.outcomes import (
    Outcome,
    Value,
    judge_change,
    judge_limit,
    value_of_blocks,
    worst,
)
from engine.terminal.qa_commands import exit_code

MEDIAN = next(each for each in LIMITS if each.name == "median_ms")
RATE = next(each for each in LIMITS if each.name == "pipeline_fps")


@pytest.mark.parametrize(
    ("kind", "limit", "interval", "margin", "outcome"),
    [
        (MEDIAN, 60, (50, 52), 2, "PASS"),
        (MEDIAN, 60, (50, 58.8), 2, "PASS"),  # by the margin, to the digit
        (MEDIAN, 60, (50, 58.9), 2, "WARNING"),  # within the margin
        (MEDIAN, 60, (50, 58.9), 0, "PASS"),
        (MEDIAN, 60, (59, 60), 0, "PASS"),
        (MEDIAN, 60, (59, 61), 0, "WARNING"),  # the limit is inside
        (MEDIAN, 60, (60, 61), 0, "WARNING"),
        (MEDIAN, 60, (60.1, 61), 0, "FAIL"),
        (MEDIAN, 60, (60.1, 61), 50, "FAIL"),  # no margin saves what is surely beyond
        (MEDIAN, 60, None, 2, "ERROR"),
        (RATE, 15, (20, 22), 2, "PASS"),
        (RATE, 15, (15.3, 22), 2, "PASS"),
        (RATE, 15, (15.2, 22), 2, "WARNING"),
        (RATE, 15, (14, 16), 2, "WARNING"),
        (RATE, 15, (10, 14.9), 2, "FAIL"),
        (RATE, 15, (10, 15), 0, "WARNING"),
    ],
)
def test_the_whole_interval_decides(kind, limit, interval, margin, outcome):
    value = Value(sum(interval) / 2 if interval else 50.0, interval, "" if interval else "few")
    verdict = judge_limit(kind, limit, value, margin)
    assert verdict.outcome == outcome, verdict.sentence
    assert (verdict.sentence == "few") == (interval is None)


def test_an_exact_value_needs_no_interval():
    apk = next(each for each in LIMITS if each.name == "apk_mb")
    assert judge_limit(apk, 6, Value.exact(6.3), 2).outcome is Outcome.FAIL
    assert judge_limit(apk, 6, Value.exact(5.95), 2).outcome is Outcome.WARNING
    passed = judge_limit(apk, 6, Value.exact(5.0), 2)
    assert (passed.outcome, passed.sentence) == (Outcome.PASS, "5 MB, allowed is at most 6 MB.")


@pytest.mark.parametrize(
    ("outcomes", "of_all"),
    [
        (["PASS", "PASS"], "PASS"),
        (["PASS", "WARNING"], "WARNING"),
        (["WARNING", "ABORTED"], "ABORTED"),
        (["ABORTED", "ERROR"], "ERROR"),
        (["ERROR", "FAIL", "PASS"], "FAIL"),
        ([], "ERROR"),
    ],
)
def test_the_worst_outcome_is_the_sessions(outcomes, of_all):
    assert worst(map(Outcome, outcomes)) == of_all


@pytest.mark.parametrize(
    ("outcome", "strict", "code"),
    [("PASS", False, 0), ("PASS", True, 0), ("WARNING", False, 0), ("WARNING", True, 1),
     ("FAIL", False, 1), ("ERROR", False, 3), ("ABORTED", True, 3)],
)  # fmt: skip
def test_a_script_reads_the_outcome_from_the_exit_code(outcome, strict, code):
    assert exit_code(Outcome(outcome), strict=strict) == code


def test_blocks_give_the_interval_not_the_inferences_in_them():
    value = value_of_blocks([10.0, 10.2, 9.8], [(9.99, 10.01)] * 3)
    assert value.value == pytest.approx(10, rel=1e-3)
    logs = np.log([10.0, 10.2, 9.8])
    half = 4.3027 * logs.std(ddof=1) / math.sqrt(3)  # Student's t, two degrees of freedom
    assert value.interval == pytest.approx(np.exp([logs.mean() - half, logs.mean() + half]))


def test_blocks_that_agree_by_luck_prove_nothing():
    value = value_of_blocks([10.0, 10.0, 10.0], [(9.0, 11.0)] * 3)
    assert value.interval is not None
    low, high = value.interval
    assert low < 9.5
    assert high > 10.5


@pytest.mark.parametrize("values", [[], [10.0], [0.0, 0.0]])
def test_too_few_blocks_have_no_interval(values):
    value = value_of_blocks(values)
    assert value.interval is None
    assert value.why


def blocks(median_ms: float, *off: float) -> list[np.ndarray]:
    noise = np.random.default_rng(1).normal(0, 0.01, 500)
    return [median_ms * (1 + each) * (1 + noise) for each in off]


@pytest.mark.parametrize(
    ("now_ms", "outcome"),
    [(10.0, "PASS"), (10.3, "WARNING"), (12.0, "FAIL"), (8.0, "PASS")],
)
def test_a_change_fails_when_it_is_surely_more_than_allowed(now_ms, outcome):
    spread = (-0.002, 0.0, 0.002)
    difference = compare_blocks(blocks(10.0, *spread), blocks(now_ms, *spread))
    verdict = judge_change(difference, 5.0)
    assert verdict.outcome == outcome, verdict.sentence


def test_one_block_cannot_be_compared():
    difference = compare_blocks(blocks(10.0, 0.0), blocks(20.0, 0.0))
    verdict = judge_change(difference, 5.0)
    assert (verdict.outcome, verdict.value) == (Outcome.ERROR, None)
