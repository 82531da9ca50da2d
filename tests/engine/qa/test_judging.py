"""What the runs of a model on a phone come to."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import LabError
from engine.jobs import CancelToken
from engine.measuring.plan import Plan
from engine.measuring.sweep_plan import Place
from engine.qa.baseline import load_baseline
from engine.qa.judging import Judgement, ModelFigures, Past, judge_measured
from engine.qa.outcomes import Outcome, Value
from engine.records.database import Database
from engine.records.exchange import export_zip
from engine.records.values import End, Flag
from tests.engine.records.conftest import keep_run, make_facts

PLACE = Place("v1_0.50_128-int8", 4, "xnnpack", "loop")
MODEL = ModelFigures("v1_0.50_128-int8", "ab" * 32, 1_500_000)
PLAN = Plan("A", ("v1_0.50_128-int8",), limits={"median_ms": 60.0})


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(Database(tmp_path / "lab.sqlite")) as opened:
        yield opened


def keep(database: Database, series: int, block: int, **changes: object) -> int:
    facts = replace(make_facts(), delegate_applied="xnnpack", source="loop", camera="")
    options = {
        "facts": facts,
        "flags": (),
        "ms": 40 * (1 + 0.001 * block),
        "seed": block,
        "series_id": series,
        "block": block,
        "place": PLACE.name,
        **changes,
    }
    return keep_run(database, **options)  # type: ignore[arg-type]


def three(database: Database, **changes: object) -> int:
    series = database.series.begin("qa", "A", {})
    for block in (1, 2, 3):
        keep(database, series, block, **changes)
    return series


def judge(
    database: Database,
    series: int,
    plan: Plan = PLAN,
    *,
    model: ModelFigures = MODEL,
    apk_bytes: int | None = 5_000_000,
    past: Past | None = None,
) -> Judgement | None:
    rows = database.runs(series_id=series)
    return judge_measured(plan, PLACE, rows, database.load, model, apk_bytes, past)


def test_valid_blocks_are_held_to_their_limits(database):
    limits = {"median_ms": 60.0, "p90_ms": 30.0, "model_mb": 1.51, "apk_mb": 9.0}
    judged = judge(database, three(database), replace(PLAN, limits=limits))
    assert judged is not None
    verdicts = {each["name"]: each["outcome"] for each in judged.facts["verdicts"]}
    assert verdicts == {
        "median_ms": "PASS",
        "p90_ms": "FAIL",
        "apk_mb": "PASS",
        "model_mb": "WARNING",
    }
    assert judged.outcome is Outcome.FAIL
    assert judged.comment.startswith("p90 latency: 4")
    assert len(judged.facts["blocks_ms"]) == 3


def test_missing_blocks_are_not_judged(database):
    series = database.series.begin("qa", "A", {})
    keep(database, series, 1)
    keep(database, series, 2)
    database.finish(keep(database, series, 3), End.LINK_LOST, (Flag.CUT_SHORT,))
    assert judge(database, series) is None
    keep(database, series, 3)
    assert judge(database, series) is not None


@pytest.mark.parametrize(
    "flag", [flag for flag in Flag if flag.invalidates], ids=lambda flag: flag.value
)
def test_a_block_that_does_not_count_is_an_error_never_a_pass(database, flag):
    series = three(database)
    keep(database, series, 2, flags=(flag,))  # the latest one of a block counts
    judged = judge(database, series)
    assert judged is not None
    assert judged.outcome is Outcome.ERROR
    assert judged.comment.startswith(f"Block 2 does not count: {flag.value}.")


def test_a_percentile_that_was_not_earned_is_an_error_that_says_so(database):
    judged = judge(database, three(database, count=40), replace(PLAN, limits={"p95_ms": 90.0}))
    assert judged is not None
    assert judged.outcome is Outcome.ERROR
    assert "p95 needs n >= 59; block 1 has" in judged.comment


@pytest.mark.parametrize(
    ("interval", "outcome"), [((93, 97), "PASS"), ((88, 91), "WARNING"), ((80, 89), "FAIL")]
)
def test_top_1_is_judged_by_its_interval(database, interval, outcome):
    model = replace(MODEL, top1=Value(sum(interval) / 2, interval))
    judged = judge(database, three(database), replace(PLAN, limits={"top1_percent": 90.0}),
                   model=model)  # fmt: skip
    assert judged is not None
    assert judged.outcome == outcome


def test_an_apk_that_is_not_known_is_an_error(database):
    plan = replace(PLAN, limits={"apk_mb": 9.0})
    judged = judge(database, three(database), plan, apk_bytes=None)
    assert judged is not None
    assert judged.outcome is Outcome.ERROR


@pytest.mark.parametrize(("ms", "outcome"), [(40.0, "PASS"), (30.0, "FAIL")])
def test_a_baseline_is_compared_by_blocks(database, ms, outcome):
    before = database.series.begin("qa", "Before", {})
    for block in (1, 2, 3):
        keep(database, before, block, ms=ms * (1 + 0.001 * block), seed=10 + block)
    baseline = load_baseline(replace(PLAN, baseline=before), database, CancelToken())
    assert baseline is not None
    past = Past(baseline.name, baseline.blocks_of("Mi A1", "0123", MODEL.name, PLACE))
    judged = judge(database, three(database), replace(PLAN, limits={}), past=past)
    assert judged is not None
    assert judged.outcome == outcome, judged.comment
    change = judged.facts["verdicts"][-1]
    assert change["name"] == "baseline"
    assert change["low"] < change["value"] < change["high"]


def test_a_baseline_without_such_a_phone_is_a_warning(database):
    judged = judge(database, three(database), past=Past("series 3", []))
    assert judged is not None
    assert judged.outcome is Outcome.WARNING
    assert "series 3 has no such model on such a phone" in judged.comment


def test_a_baseline_prefers_the_same_phone_and_never_takes_another_make(database):
    before = database.series.begin("qa", "Before", {})
    keep(database, before, 1, ms=10)
    keep(database, before, 1, ms=20, serial="4567")
    other = {"model": "Pixel 3"}
    keep(database, before, 1, ms=30, serial="89ab", phone=other)
    baseline = load_baseline(replace(PLAN, baseline=before), database, CancelToken())
    assert baseline is not None

    def count(phone: str, serial: str) -> int:
        return len(baseline.blocks_of(phone, serial, MODEL.name, PLACE))

    assert count("Mi A1", "0123") == 1
    assert count("Mi A1", "4567") == 1
    assert count("Mi A1", "new") == 2
    assert count("Pixel 4", "0123") == 0


def test_an_exported_baseline_leaves_the_records_as_they_are(database, tmp_path):
    export_zip((), tmp_path / "old.zip", database, series_ids=(three(database),))
    with closing(Database(tmp_path / "other.sqlite")) as other:
        plan = replace(PLAN, baseline="old.zip", folder=tmp_path)
        baseline = load_baseline(plan, other, CancelToken())
        assert not other.runs()
    assert baseline is not None
    assert len(baseline.blocks_of("Mi A1", "0123", MODEL.name, PLACE)) == 3


def test_a_baseline_without_a_valid_run_is_refused(database):
    before = three(database, flags=(Flag.UNSTABLE,))
    with pytest.raises(LabError, match="counts"):
        load_baseline(replace(PLAN, baseline=before), database, CancelToken())
    with pytest.raises(LabError, match="no series 99"):
        load_baseline(replace(PLAN, baseline=99), database, CancelToken())
