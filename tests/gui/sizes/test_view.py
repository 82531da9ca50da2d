"""The Sizes view: bars on one axis, a table that stands still, switches that tell their wish."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QScrollArea

from gui.sizes.bars import Bar, SizeBars
from gui.sizes.parts import in_order
from gui.sizes.table import SizeTable
from gui.sizes.view import REPORT_AXIS, SizesView
from gui.sizes.what_if import ALL, MOBILE, WITH, WhatIf, Wish


@pytest.fixture
def bars(qtbot, light) -> SizeBars:
    bars = SizeBars(light, "Sizes", bar=(20, 40))
    qtbot.addWidget(bars)
    bars.resize(600, 200)
    bars.show()
    return bars


@pytest.fixture
def what_if(qtbot, light, rows) -> WhatIf:
    what_if = WhatIf(light)
    qtbot.addWidget(what_if)
    what_if.show_models(rows)
    what_if.show_present(Wish("v1_0.50_128", "int8", abi="arm64-v8a"))
    what_if.show()
    return what_if


def test_a_bar_is_as_long_as_its_bytes(bars, small):
    bars.show_bars([Bar.of("this", small)])
    cells = bars.cells(0)
    assert cells[0][1].left() == 0
    ends = [cell.right() for _part, cell in cells]
    assert ends == sorted(ends)
    assert cells[-1][1].right() == pytest.approx(600 * small.total_bytes / (bars.end * 1e6))


def test_all_bars_share_one_zero_and_one_axis(bars, small, large):
    bars.show_bars([Bar.of("this", small), Bar.of("that", large)])
    scales = {
        round(cell.width() / part.size_bytes, 9)
        for number in range(2)
        for part, cell in bars.cells(number)
    }
    assert len(scales) == 1


def test_what_was_said_counts_for_the_axis_too(bars, small):
    said = Bar("report", in_order(small.parts), small.total_bytes, claimed=105_000_000)
    bars.show_bars([said])
    assert bars.end >= 105


def test_bars_are_read_out_with_their_units(bars, small):
    bars.show_bars([Bar.of("this", small)])
    assert "this: 5.45 MB (model 1.50 MB" in bars.accessibleDescription()


def test_the_rows_of_the_table_stand_still(qtbot, light, small, large):
    table = SizeTable(light, ("would be built", "last deployed"))
    qtbot.addWidget(table)
    before = [row[0] for row in table.rows]
    table.show_bars([Bar.of("this", small), Bar.of("that", large)])
    assert [row[0] for row in table.rows] == before
    assert before[-1] == "total"


def test_the_tables_figures_are_exact_and_copied_as_such(qtbot, light, small):
    table = SizeTable(light, ("would be built", "last deployed"))
    qtbot.addWidget(table)
    table.show()
    table.show_bars([Bar.of("this", small)])
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = [line.split("\t") for line in QGuiApplication.clipboard().text().splitlines()]
    assert lines[0][:4] == [
        "part",
        "would be built, bytes",
        "would be built, MB",
        "would be built, %",
    ]
    assert lines[-1][:4] == ["total", str(small.total_bytes), "5.45", "100.0"]
    assert sum(int(line[1]) for line in lines[1:-1] if line[1].isdigit()) == small.total_bytes


def test_the_switches_begin_at_what_a_deploy_would_build(what_if):
    assert what_if.wish() == Wish("v1_0.50_128", "int8", abi="arm64-v8a")
    assert not what_if.back.isEnabled()


def test_each_switch_tells_its_wish(qtbot, what_if):
    for act, wanted in (
        (lambda: what_if.precision.choose("float32"), {"precision": "float32"}),
        (lambda: what_if.abis.choose(ALL), {"abi": ""}),
        (lambda: what_if.runtime.choose(MOBILE), {"mobile": True}),
        (lambda: what_if.gpu.choose(WITH), {"gpu": True}),
        (lambda: what_if.second.setCurrentIndex(1), {"second": "v1_1.00_224"}),
        (lambda: what_if.model.setCurrentIndex(3), {"model": "v1_1.00_128"}),
    ):
        what_if.go_back()
        with qtbot.waitSignal(what_if.wished, timeout=1000) as told:
            act()
        assert told.args == [what_if.present._replace(**wanted)]
        assert what_if.back.isEnabled()


def test_one_click_leads_back_to_the_present_choice(qtbot, what_if):
    what_if.precision.choose("float16")
    what_if.second.setCurrentIndex(2)
    with qtbot.waitSignal(what_if.wished, timeout=1000) as told:
        qtbot.mouseClick(what_if.back, Qt.MouseButton.LeftButton)
    assert told.args == [what_if.present]


def test_another_choice_in_the_list_is_followed(what_if):
    what_if.runtime.choose(MOBILE)
    what_if.show_present(Wish("v1_1.00_224", "float32", abi="x86_64"))
    assert what_if.wish() == Wish("v1_1.00_224", "float32", abi="x86_64", mobile=True)


def test_the_same_choice_told_again_turns_no_switch(what_if):
    what_if.precision.choose("float32")
    what_if.show_present(Wish("v1_0.50_128", "int8", abi="arm64-v8a"))
    assert what_if.wish().precision == "float32"


def test_a_deploy_with_the_gpu_is_the_present_choice(what_if):
    what_if.show_present(Wish("v1_0.50_128", "int8", abi="arm64-v8a", gpu=True))
    assert what_if.wish().gpu
    assert not what_if.back.isEnabled()
    what_if.gpu.choose("without")
    what_if.go_back()
    assert what_if.wish() == what_if.present


def test_the_total_says_how_far_it_is_from_the_present_choice(what_if):
    what_if.show_total(5_612_000, 5_612_000)
    assert what_if.total.text() == "5.61"
    assert what_if.against.text() == "the present choice"
    what_if.precision.choose("float32")
    what_if.show_total(8_312_000, 5_612_000)
    assert what_if.against.text() == "+2.70 MB against the present choice"


def test_the_reports_axis_stands_still_while_switches_turn(qtbot, light, small, large):
    view = SizesView(light)
    qtbot.addWidget(view)
    view.show_bars(Bar.of("a", small), Bar("b"), ())
    assert view.report.end == REPORT_AXIS
    view.show_bars(Bar.of("a", large), Bar("b"), ())
    assert view.report.end == REPORT_AXIS


@pytest.mark.parametrize("size", [(1280, 800), (1600, 1000)])
def test_the_whole_view_is_in_sight_without_scrolling(qtbot, window, rows, small, large, size):
    window.resize(*size)
    window.banner.show_text("virtual phone: this computer's speed")
    window.side_bar.choose("sizes")
    view = window.sizes_view
    view.what_if.show_models(rows)
    view.show_bars(
        Bar.of("a", small),
        Bar.of("b", small),
        [Bar("c", in_order(large.parts), large.total_bytes, 105_000_000) for _ in range(2)],
    )
    window.show()
    QApplication.processEvents()
    area = view.findChild(QScrollArea)
    assert area.verticalScrollBar().maximum() == 0
    assert area.widget().width() <= area.viewport().width()


def test_why_there_are_no_figures_stands_where_they_would_be(qtbot, light):
    view = SizesView(light)
    qtbot.addWidget(view)
    view.show()
    view.show_trouble("The base APK is missing.")
    assert view.trouble.isVisible()
    view.show_trouble("")
    assert not view.trouble.isVisible()
