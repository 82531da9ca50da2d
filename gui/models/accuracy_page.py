"""How often the chosen model is right on a person's own pictures."""

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from gui.labels import ElidedLabel, Label, centred
from gui.models.shares import ClassShare, ClassShares, Sureness
from gui.models.work_line import WorkLine
from gui.parts import Button, Segments
from gui.theme import BODY, CAPTION, LARGE, MEDIUM, NO_VALUE, SEMIBOLD, SPACE, TITLE, Theme
from gui.training.confusion import MOST, Confusion
from gui.training.drop_card import DropCard
from gui.training.gallery import Gallery
from gui.training.said_line import SaidLine
from gui.training.scrolling import Scrolling
from gui.training.thumbnails import Thumbnails
from gui.training.values import Told, interval_said

if TYPE_CHECKING:
    from engine.accuracy.evaluation import Evaluation
    from engine.accuracy.shares import Share

NOTHING, SHOWN = range(2)
EMPTY = (
    "Folders of pictures, one folder per class with the class's name: how often the model is "
    "right there will stand here, with its interval, class by class, and its worst mistakes."
)
CONFUSED, CLASSES, MISTAKES, SURE = "confused", "classes", "mistakes", "how sure"
SHOWN_MISTAKES = 60


class Tried(NamedTuple):
    """A model that was tried on pictures.

    Attributes:
        name: What the model is called.
        evaluation: What came of it.
        notice: What takes the worth from the figure; else empty.
    """

    name: str
    evaluation: "Evaluation"
    notice: str = ""


class AccuracyPage(DropCard):
    """Shows an evaluation. Knows nothing of models."""

    choose_requested = Signal()
    report_requested = Signal()

    def __init__(self, theme: Theme, thumbnails: Thumbnails) -> None:
        """Make the page without an evaluation."""
        super().__init__(theme, "Drop to try the model on")
        self.tried: Tried | None = None
        self._said: dict[object, str] = {}
        self.title = ElidedLabel(theme, "", TITLE, SEMIBOLD)
        self.choose_button = Button(theme, "Try on a folder", "primary", "Or drop one here")
        self.choose_button.clicked.connect(self.choose_requested)
        self.report_button = Button(theme, "Report", tip="Save it as one page, pictures in it")
        self.report_button.clicked.connect(self.report_requested)
        head = QHBoxLayout()
        head.setSpacing(SPACE)
        head.addWidget(self.title, 1)
        head.addWidget(self.report_button)
        head.addWidget(self.choose_button)
        self.work = WorkLine(theme)
        self.hint = Label(theme, "", BODY, tone="muted", wrap=True)
        self.empty = Label(theme, EMPTY, BODY, tone="muted", wrap=True)
        self.top1, self.top5 = _Figure(theme, "top-1"), _Figure(theme, "top-5")
        self.origin = Label(theme, "", CAPTION, tone="muted", wrap=True)
        self.notice = SaidLine(theme)
        self.which = Segments(theme, (CONFUSED, CLASSES, MISTAKES, SURE), "What to show")
        self.which.chosen.connect(self._show_which)
        self.confusion = Confusion(theme)
        self.confusion.cell_chosen.connect(self._show_cell)
        self.cell = ElidedLabel(theme, "", BODY, MEDIUM)
        self.gallery = Gallery(theme, thumbnails, lambda _path: None)
        self.worst = Gallery(theme, thumbnails, self._said.get)
        self.worst.setAccessibleName("The surest mistakes")
        self.classes = ClassShares(theme)
        self.sureness = Sureness(theme)
        self.box.addLayout(head)
        self.box.addWidget(self.work)
        self.box.addWidget(self.hint)
        self.pages = QStackedWidget()
        self.pages.addWidget(centred(self.empty))
        self.pages.addWidget(self._make_shown())
        self.box.addWidget(self.pages, 1)
        self.show_tried(None)

    def _make_shown(self) -> QWidget:
        page = QWidget()
        figures = QHBoxLayout()
        figures.setSpacing(3 * SPACE)
        figures.addWidget(self.top1)
        figures.addWidget(self.top5)
        figures.addStretch(1)
        confused = QWidget()
        lines = QVBoxLayout(confused)
        lines.setContentsMargins(0, 0, 0, 0)
        for part, stretch in ((self.confusion, 0), (self.cell, 0), (self.gallery, 1)):
            lines.addWidget(part, stretch)
        self.kinds = QStackedWidget()
        for kind in (confused, Scrolling(self.classes), self.worst, self.sureness):
            self.kinds.addWidget(kind)
        box = QVBoxLayout(page)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(SPACE)
        box.addLayout(figures)
        for part in (self.origin, self.notice, self.which):
            box.addWidget(part)
        box.addWidget(self.kinds, 1)
        return page

    def show_model(self, name: str, missing: str) -> None:
        """Name the model that would be tried; ``missing`` says why none can be."""
        self.title.setText(name)
        self.hint.setText(missing)
        self.hint.setVisible(bool(missing))
        self.empty.setVisible(not missing)
        self.show_ready(not missing)

    def show_ready(self, ready: bool) -> None:
        """Let a folder be chosen, or not."""
        self.choose_button.setEnabled(ready and not self.work.running)
        self.setAcceptDrops(ready)

    def show_tried(self, tried: Tried | None) -> None:
        """Show what came of a model, or that it was not tried yet."""
        self.tried = tried
        self.report_button.setVisible(tried is not None)
        self.pages.setCurrentIndex(SHOWN if tried is not None else NOTHING)
        if tried is None:
            return
        evaluation = tried.evaluation
        pictures = evaluation.pictures
        self.top1.show_share(evaluation.top1)
        self.top5.setVisible(evaluation.classes > 5)
        self.top5.show_share(evaluation.top5)
        self.origin.setText(_origin(evaluation))
        self.notice.say("warn" if tried.notice else "none", tried.notice)
        self.confusion.current = None
        self.confusion.show_told(Told.of("tried", evaluation))
        wrong = evaluation.mistakes()
        self._said.clear()
        self._said |= {each.path: pictures.label(each.said[0]) for each in wrong}
        self.worst.show_answers(wrong[:SHOWN_MISTAKES])
        self.which.setToolTip(f"{len(wrong)} mistakes; the surest {SHOWN_MISTAKES} are shown")
        self.classes.show_rows(
            [ClassShare(pictures.label(i), share) for i, share in evaluation.per_class().items()]
        )
        self.sureness.show_bins(evaluation.calibration())
        self.which.choose(CONFUSED if len(evaluation.seen) <= MOST else MISTAKES)

    def _show_which(self, word: str) -> None:
        self.kinds.setCurrentIndex(self.which.words.index(word))

    def _show_cell(self, truth: int, said: int) -> None:
        if self.tried is None:
            return
        told = Told.of("tried", self.tried.evaluation)
        answers = told.cells().get((truth, said), ())
        end = "told right" if truth == said else f"taken for {told.names.get(said, said)}"
        more = len(told.names) - MOST
        rest = f" · {more} more classes under “{CLASSES}”" if more > 0 else ""
        self.cell.setText(f"{len(answers)} {told.names.get(truth, truth)} {end}{rest}")
        self.gallery.show_answers(answers)


def _origin(evaluation: "Evaluation") -> str:
    how = evaluation.preprocessing
    left = sum(count for _name, count in evaluation.pictures.left_out)
    said = (
        f"Measured on your pictures in {evaluation.pictures.folder.name}, n = {evaluation.n}; no "
        f"published figure. {how[:1].upper()}{how[1:]}; {evaluation.seconds:.1f} s."
    )
    if left:
        said += f" {left} pictures of classes that it does not know are left out."
    if evaluation.unreadable:
        said += f" {len(evaluation.unreadable)} pictures cannot be read."
    return said


class _Figure(QWidget):
    """A share in percent, large, with its interval below."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self.name = name
        self.digits = Label(theme, NO_VALUE, LARGE, SEMIBOLD)
        self.interval = Label(theme, "", CAPTION, tone="muted")
        line = QHBoxLayout()
        line.setSpacing(4)
        baseline = Qt.AlignmentFlag.AlignBaseline
        line.addWidget(self.digits, 0, baseline)
        line.addWidget(Label(theme, f"% {name}", BODY, MEDIUM, "muted"), 1, baseline)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addLayout(line)
        box.addWidget(self.interval)

    def show_share(self, share: "Share") -> None:
        self.digits.setText(f"{100 * share.value:.1f}")
        self.interval.setText(f"{interval_said(share)}, n = {share.n}")
        self.setAccessibleName(f"{self.name} {self.digits.text()} %, {self.interval.text()}")
