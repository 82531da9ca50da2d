"""A run's tags: each can be taken away, a line adds one."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, QStringListModel, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QCompleter, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from gui.parts import Button
from gui.theme import BODY, CAPTION, MEDIUM, SPACE, Theme

HEIGHT = 4 * SPACE
CROSS = "\N{MULTIPLICATION SIGN}"


class TagEditor(QWidget):
    """Shows the tags; wishes go out."""

    added = Signal(str)
    removed = Signal(str)

    def __init__(self, theme: Theme) -> None:
        """Make it without tags."""
        super().__init__()
        self.theme = theme
        self.tags: tuple[str, ...] = ()
        self.flow = _Flow()
        self.entry = QLineEdit()
        self.entry.setFont(theme.font(BODY))
        self.entry.setPlaceholderText("Add a tag")
        self.entry.setAccessibleName("Add a tag")
        self.entry.setToolTip("A word of your own, Enter adds it")
        self.entry.setMaxLength(40)
        self.entry.returnPressed.connect(self._add)
        self._known = QStringListModel(self)
        completer = QCompleter(self._known, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.entry.setCompleter(completer)
        self.add_button = Button(theme, "Add")
        self.add_button.clicked.connect(self._add)
        line = QHBoxLayout()
        line.setSpacing(SPACE)
        line.addWidget(self.entry, 1)
        line.addWidget(self.add_button)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(SPACE // 2)
        box.addWidget(self.flow)
        box.addLayout(line)

    def show_tags(self, tags: Sequence[str], known: Sequence[str] = ()) -> None:
        """Show a run's tags, and offer the known ones while typing."""
        self._known.setStringList(list(known))
        if tuple(tags) == self.tags:
            return
        self.tags = tuple(tags)
        self.flow.show_parts([self._button(tag) for tag in tags])

    def _button(self, tag: str) -> Button:
        button = Button(self.theme, f"{tag}  {CROSS}", tip=f"Take the tag {tag} away")
        button.setAccessibleName(f"Take the tag {tag} away")
        button.setFont(self.theme.font(CAPTION, MEDIUM))
        button.setFixedHeight(3 * SPACE)
        button.clicked.connect(lambda: self.removed.emit(tag))
        return button

    def _add(self) -> None:
        tag = self.entry.text().strip()
        if tag:
            self.entry.clear()
            self.added.emit(tag)


class _Flow(QWidget):
    """Puts its parts side by side, in as many lines as they need."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[QWidget] = []
        self.hide()

    def show_parts(self, parts: Sequence[QWidget]) -> None:
        for old in self._parts:
            old.deleteLater()
            old.hide()
        self._parts = list(parts)
        for part in parts:
            part.setParent(self)
            part.show()
        self.setVisible(bool(parts))
        self._place()

    def sizeHint(self) -> QSize:
        return QSize(20 * SPACE, self.minimumHeight())

    def resizeEvent(self, _event: QResizeEvent) -> None:
        self._place()

    def _place(self) -> None:
        x = y = 0
        for part in self._parts:
            width = min(part.sizeHint().width() - 2 * SPACE, max(8 * SPACE, self.width()))
            if x and x + width > self.width():
                x, y = 0, y + HEIGHT
            part.setGeometry(x, y, width, 3 * SPACE)
            x += width + SPACE // 2
        self.setMinimumHeight(y + HEIGHT if self._parts else 0)
