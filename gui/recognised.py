"""What the model says of the newest picture: classes, things found, a map's shares, a vector."""

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from gui.labels import Label
from gui.parts import Card, Chip
from gui.theme import BODY, CAPTION, MEDIUM, REGULAR, SEMIBOLD, SPACE, Theme

if TYPE_CHECKING:
    from engine.accuracy.shares import Share

TOP = 3
SCORE_TIP = "This phone tells what its camera truly sees: answers that were right, two a second"
TITLES = {
    "classes": "Recognised",
    "boxes": "Found",
    "map": "Shares of the picture",
    "vector": "Embedding",
}
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Answer(NamedTuple):
    """What the model said of one picture.

    Attributes:
        kind: ``classes``, ``boxes``, ``map`` or ``vector``.
        entries: ``(label, score)`` best first; of a map the classes and their shares, 0..1.
        untrained: Whether the weights are random.
        picture: Which of the APK's pictures it was, from 1; 0 for another source.
        length: Of a vector, how many numbers.
        norm: Of a vector, its Euclidean length.
    """

    kind: str
    entries: tuple[tuple[str, float], ...] = ()
    untrained: bool = False
    picture: int = 0
    length: int = 0
    norm: float = 0.0


class Row(NamedTuple):
    """One line: a word, its bar's length 0..1 (None without a bar), and its figure."""

    word: str
    share: float | None
    figure: str


class Recognised(Card):
    """The best three of the newest answer; their places are fixed."""

    def __init__(self, theme: Theme) -> None:
        """Make it empty."""
        super().__init__(theme)
        self._why = ""
        self.untrained = Chip(theme, "untrained", "warn")
        self.untrained.setToolTip("Random weights: speed is real, answers mean nothing")
        self.untrained.hide()
        self.title = Label(theme, TITLES["classes"], BODY, SEMIBOLD)
        self.picture = Label(theme, "", CAPTION, tone="muted")
        self.picture.hide()
        self.score = Label(theme, "", CAPTION, tone="muted")
        self.score.setToolTip(SCORE_TIP)
        self.score.hide()
        self.bars = Bars(theme)
        head = QHBoxLayout()
        head.setSpacing(SPACE // 2)
        head.addWidget(self.title)
        head.addWidget(self.picture)
        head.addStretch(1)
        head.addWidget(self.score)
        head.addWidget(self.untrained)
        self.box.addLayout(head)
        self.box.addWidget(self.bars, 1)

    @Slot(object)
    def show_answer(self, answer: Answer | None) -> None:
        """Show the newest answer, as the phone does; None while there is none."""
        self.untrained.setVisible(answer is not None and answer.untrained)
        if answer is None:
            self.title.setText(TITLES["classes"])
            self.picture.hide()
            self.bars.show_rows((), self._why or "Nothing yet")
            return
        self.title.setText(TITLES.get(answer.kind, TITLES["classes"]))
        self.picture.setText(f"picture {answer.picture}")
        self.picture.setVisible(answer.picture > 0)
        if answer.kind == "vector":
            length = f"{answer.length:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
            rows: tuple[Row, ...] = (
                Row("numbers", None, length),
                Row("norm", None, f"{answer.norm:.4g}"),
            )
        else:
            from engine.models.recognition import worth_showing  # brings numpy

            boxes = answer.kind == "boxes"
            rows = tuple(
                Row(label, score, f"{100 * score:.0f} %")
                for label, score in answer.entries
                if worth_showing(score, box=boxes)
            )
        self.bars.show_rows(rows[:TOP], "Nothing found")

    @Slot(object)
    def show_score(self, score: "Share | None") -> None:
        """Show how many of the answers so far were right, where the truth is known."""
        self.score.setVisible(score is not None)
        if score is not None:
            self.score.setText(f"right {score.hits} of {score.n}")

    def show_silent(self, why: str) -> None:
        """Say why there is no answer for now; empty: there will be one."""
        self._why = why
        self.show_answer(None)


class Bars(QWidget):
    """Rows of word, bar and figure."""

    def __init__(self, theme: Theme) -> None:
        """Make it without rows."""
        super().__init__()
        self.theme = theme
        self.rows: tuple[Row, ...] = ()
        self.empty = "Nothing yet"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    def show_rows(self, rows: tuple[Row, ...], empty: str) -> None:
        """Show these rows; ``empty`` where there are none."""
        if (rows, empty) != (self.rows, self.empty):
            self.rows, self.empty = rows, empty
            said = (f"{row.word} {row.figure}" for row in rows)
            self.setAccessibleDescription(", ".join(said) or empty)
            self.update()

    def sizeHint(self) -> QSize:
        """Room for three rows."""
        return QSize(26 * SPACE, TOP * 3 * SPACE)

    def minimumSizeHint(self) -> QSize:
        """Words end in an ellipsis before figures go."""
        return QSize(18 * SPACE, TOP * 3 * SPACE)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the rows."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self.rows:
            painter.setPen(QColor(self.theme.colours.muted))
            painter.setFont(self.theme.font(BODY))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, self.empty)
        height = self.height() / TOP
        for at, row in enumerate(self.rows):
            self._paint_row(painter, QRectF(0, at * height, self.width(), height), row, at == 0)

    def _paint_row(self, painter: QPainter, line: QRectF, row: Row, first: bool) -> None:
        c = self.theme.colours
        face = line.adjusted(0, 2, -6 * SPACE, -2)
        inset = 0
        if row.share is not None:
            inset = SPACE
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(c.raised))
            painter.drawRoundedRect(face, 4, 4)
            painter.setBrush(QColor(c.selected))
            fill = QRectF(face)
            fill.setWidth(max(4.0, face.width() * min(1.0, max(0.0, row.share))))
            painter.drawRoundedRect(fill, 4, 4)
        strong = first or row.share is None
        painter.setFont(self.theme.font(BODY, MEDIUM if strong else REGULAR))
        painter.setPen(QColor(c.text if strong else c.muted))
        painter.drawText(line, RIGHT, row.figure)
        if row.share is None:
            painter.setFont(self.theme.font(BODY))
            painter.setPen(QColor(c.muted))
        room = face.adjusted(inset, 0, -SPACE, 0)
        word = painter.fontMetrics().elidedText(
            row.word, Qt.TextElideMode.ElideRight, int(room.width())
        )
        painter.drawText(room, LEFT, word)
