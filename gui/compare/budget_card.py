"""What may be spent, and which variant that recommends."""

from functools import partial

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.catalog.selection import Budget, Candidate, Recommendation
from gui.compare.limit import Limit
from gui.labels import ElidedLabel, Label
from gui.marks import draw_variant_mark
from gui.parts import Button, Card
from gui.theme import BODY, CAPTION, MEDIUM, NO_VALUE, SEMIBOLD, SPACE, TITLE, Theme

PERCENT = 100
ABOUT = "\N{ALMOST EQUAL TO}"
LINES = 7
"""Of the sentence; room is kept, so that sliding moves nothing."""


class BudgetCard(Card):
    """Four limits above, the answer below. Knows nothing of how it is found."""

    changed = Signal()  # a limit moved
    chosen = Signal(str)  # the name of a model

    def __init__(self, theme: Theme) -> None:
        """Make it without an answer."""
        super().__init__(theme)
        self.limits = {
            "max_ms": Limit(theme, "Latency", "ms", at_most=True, log=True),
            "max_mb": Limit(theme, "APK", "MB", at_most=True),
            "min_top1": Limit(theme, "Top-1", "%", at_most=False),
            "min_fps": Limit(theme, "Frame rate", "FPS", at_most=False, log=True),
        }
        for limit in self.limits.values():
            limit.limited.connect(lambda _value: self.changed.emit())
        self.any_button = Button(theme, "Any", "quiet", "Takes all limits back")
        self.any_button.clicked.connect(self.forget)
        head = QHBoxLayout()
        head.addWidget(Label(theme, "Budget", TITLE, SEMIBOLD))
        head.addStretch(1)
        head.addWidget(self.any_button)
        self.best = _Named(theme, "Ship", self.chosen)
        self.runner_up = _Named(theme, "Runner-up", self.chosen)
        self.sentence = Label(theme, "", BODY, wrap=True)
        self.sentence.setAccessibleName("Recommendation")
        self.ties = Label(theme, "", CAPTION, tone="muted", wrap=True)
        self.box.addLayout(head)
        for limit in self.limits.values():
            self.box.addWidget(limit)
        self.box.addSpacing(SPACE // 2)
        self.box.addWidget(self.best)
        self.box.addWidget(self.runner_up)
        self.box.addWidget(self.ties)
        self.box.addWidget(_room_for(self.sentence))

    def budget(self) -> Budget:
        """Return what the limits allow."""
        top1 = self.limits["min_top1"].limit()
        return Budget(
            max_ms=self.limits["max_ms"].limit(),
            max_mb=self.limits["max_mb"].limit(),
            min_top1=None if top1 is None else top1 / PERCENT,
            min_fps=self.limits["min_fps"].limit(),
        )

    def forget(self) -> None:
        """Take all limits back."""
        for limit in self.limits.values():
            limit.setValue(limit.maximum() if limit.at_most else limit.minimum())

    def show_ranges(self, ranges: dict[str, tuple[float, float]]) -> None:
        """Let the limits reach over what there is."""
        for name, limit in self.limits.items():
            if name in ranges:
                unit = PERCENT if name == "min_top1" else 1
                low, high = ranges[name]
                limit.show_range(unit * low, unit * high)

    def show_answer(self, found: Recommendation) -> None:
        """Show what is recommended."""
        shown = found.best or found.nearest
        self.best.show_candidate(shown, "Ship" if found.best else "Nearest")
        self.runner_up.show_candidate(found.runner_up)
        names = ", ".join(each.name for each in found.ties)
        self.ties.setText(f"Tied with it: {names}" if names else "")
        self.ties.setVisible(bool(names))
        self.sentence.setText(found.sentence)


def _room_for(sentence: Label) -> QWidget:
    room = QWidget()
    room.setMinimumHeight(LINES * sentence.fontMetrics().lineSpacing() + 1)
    box = QVBoxLayout(room)
    box.setContentsMargins(0, 0, 0, 0)
    box.addWidget(sentence, 0, Qt.AlignmentFlag.AlignTop)
    return room


class _Named(QWidget):
    """A candidate's mark, name and figures, and a button that chooses it."""

    def __init__(self, theme: Theme, word: str, chosen: "Signal") -> None:
        super().__init__()
        self.name = ""
        self.mark = _Mark(theme)
        self.word = Label(theme, word, CAPTION, tone="muted")
        self.title = ElidedLabel(theme, NO_VALUE, BODY, SEMIBOLD)
        self.figures = ElidedLabel(theme, "", CAPTION, MEDIUM, "muted")
        self.button = Button(theme, "Choose", "secondary", "Chooses it in the list of variants")
        self.button.setFixedWidth(self.button.minimumSizeHint().width())
        self.button.clicked.connect(partial(self._choose, chosen))
        top = QHBoxLayout()
        top.setSpacing(SPACE)
        top.addWidget(self.word)
        top.addWidget(self.figures, 1)
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(self.title)
        texts.addLayout(top)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(SPACE)
        line.addWidget(self.mark)
        line.addLayout(texts, 1)
        line.addWidget(self.button)
        policy = self.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.setSizePolicy(policy)
        self.hide()

    def _choose(self, chosen: "Signal") -> None:
        chosen.emit(self.name)

    def show_candidate(self, candidate: Candidate | None, word: str = "") -> None:
        """Show it; nothing for None."""
        self.setVisible(candidate is not None)
        if candidate is None:
            self.name = ""
            return
        if word:
            self.word.setText(word)
        self.name = candidate.name
        self.title.setText(candidate.name)
        self.button.setAccessibleName(f"Choose {candidate.name}")
        self.figures.setText(_figures(candidate))
        self.mark.show_candidate(candidate)


def _figures(candidate: Candidate) -> str:
    parts = []
    if candidate.top1 is not None:
        parts.append(f"{PERCENT * candidate.top1:.1f} %")
    if candidate.latency_ms is not None:
        about = ABOUT if candidate.latency_origin == "predicted" else ""
        parts.append(f"{about}{candidate.latency_ms:.1f} ms")
    if candidate.apk_mb is not None:
        parts.append(f"{candidate.apk_mb:.1f} MB")
    return "  ".join(parts)


class _Mark(QWidget):
    """A variant's mark."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.candidate: Candidate | None = None
        self.setFixedSize(QSize(20, 32))
        theme.changed.connect(self.update)

    def show_candidate(self, candidate: Candidate) -> None:
        """Show its colour, shape and filling."""
        self.candidate = candidate
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the mark."""
        each = self.candidate
        if each is not None:
            centre = QPointF(self.width() / 2, self.height() / 2)
            painter = QPainter(self)
            draw_variant_mark(painter, centre, 8, each.alpha, each.resolution, each.precision)
