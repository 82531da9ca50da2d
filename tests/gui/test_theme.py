"""The look: both schemes readable, figures in columns, the pinned Qt does not leak."""

import itertools
import sys

import pytest
from PySide6.QtGui import QColor, QFontMetricsF
from PySide6.QtWidgets import QLabel

from gui.colours import DARK, LIGHT, Colours
from gui.theme import ALPHA_COLOURS, BODY, HUGE, SEMIBOLD, Theme


def luminance(name: str) -> float:
    channels = (QColor(name).redF(), QColor(name).greenF(), QColor(name).blueF())
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_text_keeps_its_contrast_on_every_ground(colours: Colours):
    for ink, ground in itertools.product(
        (colours.text, colours.muted), (colours.window, colours.surface, colours.raised)
    ):
        assert contrast(ink, ground) >= 4.5
    assert contrast(colours.on_accent, colours.accent) >= 4.5
    assert contrast(colours.banner_text, colours.banner) >= 4.5
    assert contrast(colours.text, colours.selected) >= 4.5


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_shapes_of_states_keep_three_to_one(colours: Colours):
    assert contrast(colours.accent, colours.surface) >= 3
    assert contrast(colours.ok, colours.surface) >= 3
    assert contrast(colours.fail, colours.surface) >= 3


def test_each_width_multiplier_has_a_colour_of_its_own():
    assert len(set(ALPHA_COLOURS.values())) == len(ALPHA_COLOURS) == 4


def test_digits_are_equally_wide(light: Theme):
    metrics = QFontMetricsF(light.font(HUGE, SEMIBOLD))
    widths = {round(metrics.horizontalAdvance(digit), 0) for digit in "0123456789"}
    assert len(widths) == 1


def test_the_bundled_font_is_used(light: Theme):
    assert light.family == "Inter"
    assert light.font(BODY).family() == "Inter"


def test_toggling_changes_the_scheme_and_tells(qtbot, light: Theme):
    with qtbot.waitSignal(light.changed, timeout=1000):
        light.toggle()
    assert light.colours is DARK
    light.toggle()
    assert light.colours is LIGHT


def test_void_calls_of_qt_keep_the_references_to_none(qtbot):
    """PySide6 6.12.0 on Python 3.11 loses one at each; the process then dies."""
    label = QLabel()
    qtbot.addWidget(label)
    label.setText("warm")
    before = sys.getrefcount(None)
    for number in range(1000):
        label.setText(str(number))
    assert abs(sys.getrefcount(None) - before) < 100
