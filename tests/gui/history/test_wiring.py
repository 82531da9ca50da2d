"""The History view at work on a file of runs."""

from contextlib import closing

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QFontMetrics, QGuiApplication
from PySide6.QtWidgets import QApplication

from engine.errors import LabError
from engine.jobs import Ended, Outcome
from engine.records.database import Database
from engine.records.exchange import export_zip
from gui.history.list_card import EMPTY, NOTHING, TABLE
from gui.history.rows import FPS
from gui.history.run_chart import RunChart
from gui.history.table import WIDTHS
from gui.theme import BODY, SPACE
from tests.engine.records.conftest import keep_run


def ids(view):
    return list(view.list.runs.ids())


def press(qtbot, window, key):
    """Press Ctrl and a key; an older test's window may take the front away when it goes."""
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=20_000)
    qtbot.keyClick(window, key, Qt.KeyboardModifier.ControlModifier)


def pick(view, *run_ids):
    view.list.table.choose(run_ids, run_ids[0])


def test_hidden_it_asks_nothing(qtbot, side, window, monkeypatch):
    asked = []
    monkeypatch.setattr(side.engine, "read", lambda: asked.append("read"))
    monkeypatch.setattr(side.engine, "signature", lambda: asked.append("signature"))
    side.controller.runs.ended.emit(Ended(Outcome.COMPLETED))
    side._look()
    qtbot.waitUntil(lambda: not side.controller.jobs.busy("history look"), timeout=20_000)
    assert asked == ["signature"]  # that was our own call
    assert not side._looks.isActive()


def test_looking_elsewhere_ends_the_looks(view, side, window):
    assert side._looks.isActive()
    window.side_bar.choose("live")
    assert not side._looks.isActive()


def test_the_newest_run_is_chosen_and_shown(view):
    assert ids(view) == [3, 2, 1]
    card = view.run
    assert card.title.text() == "v1_0.50_128-int8"
    assert (card.chip.state, card.chip.text) == ("warn", "phone throttling +1")
    assert card.figures[0].value.text().startswith(("9.9", "10.0"))
    assert [flag for flag, _means, _against in card.flags.shown] == [
        "phone throttling",
        "mirror was on",
    ]
    assert card.chart.curve is not None
    said = dict(card.lines.lines)
    assert said["phone"] == "Google Pixel 3, Android 12"


def test_a_run_that_ends_appears_by_itself(qtbot, view, side, database):
    keep_run(database, name="new", started_utc="2026-06-01T08:00:00.000Z")
    with qtbot.waitSignal(side.read, timeout=20_000):
        side.controller.runs.ended.emit(Ended(Outcome.COMPLETED))
    assert ids(view)[0] == 4
    assert [row.id for row in view.list.table.chosen()] == [3]


def test_what_another_lab_did_is_found_by_looking(qtbot, view, side, database, tmp_path):
    with closing(Database(tmp_path / "lab.sqlite")) as other:
        other.history.delete_runs([3])
    with qtbot.waitSignal(side.read, timeout=20_000):
        side._look()
    assert ids(view) == [2, 1]
    with qtbot.assertNotEmitted(side.read):
        side._look()
        qtbot.waitUntil(lambda: not side.controller.jobs.busy("history look"), timeout=20_000)


def test_typing_narrows_the_list(qtbot, view, window):
    press(qtbot, window, Qt.Key.Key_F)
    qtbot.waitUntil(view.list.filter.hasFocus, timeout=20_000)
    qtbot.keyClicks(view.list.filter, "mi a1 1.00")
    qtbot.waitUntil(lambda: ids(view) == [2], timeout=20_000)
    assert view.list.count.text() == "1 of 3 runs"
    view.list.filter.setText("nothing like it")
    qtbot.waitUntil(lambda: view.list.pages.currentIndex() == NOTHING, timeout=20_000)
    assert not view.delete_button.isEnabled()
    qtbot.mouseClick(view.list.clear_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: ids(view) == [3, 2, 1], timeout=20_000)
    assert view.list.pages.currentIndex() == TABLE


def test_phone_tag_series_and_validity_narrow_too(qtbot, view):
    card = view.list
    assert [card.phone.itemText(at) for at in range(3)] == [
        "All phones",
        "Google Pixel 3",
        "Xiaomi Mi A1",
    ]
    for combo, found in ((card.phone, [3]), (card.tag, [2]), (card.series, [2])):
        combo.setCurrentIndex(1)
        qtbot.waitUntil(lambda found=found: ids(view) == found, timeout=20_000)
        combo.setCurrentIndex(0)
        qtbot.waitUntil(lambda: len(ids(view)) == 3, timeout=20_000)
    card.valid.setChecked(True)
    qtbot.waitUntil(lambda: ids(view) == [2, 1], timeout=20_000)


def test_delete_hides_and_undo_brings_back(qtbot, view, side, database, window):
    pick(view, 2)
    view.list.table.setFocus()
    with qtbot.waitSignal(side.read, timeout=20_000):
        qtbot.keyClick(view.list.table, Qt.Key.Key_Delete)
    assert ids(view) == [3, 1]
    assert [row.id for row in view.list.table.chosen()] == [1]  # the one beside
    assert view.list.work.undo_button.isVisible()
    assert view.list._undoing.interval() == 10_000
    with qtbot.waitSignal(side.read, timeout=20_000):
        press(qtbot, window, Qt.Key.Key_Z)
    assert ids(view) == [3, 2, 1]
    assert [row.id for row in view.list.table.chosen()] == [2]
    assert not view.list.work.undo_button.isVisible()
    assert database.load(2).row.tags == ("release",)


def test_a_running_run_is_not_deleted_and_it_is_said(qtbot, view, side, database, facts):
    running = database.begin_run(facts)
    with qtbot.waitSignal(side.read, timeout=20_000):
        side._look()
    pick(view, running)
    assert view.run.chip.state == "busy"
    with qtbot.waitSignal(side.ended, timeout=20_000):
        qtbot.mouseClick(view.delete_button, Qt.MouseButton.LeftButton)
    assert "still running" in view.list.work.said.what.text()


@pytest.fixture
def facts():
    from dataclasses import replace

    from engine.records.values import utc_now
    from tests.engine.records.conftest import make_facts

    return replace(make_facts(), started_utc=utc_now())


def test_tags_come_and_go_and_are_offered_again(qtbot, view, side, database):
    pick(view, 2)
    entry = view.run.tags.entry
    qtbot.keyClicks(entry, "warm room")
    with qtbot.waitSignal(side.read, timeout=20_000):
        qtbot.keyClick(entry, Qt.Key.Key_Return)
    assert database.load(2).row.tags == ("release", "warm room")
    assert view.run.tags.tags == ("release", "warm room")
    assert "warm room" in entry.completer().model().stringList()
    with qtbot.waitSignal(side.read, timeout=20_000):
        view.run.tags.removed.emit("release")
    assert database.load(2).row.tags == ("warm room",)
    entry.setText("a,b")
    with qtbot.waitSignal(side.ended, timeout=20_000):
        qtbot.mouseClick(view.run.tags.add_button, Qt.MouseButton.LeftButton)
    assert "cannot be a tag" in view.list.work.said.what.text()


def test_a_note_is_kept_when_it_is_written(qtbot, view, side, database):
    qtbot.keyClicks(view.run.note, "by the window")
    with qtbot.waitSignal(side.read, timeout=20_000):
        qtbot.keyClick(view.run.note, Qt.Key.Key_Return)
    assert database.load(3).row.facts.note == "by the window"
    assert view.run.note.text() == "by the window"


def test_two_runs_are_compared_in_words_and_three_are_counted(qtbot, view, side):
    with qtbot.waitSignal(side.opened, timeout=20_000):
        pick(view, 3, 1)
    card = view.difference
    assert view.pages.currentWidget() is card
    assert card.title.text() == "Run 1 and run 3"
    assert "% faster than run 1" in card.sentence.text()
    assert card.bar.percent[1] == pytest.approx(-75, abs=1)
    assert card.differ.text() == "They differ in: phone."
    assert card.caveats[0].what.text().startswith("Run 3 may not be ranked")
    pick(view, 1, 2, 3)
    assert card.title.text() == "3 runs chosen"
    assert card.bar.isHidden()
    pick(view, 2)
    assert view.pages.currentWidget() is view.run


def test_runs_go_out_and_come_in_by_a_drop(qtbot, view, side, database, tmp_path):
    target = tmp_path / "runs.zip"
    with qtbot.waitSignal(side.ended, timeout=20_000):
        side.export((1, 2), target)
    assert "Wrote" in view.list.work.said.what.text()
    database.history.delete_runs([1, 2])
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(target))])
    at, keys = QPointF(20, 20), Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(
        at.toPoint(), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, keys
    )
    QApplication.sendEvent(view.list, enter)
    assert view.list.veil.isVisible()
    drop = QDropEvent(at, Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, keys)
    QApplication.sendEvent(view.list, drop)
    table = view.list.table
    qtbot.waitUntil(lambda: {row.id for row in table.chosen()} == {1, 2}, timeout=20_000)
    assert ids(view) == [3, 2, 1]


@pytest.mark.parametrize("suffix", [".zip", ".json", ".csv", ".parquet", ".html"])
def test_every_kind_of_file_is_written(qtbot, view, side, tmp_path, suffix):
    target = tmp_path / f"run{suffix}"
    with qtbot.waitSignal(side.ended, timeout=60_000) as ended:
        side.export((2,), target)
    assert ended.args[0].outcome is Outcome.COMPLETED, ended.args[0].message
    assert target.stat().st_size > 100


def test_a_file_that_is_no_export_is_said(qtbot, view, side, tmp_path):
    (tmp_path / "run.zip").write_bytes(b"no")
    with qtbot.waitSignal(side.ended, timeout=20_000):
        side.take_in(tmp_path / "run.zip")
    assert "no .zip file" in view.list.work.said.what.text()
    assert view.list.work.said.state == "fail"


def test_an_import_from_another_lab_is_chosen(qtbot, view, side, tmp_path):
    with closing(Database(tmp_path / "other.sqlite")) as other:
        run = keep_run(other, name="theirs", seed=9)
        export_zip([run], tmp_path / "theirs.zip", other)
    with qtbot.waitSignals([side.ended, side.read], timeout=20_000, order="strict"):
        side.take_in(tmp_path / "theirs.zip")
    assert [row.facts.name for row in view.list.table.chosen()] == ["theirs"]


def test_a_run_that_cannot_be_opened_says_why(qtbot, view, side, monkeypatch):
    def damaged(_run_id):
        raise LabError("The samples of run 1 are damaged.", "Other runs may be whole.")

    monkeypatch.setattr(side.engine, "open", damaged)
    pick(view, 1)
    qtbot.waitUntil(lambda: "damaged" in view.run.empty.text(), timeout=20_000)


def test_a_rate_of_three_digits_is_shown_whole(view):
    room = WIDTHS[FPS] - SPACE
    assert QFontMetrics(view.list.theme.font(BODY)).horizontalAdvance("188.8") <= room


def test_nothing_is_said_to_be_empty_before_it_was_read(window):
    assert window.history_view.list.pages.currentIndex() != EMPTY


def test_a_run_of_a_virtual_phone_says_so_beside_its_figures(qtbot, side, window, database):
    note, begun = "virtual phone: simulated mi-a1 pace", "2026-05-03T08:00:00.000Z"
    keep_run(database, phone_note=note, started_utc=begun)
    with qtbot.waitSignals([side.read, side.opened], timeout=20_000):
        window.side_bar.choose("history")
    card = window.history_view.run
    assert card.simulated.isVisible()
    assert card.simulated.text() == note


def test_an_empty_library_says_what_it_is_for_and_where_to_go(qtbot, side, window, database):
    database.history.delete_runs([1, 2, 3])
    with qtbot.waitSignal(side.read, timeout=20_000):
        window.side_bar.choose("history")
    view = window.history_view
    assert view.list.pages.currentIndex() == EMPTY
    assert not view.export_button.isEnabled()
    qtbot.mouseClick(view.list.live_button, Qt.MouseButton.LeftButton)
    assert window.views.currentIndex() == 0


def test_the_arrows_walk_through_the_runs(qtbot, view, side):
    view.list.table.setFocus()
    with qtbot.waitSignal(side.opened, timeout=20_000):
        qtbot.keyClick(view.list.table, Qt.Key.Key_Down)
    assert view.run.run_id == 2


def test_a_click_on_a_head_sorts_and_keeps_the_choice(qtbot, view):
    pick(view, 2)
    view.list.table.sortByColumn(4, Qt.SortOrder.AscendingOrder)
    assert ids(view) == [3, 1, 2]
    assert [row.id for row in view.list.table.chosen()] == [2]


def test_what_is_known_of_a_run_is_copied(qtbot, view):
    view.run.lines.setFocus()
    qtbot.keyClick(view.run.lines, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert "mirror\tpaused" in QGuiApplication.clipboard().text().splitlines()


@pytest.mark.parametrize("size", [(1100, 700), (1600, 1000)])
def test_what_matters_is_in_sight_in_every_size(view, window, size):
    window.resize(*size)
    QApplication.processEvents()
    table = view.list.table
    shown = {at for at in range(11) if not table.isColumnHidden(at)}
    assert {0, 1, 4, 8} <= shown
    assert sum(table.columnWidth(at) for at in shown) <= table.viewport().width()
    chart = view.findChild(RunChart)
    assert chart.mapTo(view, chart.rect().bottomRight()).y() <= view.height()
    assert len(shown) >= 10 or size[0] < 1600


def test_everything_that_takes_the_keyboard_has_a_name(view):
    from PySide6.QtWidgets import QWidget

    nameless = [
        each
        for each in view.findChildren(QWidget)
        if each.focusPolicy() & Qt.FocusPolicy.TabFocus
        and each.isVisible()
        and not (each.accessibleName() or getattr(each, "text", str)())
    ]
    assert nameless == []
