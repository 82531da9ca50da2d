"""A network's line, and below it what is here of it."""

import pytest

from engine.model_table import TableReader
from engine.models.store import ModelStore
from engine.records.values import Judged
from gui.models.lines import (
    INT8,
    MACS,
    NAME,
    TOP1,
    TOP1_8,
    WEIGHTS,
    YOURS,
    LineFilter,
    LineTable,
    lines_of,
    network_title,
    text_of,
    tip_of,
)


@pytest.fixture
def lines(kept):
    first, _other = kept
    judged = Judged(first.sha256, "colours", "/p/mine", 6, 3, None, "crop", "2026-11-22T00:00:00Z")
    return {line.name: line for line in lines_of(TableReader(ModelStore()).read([judged]))}


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("v1_0.50_128", "v1 0.50 @ 128"),
        ("v3_small_0.75_224", "v3 small 0.75 @ 224"),
        ("inception_v1_224", "Inception v1 @ 224"),
        ("ssd_mobilenet_v1_300", "SSD MobileNet v1 @ 300"),
    ],
)
def test_networks_are_named_as_people_name_them(name, title):
    assert network_title(name) == title


def test_a_networks_line_has_counted_and_published_figures(lines):
    line = lines["v1_0.50_128"]
    told = [text_of(line, column) for column in (NAME, MACS, TOP1, TOP1_8, INT8, YOURS)]
    assert told == ["v1 0.50 @ 128", "49.2", "56.2", "54.9", "1.5", ""]
    assert text_of(lines["v2_0.35_96"], TOP1_8) == "\N{EN DASH}"


def test_measured_accuracy_stands_apart_and_says_on_what(lines):
    line = lines["colours"]
    assert text_of(line, YOURS) == "50.0"
    assert (text_of(line, TOP1), text_of(line, WEIGHTS)) == ("", "imported")
    assert "your pictures, n = 6" in tip_of(line, YOURS)


def test_a_network_says_how_many_models_of_it_are_here(lines):
    assert lines["v1_0.25_128"].state == "1 here"  # the sample
    assert lines["v1_0.50_128"].state == ""
    assert (lines["road-or-not"].alpha, lines["road-or-not"].resolution) == (0.25, 128)


@pytest.mark.parametrize(
    ("text", "here", "found"),
    [
        ("0.50 128", False, ["v1_0.50_128", "v2_0.50_128"]),
        ("mobilenet v3", False, 4),
        ("imported", False, ["colours"]),
        ("", True, ["road-or-not", "colours", "swapped"]),
        ("no such thing", True, []),
    ],
)
def test_every_word_of_the_filter_counts(qtbot, lines, text, here, found):
    table, kept = LineTable(), LineFilter()
    kept.setSourceModel(table)
    table.set_lines(list(lines.values()))
    kept.keep(text, here=here)
    names = [table.lines[kept.mapToSource(kept.index(r, 0)).row()].name
             for r in range(kept.rowCount())]  # fmt: skip
    assert len(names) == found if isinstance(found, int) else names == found
