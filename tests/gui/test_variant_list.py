"""The choice: keyboard, filter, order, precision, a model that is dropped."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent

from gui.variant_card import VariantCard
from gui.variant_list import VariantList
from gui.variant_rows import VariantRow


@pytest.fixture
def variants(qtbot, light, rows) -> VariantList:
    variants = VariantList(light)
    qtbot.addWidget(variants)
    variants.resize(420, 500)
    variants.show_variants(rows)
    variants.show()
    return variants


def shown(variants: VariantList) -> list[str]:
    kept = variants.kept
    return [kept.index(at, 0).data(Qt.ItemDataRole.UserRole).name for at in range(kept.rowCount())]


def test_all_sixteen_are_listed_widest_first(variants):
    assert len(shown(variants)) == 16
    assert shown(variants)[0] == "v1_1.00_224"


def test_arrow_keys_choose(qtbot, variants):
    variants.choose("v1_1.00_224")
    with qtbot.waitSignal(variants.chosen, timeout=1000) as told:
        qtbot.keyClick(variants.view, Qt.Key.Key_Down)
    assert told.args[0].name == "v1_1.00_192"


@pytest.mark.parametrize(
    ("key", "name"), [(Qt.Key.Key_Home, "v1_1.00_224"), (Qt.Key.Key_End, "v1_0.25_128")]
)
def test_home_and_end_go_to_the_first_and_the_last_row(qtbot, variants, key, name):
    variants.choose("v1_0.50_160")
    with qtbot.waitSignal(variants.chosen, timeout=1000) as told:
        qtbot.keyClick(variants.view, key)
    assert told.args[0].name == name


def test_enter_asks_to_deploy(qtbot, variants):
    variants.choose("v1_0.50_128")
    with qtbot.waitSignal(variants.activated, timeout=1000):
        qtbot.keyClick(variants.view, Qt.Key.Key_Return)


@pytest.mark.parametrize(
    ("typed", "count"),
    [("0.5", 4), ("0.50", 4), ("128", 4), ("0.5 128", 1), ("0.50@128", 1), ("v1", 16), ("99", 0)],
)
def test_the_filter_keeps_what_begins_with_the_words(qtbot, variants, typed, count):
    qtbot.keyClicks(variants.filter, typed)
    assert len(shown(variants)) == count


def test_a_filter_that_keeps_nothing_says_so(qtbot, variants):
    qtbot.keyClicks(variants.filter, "resnet")
    assert variants.nothing.isVisible()
    assert "resnet" in variants.nothing.text()
    variants.filter.clear()
    assert not variants.nothing.isVisible()
    assert variants.view.isVisible()


def test_columns_sort_by_number_not_by_text(variants):
    variants.view.sortByColumn(3, Qt.SortOrder.AscendingOrder)
    macs = [
        variants.table.rows[variants.kept.mapToSource(variants.kept.index(at, 0)).row()].macs
        for at in range(16)
    ]
    assert macs == sorted(macs)


def test_the_choice_survives_new_figures(variants, rows):
    variants.choose("v1_0.25_160")
    variants.show_variants(rows)
    assert variants.choice().name == "v1_0.25_160"


def test_the_precision_switch_changes_the_figures_of_all(qtbot, variants):
    size = variants.kept.index(0, 5)
    assert size.data() == "4.7"
    with qtbot.waitSignal(variants.precision_chosen, timeout=1000):
        qtbot.keyClick(variants.precision, Qt.Key.Key_Left)
    assert variants.precision.choice == "float16"
    assert size.data() == "\N{EN DASH}"


def drop(widget, path: Path) -> QDropEvent:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    # the caller keeps the data alive: an event does not own it
    widget.dropped_data = data
    return QDropEvent(
        QPointF(10, 10),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )


def test_a_dropped_model_is_taken(qtbot, variants):
    with qtbot.waitSignal(variants.model_dropped, timeout=1000) as told:
        variants.dropEvent(drop(variants, Path("/models/mine.tflite")))
    assert told.args == [Path("/models/mine.tflite")]


def test_another_file_is_not_taken(qtbot, variants):
    with qtbot.assertNotEmitted(variants.model_dropped):
        variants.dropEvent(drop(variants, Path("/models/mine.onnx")))


def test_an_own_model_comes_first_and_once(variants):
    own = VariantRow("mine", path=Path("/a/mine.tflite"), precision="int8", macs=1e6)
    variants.add_own(own)
    variants.add_own(own)
    assert shown(variants).count("mine") == 1
    assert shown(variants)[0] == "mine"
    assert variants.choice().path == own.path


def test_a_published_accuracy_is_called_so_with_its_source(qtbot, light):
    from engine.catalog.variants import Catalog
    from gui.catalog_rows import catalog_rows

    rows = catalog_rows(Catalog.load())
    variants, card = VariantList(light), VariantCard(light)
    for widget in (variants, card):
        qtbot.addWidget(widget)
        widget.show()
    variants.show_variants(rows)
    variants.choose("v1_0.50_128")
    card.show_variant(variants.choice(), "int8")
    assert "published" in card.facts["published top-1"].accessibleName()
    assert "8-bit" in card.source.text()
    card.show_variant(variants.choice(), "float32")
    assert "float" in card.source.text()
    cell = variants.kept.index(variants.view.currentIndex().row(), 2)
    assert "Trained 8-bit network" in cell.data(Qt.ItemDataRole.ToolTipRole)
    assert "published" in variants.caption.text()


def test_an_own_models_whole_name_is_its_tool_tip(variants):
    variants.add_own(VariantRow(name="long_name", path=Path("/models/long_name.tflite")))
    cell = variants.kept.index(0, 0)
    assert cell.data(Qt.ItemDataRole.ToolTipRole) == "/models/long_name.tflite"


def test_a_long_file_name_in_a_sentence_is_broken_and_goes_with_a_click(qtbot, variants):
    variants.show_trouble(f"{'long_name_' * 12}.tflite: The model file is damaged.")
    width = variants.trouble.width()
    metrics = variants.trouble.fontMetrics()
    lines = variants.trouble.text().split("\N{ZERO WIDTH SPACE}")
    assert max(metrics.horizontalAdvance(line.split(" ")[0]) for line in lines) < width
    assert variants.trouble.isVisible()
    spot = variants.view.visualRect(variants.kept.index(1, 0)).center()
    qtbot.mouseClick(variants.view.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert not variants.trouble.isVisible()


@pytest.mark.parametrize("height", [330, 337, 345, 352, 500])
def test_no_row_is_cut_at_the_end_of_the_list(qtbot, variants, height):
    variants.resize(420, height)
    variants.choose("v1_0.25_128")
    view = variants.view
    qtbot.waitUntil(lambda: view.verticalScrollBar().value() == view.verticalScrollBar().maximum())
    first = view.indexAt(view.viewport().rect().topLeft())
    assert view.visualRect(first).top() == 0
    last = view.visualRect(view.currentIndex())
    assert last.bottom() <= view.viewport().height()


def test_the_sample_is_called_by_its_name(light, window):
    from engine.models.finding import samples
    from engine.models.inspector import inspect_model
    from gui.catalog_rows import own_row

    (sample,) = samples()
    row = own_row(inspect_model(sample.path))
    window.variant_card.show_variant(row, "float32")
    assert window.variant_card.kind.text().startswith("Road / Not road")
    assert window.variant_card.title.text() == "road-or-not  int8"
