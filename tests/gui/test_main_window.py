"""The whole window: shortcuts, what it remembers, nothing clipped, painted at once."""

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QSpinBox, QWidget

from engine.jobs import Progress
from gui.first_frame import FirstFrame
from gui.labels import Label
from gui.main_window import EMPTY, SCREEN, MainWindow
from gui.parts import Button, Segments
from gui.side_bar import VIEWS
from gui.theme import SPACE

ROOT = Path(__file__).parents[2]


@pytest.fixture
def shown(qtbot, window, rows) -> MainWindow:
    window.variant_list.show_variants(rows)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    return window


def test_the_window_tells_its_first_paint_once(qtbot, window):
    told = []
    window.shown_first.connect(lambda: told.append(1))
    window.show()
    qtbot.waitUntil(lambda: bool(told), timeout=2000)
    window.repaint()
    assert told == [1]


def test_the_frame_is_painted_before_the_content_is_imported():
    program = (
        "import sys\n"
        "from gui.app import make_app\n"
        "app = make_app()\n"
        "from PySide6.QtCore import QTimer\n"
        "from gui.first_frame import FirstFrame\n"
        "frame = FirstFrame()\n"
        "frame.painted.connect(lambda: QTimer.singleShot(0, app.quit))\n"
        "frame.show(); app.exec()\n"
        "heavy = {'numpy', 'av', 'cv2', 'adbutils', 'gui.main_window', 'tensorflow'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


def test_the_whole_window_loads_neither_numpy_nor_the_decoder():
    program = (
        "import sys\n"
        "from PySide6.QtWidgets import QApplication\n"
        "app = QApplication([])\n"
        "from gui.main_window import EMPTY, SCREEN, MainWindow\n"
        "from gui.theme import Theme\n"
        "from gui import controller, wiring\n"
        "window = MainWindow(Theme(app)); window.show(); app.processEvents()\n"
        "heavy = {'numpy', 'av', 'cv2', 'adbutils', 'tensorflow', 'typer'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


def test_ctrl_d_deploys_and_escape_cancels(qtbot, shown):
    panel = shown.deploy_panel
    panel.show_ready(True, "Puts it on Mi A1")
    with qtbot.waitSignal(panel.deploy_requested, timeout=1000):
        qtbot.keyClick(shown, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    panel.show_started("x")
    with qtbot.waitSignal(panel.cancel_requested, timeout=1000):
        qtbot.keyClick(shown, Qt.Key.Key_Escape)


def test_ctrl_r_measures_and_escape_stops(qtbot, shown):
    panel = shown.run_panel
    panel.show_ready(True, "30 s")
    with qtbot.waitSignal(panel.measure_requested, timeout=1000) as told:
        qtbot.keyClick(shown, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    assert told.args == [panel.plan]
    panel.show_started()
    with qtbot.waitSignal(panel.stop_requested, timeout=1000):
        qtbot.keyClick(shown, Qt.Key.Key_Escape)


def test_ctrl_o_asks_for_a_model(qtbot, shown):
    with qtbot.waitSignal(shown.open_requested, timeout=1000):
        qtbot.keyClick(shown, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)


def test_escape_goes_to_the_phone_while_its_screen_has_the_focus(qtbot, shown):
    shown.show_phone_page(SCREEN)
    shown.mirror_view.show_state("live", "")
    shown.deploy_panel.show_started("x")
    shown.mirror_view.setFocus()
    with (
        qtbot.assertNotEmitted(shown.deploy_panel.cancel_requested),
        qtbot.waitSignal(shown.mirror_view.key_changed, timeout=1000) as told,
    ):
        qtbot.keyClick(shown.mirror_view, Qt.Key.Key_Escape)
    assert told.args[0] == 4


def test_the_columns_come_back_as_they_were(qtbot, shown, light):
    shown.splitter.setSizes([300, 500, 500])
    wanted = shown.splitter.sizes()
    other = MainWindow(light)
    qtbot.addWidget(other)
    other.resize(shown.size())
    other.restore_layout("", shown.layout_state()[1])
    other.show()
    assert other.splitter.sizes() == wanted


def test_nonsense_in_the_settings_leaves_the_window_usable(qtbot, window):
    window.restore_layout("bm9uc2Vuc2U=", "%%%")
    window.show()
    assert window.width() >= window.minimumWidth()


def test_the_frame_holds_the_content(qtbot, light):
    frame, window = FirstFrame("dark"), MainWindow(light)
    qtbot.addWidget(frame)
    frame.show()
    frame.hold(window)
    assert window.window() is frame
    assert not frame._outlines


@pytest.mark.parametrize("size", [(1100, 700), (1440, 900), (1920, 1080)])
def test_no_text_is_clipped(qtbot, shown, size):
    shown.resize(*size)
    shown.show_phone_page(EMPTY)
    shown.deploy_panel.show_started("0.50 @ 128 int8")
    shown.deploy_panel.show_progress(Progress("install", 0.64, "5.4 of 8.4 MB"))
    shown.run_panel.show_ready(True, "30 s")
    qtbot.waitUntil(lambda: shown.width() == size[0], timeout=1000)
    for button in shown.findChildren(Button):
        if button.isVisible():
            assert button.width() >= button.fontMetrics().horizontalAdvance(button.text()) + 8
    for label in shown.findChildren(Label):
        if label.isVisible() and type(label) is Label:
            assert label.height() >= label.heightForWidth(label.width()) - 1, label.text()
            if not label.wordWrap():
                assert label.width() >= label.fontMetrics().horizontalAdvance(label.text())


@pytest.mark.parametrize("view", [name for name, _word in VIEWS])
def test_whatever_takes_the_focus_has_a_name(shown, view):
    shown.side_bar.choose(view)
    QApplication.processEvents()
    assert shown.side_bar.items[view].isChecked()
    for widget in shown.views.currentWidget().findChildren(QWidget):
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus and not isinstance(widget, QLabel):
            named = widget.accessibleName() or (
                isinstance(widget, QAbstractButton) and widget.text()
            )
            assert named or widget.metaObject().className() in {
                "QStackedWidget",
                "QSplitter",
                "QHeaderView",
                "QComboBoxPrivateContainer",
                "QComboBoxListView",
                "QTableCornerButton",
            }, widget


def test_a_row_of_words_says_at_once_which_is_chosen(shown):
    rows = shown.findChildren(Segments)
    assert len(rows) > 5
    assert [each for each in rows if each.accessibleDescription() != each.choice] == []


def test_a_number_that_cannot_be_changed_is_dimmed(qtbot, shown):
    spin = QSpinBox(shown)
    spin.ensurePolished()
    before = spin.palette().text().color()
    spin.setEnabled(False)
    spin.ensurePolished()
    assert before == QColor(shown.theme.colours.text)
    assert spin.palette().text().color() == QColor(shown.theme.colours.muted)


def test_both_schemes_paint_different_grounds(qtbot, shown):
    def ground():
        return shown.grab().toImage().pixelColor(shown.width() - 4, shown.height() // 2)

    light = ground()
    shown.theme.toggle()
    dark = ground()
    shown.theme.toggle()
    assert light.lightness() > 200
    assert dark.lightness() < 50


def test_every_label_follows_when_the_scheme_changes(shown):
    shown.theme.toggle()
    labels = [each for each in shown.findChildren(Label) if each.text()]
    stale = [
        each.text()
        for each in labels
        if each.palette().color(each.foregroundRole())
        != QColor(getattr(shown.theme.colours, each.tone))
    ]
    assert len(labels) > 10
    assert stale == []


def test_nothing_is_cut_in_the_smallest_window(qtbot, shown):
    shown.resize(1100, 700)
    shown.recognised.untrained.show()
    shown.phone_card.chip.show()
    qtbot.waitUntil(lambda: shown.recognised.untrained.width() > 0, timeout=2000)
    QApplication.processEvents()
    for inner, card in (
        (shown.recognised.untrained, shown.recognised),
        (shown.charts.latency_legend, shown.charts),
        (shown.run_panel.export_button, shown.run_panel),
    ):
        right = inner.mapTo(card, QPoint(inner.width(), 0)).x()
        assert inner.width() >= inner.minimumSizeHint().width()
        assert right <= card.width() - 2 * SPACE


@pytest.mark.parametrize("size", [(1100, 700), (1280, 800), (1600, 1000)])
def test_a_deploy_under_way_moves_nothing(qtbot, shown, size):
    shown.resize(*size)
    panel = shown.deploy_panel
    panel.show_ready(True, "Puts it on Mi A1")
    QApplication.processEvents()
    before = panel.geometry()
    panel.show_started("0.50 @ 128 int8")
    panel.show_progress(Progress("build", 0.6, "model: converting to int8 with 64 pictures"))
    QApplication.processEvents()
    assert panel.geometry() == before


def test_a_view_that_is_not_in_front_draws_nothing(qtbot, shown):
    assert shown.charts._timer.isActive()
    assert not shown.sizes_view.isVisible()
    shown.side_bar.choose("sizes")
    assert shown.sizes_view.isVisible()
    assert not shown.charts._timer.isActive()
    assert not shown.mirror_view.isVisible()
    shown.side_bar.choose("live")
    assert shown.charts._timer.isActive()


def test_the_views_are_reached_by_keys_and_clicks(qtbot, shown):
    number = [name for name, _word in VIEWS].index("sizes")
    qtbot.keyClick(shown, Qt.Key(Qt.Key.Key_1 + number), Qt.KeyboardModifier.ControlModifier)
    assert shown.sizes_view.isVisible()
    assert shown.side_bar.items["sizes"].isChecked()
    qtbot.mouseClick(shown.side_bar.items["live"], Qt.MouseButton.LeftButton)
    assert shown.splitter.isVisible()
    assert not shown.side_bar.items["sizes"].isChecked()
