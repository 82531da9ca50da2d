from contextlib import closing
from pathlib import Path

import pytest

from engine.errors import LabError
from engine.records.database import Database
from engine.records.values import Judged, RunFacts, Step

STEP = Step(
    series_id=1,
    serial="A1",
    number=2,
    title="Look at the camera picture",
    kind="manual",
    outcome="PASS",
    comment="upright",
    facts={"limit": 60.0},
    picture=b"\x89PNG",
    utc="2026-05-01T10:00:00.000Z",
)


def test_a_series_is_unfinished_until_it_is_finished(tmp_path: Path) -> None:
    with closing(Database(tmp_path / "lab.sqlite")) as database:
        begun = database.series.begin("sweep", "All 16", {"seed": 3})
        assert database.series.load(begun).outcome == ""
        assert database.series.load(begun).plan == {"seed": 3}
        database.series.finish(begun, "completed")
        assert database.series.load(begun).outcome == "completed"
        assert database.series.load(begun).ended_utc


def test_every_series_of_a_kind_newest_first(tmp_path: Path) -> None:
    with closing(Database(tmp_path / "lab.sqlite")) as database:
        for kind in ("sweep", "qa", "sweep"):
            database.series.begin(kind, kind, {})
        assert [each.id for each in database.series.every("sweep")] == [3, 1]
        assert [each.id for each in database.series.every()] == [3, 2, 1]


def test_an_unknown_series_is_said(tmp_path: Path) -> None:
    with (
        closing(Database(tmp_path / "lab.sqlite")) as database,
        pytest.raises(LabError, match="no series 9"),
    ):
        database.series.load(9)


def test_a_step_comes_back_as_it_was(tmp_path: Path) -> None:
    with closing(Database(tmp_path / "lab.sqlite")) as database:
        database.series.begin("qa", "Release", {})
        database.series.add_step(STEP)
        assert database.series.steps(1) == (STEP,)


def test_runs_of_a_series_are_found_by_it(tmp_path: Path, facts: RunFacts) -> None:
    from dataclasses import replace

    with closing(Database(tmp_path / "lab.sqlite")) as database:
        series = database.series.begin("ab", "A and B", {})
        database.begin_run(facts)
        run = database.begin_run(replace(facts, series_id=series, block=1, place="a"))
        assert [each.id for each in database.runs(series_id=series)] == [run]


def test_a_judgement_comes_back_as_it_was(tmp_path: Path) -> None:
    judged = Judged("ab" * 32, "mine", "road", 600, 570, None, "crop", "2026-05-01T10:00:00.000Z")
    with closing(Database(tmp_path / "lab.sqlite")) as database:
        database.record_judged(judged)
        assert database.judged() == (judged,)
