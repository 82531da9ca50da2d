"""What-if: the total, large, and the switches that change it."""

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from gui.labels import ElidedLabel, Label
from gui.parts import Button, Card, Combo, Segments
from gui.sizes.parts import difference, megabytes
from gui.theme import BODY, CAPTION, HUGE, MEDIUM, NO_VALUE, SEMIBOLD, SPACE, TITLE, Theme
from gui.variant_list import PRECISIONS
from gui.variant_rows import VariantRow

ALL, LITE, MOBILE, WITHOUT, WITH = "all", "Lite", "Mobile", "without", "with"
NAMES = 9 * SPACE
"""Width of the words before the switches."""
NO_SECOND = "none"
ROOMY = 82 * SPACE
"""From this height on there is room for what each switch alone would change, pixels."""


class Wish(NamedTuple):
    """What the switches ask for.

    Attributes:
        model: Name of the variant, or of the person's own model.
        precision: ``float32``, ``float16`` or ``int8``.
        second: Name of a second model in the same app; empty for none.
        abi: The one ABI whose libraries are packed; empty for all that there are.
        mobile: Whether the runtime is full TensorFlow Mobile, as in the report.
        gpu: Whether the GPU delegate's library is packed too.
    """

    model: str = ""
    precision: str = "int8"
    second: str = ""
    abi: str = ""
    mobile: bool = False
    gpu: bool = False


class WhatIf(Card):
    """Lets the person turn the switches and shows what that comes to."""

    wished = Signal(object)  # Wish

    def __init__(self, theme: Theme) -> None:
        """Make the card without models."""
        super().__init__(theme)
        self._present = Wish()
        self._abi = ""
        self.total = Label(theme, NO_VALUE, HUGE, SEMIBOLD)
        self.against = ElidedLabel(theme, "", BODY, MEDIUM, tone="muted")
        self.floor = Label(theme, "", BODY, tone="muted", wrap=True)
        self.alone = Alone(theme)
        self.model, self.second = Combo(theme), Combo(theme)
        self.model.setAccessibleName("Model in the app")
        self.second.setAccessibleName("Second model in the app")
        self.precision = Segments(theme, PRECISIONS, "Precision")
        self.abis = Segments(theme, ("one", ALL), "ABIs whose libraries are packed")
        self.runtime = Segments(theme, (LITE, MOBILE), "TensorFlow runtime")
        self.runtime.setToolTip("Lite is this lab's; full TensorFlow Mobile is the report's")
        self.gpu = Segments(theme, (WITHOUT, WITH), "Library of the GPU delegate")
        self.back = Button(theme, "Back to the present choice")
        self.back.clicked.connect(self.go_back)
        self._lay_out(theme)
        for combo in (self.model, self.second):
            combo.currentIndexChanged.connect(self._tell)
        for switch in (self.precision, self.abis, self.runtime, self.gpu):
            switch.chosen.connect(self._tell)

    def _lay_out(self, theme: Theme) -> None:
        digits = QHBoxLayout()
        digits.setSpacing(6)
        digits.addWidget(self.total, 0, Qt.AlignmentFlag.AlignBaseline)
        digits.addWidget(
            Label(theme, "MB", TITLE, MEDIUM, "muted"), 1, Qt.AlignmentFlag.AlignBaseline
        )
        head = QVBoxLayout()
        head.setSpacing(0)
        head.addWidget(Label(theme, "The APK would be", BODY, SEMIBOLD))
        head.addLayout(digits)
        head.addWidget(self.against)
        self.box.addLayout(head)
        self.box.addSpacing(SPACE)
        rows: tuple[tuple[str, QWidget], ...] = (
            ("Model", self.model),
            ("Precision", self.precision),
            ("Second", self.second),
            ("ABI", self.abis),
            ("TensorFlow", self.runtime),
            ("GPU library", self.gpu),
        )
        for word, control in rows:
            name = Label(theme, word, CAPTION, MEDIUM, "muted")
            name.setFixedWidth(NAMES)
            line = QHBoxLayout()
            line.setSpacing(SPACE)
            line.addWidget(name)
            line.addWidget(control, 1)
            self.box.addLayout(line)
        self.box.addWidget(self.back)
        self.box.addSpacing(SPACE)
        self.box.addWidget(Label(theme, "What holds it up", BODY, SEMIBOLD))
        self.box.addWidget(self.floor)
        self.box.addSpacing(SPACE)
        self.box.addWidget(self.alone)
        self.box.addStretch(1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what there is no room for."""
        super().resizeEvent(event)
        self.alone.setVisible(self.height() >= ROOMY)

    def show_models(self, rows: Sequence[VariantRow]) -> None:
        """Offer these models; the choice stays where it can."""
        before = self.wish()
        blocked = [QSignalBlocker(each) for each in (self.model, self.second)]
        self.model.clear()
        self.second.clear()
        self.second.addItem(NO_SECOND, "")
        for row in rows:
            for combo in (self.model, self.second):
                combo.addItem(row.title, row.name)
        _choose(self.model, before.model or self._present.model)
        _choose(self.second, before.second)
        del blocked
        self._tell()

    def show_present(self, present: Wish) -> None:
        """Take what a deploy would build now; the switches follow where that has changed."""
        before, self._present = self._present, present
        if present.abi != self._abi:
            one = self.abis.choice != ALL
            self._abi = present.abi
            self.abis.show_words((self._abi, ALL), self._abi if one else ALL)
        blocked = [QSignalBlocker(each) for each in (self.model, self.precision, self.gpu)]
        if (before.model, before.precision) != (present.model, present.precision):
            _choose(self.model, present.model)
            self.precision.choose(present.precision)
        if before.gpu != present.gpu:
            self.gpu.choose(WITH if present.gpu else WITHOUT)
        del blocked
        self._tell()

    @property
    def present(self) -> Wish:
        """What a deploy would build now."""
        return self._present

    def wish(self) -> Wish:
        """Return what the switches ask for."""
        return Wish(
            str(self.model.currentData() or ""),
            self.precision.choice,
            str(self.second.currentData() or ""),
            "" if self.abis.choice == ALL else self._abi,
            self.runtime.choice == MOBILE,
            self.gpu.choice == WITH and self.runtime.choice == LITE,
        )

    def go_back(self) -> None:
        """Turn every switch back to what a deploy would build now."""
        switches = (self.model, self.second, self.precision, self.abis, self.runtime, self.gpu)
        blocked = [QSignalBlocker(each) for each in switches]
        _choose(self.model, self._present.model)
        _choose(self.second, "")
        self.precision.choose(self._present.precision)
        self.abis.choose(self._abi)
        self.runtime.choose(LITE)
        self.gpu.choose(WITH if self._present.gpu else WITHOUT)
        del blocked
        self._tell()

    @Slot(object, object)
    def show_total(self, total: int | None, present: int | None) -> None:
        """Show what the wish comes to, and how far that is from the present choice, bytes."""
        self.total.setText(NO_VALUE if total is None else megabytes(total, unit=False))
        if total is None or present is None:
            self.against.setText("")
        elif self.wish() == self._present:
            self.against.setText("the present choice")
        else:
            self.against.setText(f"{difference(total - present)} against the present choice")
        self.back.setEnabled(self.wish() != self._present)

    @Slot(str)
    def show_floor(self, text: str) -> None:
        """Say what holds the APK above the floor."""
        self.floor.setText(text)

    def show_alone(self, rows: Sequence[tuple[str, int]]) -> None:
        """Show what each switch alone would change, bytes."""
        self.alone.show_rows([(words, difference(count)) for words, count in rows])

    def _tell(self) -> None:
        self.gpu.setEnabled(self.runtime.choice == LITE)  # TensorFlow Mobile has no such thing
        wish = self.wish()
        self.back.setEnabled(wish != self._present)
        if wish.model:
            self.wished.emit(wish)


class Alone(QWidget):
    """What each switch alone would change; its rows stand still."""

    def __init__(self, theme: Theme) -> None:
        """Make it without figures."""
        super().__init__()
        self.rows = [(Label(theme, "", BODY, tone="muted"), Label(theme, "")) for _ in range(5)]
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(2)
        grid.addWidget(Label(theme, "Each switch alone", BODY, SEMIBOLD), 0, 0, 1, 2)
        for number, (words, figure) in enumerate(self.rows, start=1):
            grid.addWidget(words, number, 0)
            grid.addWidget(figure, number, 1, Qt.AlignmentFlag.AlignRight)

    def show_rows(self, rows: Sequence[tuple[str, str]]) -> None:
        """Show words with their figures."""
        filled = [*rows, *[("", "")] * len(self.rows)][: len(self.rows)]
        for (words, figure), (text, value) in zip(self.rows, filled, strict=True):
            words.setText(text)
            figure.setText(value)


def _choose(combo: Combo, data: str) -> None:
    at = combo.findData(data)
    if at >= 0:
        combo.setCurrentIndex(at)
