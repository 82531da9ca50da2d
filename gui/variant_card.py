"""What is known of the chosen variant, each figure with its unit and its source."""

from PySide6.QtCore import QPointF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from gui.folding import INSET, FoldLine
from gui.labels import ElidedLabel, Label
from gui.marks import draw_variant_mark
from gui.parts import Button, Card, Chip, Segments
from gui.theme import CAPTION, MEDIUM, NO_VALUE, SEMIBOLD, SPACE, TITLE, Theme
from gui.variant_rows import VariantRow

OWN_FIT = "own"
FITS = {
    OWN_FIT: ("", "as the task has it"),
    "crop": ("crop", "crop: the middle square"),
    "letterbox": ("letterbox", "letterbox: all of it, bars around"),
    "stretch": ("stretch", "stretch: all of it, squeezed"),
}
"""How the picture comes into the model's input: the engine's word, and what is said."""
TOP1 = "published top-1"
"""Of the trained network: never a result of what runs here."""


class VariantCard(Card):
    """Shows one variant. Knows nothing of where it comes from."""

    labels_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        """Make the card without a variant."""
        super().__init__(theme)
        self.mark = _Mark(theme)
        self.title = ElidedLabel(theme, "No variant chosen", TITLE, SEMIBOLD)
        self.kind = ElidedLabel(theme, "", CAPTION, tone="muted")
        self.untrained = Chip(theme, "untrained", "warn")
        self.untrained.setToolTip("Random weights: speed and size are real, answers mean nothing")
        self.untrained.hide()
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(self.title)
        names.addWidget(self.kind)
        head = QHBoxLayout()
        head.setSpacing(SPACE + SPACE // 2)
        head.addWidget(self.mark)
        head.addLayout(names, 1)
        head.addWidget(self.untrained)
        self.facts = {name: _Fact(theme, name) for name in (TOP1, "MACs", "parameters", "file")}
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE)
        grid.setContentsMargins(0, SPACE // 2, 0, 0)
        for column, fact in enumerate(self.facts.values()):
            grid.addWidget(fact, 0, column)
            grid.setColumnStretch(column, 2 if fact.wide else 1)
        self._roomy = True
        self.source = ElidedLabel(theme, "", CAPTION, tone="muted")
        self.source.hide()
        self.note = ElidedLabel(theme, "", CAPTION, tone="muted")
        self.labels_button = Button(theme, "Choose labels", "secondary")
        self.labels_button.clicked.connect(self.labels_requested)
        self.labels_button.hide()
        foot = QHBoxLayout()
        foot.addWidget(self.note, 1)
        foot.addWidget(self.labels_button)
        self.fits = Segments(theme, tuple(FITS), "How the picture is fitted")
        self.fits.chosen.connect(self._show_fit)
        self.fit_line = FoldLine(theme, "Picture fit", self.fits, height=3 * SPACE)
        self.fit_line.setToolTip("For the next deploy or swap")
        self._lay_out(head, grid, foot)
        self._show_fit(OWN_FIT)

    def _lay_out(self, head: QHBoxLayout, grid: QGridLayout, foot: QHBoxLayout) -> None:
        above, below = QVBoxLayout(), QHBoxLayout()
        above.setSpacing(SPACE)
        above.addLayout(head)
        above.addLayout(grid)
        above.addWidget(self.source)
        above.addLayout(foot)
        below.addWidget(self.fits)
        for part in (above, below):  # the fold line alone reaches further: its words stand here
            part.setContentsMargins(INSET, 0, INSET, 0)
        edge = 2 * SPACE
        self.box.setContentsMargins(edge - INSET, edge, edge - INSET, edge - SPACE // 2)
        self.box.addLayout(above)
        self.box.addWidget(self.fit_line)
        self.box.addLayout(below)

    @property
    def fit(self) -> str:
        """The chosen fit in the engine's word; empty leaves it to the task."""
        return FITS[self.fits.choice][0]

    def _show_fit(self, word: str) -> None:
        self.fit_line.show_said(FITS[word][1])

    @Slot(object, str)
    def show_variant(self, row: VariantRow, precision: str) -> None:
        """Show a row at a precision; an own model has its own."""
        precision = row.precision or precision
        self.mark.show_mark(row.alpha, row.resolution, precision)
        self.title.setText(f"{row.title}  {precision}".strip())
        own = row.path is not None
        self.kind.setText(row.kind if own else "MobileNet v1 · alpha @ pixels")
        top1, size = row.accuracy(precision), row.size(precision)
        source = row.accuracy_said(precision)
        self.facts[TOP1].show_value(None if top1 is None else f"{100 * top1:.1f}", "%", source)
        self._fact("MACs", *_scaled(row.macs), row)
        self._fact("parameters", *_scaled(row.params), row)
        self._fact("file", None if size is None else f"{size / 1e6:.1f}", "MB", row)
        if not own:
            said = [
                f"Published latency: {what}"
                for kind, what, _from in row.reference
                if kind == precision
            ]
            self.note.setText(" · ".join(said))
            self.source.setText(source)
        self.labels_button.setVisible(own)
        self._show_lines()

    def show_labels(self, text: str) -> None:
        """Say which labels the own model has."""
        self.note.setText(text)
        self._show_lines()

    def show_small_print(self, shown: bool) -> None:
        """Show where the figures come from below them, or only as their tool tips."""
        self._roomy = shown
        self._show_lines()

    def _show_lines(self) -> None:
        own = not self.labels_button.isHidden()
        self.note.setVisible(bool(self.note.text()) and (own or self._roomy))
        self.source.setVisible(bool(self.source.text()) and self._roomy and not own)

    def show_untrained(self, untrained: bool) -> None:
        """Mark answers of random weights."""
        self.untrained.setVisible(untrained)

    def _fact(self, name: str, value: str | None, unit: str, row: VariantRow) -> None:
        source = dict(row.sources).get(name, "")
        self.facts[name].show_value(value, unit, source and f"Source: {source}")


def _scaled(count: float | None) -> tuple[str | None, str]:
    if count is None:
        return None, ""
    if count >= 1e9:
        return f"{count / 1e9:.2f}", "G"
    return f"{count / 1e6:.{0 if count >= 1e8 else 1 if count >= 1e7 else 2}f}", "M"


class _Fact(QWidget):
    """A figure with its unit, its name below, its source as the tool tip."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self.wide = len(name) > len("parameters")
        self.value = Label(theme, NO_VALUE, TITLE, MEDIUM)
        self.unit = Label(theme, "", CAPTION, tone="muted")
        self.name = Label(theme, name, CAPTION, tone="muted")
        line = QHBoxLayout()
        line.setSpacing(3)
        line.addWidget(self.value, 0, Qt.AlignmentFlag.AlignBaseline)
        line.addWidget(self.unit, 1, Qt.AlignmentFlag.AlignBaseline)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addLayout(line)
        box.addWidget(self.name)

    def show_value(self, value: str | None, unit: str, source: str) -> None:
        self.value.setText(NO_VALUE if value is None else value)
        self.unit.setText("" if value is None else unit)
        self.setToolTip(source)
        self.setAccessibleName(f"{self.name.text()} {self.value.text()} {self.unit.text()}")


class _Mark(QWidget):
    """The variant's mark, large."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self._mark: tuple[float | None, int | None, str] | None = None
        self.setFixedSize(QSize(4 * SPACE, 4 * SPACE))

    def show_mark(self, alpha: float | None, resolution: int | None, precision: str) -> None:
        self._mark = (alpha, resolution, precision)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._mark is not None:
            draw_variant_mark(QPainter(self), QPointF(16, 16), 12, *self._mark)
