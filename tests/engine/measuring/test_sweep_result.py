"""What a sweep or an A/B test comes to, by its records alone."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import LabError
from engine.measuring.ab import ab_result
from engine.measuring.sweep import close_series, resumable
from engine.measuring.sweep_plan import Place, SweepPlan, cross
from engine.measuring.sweep_result import Known, sweep_result
from engine.records.database import Database
from engine.records.values import Flag
from tests.engine.records.conftest import keep_run, make_facts

FAST, SLOW, SAME = "v1_0.25_128-int8", "v1_1.00_224-int8", "v1_0.25_160-int8"
TOOK = {FAST: 10.0, SLOW: 40.0, SAME: 10.0}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(Database(tmp_path / "lab.sqlite")) as opened:
        yield opened


def begin(database: Database, models: Sequence[str], kind: str = "sweep") -> int:
    plan = SweepPlan(cross(models, threads=(4,)))
    return database.series.begin(kind, "", plan.as_json())


def keep(
    database: Database,
    series: int,
    model: str,
    block: int,
    *,
    threads: int = 4,
    ms: float = 0.0,
    flags: tuple[Flag, ...] = (),
) -> int:
    facts = replace(make_facts(), name=model, source="loop", camera="")
    return keep_run(
        database,
        facts=facts,
        flags=flags,
        ms=(ms or TOOK[model]) * (1 + 0.004 * (block - 2)),
        seed=100 * block + len(model),
        series_id=series,
        block=block,
        place=Place(model, threads).name,
    )


def test_nothing_is_ranked_before_anything_has_a_second_block(database: Database) -> None:
    series = begin(database, (FAST, SLOW))
    keep(database, series, FAST, 1)
    keep(database, series, SLOW, 1)
    early = sweep_result(database, series)
    assert [each.rank for each in early.places] == [None, None]
    assert "Too early" in early.sentence
    keep(database, series, FAST, 2)
    keep(database, series, SLOW, 2)
    later = sweep_result(database, series)
    assert [each.rank for each in later.places] == [1, 2]
    assert later.sentence == f"Fastest of 4 of 6: {FAST}, {later.places[0].median_ms:.2f} ms."


def test_who_cannot_be_told_apart_shares_the_first_rank(database: Database) -> None:
    series = begin(database, (FAST, SAME, SLOW))
    for block in (1, 2, 3):
        for model in (FAST, SAME, SLOW):
            keep(database, series, model, block)
    result = sweep_result(database, series)
    assert [each.rank for each in result.places] == [1, 1, 3]
    assert "not to be told apart" in result.sentence


def test_of_many_ties_the_sentence_names_a_few(database: Database) -> None:
    models = tuple(f"model{number}" for number in range(6))
    series = begin(database, models)
    for model in models:
        for block in (1, 2):
            keep(database, series, model, block, ms=10.0)
    assert sweep_result(database, series).sentence.endswith("and 3 more.")


def test_what_is_known_is_not_loaded_again(database: Database, monkeypatch) -> None:
    series = begin(database, (FAST, SLOW))
    for block in (1, 2):
        keep(database, series, FAST, block)
    keep(database, series, SLOW, 1, flags=(Flag.HOT,))
    known: Known = {}
    first = sweep_result(database, series, known=known)
    loaded = []
    load = database.load
    monkeypatch.setattr(database, "load", lambda run_id: loaded.append(run_id) or load(run_id))
    assert sweep_result(database, series, known=known) == first
    assert loaded == []
    newest = keep(database, series, FAST, 3)
    loaded.clear()  # keeping a run loads it
    assert len(sweep_result(database, series, known=known).places[0].blocks_ms) == 3
    assert loaded == [newest]


def test_what_does_not_count_is_told_and_never_ranked(database: Database) -> None:
    series = begin(database, (FAST, SLOW))
    for block in (1, 2):
        keep(database, series, SLOW, block)
        keep(database, series, FAST, block, flags=(Flag.THROTTLED,))
    result = sweep_result(database, series)
    assert [each.place.model for each in result.places] == [SLOW, FAST]
    assert result.places[1].rank is None
    assert result.places[1].troubles == (str(Flag.THROTTLED),)


def test_two_threads_are_called_by_what_tells_them_apart(database: Database) -> None:
    plan = SweepPlan((Place(FAST, 4), Place(FAST, 2)))
    series = database.series.begin("ab", "", plan.as_json())
    for block in (1, 2, 3):
        keep(database, series, FAST, block)
        keep(database, series, FAST, block, threads=2, ms=15.0)
    sentence = ab_result(database, series).difference.sentence
    assert sentence.startswith("2 threads is ")
    assert "slower than 4 threads" in sentence


def test_a_closed_series_is_offered_no_more_and_keeps_its_runs(database: Database) -> None:
    series = begin(database, (FAST, SLOW))
    run = keep(database, series, FAST, 1)
    assert [each.id for each in resumable(database)] == [series]
    assert close_series(database, series).outcome == "closed"
    assert resumable(database) == ()
    assert [row.id for row in database.runs(series_id=series)] == [run]
    with pytest.raises(LabError, match="is finished"):
        close_series(database, series)


def test_only_sweeps_are_closed(database: Database) -> None:
    series = database.series.begin("qa", "", {})
    with pytest.raises(LabError, match="is no sweep"):
        close_series(database, series)
