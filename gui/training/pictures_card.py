"""The pictures: where they lie, the classes and their split, and what is left out."""

from pathlib import Path

from PySide6.QtCore import QRectF, QSignalBlocker, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QSpinBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine.jobs import Ended, Outcome, Progress
from gui.folding import FoldLine
from gui.labels import ElidedLabel, Label
from gui.marks import draw_icon
from gui.parts import BUTTON_HEIGHT, Button, StateShape, ThinBar
from gui.theme import BODY, CAPTION, MEDIUM, SEMIBOLD, SPACE, TITLE, Theme
from gui.training.class_bars import ClassBars
from gui.training.drop_card import DropCard
from gui.training.said_line import SaidLine
from gui.training.scrolling import Scrolling
from gui.training.values import Looked

EMPTY, FOUND, CAPTURE = range(3)
MOST_LISTED = 500
"""Files that are listed with their reasons; a folder with more is wrong as a whole."""
MOST_SEED = 9999
PURPOSE = "Teach a model with your own pictures: from a folder to running on the phone."
LAYOUT = (
    "Choose a folder, or drop one here, with one folder per class in it: road and not_road. "
    "A hundred pictures of each are a good start. Nothing in it is moved or changed."
)
SPLIT = "Divided by chance, each class alike"
COPIES = "near-copies stay together, so that nothing leaks into the test."


class PicturesCard(DropCard):
    """Shows what was found in a folder. Knows nothing of looking."""

    choose_requested = Signal()
    capture_requested = Signal()
    look_again_requested = Signal()
    cancel_requested = Signal()
    seed_chosen = Signal(int)
    page_changed = Signal(int)

    def __init__(self, theme: Theme, capture: QWidget) -> None:
        """Make the card without a folder; ``capture`` is the page that takes pictures."""
        super().__init__(theme, "Drop to learn from")
        self.looking = False
        self.title = Label(theme, "Pictures", TITLE, SEMIBOLD)
        self.name = ElidedLabel(theme, "", BODY, tone="muted")
        self.change_button = Button(theme, "Change", "quiet", "Choose another folder")
        self.change_button.clicked.connect(self.choose_requested)
        self.progress = ThinBar(theme)
        self.said = SaidLine(theme, "Choose another folder")
        self.said.mend_pressed.connect(self.choose_requested)
        self.cancel_button = Button(theme, "Cancel", "secondary", "Esc")
        self.cancel_button.clicked.connect(self.cancel_requested)
        self.pages = QStackedWidget()
        self._make_empty(theme)
        self._make_found(theme)
        self.pages.addWidget(capture)
        self.title.setFixedHeight(BUTTON_HEIGHT)
        head = QHBoxLayout()
        head.setSpacing(SPACE)
        head.addWidget(self.title)
        head.addWidget(self.name, 1)
        head.addWidget(self.change_button)
        self.box.addLayout(head)
        self.box.addWidget(self.progress)
        self.box.addWidget(self.said)
        self.box.addWidget(self.cancel_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.box.addWidget(self.pages, 1)
        self.show_page(EMPTY)
        self._show_looking(False)

    def _make_empty(self, theme: Theme) -> None:
        page = QWidget()
        box = QVBoxLayout(page)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(SPACE + SPACE // 2)
        self.choose_button = Button(theme, "Choose a folder", "primary", "Or drop one here")
        self.choose_button.clicked.connect(self.choose_requested)
        self.capture_button = Button(theme, "Take pictures")
        self.capture_button.clicked.connect(self.capture_requested)
        purpose = Label(theme, PURPOSE, BODY, wrap=True)
        layout = Label(theme, LAYOUT, BODY, tone="muted", wrap=True)
        box.addStretch(1)
        box.addWidget(_Drawing(theme), 0, Qt.AlignmentFlag.AlignHCenter)
        for words in (purpose, layout):
            words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            box.addWidget(words)
        box.addStretch(1)
        box.addWidget(self.choose_button)
        box.addWidget(self.capture_button)
        self.pages.addWidget(page)

    def _make_found(self, theme: Theme) -> None:
        page = QWidget()
        self.bars = ClassBars(theme)
        self.warnings = Label(theme, "", CAPTION, wrap=True)
        self.warning_shape = StateShape(theme)
        warned = QHBoxLayout()
        warned.setSpacing(SPACE)
        warned.addWidget(self.warning_shape, 0, Qt.AlignmentFlag.AlignTop)
        warned.addWidget(self.warnings, 1)
        self.split_said = Label(theme, SPLIT, CAPTION, tone="muted", wrap=True)
        self.copies_said = Label(theme, "", CAPTION, tone="muted", wrap=True)
        self.seed = _seed_box(theme)
        self.seed.valueChanged.connect(self.seed_chosen)
        seeds = QHBoxLayout()
        seeds.setSpacing(SPACE)
        seeds.addWidget(self.split_said, 1)
        seeds.addWidget(Label(theme, "seed", CAPTION, MEDIUM, "muted"))
        seeds.addWidget(self.seed)
        self.problems = _problem_list(theme)
        self.problem_line = FoldLine(theme, "Left out", self.problems, height=3 * SPACE)
        self.again_button = Button(theme, "Look again", tip="After files were added or mended")
        self.again_button.clicked.connect(self.look_again_requested)
        self.more_button = Button(theme, "Take pictures")
        self.more_button.clicked.connect(self.capture_requested)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE)
        buttons.addWidget(self.again_button, 1)
        buttons.addWidget(self.more_button, 1)
        inside = QWidget()
        lines = QVBoxLayout(inside)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(SPACE)
        lines.addWidget(self.bars)
        lines.addLayout(seeds)
        lines.addWidget(self.copies_said)
        lines.addLayout(warned)
        lines.addWidget(self.problem_line)
        lines.addWidget(self.problems)
        box = QVBoxLayout(page)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(SPACE)
        box.addWidget(Scrolling(inside), 1)
        box.addLayout(buttons)
        self.pages.addWidget(page)

    def show_page(self, page: int) -> None:
        """Show ``EMPTY``, ``FOUND`` or ``CAPTURE``."""
        self.pages.setCurrentIndex(page)
        self.title.setText("Take pictures" if page == CAPTURE else "Pictures")
        self.change_button.setVisible(page == FOUND)
        self.page_changed.emit(page)

    @Slot(Path)
    def show_started(self, folder: Path) -> None:
        """Show that a folder is being looked at."""
        self.name.setText(folder.name)
        self._show_looking(True)
        self.progress.show_share(0.0)
        self.said.say("busy", f"Looking at the pictures in {folder.name}")

    @Slot(Progress)
    def show_progress(self, progress: Progress) -> None:
        """Show how far that is."""
        if self.looking:
            self.progress.show_share(progress.fraction or 0.0)
            self.said.say("busy", "Looking at the pictures", aside=progress.detail)

    @Slot(Ended)
    def show_ended(self, ended: Ended) -> None:
        """Show how that ended, if not well; what was shown before stays."""
        self._show_looking(False)
        if ended.outcome is Outcome.FAILED:
            self.said.say_failed(ended)
        else:
            self.said.say("none", "")

    def show_name(self, folder: Path | None) -> None:
        """Name the folder that is shown."""
        self.name.setText(folder.name if folder is not None else "")
        self.name.setToolTip(str(folder or ""))

    def show_locked(self, locked: bool) -> None:
        """Let nothing change while it is learned from."""
        for control in (
            self.change_button,
            self.again_button,
            self.more_button,
            self.seed,
            self.choose_button,
        ):
            control.setEnabled(not locked)

    def show_looked(self, looked: Looked) -> None:
        """Show what was found."""
        self.show_page(FOUND)
        self.show_name(looked.folder)
        self.bars.show_lines(looked.classes)
        blocker = QSignalBlocker(self.seed)
        self.seed.setValue(looked.seed)
        del blocker
        copies = looked.near_copies
        self.copies_said.setText(f"{copies} {COPIES}")
        self.copies_said.setVisible(copies > 0)
        self.warnings.setText("\n".join(looked.warnings))
        self.warnings.setVisible(bool(looked.warnings))
        self.warning_shape.show_state("warn" if looked.warnings else "none")
        self._show_problems(looked)

    def _show_problems(self, looked: Looked) -> None:
        count = len(looked.problems)
        self.problem_line.show_said("1 file" if count == 1 else f"{count} files")
        self.problem_line.setVisible(count > 0)
        self.problem_line.setChecked(False)
        self.problems.clear()
        for path, what in looked.problems[:MOST_LISTED]:
            item = QListWidgetItem(f"{path.parent.name}/{path.name} {what}")
            item.setToolTip(f"{path} {what}")
            self.problems.addItem(item)
        if count > MOST_LISTED:
            self.problems.addItem(f"and {count - MOST_LISTED} more")

    def _show_looking(self, looking: bool) -> None:
        self.looking = looking
        self.progress.setVisible(looking)
        self.cancel_button.setVisible(looking)
        self.cancel_button.setEnabled(looking)
        self.pages.setEnabled(not looking)
        self.change_button.setEnabled(not looking)


def _seed_box(theme: Theme) -> QSpinBox:
    seed = QSpinBox()
    seed.setRange(0, MOST_SEED)
    seed.setFont(theme.font(BODY))
    seed.setFixedWidth(8 * SPACE)
    seed.setAlignment(Qt.AlignmentFlag.AlignCenter)
    seed.setAccessibleName("Seed of the split")
    seed.lineEdit().setAccessibleName(seed.accessibleName())
    seed.setToolTip("The same seed divides the same pictures in the same way")
    seed.setKeyboardTracking(False)
    return seed


def _problem_list(theme: Theme) -> QListWidget:
    problems = QListWidget()
    problems.setFrameShape(QFrame.Shape.NoFrame)
    problems.setFont(theme.font(CAPTION))
    problems.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    problems.setAccessibleName("Files that are left out, and why")
    problems.setWordWrap(True)
    problems.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    problems.setFixedHeight(14 * SPACE)
    return problems


class _Drawing(QWidget):
    """A folder of folders, drawn."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.setFixedSize(QSize(64, 64))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        ink = QColor(self.theme.colours.accent)
        draw_icon(painter, QRectF(4, 4, 56, 56), "folders", ink)
