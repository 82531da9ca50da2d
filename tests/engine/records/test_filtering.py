"""A filter lets through what it says, and nothing else."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from engine.errors import LabError
from engine.records.filtering import RunFilter, parse_since
from engine.records.values import Flag
from tests.engine.records.conftest import keep_run


@pytest.fixture
def library(database, facts):
    """Three runs on two phones; the third is of a series, invalid, tagged and noted."""
    xiaomi = {"manufacturer": "Xiaomi", "model": "Mi A1"}
    pixel = {"manufacturer": "Google", "model": "Pixel 3"}
    facts = replace(facts, phone=xiaomi)
    keep_run(database, facts, 20, started_utc="2026-01-02T00:00:00.000Z")
    keep_run(database, facts, 20, phone=pixel, serial="P3", name="v1_1.00_224-float32")
    series = database.series.begin("sweep", "Über Nacht", {})
    third = keep_run(
        database,
        facts,
        20,
        series_id=series,
        started_utc="2026-05-01T10:00:00.000Z",
        note="by the window",
        flags=(Flag.HOT,),
    )
    database.history.add_tag(third, "Release 1.4")
    return database


@pytest.mark.parametrize(
    ("chosen", "listed"),
    [
        (RunFilter(), [3, 2, 1]),
        (RunFilter(phone="xiaomi mi"), [3, 1]),
        (RunFilter(phone="p3"), [2]),
        (RunFilter(phone="P"), [2]),
        (RunFilter(model="0.50_128"), [3, 1]),
        (RunFilter(tag="Release 1.4"), [3]),
        (RunFilter(tag="Release"), []),
        (RunFilter(valid=True), [2, 1]),
        (RunFilter(series=1), [3]),
        (RunFilter(since="2026-01-02T00:00:00.001Z"), [3, 2]),
        (RunFilter(text="WINDOW xiaomi"), [3]),
        (RunFilter(text="über"), [3]),
        (RunFilter(text="release"), [3]),
        (RunFilter(text="pixel 224"), [2]),
        (RunFilter(text="pixel window"), []),
        (RunFilter(text="manufacturer"), []),
        (RunFilter(text="100%"), []),
        (RunFilter(text="'; DROP TABLE runs; --"), []),
        (RunFilter(phone="mi a1", valid=True), [1]),
    ],
)
def test_a_filter_lets_through_what_it_says(library, chosen, listed):
    assert [row.id for row in library.runs(chosen)] == listed
    valid = {row.id for row in library.runs(RunFilter(valid=True))}
    ids = library.run_ids(chosen)
    assert [run for run in ids if run in valid or not chosen.valid] == listed


def test_deleted_runs_are_listed_only_on_request(library):
    library.history.delete_runs([2])
    assert [row.id for row in library.runs()] == [3, 1]
    assert [row.id for row in library.runs(RunFilter(deleted=True))] == [2]


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("2026-05-01", "2026-05-01T00:00:00.000Z"),
        ("2026-05-01T10:30", "2026-05-01T10:30:00.000Z"),
        ("2026-05-01T10:30+02:00", "2026-05-01T08:30:00.000Z"),
        ("7d", "2026-04-24T12:00:00.000Z"),
        (" 36h ", "2026-04-30T00:00:00.000Z"),
    ],
)
def test_a_day_may_be_written_as_people_do(text, means):
    assert parse_since(text, datetime(2026, 5, 1, 12, tzinfo=UTC)) == means


@pytest.mark.parametrize("text", ["", "yesterday", "7", "999999d", "2026-13-01", "9999999999h"])
def test_what_is_no_day_is_one_sentence(text):
    with pytest.raises(LabError, match="is no day"):
        parse_since(text, datetime(2026, 5, 1, tzinfo=UTC))
