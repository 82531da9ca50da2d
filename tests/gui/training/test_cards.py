"""The parts of the Train view: they show what they are given, and can be worked by keys."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QImage
from PySide6.QtWidgets import QApplication

from engine.training.head import Epoch
from gui.labels import Label
from gui.parts import Button
from gui.training.confusion import Confusion
from gui.training.corrections import Corrections
from gui.training.curves import Curves
from gui.training.drop_card import dropped_folder
from gui.training.frame_picker import FramePicker
from gui.training.gallery import Gallery
from gui.training.thumbnails import Thumbnails
from gui.training.values import ClassLine, Looked, Result, Told

NAMES = {0: "meadow", 1: "road"}


@pytest.fixture
def confusion(qtbot, theme, answers) -> Confusion:
    confusion = Confusion(theme)
    qtbot.addWidget(confusion)
    confusion.resize(500, 140)
    confusion.show()
    confusion.show_told(Told("int8", NAMES, answers, None))
    return confusion


def test_the_worst_mistake_is_opened_first(confusion):
    assert confusion.current == (0, 1)
    assert "1 picture of meadow, taken for road" in confusion.accessibleDescription()


def test_arrows_walk_through_the_cells(qtbot, confusion):
    told = []
    confusion.cell_chosen.connect(lambda truth, said: told.append((truth, said)))
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Up):
        qtbot.keyClick(confusion, key)
    assert told == [(1, 1), (1, 0), (1, 0), (0, 0)]


def test_a_click_chooses_the_cell_under_it(qtbot, confusion):
    spot = confusion.box(1, 1).center().toPoint()
    qtbot.mouseClick(confusion, Qt.MouseButton.LeftButton, pos=spot)
    assert confusion.current == (1, 1)


def test_cells_do_not_overlap_and_lie_inside(confusion):
    boxes = [confusion.box(truth, said) for truth in (0, 1) for said in (0, 1)]
    for number, box in enumerate(boxes):
        assert confusion.rect().contains(box.toAlignedRect())
        assert not any(box.intersects(other) for other in boxes[number + 1 :])


def test_thumbnails_come_from_another_thread(qtbot, drawn):
    thumbnails = Thumbnails()
    path = drawn / "road" / "1.png"
    with qtbot.waitSignal(thumbnails.arrived, timeout=20_000):
        assert thumbnails.get(path) is None
    assert thumbnails.get(path).width() == 192
    thumbnails.stop()


def test_a_picture_that_cannot_be_read_does_not_hold_the_others(qtbot, drawn):
    thumbnails = Thumbnails()
    (drawn / "bad.png").write_bytes(b"no")
    thumbnails.get(drawn / "bad.png")
    thumbnails.get(drawn / "road" / "1.png")
    qtbot.waitUntil(lambda: thumbnails.get(drawn / "road" / "1.png") is not None, timeout=20_000)
    qtbot.waitUntil(lambda: not thumbnails._timer.isActive(), timeout=20_000)
    assert thumbnails.get(drawn / "bad.png") is None
    thumbnails.stop()


@pytest.fixture
def gallery(qtbot, light, answers):
    thumbnails, corrections = Thumbnails(), Corrections()
    gallery = Gallery(light, thumbnails, corrections.said)
    qtbot.addWidget(gallery)
    gallery.resize(500, 300)
    gallery.show()
    gallery.show_answers(answers)
    yield gallery
    thumbnails.stop()


def test_pictures_fill_the_width(qtbot, gallery):
    qtbot.waitUntil(lambda: gallery.visualRect(gallery.shots.index(4, 0)).y() > 0, timeout=5000)
    fourth = gallery.visualRect(gallery.shots.index(3, 0))
    assert fourth.y() == 0
    assert gallery.width() - 32 < fourth.right() < gallery.width()


def test_keys_correct_what_is_chosen(qtbot, gallery, answers):
    qtbot.keyClick(gallery, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert gallery.chosen() == tuple(each.path for each in answers)
    with qtbot.waitSignal(gallery.class_pressed, timeout=1000) as told:
        qtbot.keyClick(gallery, Qt.Key.Key_2)
    assert told.args == [1]
    with qtbot.waitSignal(gallery.left_out, timeout=1000):
        qtbot.keyClick(gallery, Qt.Key.Key_Delete)


def test_a_folder_is_taken_and_a_file_is_not(tmp_path):
    (tmp_path / "model.tflite").touch()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "model.tflite"))])
    assert dropped_folder(data) is None
    data.setUrls([QUrl.fromLocalFile(str(tmp_path))])
    assert dropped_folder(data) == tmp_path


def test_a_dropped_folder_is_told(qtbot, window, tmp_path):
    card = window.train_view.pictures
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path))])
    event = QDropEvent(
        QPointF(5, 5),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    with qtbot.waitSignal(card.folder_dropped, timeout=1000) as told:
        card.dropEvent(event)
    assert told.args == [Path(tmp_path)]


def test_a_training_that_begins_anew_forgets_the_old_passes(qtbot, light):
    curves = Curves(light)
    qtbot.addWidget(curves)
    for number in (0, 1, 2, 0):
        curves.add(Epoch(number, 60, 3.0, 2.5, 0.5, 0.625, 0.0))
    assert len(curves.epochs) == 1
    assert curves.accuracy_said.text() == "62.5"
    assert curves.loss.top == 4.0


@pytest.fixture
def picker(qtbot, light) -> FramePicker:
    picker = FramePicker(light)
    qtbot.addWidget(picker)
    picker.resize(200, 300)
    image = QImage(100, 200, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    picker.show_image(image)
    picker.show()
    return picker


def test_what_is_inside_the_frame_is_kept(picker):
    picker.start_with(whole=True)
    assert picker.kept().size() == picker.image.size()
    picker.start_with(whole=False)
    assert 0 < picker.kept().height() < 100


def test_the_frame_never_leaves_the_picture(qtbot, picker):
    shift = Qt.KeyboardModifier.ShiftModifier
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Left, Qt.Key.Key_Down):
        for _ in range(60):
            qtbot.keyClick(picker, key)
            qtbot.keyClick(picker, key, shift)
            frame = picker.frame
            assert 0 <= frame.left() < frame.right() <= 1 + 1e-9
            assert 0 <= frame.top() < frame.bottom() <= 1 + 1e-9


def test_a_frame_that_was_moved_by_hand_stays(qtbot, picker):
    qtbot.keyClick(picker, Qt.Key.Key_Down)
    before = picker.frame
    picker.show_frame(before.translated(0.1, 0.1))
    assert picker.frame == before


@pytest.mark.parametrize("size", [(1280, 800), (1600, 1000)])
def test_no_text_of_the_view_is_clipped(qtbot, window, answers, evaluation, size, tmp_path):
    view = window.train_view
    window.resize(*size)
    window.banner.show_text("virtual phone: this computer's speed")
    window.show()
    window.side_bar.choose("train")
    lines = (ClassLine("meadow", 426, 91, 92), ClassLine("road", 532, 115, 114))
    warnings = ("road has only 26 pictures: the accuracy will be known only roughly.",)
    view.pictures.show_looked(Looked(tmp_path, lines, warnings, ((tmp_path, "is empty."),), 8))
    told = tuple(
        Told(word, NAMES, answers, evaluation.top1) for word in ("float32", "float16", "int8")
    )
    view.result.show_result(Result("meadow / road", "v1_0.50_128: " + "learned " * 12, told))
    view.on_phone.show()
    qtbot.waitUntil(lambda: window.width() == size[0], timeout=1000)
    QApplication.processEvents()
    for button in view.findChildren(Button):
        if button.isVisible():
            assert button.width() >= button.fontMetrics().horizontalAdvance(button.text()) + 8
    for label in view.findChildren(Label):
        if label.isVisible() and type(label) is Label:
            assert label.height() >= label.heightForWidth(label.width()) - 1, label.text()
            if not label.wordWrap():
                assert label.width() >= label.fontMetrics().horizontalAdvance(label.text())
    assert view.minimumSizeHint().width() <= window.views.width()
