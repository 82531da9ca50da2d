"""How a sweep measures: threads, delegates, sources; how long and how often."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QSpinBox

from gui.compare.toggle import Toggle
from gui.labels import Label
from gui.parts import Card, Combo, Segments
from gui.sweep.values import Model, Repeats, Side
from gui.theme import BODY, CAPTION, MEDIUM, SPACE, Theme

if TYPE_CHECKING:
    from engine.link.messages import Hello

THREADS = (1, 2, 4, 8)
DELEGATES = ("xnnpack", "cpu", "nnapi", "gpu")
SOURCES = ("loop", "camera", "pictures")
PRESETS = ("quick", "lab", "mlperf")
PRESET_TIPS = "quick: 3 s each; lab: 10 s and ±2 %; mlperf: 60 s and 1024 inferences"
USUAL = (4, "xnnpack", "loop")
COOL_C = 32


class CrossCard(Card):
    """What each model is measured with; every combination is."""

    changed = Signal()

    def __init__(self, theme: Theme) -> None:
        """Make it with the usual one of each on."""
        super().__init__(theme)
        self._known = False  # whether the app on the phone told what it has
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE)
        grid.setVerticalSpacing(0)
        self.threads = [
            Toggle(theme, str(each), f"Run each model with {each} threads", on=each == USUAL[0])
            for each in THREADS
        ]
        self.delegates = [
            Toggle(theme, each, f"Run each model by {each}", on=each == USUAL[1])
            for each in DELEGATES
        ]
        self.sources = [
            Toggle(theme, each, f"Feed each model from: {each}", on=each == USUAL[2])
            for each in SOURCES
        ]
        for row, (word, toggles) in enumerate(
            (("Threads", self.threads), ("Delegate", self.delegates), ("Source", self.sources))
        ):
            line = QHBoxLayout()
            line.setSpacing(0)
            for toggle in toggles:
                toggle.setAccessibleName(f"{word} {toggle.text()}")
                toggle.toggled.connect(lambda _on: self.changed.emit())
                line.addWidget(toggle)
            line.addStretch(1)
            grid.addWidget(Label(theme, word, CAPTION, tone="muted"), row, 0)
            grid.addLayout(line, row, 1)
        grid.setColumnStretch(1, 1)
        self.box.addLayout(grid)

    def chosen(self) -> tuple[tuple[int, ...], tuple[str, ...], tuple[str, ...]]:
        """Return threads, delegates and sources; no threads are as many as are usual."""
        threads = tuple(int(word) for word in _on(self.threads))
        if not self._known and threads == USUAL[:1]:
            threads = ()  # the phone may have fewer
        return threads, _on(self.delegates), _on(self.sources)

    def choose(self, threads: int, delegate: str, source: str) -> None:
        """Choose one of each."""
        for toggles, word in (
            (self.threads, str(threads)), (self.delegates, delegate), (self.sources, source),
        ):  # fmt: skip
            for toggle in toggles:
                toggle.setChecked(toggle.text() == word)

    def show_hello(self, hello: "Hello | None") -> None:
        """Offer what the app on the phone has; without one, all there may be."""
        self._known = hello is not None
        for toggle in self.threads:
            most = hello.max_threads if hello is not None else THREADS[-1]
            _offer(toggle, int(toggle.text()) <= most, f"This phone runs {most} at most")
        for toggles, has in (
            (self.delegates, hello.delegates if hello is not None else DELEGATES),
            (self.sources, hello.sources if hello is not None else SOURCES),
        ):
            for toggle in toggles:
                _offer(toggle, toggle.text() in has, "The app on this phone has none")
        for toggles in (self.threads, self.delegates, self.sources):
            there = [each for each in toggles if each.isEnabled()]
            if there and not _on(toggles):
                usual = there[-1] if toggles is self.threads else there[0]
                usual.setChecked(True)


def _on(toggles: Sequence[Toggle]) -> tuple[str, ...]:
    return tuple(each.text() for each in toggles if each.isChecked())


def _offer(toggle: Toggle, there: bool, why: str) -> None:
    toggle.setEnabled(there)
    if not there:
        toggle.setChecked(False)
        toggle.setToolTip(why)
    elif toggle.toolTip() == why or not toggle.toolTip():
        toggle.setToolTip(toggle.accessibleName())


class RepeatCard(Card):
    """How long one run is, how often each is measured, in which order, how cool."""

    changed = Signal()

    def __init__(self, theme: Theme) -> None:
        """Make it with the quick preset and three blocks."""
        super().__init__(theme)
        self.preset = Segments(theme, PRESETS, "When one run is enough")
        self.preset.setToolTip(PRESET_TIPS)
        self.preset.chosen.connect(lambda _word: self.changed.emit())
        self.blocks = _spin(theme, 3, 100, 3, "Blocks", "How often each is measured")
        self.seed = _spin(theme, 0, 9999, 0, "Seed", "Of the random order")
        self.cool = Toggle(theme, "Cool down to", "Wait before each run", on=False)
        self.start_c = _spin(theme, 15, 50, COOL_C, "Degrees Celsius", "Of the battery")
        self.start_c.setSuffix(" °C")
        self.start_c.setEnabled(False)
        self.cool.toggled.connect(self.start_c.setEnabled)
        self.cool.toggled.connect(lambda _on: self.changed.emit())
        for spin in (self.blocks, self.seed, self.start_c):
            spin.valueChanged.connect(lambda _value: self.changed.emit())
        first = QHBoxLayout()
        first.setSpacing(SPACE)
        first.addWidget(self.preset, 1)
        first.addWidget(Label(theme, "Blocks", CAPTION, tone="muted"))
        first.addWidget(self.blocks)
        second = QHBoxLayout()
        second.setSpacing(SPACE)
        second.addWidget(self.cool)
        second.addWidget(self.start_c)
        second.addStretch(1)
        second.addWidget(Label(theme, "Seed", CAPTION, tone="muted"))
        second.addWidget(self.seed)
        self.box.addLayout(first)
        self.box.addLayout(second)

    def repeats(self) -> Repeats:
        """Return what is chosen."""
        start_c = float(self.start_c.value()) if self.cool.isChecked() else None
        return Repeats(self.preset.choice, self.blocks.value(), self.seed.value(), start_c)


def _spin(theme: Theme, low: int, high: int, value: int, name: str, tip: str) -> QSpinBox:
    spin = QSpinBox()
    spin.setRange(low, high)
    spin.setValue(value)
    spin.setFont(theme.font(BODY, MEDIUM))
    spin.setAccessibleName(name)
    spin.lineEdit().setAccessibleName(name)
    spin.setToolTip(tip)
    spin.setFixedWidth(9 * SPACE)
    spin.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    return spin


class SideCard(Card):
    """One side of an A/B test."""

    changed = Signal()

    def __init__(self, theme: Theme, word: str) -> None:
        """Make it without models."""
        super().__init__(theme)
        self.models: tuple[Model, ...] = ()
        self.model, self.threads = Combo(theme), Combo(theme)
        self.delegate, self.source = Combo(theme), Combo(theme)
        combos = (
            (self.model, "model"), (self.threads, "threads"),
            (self.delegate, "delegate"), (self.source, "source"),
        )  # fmt: skip
        for combo, what in combos:
            combo.setAccessibleName(f"{word}: {what}")
            combo.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            combo.activated.connect(lambda _at: self.changed.emit())
        self.show_hello(None)
        head = QHBoxLayout()
        head.setSpacing(SPACE)
        head.addWidget(Label(theme, word, BODY, MEDIUM))
        head.addWidget(self.model, 1)
        rest = QGridLayout()
        rest.setSpacing(SPACE)
        rest.addWidget(self.threads, 0, 0)
        rest.addWidget(self.delegate, 0, 1)
        rest.addWidget(self.source, 1, 0)
        rest.setColumnStretch(0, 1)
        rest.setColumnStretch(1, 1)
        self.box.addLayout(head)
        self.box.addLayout(rest)

    def show_models(self, models: Sequence[Model]) -> None:
        """List what can be measured."""
        if tuple(models) == self.models:
            return
        before = self.model.currentData()
        self.models = tuple(models)
        _fill(self.model, [(each.title, each.name) for each in models], before)

    def show_hello(self, hello: "Hello | None") -> None:
        """Offer what the app on the phone has."""
        if hello is None:
            _fill(self.threads, [("threads as usual", None)], None)
        else:
            most = hello.max_threads
            threads = [(f"{n} thread{'s' * (n != 1)}", n) for n in range(1, most + 1)]
            _fill(self.threads, threads, self.threads.currentData() or min(USUAL[0], most))
        delegates = hello.delegates if hello is not None else DELEGATES
        sources = hello.sources if hello is not None else SOURCES
        for combo, words, usual in (
            (self.delegate, delegates, USUAL[1]), (self.source, sources, USUAL[2]),
        ):  # fmt: skip
            _fill(combo, [(word, word) for word in words], combo.currentData() or usual)

    def side(self) -> Side:
        """Return what is chosen."""
        return Side(
            str(self.model.currentData() or ""),
            self.threads.currentData(),
            str(self.delegate.currentData()),
            str(self.source.currentData()),
        )

    def choose(self, name: str) -> None:
        """Choose a model."""
        at = self.model.findData(name)
        if at >= 0:
            self.model.setCurrentIndex(at)
            self.changed.emit()


def _fill(combo: Combo, items: "Sequence[tuple[str, object]]", chosen: object) -> None:
    combo.clear()
    for text, data in items:
        combo.addItem(text, data)
    combo.setCurrentIndex(max(0, combo.findData(chosen)))
