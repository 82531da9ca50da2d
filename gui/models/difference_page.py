"""Two models on the same pictures: which is better, and where they differ."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from gui.labels import ElidedLabel, Label, TwoLines, centred
from gui.models.lines import Line
from gui.models.work_line import WorkLine
from gui.parts import Button, Combo, Segments
from gui.theme import BODY, CAPTION, MEDIUM, SEMIBOLD, SPACE, TITLE, Theme
from gui.training.drop_card import DropCard
from gui.training.gallery import Gallery
from gui.training.thumbnails import Thumbnails
from gui.training.values import interval_said

if TYPE_CHECKING:
    from engine.accuracy.comparison import Comparison, Difference

NOTHING, SHOWN = range(2)
EMPTY = (
    "Both models see the same pictures: which is right more often, whether that is more than "
    "chance, and the pictures on which they differ will stand here."
)
FIRST, SECOND, NEITHER = range(3)


class Compared(NamedTuple):
    """Two models that were tried on the same pictures, by their names."""

    first: str
    second: str
    comparison: "Comparison"


class DifferencePage(DropCard):
    """Shows a comparison. Knows nothing of models."""

    choose_requested = Signal()

    def __init__(self, theme: Theme, thumbnails: Thumbnails) -> None:
        """Make the page without a comparison."""
        super().__init__(theme, "Drop to compare them on")
        self.compared: Compared | None = None
        self._groups: tuple[tuple[Difference, ...], ...] = ((), (), ())
        self._said: dict[object, str] = {}
        self.title = ElidedLabel(theme, "", TITLE, SEMIBOLD)
        self.other = Combo(theme)
        self.other.setAccessibleName("The other model")
        self.choose_button = Button(theme, "Try both on a folder", "primary", "Or drop one here")
        self.choose_button.clicked.connect(self.choose_requested)
        head, against = QHBoxLayout(), QHBoxLayout()
        head.setSpacing(SPACE)
        head.addWidget(self.title, 1)
        head.addWidget(self.choose_button)
        against.setSpacing(SPACE)
        against.addWidget(Label(theme, "against", BODY, tone="muted"))
        against.addWidget(self.other, 1)
        self.work = WorkLine(theme)
        self.hint = Label(theme, "", BODY, tone="muted", wrap=True)
        self.empty = Label(theme, EMPTY, BODY, tone="muted", wrap=True)
        self.verdict = Label(theme, "", BODY, SEMIBOLD, wrap=True)
        self.origin = Label(theme, "", CAPTION, tone="muted", wrap=True)
        self.lines = tuple(
            tuple(ElidedLabel(theme, "", BODY, MEDIUM if at == 0 else SEMIBOLD) for at in range(2))
            for _ in range(2)
        )
        self.which = Segments(theme, ("0", "1", "2"), "Which pictures")
        self.which.chosen.connect(self._show_group)
        self.gallery = Gallery(theme, thumbnails, self._said.get)
        self.gallery.setAccessibleName("Pictures on which the two models differ")
        self.gallery.selectionModel().currentChanged.connect(lambda *_: self._show_picture())
        self.picture = Label(theme, "", BODY, wrap=True)
        self.box.addLayout(head)
        self.box.addLayout(against)
        self.box.addWidget(self.work)
        self.box.addWidget(self.hint)
        self.pages = QStackedWidget()
        self.pages.addWidget(centred(self.empty))
        self.pages.addWidget(self._make_shown())
        self.box.addWidget(self.pages, 1)

    def _make_shown(self) -> QWidget:
        page = QWidget()
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * SPACE)
        grid.setVerticalSpacing(2)
        for row, labels in enumerate(self.lines):
            for column, label in enumerate(labels):
                grid.addWidget(label, row, column)
        grid.setColumnStretch(0, 1)
        box = QVBoxLayout(page)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(SPACE)
        box.addLayout(grid)
        for part in (self.verdict, self.origin, self.which, TwoLines(self.picture)):
            box.addWidget(part)
        box.addWidget(self.gallery, 1)
        return page

    def show_model(self, line: Line | None, missing: str) -> None:
        """Name the first model; ``missing`` says why it cannot be compared."""
        self.title.setText(line.title if line is not None else "No model chosen")
        self.hint.setText(missing)
        self.hint.setVisible(bool(missing))
        self.empty.setVisible(not missing)
        self.show_ready(not missing)

    def show_others(self, lines: Sequence[Line], chosen: str = "") -> None:
        """Offer these as the second model; ``chosen`` is the id of the one to choose."""
        before = chosen or self.other.currentData()
        blocker = QSignalBlocker(self.other)
        self.other.clear()
        for line in lines:
            self.other.addItem(line.title, line.id)
        self.other.setCurrentIndex(max(0, self.other.findData(before)))
        del blocker

    def show_ready(self, ready: bool) -> None:
        """Let a folder be chosen, or not."""
        able = ready and self.other.count() > 0
        self.choose_button.setEnabled(able and not self.work.running)
        self.other.setEnabled(able)
        self.setAcceptDrops(able)

    def show_compared(self, compared: Compared) -> None:
        """Show what came of two models."""
        self.compared = compared
        first, second, found = compared
        for labels, name, evaluation in zip(
            self.lines, (first, second), (found.first, found.second), strict=True
        ):
            share = evaluation.top1
            labels[0].setText(name)
            labels[1].setText(f"{100 * share.value:.1f} %  ({interval_said(share)})")
        verdict = found.verdict
        for evaluation, name in ((found.first, first), (found.second, second)):
            verdict = verdict.replace(evaluation.model, name)
        self.verdict.setText(verdict)
        folder = found.first.pictures.folder.name
        self.origin.setText(
            f"Measured on your pictures in {folder}, n = {found.first.n}; no published figure. "
            f"They say the same of {100 * found.agreement:.1f} %."
        )
        groups: tuple[list[Difference], ...] = ([], [], [])
        for each in found.differences:
            right = FIRST if each.first.right else SECOND if each.second.right else NEITHER
            groups[right].append(each)
        self._groups = tuple(tuple(group) for group in groups)
        words = tuple(
            f"{word} {len(group)}"
            for word, group in zip(
                ("first right", "second right", "neither"), self._groups, strict=True
            )
        )
        largest = max(range(3), key=lambda at: (at != NEITHER, len(self._groups[at])))
        self.which.show_words(words, words[largest])
        self.pages.setCurrentIndex(SHOWN)
        self._show_group(words[largest])

    def _show_group(self, word: str) -> None:
        group = self._groups[self.which.words.index(word)]
        compared = self.compared
        if compared is None:
            return
        self._said.clear()
        for each in group:
            wrong = each.second if each.first.right else each.first
            pictures = (
                compared.comparison.second if each.first.right else compared.comparison.first
            ).pictures
            self._said[each.path] = pictures.label(wrong.said[0])
        self.gallery.show_answers(
            [each.second if each.first.right else each.first for each in group]
        )
        self.picture.setText("Choose a picture to see what each said." if group else "")

    def _show_picture(self) -> None:
        index = self.gallery.currentIndex()
        group = self._groups[self.which.words.index(self.which.choice)]
        if self.compared is None or not 0 <= index.row() < len(group):
            return
        each, found = group[index.row()], self.compared.comparison
        one, other = found.first.pictures, found.second.pictures
        self.picture.setText(
            f"{one.label(each.first.truth)}: the first said {one.label(each.first.said[0])} "
            f"({100 * each.first.score:.0f} %), the second {other.label(each.second.said[0])} "
            f"({100 * each.second.score:.0f} %)"
        )
