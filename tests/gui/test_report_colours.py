"""Variants have the same colours in a report as in the window."""

from engine.records.document.palette import ALPHA_COLOURS
from gui.theme import ALPHA_COLOURS as WINDOW


def test_reports_colour_widths_as_the_window_does():
    assert ALPHA_COLOURS == WINDOW
