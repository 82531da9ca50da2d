"""Deploy: one button, the steps that it takes, where it stands, and what went wrong."""

from collections.abc import Sequence

from PySide6.QtCore import QElapsedTimer, QPointF, QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from engine.errors import InstallError, LabError, Remedy
from engine.jobs import Ended, Outcome, Progress
from gui.labels import Label
from gui.marks import draw_state
from gui.parts import Button, Card, StateShape
from gui.theme import BODY, CAPTION, MEDIUM, REGULAR, SEMIBOLD, SPACE, Theme

STEPS = ("build", "sign", "push", "install", "grant", "start", "linked")
WORDS = {
    "build": "Building",
    "sign": "Signing",
    "push": "Sending",
    "install": "Installing",
    "grant": "Granting the camera",
    "start": "Starting",
    "linked": "Waiting for the app",
}
"""What the phone or the lab is doing in a step."""
TICK_MS = 500


class DeployPanel(Card):
    """Shows a deploy and lets the person start and stop it. Knows nothing of phones."""

    deploy_requested = Signal()
    cancel_requested = Signal()
    remove_requested = Signal()  # take the other app off the phone, then deploy

    def __init__(self, theme: Theme, steps: Sequence[str] = STEPS) -> None:
        """Make the panel at rest."""
        super().__init__(theme)
        self._cancelled = False
        self.running = False
        self._doing = ""
        self.deploy_button = Button(theme, "Deploy", "primary", "Ctrl+D")
        self.cancel_button = Button(theme, "Cancel", "secondary", "Esc")
        self.cancel_button.setEnabled(False)
        self.deploy_button.clicked.connect(self.deploy_requested)
        self.cancel_button.clicked.connect(self.cancel_requested)
        self.track = StepTrack(theme, steps)
        self.what = Label(theme, "", BODY, MEDIUM, wrap=True)
        self.what.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.advice = Label(theme, "", BODY, tone="muted", wrap=True)
        self.shape = StateShape(theme)
        self.elapsed = Label(theme, "", BODY, tone="muted")
        self._clock = QElapsedTimer()
        self._tick = QTimer(self, interval=TICK_MS)
        self._tick.timeout.connect(self._show_elapsed)
        said = QHBoxLayout()
        said.setSpacing(SPACE)
        said.addWidget(self.shape, 0, Qt.AlignmentFlag.AlignTop)
        said.addWidget(self.what, 1)
        said.addWidget(self.elapsed, 0, Qt.AlignmentFlag.AlignTop)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE)
        buttons.addWidget(self.deploy_button, 1)
        buttons.addWidget(self.cancel_button)
        self.box.addLayout(buttons)
        self.box.addWidget(self.track)
        self.box.addLayout(said)
        self.remove_button = Button(theme, "Remove it and deploy again")
        self.remove_button.clicked.connect(self.remove_requested)
        self.box.addWidget(self.advice)
        self.box.addWidget(self.remove_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.advice.hide()
        self.remove_button.hide()

    def show_ready(self, ready: bool, text: str) -> None:
        """Say at rest whether a deploy can start, and what it would do or what is missing."""
        if self.running:
            return
        self.deploy_button.setEnabled(ready)
        if self.shape.state == "none" and not self._cancelled:
            self._say("none", text)

    def show_started(self, title: str) -> None:
        """Show that a deploy of ``title`` began."""
        self.running = True
        self._cancelled = False
        self.deploy_button.setEnabled(False)
        self.cancel_button.setEnabled(True)
        if self.remove_button.hasFocus():  # it goes; the focus shall stay here
            self.cancel_button.setFocus()
        self.track.reset()
        self.track.show_step(self.track.steps[0], None)
        self._doing = WORDS[STEPS[0]]
        self._clock.start()
        self._tick.start()
        self._show_elapsed()
        self._say("busy", f"Deploying {title}")

    @Slot(Progress)
    def show_progress(self, progress: Progress) -> None:
        """Show one step of the running deploy."""
        if not self.running:
            return
        self.track.show_step(progress.step, progress.fraction)
        self._doing = WORDS.get(progress.step, progress.step)
        share = "" if progress.fraction is None else f"{100 * progress.fraction:.0f} %"
        said = (self._doing, share, progress.detail)
        self._say("busy", " · ".join(part for part in said if part))

    def _show_elapsed(self) -> None:
        self.elapsed.setText(f"{self._clock.elapsed() // 1000} s")

    @Slot(Ended)
    def show_ended(self, ended: Ended, text: str = "") -> None:
        """Show how the deploy ended; ``text`` is what a completed one says."""
        self.running = False
        self._tick.stop()
        self.elapsed.setText("")
        self.deploy_button.setEnabled(True)
        self.cancel_button.setEnabled(False)
        if ended.outcome is Outcome.COMPLETED:
            self.track.finish()
            self._say("ok", text or "Linked: the phone is measuring")
        elif ended.outcome is Outcome.CANCELLED:
            self.track.stop(failed=False)
            self._cancelled = True
            self._say("none", "Cancelled. The phone keeps what it had before.")
        else:
            self.track.stop(failed=True)
            error = ended.error
            what = error.what if error else ended.message
            self._say("fail", f"While {_lowered(self._doing)}: {what}", _advice(error))
            mends = error.remedy if isinstance(error, InstallError) else None
            self.remove_button.setVisible(mends is Remedy.REMOVE_OLD)

    def show_at_rest(self, text: str) -> None:
        """Forget the last deploy: another phone or another variant was chosen."""
        if not self.running:
            self._cancelled = False
            self.track.reset()
            self._say("none", text)

    def _say(self, state: str, what: str, advice: str = "") -> None:
        self.shape.show_state(state)
        self.what.setText(what)
        self.what.set_tone("text" if state in {"fail", "ok", "busy"} else "muted")
        self.advice.setText(advice)
        self.advice.setVisible(bool(advice))
        self.remove_button.hide()
        self.track.setAccessibleDescription(f"{what} {advice}".strip())


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


def _advice(error: LabError | None) -> str:
    return error.advice if error else ""


class StepTrack(QWidget):
    """The steps in a row: done ones ticked, the current one a ring with its share."""

    def __init__(self, theme: Theme, steps: Sequence[str]) -> None:
        """Make the row with nothing done."""
        super().__init__()
        self.theme = theme
        self.steps = tuple(steps)
        self.states = ["none"] * len(self.steps)
        self.fraction: float | None = None
        self.setAccessibleName("Steps of the deploy")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Circles and words beneath."""
        return QSize(len(self.steps) * 6 * SPACE, 7 * SPACE)

    def minimumSizeHint(self) -> QSize:
        """The words touch below this width."""
        return QSize(len(self.steps) * 5 * SPACE, 7 * SPACE)

    def reset(self) -> None:
        """Show nothing done."""
        self.states = ["none"] * len(self.steps)
        self.fraction = None
        self.update()

    def show_step(self, step: str, fraction: float | None) -> None:
        """Show that ``step`` is under way and those before it are done.

        A step that the row does not know is shown by its word only, elsewhere.
        """
        if step in self.steps:
            at = self.steps.index(step)
            self.states = [
                "ok" if number < at else "busy" if number == at else "none"
                for number in range(len(self.steps))
            ]
        self.fraction = fraction
        self.update()

    def finish(self) -> None:
        """Show all done."""
        self.states = ["ok"] * len(self.steps)
        self.update()

    def stop(self, *, failed: bool) -> None:
        """Show that the current step failed or was left."""
        if "busy" not in self.states and failed:
            self.states[0] = "busy"
        self.states = [
            ("fail" if failed else "none") if state == "busy" else state for state in self.states
        ]
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the rail, the circles and the words."""
        c = self.theme.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width, y, radius = self.width() / len(self.steps), 14.0, 10.0
        for number, (step, state) in enumerate(zip(self.steps, self.states, strict=True)):
            x = (number + 0.5) * width
            if number:
                colour = c.ok if state == "ok" else c.accent if state == "busy" else c.border
                painter.setPen(QPen(QColor(colour), 2))
                painter.drawLine(QPointF(x - width + radius + 4, y), QPointF(x - radius - 4, y))
            self._paint_circle(painter, QPointF(x, y), radius, state)
            active = state in {"busy", "fail"}
            painter.setFont(self.theme.font(CAPTION, SEMIBOLD if active else REGULAR))
            painter.setPen(QColor(c.text if state != "none" else c.muted))
            painter.drawText(
                QRectF(x - width / 2, y + radius + 6, width, 18),
                Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter,
                step,
            )

    def _paint_circle(self, painter: QPainter, centre: QPointF, radius: float, state: str) -> None:
        c = self.theme.colours
        box = QRectF(centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if state == "ok":
            draw_state(painter, box, "ok", QColor(c.ok))
        elif state == "fail":
            painter.setPen(QPen(QColor(c.fail), 2))
            painter.drawEllipse(centre, radius - 1, radius - 1)
            draw_state(painter, box.adjusted(4, 4, -4, -4), "fail", QColor(c.fail))
        elif state == "busy":
            painter.setPen(QPen(QColor(c.border), 3))
            painter.drawEllipse(centre, radius - 1.5, radius - 1.5)
            pen = QPen(QColor(c.accent), 3)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            share = 0.25 if self.fraction is None else max(0.02, self.fraction)
            painter.drawArc(box.adjusted(1.5, 1.5, -1.5, -1.5), 90 * 16, int(-360 * 16 * share))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(c.accent))
            painter.drawEllipse(centre, 3, 3)
        else:
            painter.setPen(QPen(QColor(c.border), 2))
            painter.drawEllipse(centre, radius - 1, radius - 1)
