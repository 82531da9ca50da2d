"""Asking for files: what is chosen arrives, and no dialog is left behind."""

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from gui.file_dialogs import ask_to_open, ask_to_save


def test_a_closed_dialog_is_gone(qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = ask_to_open(parent, "Open a model", "TensorFlow Lite (*.tflite)", print)
    dialog.reject()
    qtbot.waitUntil(lambda: parent.findChildren(QFileDialog) == [], timeout=5000)


def test_the_chosen_file_arrives_as_a_path(qtbot):
    parent, taken = QWidget(), []
    qtbot.addWidget(parent)
    dialog = ask_to_save(parent, "Export", "run-3.json", "Run record (*.json)", taken.append)
    assert dialog.defaultSuffix() == "json"
    dialog.fileSelected.emit("/tmp/run-3.json")
    dialog.reject()
    assert taken == [Path("/tmp/run-3.json")]
