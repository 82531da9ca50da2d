"""Predict 16 from 3: which variants to measure, and then which one tries the prediction."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from gui.labels import ElidedLabel, Label
from gui.parts import Button, Card, StateShape
from gui.theme import BODY, CAPTION, MEDIUM, SEMIBOLD, SPACE, TITLE, Theme


class PlanCard(Card):
    """Names the next variant to measure. Knows nothing of fits."""

    chosen = Signal(str)  # the name of the variant to measure next
    measure_requested = Signal(object)  # names of those that are to be measured
    verify_requested = Signal(str)  # the name of the one that tries the prediction

    def __init__(self, theme: Theme) -> None:
        """Make it with three empty lines."""
        super().__init__(theme)
        self.next = ""
        self._left: tuple[str, ...] = ()
        self._fitted = False
        self._ready = (False, "Connect a phone first")
        self.said = Label(theme, "", BODY, wrap=True)
        self.lines = [_Line(theme) for _ in range(3)]
        self.fit = Label(theme, "", CAPTION, tone="muted", wrap=True)
        self.verdict_shape = StateShape(theme)
        self.verdict = Label(theme, "", BODY, MEDIUM, wrap=True)
        self.verdict.setAccessibleName("Whether the prediction held")
        self.verdict.hide()
        self.measure_button = Button(theme, "Measure", "primary")
        self.measure_button.clicked.connect(self._measure)
        self.button = Button(theme, "Choose", "secondary")
        self.button.clicked.connect(lambda: self.chosen.emit(self.next))
        self.box.addWidget(Label(theme, "Predict 16 from 3", TITLE, SEMIBOLD))
        self.box.addWidget(self.said)
        for line in self.lines:
            self.box.addWidget(line)
        self.box.addWidget(self.fit)
        verdict = QHBoxLayout()
        verdict.setSpacing(SPACE)
        verdict.addWidget(self.verdict_shape, 0, Qt.AlignmentFlag.AlignTop)
        verdict.addWidget(self.verdict, 1)
        self.box.addLayout(verdict)
        self.box.addWidget(self.measure_button)
        self.box.addWidget(self.button)

    def show_plan(
        self, plan: Sequence[tuple[str, str, bool]], precision: str, fit: str, check: str
    ) -> None:
        """Show what to measure.

        Args:
            plan: (name, why, whether it was measured).
            precision: Whose variants.
            fit: How the others were predicted; empty before they were.
            check: Which variant tries the prediction hardest.
        """
        for line, (name, why, done) in zip(self.lines, plan, strict=True):
            line.show_step(name, why, done=done)
            line.setVisible(not fit)
        left = [name for name, _why, done in plan if not done]
        self.next = check if fit else (left[0] if left else "")
        self._left, self._fitted = tuple(left), bool(fit)
        if fit and not check:
            self.said.setText(f"All {precision} variants are measured: nothing is left to predict.")
        elif fit:
            self.said.setText(f"The ringed {precision} variants are predicted. Verify one of them.")
        else:
            self.said.setText(
                f"Measure three variants and the rest of {precision} is predicted, with intervals."
            )
        self.fit.setText(fit)
        self.fit.setVisible(bool(fit))
        self.button.setText(f"Choose {self.next}")
        self.button.setVisible(bool(self.next))
        self.button.setAccessibleName(self.button.text())
        self.button.setToolTip("Chooses it and goes to Live, to deploy and measure it")
        self.button.updateGeometry()
        self._show_measure()

    def show_ready(self, ready: bool, why: str) -> None:
        """Say whether anything can be measured now, else why not."""
        self._ready = (ready, why)
        self._show_measure()

    def show_verdict(self, verdict: tuple[bool, str] | None) -> None:
        """Show whether a measurement fell where it was predicted; None shows nothing."""
        self.verdict_shape.show_state("none" if verdict is None else "ok" if verdict[0] else "warn")
        self.verdict.setText("" if verdict is None else verdict[1])
        self.verdict.setVisible(verdict is not None)

    def _show_measure(self) -> None:
        ready, why = self._ready
        words = "Verify one"
        tip = f"Measures {self.next} and says whether it was predicted rightly"
        if not self._fitted:
            words = {3: "Measure these three", 2: "Measure the other two"}.get(
                len(self._left), "Measure the last one"
            )
            tip = "As a sweep of three blocks; models that are not there are built"
        self.measure_button.setText(words)
        self.measure_button.setAccessibleName(words)
        self.measure_button.setToolTip(tip if ready else why)
        self.measure_button.setEnabled(ready)
        self.measure_button.setVisible(bool(self.next))
        self.measure_button.updateGeometry()

    def _measure(self) -> None:
        if self._fitted:
            self.verify_requested.emit(self.next)
        else:
            self.measure_requested.emit(self._left)


class _Line(QWidget):
    """One variant to measure: whether it was, its name, and why it is one of the three."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.shape = StateShape(theme)
        policy = self.shape.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.shape.setSizePolicy(policy)
        self.name = Label(theme, "", CAPTION, MEDIUM)
        self.why = ElidedLabel(theme, "", CAPTION, tone="muted")
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(SPACE)
        line.addWidget(self.shape)
        line.addWidget(self.name)
        line.addWidget(self.why, 1)

    def show_step(self, name: str, why: str, *, done: bool) -> None:
        """Show it."""
        self.shape.show_state("ok" if done else "none")
        self.name.setText(name)
        self.why.setText("measured" if done else why)
        self.setAccessibleName(f"{name}: {'measured' if done else why}")
