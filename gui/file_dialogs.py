"""Asks for a file without blocking the window; each dialog goes when it is closed."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget


def ask_to_open(
    parent: QWidget, title: str, kinds: str, take: Callable[[Path], object]
) -> QFileDialog:
    """Ask for a file to read; ``take`` gets it when one was chosen."""
    dialog = QFileDialog(parent, title, "", kinds)
    return _open(dialog, take)


def ask_for_folder(parent: QWidget, title: str, take: Callable[[Path], object]) -> QFileDialog:
    """Ask for a folder; ``take`` gets it when one was chosen."""
    dialog = QFileDialog(parent, title)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    return _open(dialog, take)


def ask_to_save(
    parent: QWidget, title: str, name: str, kinds: str, take: Callable[[Path], object]
) -> QFileDialog:
    """Ask where to write; ``name`` is proposed, its suffix added where it is missing."""
    dialog = QFileDialog(parent, title, name, kinds)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(Path(name).suffix.removeprefix("."))
    return _open(dialog, take)


def _open(dialog: QFileDialog, take: Callable[[Path], object]) -> QFileDialog:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(lambda name: take(Path(name)))
    dialog.open()
    return dialog
