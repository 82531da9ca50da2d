"""What a timed run can be told besides its preset, and what else can be measured."""

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QGridLayout, QLineEdit, QSpinBox, QVBoxLayout, QWidget

from gui.labels import Label
from gui.live.plan import COOLEST, MINUTES, SECONDS, WARMEST, RunPlan
from gui.parts import Button
from gui.theme import BODY, CAPTION, MEDIUM, SPACE, Theme

OFF = COOLEST - 1
"""The spin box' value below the coolest temperature: no waiting."""
INDENT = 14
"""Pixels before a spin box' text, as a line edit has them: the style sheet's do not reach it."""
COST_TIP = (
    "Six short runs, in turns with the mirror on and paused: what mirroring costs the phone. "
    "About two minutes"
)


class MoreOptions(QFrame):
    """A panel that opens above its button and closes at a click elsewhere; nothing is modal."""

    changed = Signal()
    cost_requested = Signal()
    sweep_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        """Make it closed; ``parent`` is what it belongs to."""
        super().__init__(parent, Qt.WindowType.Popup)
        self.theme = theme
        self.minutes, self.seconds, self.start = QSpinBox(), QSpinBox(), QSpinBox()
        self.note = QLineEdit()
        self.cost_button = Button(theme, "Measure the mirror's cost", "secondary", COST_TIP)
        self.sweep_button = Button(theme, "Sweep several models", "secondary")
        self._lay_out()
        for spin, ends, suffix in (
            (self.minutes, MINUTES, " min"),
            (self.seconds, SECONDS, " s"),
            (self.start, (OFF, WARMEST), " °C"),
        ):
            spin.setRange(*ends)
            spin.setSuffix(suffix)
            spin.lineEdit().setAccessibleName(spin.accessibleName())
            spin.setFont(theme.font(BODY))
            spin.lineEdit().setTextMargins(INDENT, 0, 0, 0)
            spin.valueChanged.connect(self.changed)
        self.start.setSpecialValueText("off")
        self.note.setFont(theme.font(BODY))
        self.note.setMaxLength(1000)
        self.note.setPlaceholderText("For the record")
        self.note.textChanged.connect(self.changed)
        self.cost_button.clicked.connect(self.hide)
        self.cost_button.clicked.connect(self.cost_requested)
        self.sweep_button.clicked.connect(self.hide)
        self.sweep_button.clicked.connect(self.sweep_requested)
        theme.changed.connect(self.update)
        self.show_plan(RunPlan())

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * SPACE)
        grid.setVerticalSpacing(SPACE)
        self.time_label = Label(self.theme, "Time", BODY)
        lines = (
            (
                "Start temperature",
                self.start,
                "The battery first cools down to it. Type, or step with the arrows",
            ),
            ("Note", self.note, "It is kept with the run"),
        )
        grid.addWidget(self.time_label, 0, 0)
        for spin in (self.minutes, self.seconds):
            spin.setAccessibleName("Time")
            grid.addWidget(spin, 0, 1)
        for row, (word, field, tip) in enumerate(lines, start=1):
            field.setAccessibleName(word)
            field.setToolTip(tip)
            grid.addWidget(Label(self.theme, word, BODY), row, 0)
            grid.addWidget(field, row, 1)
        grid.setColumnStretch(1, 1)
        self.actions = QVBoxLayout()
        self.actions.setSpacing(SPACE)
        self.actions.addWidget(self.cost_button)
        self.actions.addWidget(self.sweep_button)
        box = QVBoxLayout(self)
        box.setContentsMargins(2 * SPACE, 2 * SPACE, 2 * SPACE, 2 * SPACE)
        box.setSpacing(2 * SPACE)
        box.addLayout(grid)
        box.addWidget(Label(self.theme, "Other measurements", CAPTION, MEDIUM, "muted"))
        box.addLayout(self.actions)

    def show_plan(self, plan: RunPlan) -> None:
        """Show a plan; only the time that its preset takes."""
        for field in (self.minutes, self.seconds, self.start, self.note):
            field.blockSignals(True)
        self.minutes.setValue(round(plan.minutes))
        self.seconds.setValue(round(plan.seconds))
        self.start.setValue(OFF if plan.start_c is None else round(plan.start_c))
        if self.note.text().strip() != plan.note:  # a space that is being typed stays
            self.note.setText(plan.note)
        for field in (self.minutes, self.seconds, self.start, self.note):
            field.blockSignals(False)
        self.minutes.setVisible(plan.preset == "sustained")
        self.seconds.setVisible(plan.preset == "")
        self.time_label.setVisible(plan.preset in {"", "sustained"})
        self.adjustSize()

    def taken(self, plan: RunPlan) -> RunPlan:
        """Return the plan with what stands here."""
        start = self.start.value()
        return plan._replace(
            minutes=float(self.minutes.value()),
            seconds=float(self.seconds.value()),
            start_c=None if start == OFF else float(start),
            note=self.note.text().strip(),
        )

    def open_above(self, button: QWidget) -> None:
        """Open with its lower right corner at the button's upper one, within the screen."""
        self.adjustSize()
        corner = button.mapToGlobal(QPoint(button.width(), -SPACE // 2))
        spot = corner - QPoint(self.width(), self.height())
        room = button.screen().availableGeometry()
        spot.setX(max(room.left(), min(spot.x(), room.right() - self.width())))
        spot.setY(max(room.top(), spot.y()))
        self.move(spot)
        self.show()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the surface."""
        painter = QPainter(self)
        painter.setPen(QPen(QColor(self.theme.colours.border), 1))
        painter.setBrush(QColor(self.theme.colours.surface))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
