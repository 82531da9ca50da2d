"""How a series goes and what it says: progress, the answer, the places, the report."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from engine.jobs import Ended, Outcome, Progress
from gui.history.interval_bar import IntervalBar
from gui.labels import ElidedLabel, Label
from gui.parts import Button, Card, ThinBar
from gui.sweep.ranking import Ranking, scrolling
from gui.sweep.values import Standing, named
from gui.theme import BODY, CAPTION, LARGE, MEDIUM, SEMIBOLD, SPACE, TITLE, Theme
from gui.training.said_line import SaidLine

NOTHING_TITLE = "Which is faster, and is it sure?"
NOTHING_TEXT = (
    "A sweep measures each model several times, in blocks and in random order, with the app "
    "started anew for each run: what is left between two of them is the models, not the moment. "
    "Who cannot be told apart shares a rank. An A/B test asks the same of two. "
    "Tick models at the left, then Start."
)
EMPTY, FILLED = range(2)
WAIT = "wait"
"""The engine's step while the phone is away."""
MODELS = "models"


class StandingCard(Card):
    """Shows one series; knows nothing of how it is measured."""

    cancel_requested = Signal()
    report_requested = Signal(str)  # a suffix
    compare_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        """Make it say what the page is for."""
        super().__init__(theme)
        self.running = False
        self.series_id = 0
        self.standing: Standing | None = None
        self.title = ElidedLabel(theme, "", TITLE, SEMIBOLD)
        self.share = Label(theme, "", BODY, MEDIUM, "accent")
        self.cancel_button = Button(theme, "Cancel", "secondary", "Esc; what was measured is kept")
        self.cancel_button.clicked.connect(self.cancel_requested)
        self.bar = ThinBar(theme)
        self.said = SaidLine(theme)
        self.answer = Label(theme, "", TITLE, SEMIBOLD, wrap=True)
        self.answer.setAccessibleName("Answer")
        self.interval = IntervalBar(theme)
        self.ranking = Ranking(theme)
        self.hint = Label(
            theme,
            "Dots are block medians, bars 95 % intervals; a bracket joins who is not to be told "
            "apart.",
            CAPTION,
            tone="muted",
            wrap=True,
        )
        self.html_button = Button(theme, "HTML", "secondary", "The report as one page")
        self.pdf_button = Button(theme, "PDF", "secondary", "The report to print")
        self.compare_button = Button(
            theme, "Show in the scatter", "secondary", "Top-1 against these latencies"
        )
        self.html_button.clicked.connect(lambda: self.report_requested.emit(".html"))
        self.pdf_button.clicked.connect(lambda: self.report_requested.emit(".pdf"))
        self.compare_button.clicked.connect(self.compare_requested)
        self.pages = QStackedWidget()
        self.pages.addWidget(self._nothing(theme))
        self.pages.addWidget(self._filled(theme))
        self.box.addWidget(self.pages, 1)
        for each in (self.cancel_button, self.bar):
            policy = each.sizePolicy()
            policy.setRetainSizeWhenHidden(True)  # the ranking stays where it is at the end
            each.setSizePolicy(policy)
        self._show_running(False)

    def _nothing(self, theme: Theme) -> QWidget:
        page = QWidget()
        box = QVBoxLayout(page)
        box.setContentsMargins(6 * SPACE, 0, 6 * SPACE, 0)
        box.setSpacing(2 * SPACE)
        box.addStretch(2)
        title = Label(theme, NOTHING_TITLE, TITLE, SEMIBOLD, wrap=True)
        text = Label(theme, NOTHING_TEXT, BODY, tone="muted", wrap=True)
        box.addWidget(title)
        box.addWidget(text)
        box.addStretch(3)
        return page

    def _filled(self, theme: Theme) -> QWidget:
        page = QWidget()
        head = QHBoxLayout()
        head.setSpacing(SPACE)
        head.addWidget(self.title, 1)
        head.addWidget(self.share)
        head.addWidget(self.cancel_button)
        foot = QHBoxLayout()
        foot.setSpacing(SPACE)
        foot.addWidget(Label(theme, "Report", CAPTION, tone="muted"))
        foot.addWidget(self.html_button)
        foot.addWidget(self.pdf_button)
        foot.addStretch(1)
        foot.addWidget(self.compare_button)
        box = QVBoxLayout(page)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(SPACE)
        box.addLayout(head)
        box.addWidget(self.bar)
        box.addWidget(self.said)
        box.addWidget(self.answer)
        box.addWidget(self.interval)
        box.addWidget(scrolling(self.ranking), 1)
        box.addWidget(self.hint)
        box.addLayout(foot)
        return page

    def show_started(self, title: str) -> None:
        """Show that a series begins, or goes on."""
        self.standing = None
        self.title.setText(title)
        self.share.setText("")
        self.bar.show_share(0.0)
        self.said.say("busy", "Getting ready")
        self.answer.setText("")
        self.interval.hide()
        self.ranking.show_lines((), 0)
        self._show_running(True)
        self.pages.setCurrentIndex(FILLED)

    @Slot(Progress)
    def show_progress(self, progress: Progress) -> None:
        """Show how far it is; while the phone is away, that it waits for it."""
        if not self.running:
            return
        if progress.step == WAIT:
            self.said.say("warn", progress.detail)
            return
        if progress.step == MODELS:
            self.bar.show_share(progress.fraction or 0.0)
            self.share.setText("building")
            self.said.say("busy", f"Building models: {progress.detail}" if progress.detail else "")
            return
        if progress.fraction is not None and progress.step == "sweep":
            self.bar.show_share(progress.fraction)
            self.share.setText(f"{100 * progress.fraction:.0f} %")
        if progress.detail:
            self.said.say("busy", progress.detail)

    def show_standing(self, standing: Standing) -> None:
        """Show what is known of a series by now."""
        self.standing, self.series_id = standing, standing.series_id
        self.title.setText(f"{named(standing.kind, standing.series_id)}: {standing.title}")
        change = standing.change
        large = change is not None
        self.answer.setFont(self.theme.font(LARGE if large else TITLE, SEMIBOLD))
        any_line = any(line.blocks_ms for line in standing.lines)
        self.answer.setText(standing.sentence if any_line else "")
        self.interval.setVisible(change is not None and any_line)
        if change is not None:
            self.interval.show_ratio(change.ratio, change.interval)
        self.ranking.show_lines(standing.lines, standing.blocks)
        self.pages.setCurrentIndex(FILLED)
        self._show_running(self.running)

    def show_ended(self, ended: Ended) -> None:
        """Show how it ended."""
        self._show_running(False)
        self.share.setText("")
        standing = self.standing
        kept = f"{standing.measured} of {standing.planned} runs" if standing else "nothing"
        if ended.outcome is Outcome.COMPLETED:
            self.bar.show_share(1.0)
            self.said.say("ok", f"Done: {kept} measured.")
        elif ended.outcome is Outcome.CANCELLED and standing is not None:
            self.said.say("none", f"Cancelled: {kept} measured and kept. Resume it when you like.")
        elif ended.outcome is Outcome.CANCELLED:
            self.said.say("none", "Cancelled before the first run.")
        else:
            self.said.say_failed(ended)

    def say(self, state: str, text: str) -> None:
        """Say something about what is shown."""
        self.said.say(state, text)

    def _show_running(self, running: bool) -> None:
        self.running = running
        self.cancel_button.setVisible(running)
        self.cancel_button.setEnabled(running)
        self.bar.setVisible(running)
        shown = self.standing is not None and bool(self.standing.measured) and not running
        for button in (self.html_button, self.pdf_button, self.compare_button):
            button.setEnabled(shown)
