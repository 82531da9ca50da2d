"""A card that takes a folder which is dropped on it."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QPainter,
    QPaintEvent,
    QPen,
)

from gui.parts import Card
from gui.theme import SEMIBOLD, SPACE, TITLE, Theme


def dropped_folder(data: QMimeData) -> Path | None:
    """Return the first folder of what is dragged; None without one."""
    for url in data.urls():
        path = Path(url.toLocalFile())
        if url.isLocalFile() and path.is_dir():
            return path
    return None


class DropCard(Card):
    """Lights up and names the action while a folder hangs over it."""

    folder_dropped = Signal(Path)

    def __init__(
        self,
        theme: Theme,
        action: str,
        taken: Callable[[QMimeData], Path | None] = dropped_folder,
    ) -> None:
        """Make an empty card.

        Args:
            theme: The look.
            action: Is said before the folder's name.
            taken: Says what of a drag is taken; None refuses it.
        """
        super().__init__(theme)
        self._action, self._taken = action, taken
        self._note = ""
        self.setAcceptDrops(True)
        self.veil = _Veil(self, theme)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Light up for what is taken."""
        path = self._taken(event.mimeData())
        if path is not None:
            event.acceptProposedAction()
            self.veil.show_note(f"{self._action} {path.name}")

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        """Go dark again."""
        self.veil.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take it."""
        path = self._taken(event.mimeData())
        self.veil.hide()
        if path is not None:
            event.acceptProposedAction()
            self.folder_dropped.emit(path)


class _Veil(Card):
    """Lies over the card while something hangs over it."""

    def __init__(self, parent: DropCard, theme: Theme) -> None:
        super().__init__(theme)
        self.setParent(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._note = ""
        self.hide()

    def show_note(self, note: str) -> None:
        self._note = note
        self.setGeometry(self.parentWidget().rect())
        self.raise_()
        self.show()

    def paintEvent(self, _event: QPaintEvent) -> None:
        c = self.theme.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(c.accent), 3))
        painter.setBrush(QColor(c.selected))
        painter.drawRoundedRect(self.rect().adjusted(2, 2, -2, -2), 11, 11)
        painter.setPen(QColor(c.text))
        painter.setFont(self.theme.font(TITLE, SEMIBOLD))
        words = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        room = self.rect().adjusted(2 * SPACE, SPACE, -2 * SPACE, -SPACE)
        painter.drawText(room, words, self._note)
