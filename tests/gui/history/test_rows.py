"""The table of runs: what its cells say, how it sorts and narrows."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from engine.records.values import Digest, End, Flag, RunRow
from gui.history.rows import (
    COUNT,
    FPS,
    MEDIAN,
    MODEL,
    P90,
    PHONE,
    PRESET,
    SERIES,
    STATE,
    TAGS,
    RunTable,
    mark_of,
    state_of,
)
from gui.history.values import Listing
from gui.theme import NO_VALUE
from tests.engine.records.conftest import make_facts

DOWN, UP = Qt.SortOrder.DescendingOrder, Qt.SortOrder.AscendingOrder


def make_row(number: int, median: float | None = 40.0, **changes) -> RunRow:
    facts = replace(make_facts(), started_utc=f"2026-05-{number:02}T10:00:00.000Z")
    digest = Digest(median, median - 0.5, median + 0.5, 45.0, 24.0, 1234) if median else None
    row = RunRow(number, facts, End.COMPLETED, facts.started_utc, 1250, (), digest)
    return replace(row, **changes)


@pytest.fixture
def runs(qapp) -> RunTable:
    table = RunTable()
    spoilt = (Flag.UNTRAINED, Flag.HOT, Flag.MIRROR_ON)
    rows = (make_row(3, 10.0), make_row(2, None), make_row(1, 90.0, flags=spoilt))
    table.show_listing(Listing(rows, (), {4: "All 16"}))
    return table


def test_the_newest_run_comes_first_until_somebody_sorts(runs):
    assert runs.ids() == [3, 2, 1]
    runs.sort(MEDIAN, DOWN)
    assert runs.ids() == [1, 3, 2]
    runs.sort(MEDIAN, UP)
    assert runs.ids() == [3, 1, 2]  # what is not known comes last, either way
    runs.sort(-1)
    assert runs.ids() == [3, 2, 1]


def test_sorting_takes_what_points_at_a_run_along(runs):
    held = [Held(runs.index(place, MODEL)) for place in range(3)]
    runs.sort(MEDIAN, DOWN)
    assert [each.index.data(Qt.ItemDataRole.UserRole).id for each in held] == [3, 2, 1]


class Held:
    """A persistent index."""

    def __init__(self, index) -> None:
        from PySide6.QtCore import QPersistentModelIndex

        self.index = QPersistentModelIndex(index)


def test_every_column_sorts(runs):
    for column in range(runs.columnCount()):
        for order in (UP, DOWN):
            runs.sort(column, order)
            assert sorted(runs.ids()) == [1, 2, 3]


def test_only_the_runs_found_are_shown_and_only_valid_ones_if_asked(runs):
    runs.keep({1, 3}, valid=False)
    assert runs.ids() == [3, 1]
    runs.keep({1, 3}, valid=True)
    assert runs.ids() == [3]
    runs.keep(None, valid=False)
    assert runs.ids() == [3, 2, 1]


def test_figures_stand_with_their_interval_and_a_dash_where_there_is_none(runs):
    known, unknown = runs.rows[0], runs.rows[1]
    assert runs.text(known, MEDIAN) == "10.00 ±0.50"
    assert [runs.text(known, column) for column in (P90, FPS)] == ["45.00", "24.0"]
    assert runs.text(known, COUNT) == "1\N{NARROW NO-BREAK SPACE}234"
    assert {runs.text(unknown, column) for column in (MEDIAN, P90, FPS, COUNT)} == {NO_VALUE}
    single = replace(known, digest=Digest(10.0, None, None, None, None, 3))
    assert runs.text(single, MEDIAN) == "10.00"
    assert runs.text(single, P90) == NO_VALUE


def test_words_of_a_row(runs):
    row = runs.rows[0]
    row = replace(row, tags=("a", "b"), facts=replace(row.facts, series_id=4))
    words = [runs.text(row, column) for column in (MODEL, PHONE, PRESET, TAGS, SERIES)]
    assert words == ["v1_0.50_128-int8", "Mi A1", "10 s", "a, b", "All 16"]


@pytest.mark.parametrize(
    ("changes", "shape", "word"),
    [
        ({}, "ok", "valid"),
        ({"flags": (Flag.UNTRAINED,)}, "ok", "valid"),
        ({"flags": (Flag.UNTRAINED, Flag.HOT)}, "warn", "phone throttling"),
        ({"flags": (Flag.HOT, Flag.MIRROR_ON, Flag.UNTRAINED)}, "warn", "phone throttling +1"),
        ({"end": End.KILLED}, "fail", "lab ended"),
        ({"end": End.CHANGED}, "fail", "model changed"),
        ({"end": End.RUNNING}, "busy", "running"),
    ],
)
def test_a_state_is_a_shape_and_a_word(changes, shape, word):
    assert state_of(make_row(1, **changes)) == (shape, word)


def test_a_built_models_mark_is_told_by_its_name():
    assert mark_of("v1_0.50_128-float32") == (0.5, 128, "float32")
    assert mark_of("my own.tflite")[:2] == (None, None)


def test_a_cell_is_read_out_with_its_column(runs):
    said = runs.index(0, MEDIAN).data(Qt.ItemDataRole.AccessibleTextRole)
    assert said == "median ms 10.00 ±0.50"
    tip = runs.index(2, STATE).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == "untrained model, phone throttling, mirror was on"


def test_ten_thousand_runs_are_there_at_once(qapp):
    table = RunTable()
    row = make_row(1)
    table.show_listing(Listing(tuple(replace(row, id=number) for number in range(10_000))))
    assert table.rowCount() == 10_000
    table.sort(MEDIAN, UP)
    assert table.place_of(9_999) == 9_999
    assert table.place_of(10_000) == -1
