"""The sessions of the past, newest first; those that can be gone on with say so."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.labels import Label
from gui.marks import draw_state
from gui.parts import Card
from gui.qa.values import STATES, PastSession
from gui.theme import BODY, CAPTION, MEDIUM, SEMIBOLD, SPACE, TITLE, Theme
from gui.training.scrolling import Scrolling

ROW = 6 * SPACE
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
EMPTY = "Sessions are kept here for ever, with their plan, values and pictures."


class SessionList(QWidget):
    """Paints the sessions; click or arrows choose one."""

    chosen = Signal(int)  # series id

    def __init__(self, theme: Theme) -> None:
        """Make it empty."""
        super().__init__()
        self.theme = theme
        self.sessions: tuple[PastSession, ...] = ()
        self.current = 0
        self.setAccessibleName("Sessions")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_sessions(self, sessions: Sequence[PastSession]) -> None:
        """Show them; the chosen one stays so."""
        self.sessions = tuple(sessions)
        self.setFixedHeight(max(1, len(self.sessions)) * ROW)
        self._describe()
        self.update()

    def show_chosen(self, series_id: int) -> None:
        """Mark a session; nothing is told."""
        self.current = series_id
        self._describe()
        self.update()

    def choose(self, series_id: int) -> None:
        """Choose a session and tell it."""
        self.show_chosen(series_id)
        self.chosen.emit(series_id)

    def sizeHint(self) -> QSize:
        """One row each."""
        return QSize(30 * SPACE, max(1, len(self.sessions)) * ROW)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose what is under the pointer."""
        at = int(event.position().y() // ROW)
        if 0 <= at < len(self.sessions):
            self.choose(self.sessions[at].series_id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move with the arrows."""
        ids = [each.series_id for each in self.sessions]
        by = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
        if by is None or not ids:
            super().keyPressEvent(event)
            return
        at = ids.index(self.current) + by if self.current in ids else 0
        self.choose(ids[min(max(at, 0), len(ids) - 1)])

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint each session: shape, title, when and how it ended."""
        c = self.theme.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = {"ok": c.ok, "warn": c.warn, "fail": c.fail}
        for at, session in enumerate(self.sessions):
            box = QRectF(0, at * ROW, self.width(), ROW)
            if session.series_id == self.current:
                painter.setPen(QColor(c.accent) if self.hasFocus() else Qt.PenStyle.NoPen)
                painter.setBrush(QColor(c.selected))
                painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 6, 6)
            state = STATES.get(session.outcome, "busy" if session.resumable else "none")
            shape = QRectF(SPACE, box.top() + 9, 14, 14)
            draw_state(painter, shape, state, QColor(colours.get(state, c.muted)))
            room = box.adjusted(SPACE + 22, 5, -SPACE, -ROW / 2)
            word = session.outcome or ("not finished" if session.resumable else "left")
            painter.setFont(self.theme.font(CAPTION, MEDIUM))
            width = QFontMetricsF(painter.font()).horizontalAdvance(word) + SPACE
            painter.setPen(QColor(c.text))
            painter.drawText(
                room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, word
            )
            self._text(painter, room.adjusted(0, 0, -width, 0), session.title, BODY, c.text)
            low = box.adjusted(SPACE + 22, ROW / 2 - 1, -SPACE, -4)
            self._text(painter, low, f"{session.when}  {session.phones}", CAPTION, c.muted)

    def _text(self, painter: QPainter, room: QRectF, text: str, size: int, ink: str) -> None:
        painter.setFont(self.theme.font(size))
        painter.setPen(QColor(ink))
        metrics = QFontMetricsF(painter.font())
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, shown)

    def _describe(self) -> None:
        known = [each for each in self.sessions if each.series_id == self.current]
        told = [f"{e.title}, {e.when}, {e.outcome or 'not finished'}" for e in known]
        self.setAccessibleDescription("".join(told))


class SessionsCard(Card):
    """The list in a card."""

    def __init__(self, theme: Theme) -> None:
        """Make it empty."""
        super().__init__(theme)
        self.list = SessionList(theme)
        self.empty = Label(theme, EMPTY, BODY, tone="muted", wrap=True)
        self.scroll = Scrolling(self.list)
        self.box.addWidget(Label(theme, "Sessions", TITLE, SEMIBOLD))
        self.box.addWidget(self.empty)
        self.box.addWidget(self.scroll, 1)
        self.show_sessions(())

    def show_sessions(self, sessions: Sequence[PastSession]) -> None:
        """Show the sessions, or what the place is for."""
        self.list.show_sessions(sessions)
        self.empty.setVisible(not sessions)
        self.scroll.setVisible(bool(sessions))
        self.setSizePolicy(
            QSizePolicy.Policy.Preferred,
            QSizePolicy.Policy.Expanding if sessions else QSizePolicy.Policy.Maximum,
        )
