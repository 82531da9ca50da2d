"""The result: how often it is right, what is confused with what, and the pictures themselves."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from engine.jobs import Ended
from gui.labels import ElidedLabel, Label
from gui.parts import BUTTON_HEIGHT, Button, Card, Combo, Segments
from gui.theme import BODY, CAPTION, HUGE, MEDIUM, NO_VALUE, SEMIBOLD, SPACE, TITLE, Theme
from gui.training.confusion import MOST, Confusion
from gui.training.corrections import Corrections
from gui.training.gallery import Gallery
from gui.training.said_line import SaidLine
from gui.training.thumbnails import Thumbnails
from gui.training.values import Result, Told, interval_said

NOTHING, SHOWN = range(2)
EMPTY = (
    "How often the model is right will stand here, measured on pictures that it has not "
    "learned from: with its interval, what it takes for what, and the pictures themselves."
)
TEST, LEARNED = "test pictures", "learned from"
RETRAINED, TRIED = "retrained", "tried"


class ResultCard(Card):
    """Shows a result and lets the person correct its pictures. Knows nothing of models."""

    relabel_requested = Signal(object, str)  # paths, class
    exclude_requested = Signal(object)
    report_requested = Signal()
    card_requested = Signal()
    again_requested = Signal()

    def __init__(self, theme: Theme, thumbnails: Thumbnails, corrections: Corrections) -> None:
        """Make the card without a result."""
        super().__init__(theme)
        self.corrections = corrections
        self.results: dict[str, Result] = {}
        self._result: Result | None = None
        self._told: Told | None = None
        self._words: dict[str, str] = {}  # what a segment says: which precision
        self.title = ElidedLabel(theme, "Result", TITLE, SEMIBOLD)
        self.which = Segments(theme, (RETRAINED, TRIED), "Which result")
        self.digits = Label(theme, NO_VALUE, HUGE, SEMIBOLD)
        self.unit = Label(theme, "%", TITLE, MEDIUM, "muted")
        self.what = Label(theme, "", BODY, MEDIUM)
        self.interval = ElidedLabel(theme, "", BODY, tone="muted")
        self.origin = Label(theme, "", CAPTION, tone="muted", wrap=True)
        self.precisions = Segments(theme, ("int8",), "Precision")
        self.side = Segments(theme, (TEST, LEARNED), "Whose answers")
        self.confusion = Confusion(theme)
        self.cell = ElidedLabel(theme, "", BODY, MEDIUM)
        self.gallery = Gallery(theme, thumbnails, corrections.said)
        self.notice = SaidLine(theme)
        self.classes = Combo(theme)
        self.classes.setMinimumContentsLength(9)
        self.classes.setMaximumWidth(30 * SPACE)
        self.classes.setAccessibleName("Class that the chosen pictures are of")
        self.relabel_button = Button(theme, "Move", tip="Or press 1 for the first class")
        self.exclude_button = Button(theme, "Leave out", tip="Delete")
        self.undo_button = Button(theme, "Undo", tip="Ctrl+Z")
        self.again_button = Button(theme, "Train again", "primary")
        self.report_button = Button(theme, "Report", tip="Save it as one page, pictures in it")
        self.card_button = Button(theme, "Model card", tip="Save how the model came about")
        self.pages = QStackedWidget()
        self.pages.addWidget(self._make_empty(theme))
        self.pages.addWidget(self._make_shown())
        self._lay_out_head()
        self.box.addWidget(self.pages, 1)
        self._connect()
        self._show_actions()

    def _make_empty(self, theme: Theme) -> QWidget:
        page = QWidget()
        box = QVBoxLayout(page)
        words = Label(theme, EMPTY, BODY, tone="muted", wrap=True)
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        words.setFixedWidth(44 * SPACE)
        box.addStretch(1)
        box.addWidget(words, 0, Qt.AlignmentFlag.AlignHCenter)
        box.addStretch(1)
        return page

    def _lay_out_head(self) -> None:
        self.title.setFixedHeight(BUTTON_HEIGHT)
        head = QHBoxLayout()
        head.setSpacing(SPACE)
        head.addWidget(self.title, 1)
        head.addWidget(self.which)
        head.addWidget(self.report_button)
        head.addWidget(self.card_button)
        self.box.addLayout(head)
        self.which.hide()
        for button in (self.report_button, self.card_button):
            button.hide()

    def _make_shown(self) -> QWidget:
        page = QWidget()
        figures = QHBoxLayout()
        figures.setSpacing(6)
        baseline = Qt.AlignmentFlag.AlignBaseline
        figures.addWidget(self.digits, 0, baseline)
        figures.addWidget(self.unit, 0, baseline)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch(1)
        for label in (self.what, self.interval):
            words.addWidget(label)
        words.addStretch(1)
        figures.addSpacing(SPACE)
        figures.addLayout(words, 1)
        cell = QHBoxLayout()
        cell.setSpacing(SPACE)
        cell.addWidget(self.cell, 1)
        cell.addWidget(self.side)
        self.actions = QWidget()
        actions = QHBoxLayout(self.actions)
        actions.setContentsMargins(0, 0, 0, 0)
        actions.setSpacing(SPACE)
        actions.addWidget(self.classes, 1)
        for button in (self.relabel_button, self.exclude_button, self.undo_button):
            actions.addWidget(button)
        box = QVBoxLayout(page)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(SPACE)
        box.addLayout(figures)
        box.addWidget(self.origin)
        box.addWidget(self.precisions)
        box.addWidget(self.notice)
        box.addWidget(self.confusion)
        box.addLayout(cell)
        box.addWidget(self.gallery, 1)
        box.addWidget(self.actions)
        box.addWidget(self.again_button)
        return page

    def _connect(self) -> None:
        self.which.chosen.connect(self._show_which)
        self.precisions.chosen.connect(lambda _word: self._show_told())
        self.side.chosen.connect(lambda _side: self._show_told())
        self.confusion.cell_chosen.connect(self._show_cell)
        self.gallery.selectionModel().selectionChanged.connect(self._show_actions)
        self.gallery.class_pressed.connect(self._relabel_to)
        self.gallery.left_out.connect(self._exclude)
        self.relabel_button.clicked.connect(lambda: self._relabel_to(self.classes.currentIndex()))
        self.exclude_button.clicked.connect(self._exclude)
        self.undo_button.clicked.connect(self.corrections.undo)
        self.again_button.clicked.connect(self.again_requested)
        self.report_button.clicked.connect(self.report_requested)
        self.card_button.clicked.connect(self.card_requested)
        self.corrections.changed.connect(self._show_corrections)

    # what is shown

    def show_result(self, result: Result) -> None:
        """Show a result in place of an older one of its kind."""
        kind = TRIED if result.tried else RETRAINED
        self.results[kind] = result
        self.which.setVisible(len(self.results) == 2)
        self.which.show_words((RETRAINED, TRIED), kind)
        self._show_which(kind)

    def forget_retrained(self) -> None:
        """Forget the retraining's result: its folder is no longer the one at the left."""
        if self.results.pop(RETRAINED, None) is not None:
            self.which.hide()
            if TRIED in self.results:
                self._show_which(TRIED)
            else:
                self._result = self._told = None
                self.title.setText("Result")
                self.report_button.hide()
                self.card_button.hide()
                self.pages.setCurrentIndex(NOTHING)

    @property
    def result(self) -> Result | None:
        """What is shown."""
        return self._result

    @property
    def precision(self) -> str:
        """The precision that is chosen; empty while there is none."""
        return self._words.get(self.precisions.choice, "")

    @property
    def place(self) -> int:
        """Which of the result's precisions is shown."""
        words = [self._words.get(word) for word in self.precisions.words]
        return max(0, words.index(self._words.get(self.precisions.choice)))

    @Slot(str)
    def _show_which(self, kind: str) -> None:
        self._result = result = self.results[kind]
        self.which.show_words((RETRAINED, TRIED), kind)
        self.title.setText(result.title)
        self.notice.say("warn" if result.notice else "none", result.notice)
        self.report_button.show()
        self.card_button.setVisible(not result.tried)
        self.actions.setVisible(not result.tried)
        self.side.setVisible(result.learned is not None)
        self.side.show_words((TEST, LEARNED), TEST)
        before = self._words.get(self.precisions.choice, "int8")
        said = {_figure(told): told.word for told in result.told}
        self._words = said
        chosen = next((word for word, name in said.items() if name == before), [*said][-1])
        self.precisions.show_words(tuple(said), chosen)
        self.precisions.setVisible(len(said) > 1)
        self.pages.setCurrentIndex(SHOWN)
        self._show_told()

    def _show_told(self) -> None:
        result = self._result
        if result is None:
            return
        tested = result.told[self.place]
        learned = self.side.choice == LEARNED and result.learned is not None
        self._told = result.learned if learned and result.learned is not None else tested
        share = tested.share
        if share is not None:
            self.digits.setText(f"{100 * share.value:.1f}")
            self.interval.setText(f"{interval_said(share)}, n = {share.n}")
        self.what.setText("right on your pictures" if result.tried else "right on test pictures")
        self.origin.setText(result.said)
        self.digits.setAccessibleName(f"{self.digits.text()} % {self.what.text()}")
        self._fill_classes(result)
        self.confusion.show_told(self._told)

    def _fill_classes(self, result: Result) -> None:
        names = result.told[0].names if result.learned is None else result.learned.names
        blocker = QSignalBlocker(self.classes)
        before = self.classes.currentIndex()
        self.classes.clear()
        for index in sorted(names):
            self.classes.addItem(names[index], names[index])
        self.classes.setCurrentIndex(max(0, before) if before < len(names) else 0)
        del blocker

    @Slot(int, int)
    def _show_cell(self, truth: int, said: int) -> None:
        told = self._told
        if told is None:
            return
        answers = told.cells().get((truth, said), ())
        names = told.names
        name = names.get(truth, str(truth))
        end = "told right" if truth == said else f"taken for {names.get(said, said)}"
        more = len(names) - MOST
        rest = f" · {more} classes without mistakes not shown" if more > 0 else ""
        self.cell.setText(f"{len(answers)} {name} {end}{rest}")
        self.gallery.show_answers(answers)
        other = [index for index in sorted(names) if index != truth]
        if other:  # what it is most likely to be instead
            better = said if said != truth else other[0]
            self.classes.setCurrentIndex(sorted(names).index(better))
        self._show_actions()

    # corrections

    def _relabel_to(self, place: int) -> None:
        name = self.classes.itemData(place)
        if name is not None and self.gallery.chosen() and not self.actions.isHidden():
            self.relabel_requested.emit(self.gallery.chosen(), str(name))

    def _exclude(self) -> None:
        if self.gallery.chosen() and not self.actions.isHidden():
            self.exclude_requested.emit(self.gallery.chosen())

    def _show_corrections(self) -> None:
        self.gallery.viewport().update()
        self._show_actions()

    def show_trouble(self, ended: Ended) -> None:
        """Say why something was not saved."""
        self.notice.say_failed(ended)

    def show_locked(self, locked: bool) -> None:
        """Let no training begin from here while one runs."""
        self.again_button.setEnabled(not locked)

    def _show_actions(self) -> None:
        chosen, waiting = len(self.gallery.chosen()), self.corrections.waiting
        self.relabel_button.setEnabled(chosen > 0)
        self.exclude_button.setEnabled(chosen > 0)
        self.classes.setEnabled(chosen > 0)
        self.undo_button.setEnabled(bool(self.corrections.undoes))
        undoes = self.corrections.undoes
        self.undo_button.setToolTip(f"Ctrl+Z: {undoes}" if undoes else "Ctrl+Z")
        self.again_button.setVisible(waiting > 0)
        words = "1 correction" if waiting == 1 else f"{waiting} corrections"
        self.again_button.setToolTip(f"With {words}; what was seen in the pictures is kept")


def _figure(told: Told) -> str:
    if told.share is None:
        return told.word
    return f"{told.word}  {100 * told.share.value:.1f} %"
