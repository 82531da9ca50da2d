"""Text in the scale's sizes, in a colour that follows the scheme."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from gui.theme import BODY, REGULAR, SPACE, Theme


class Label(QLabel):
    """Text in one of the scale's sizes; ``tone`` is ``text``, ``muted`` or ``accent``."""

    def __init__(
        self,
        theme: Theme,
        text: str = "",
        size: int = BODY,
        weight: QFont.Weight = REGULAR,
        tone: str = "text",
        *,
        wrap: bool = False,
    ) -> None:
        """Make the label."""
        super().__init__(text)
        self.theme = theme
        self.tone = tone
        self.setFont(theme.font(size, weight))
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        self._recolour()
        theme.changed.connect(self._recolour)

    def set_tone(self, tone: str) -> None:
        """Change the colour by its name in ``Colours``."""
        self.tone = tone
        self._recolour()

    def setText(self, text: str) -> None:
        """Change the text, and the height that a wrapped one needs."""
        super().setText(text)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap anew."""
        super().resizeEvent(event)
        self._fit()

    def sizeHint(self) -> QSize:
        """A wrapped text asks for the height that it has, whatever its width."""
        hint = super().sizeHint()
        return QSize(hint.width(), self.minimumHeight()) if self.minimumHeight() else hint

    def _fit(self) -> None:
        """Hold the height of a wrapped text: layouts in a splitter ask too late for it."""
        if self.wordWrap():
            self.setMinimumHeight(0)  # heightForWidth never tells less than the minimum
            self.setMinimumHeight(max(0, self.heightForWidth(self.width())))

    def _recolour(self) -> None:
        palette = self.palette()
        palette.setColor(self.foregroundRole(), QColor(getattr(self.theme.colours, self.tone)))
        self.setPalette(palette)


class ElidedLabel(Label):
    """One line that ends in an ellipsis where it does not fit; the tool tip has it all."""

    def minimumSizeHint(self) -> QSize:
        """Allow any width."""
        return QSize(4 * SPACE, super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:
        """Ask for the whole text."""
        return QSize(
            self.fontMetrics().horizontalAdvance(self.text()) + 2, super().sizeHint().height()
        )

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint what fits."""
        painter = QPainter(self)
        painter.setPen(QColor(getattr(self.theme.colours, self.tone)))
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        self.setToolTip(self.text() if text != self.text() else "")
        painter.drawText(self.rect(), self.alignment() | Qt.AlignmentFlag.AlignVCenter, text)


class TwoLines(QWidget):
    """Keeps room for two lines, so that a second one moves nothing."""

    def __init__(self, label: Label) -> None:
        """Hold the label at the top."""
        super().__init__()
        self.setMinimumHeight(2 * label.fontMetrics().lineSpacing() + 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(label, 0, Qt.AlignmentFlag.AlignTop)


def centred(label: Label) -> QWidget:
    """Return a page with nothing but a label in its middle."""
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    page = QWidget()
    box = QVBoxLayout(page)
    box.addStretch(1)
    box.addWidget(label)
    box.addStretch(1)
    return page
