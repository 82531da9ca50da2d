"""A painted text that the keyboard reaches, and Ctrl+C copies."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

from gui.theme import Theme


class CopiedText(QWidget):
    """What is painted is copied as ``text``; who paints it shows the focus too."""

    def __init__(self, theme: Theme, name: str, tip: str) -> None:
        """Make it.

        Args:
            theme: Colours and fonts.
            name: Read out by screen readers.
            tip: Tells of Ctrl+C.
        """
        super().__init__()
        self.theme = theme
        self.setAccessibleName(name)
        self.setToolTip(tip)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        theme.changed.connect(self.update)

    def text(self) -> str:
        """Return what is copied."""
        return ""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy the text."""
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self.text())
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, _event: QFocusEvent) -> None:
        """Show the ring."""
        self.update()

    def focusOutEvent(self, _event: QFocusEvent) -> None:
        """Take the ring away."""
        self.update()
