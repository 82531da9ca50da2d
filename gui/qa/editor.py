"""The plan's form: what is measured, the limits, the manual steps; errors stand at the field."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from gui.first_frame import GAP
from gui.labels import Label
from gui.parts import Button, Card
from gui.qa.field import Complaints, Field, text_of
from gui.qa.manual_list import ManualList
from gui.qa.models_field import ModelsField
from gui.qa.values import DELEGATES, LIMITS, PRESETS, SOURCES
from gui.theme import BODY, SEMIBOLD, SPACE, TITLE, Theme
from gui.training.scrolling import Scrolling

ROOMY = 110 * SPACE
"""Wide enough for two cards beside each other, pixels."""
OWN = "own"
"""The preset of a plan that has one of its own."""


class PlanEditor(QWidget):
    """Shows a plan's values and lets them be changed. Knows no rule about plans."""

    changed = Signal()
    pictures_requested = Signal()
    baseline_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        """Make the form empty."""
        super().__init__()
        self.theme = theme
        self._own_preset: object = None
        self.title = Field(theme, "Title")
        self.models = ModelsField(theme)
        self.fields = {
            "preset": Field(theme, "Preset", words=PRESETS, tip="When one run is enough"),
            "blocks": Field(theme, "Blocks", tip="How often each model is measured, 3 at least"),
            "threads": Field(theme, "Threads", hint="4"),
            "delegate": Field(theme, "Delegate", words=DELEGATES),
            "source": Field(theme, "Pictures from", words=SOURCES),
            "start_c": Field(
                theme, "Start at", hint="at once", unit="\N{DEGREE SIGN}C",
                tip="Let the battery cool down to that before each run",
            ),
            "seed": Field(theme, "Seed", hint="0", tip="Of the order in which models take turns"),
            "baseline": Field(
                theme, "Baseline", hint="none: the number of a session, or a .zip",
                tip="An earlier session to compare with",
            ),
            "regression_percent": Field(theme, "May be slower by", hint="5", unit="%"),
            "margin_percent": Field(
                theme, "Margin", hint="2", unit="%",
                tip="A value that keeps its limit by less than this is a WARNING",
            ),
            "pictures": Field(theme, "Pictures for top-1", hint="a folder per class"),
        }  # fmt: skip
        self.limits = {
            row.name: Field(
                theme, f"{row.title}, {'at most' if row.most else 'at least'}",
                hint="no limit", unit=row.unit,
            )
            for row in LIMITS
        }  # fmt: skip
        self.limits_complaint = Complaints(theme)
        self.whole = Complaints(theme)
        self.manual = ManualList(theme)
        self.pictures_button = Button(theme, "Folder\N{HORIZONTAL ELLIPSIS}")
        self.baseline_button = Button(theme, "File\N{HORIZONTAL ELLIPSIS}")
        self.pictures_button.clicked.connect(self.pictures_requested)
        self.baseline_button.clicked.connect(self.baseline_requested)
        self._lay_out()
        parts = (self.title, self.models, self.manual, *self.fields.values())
        for part in (*parts, *self.limits.values()):
            part.changed.connect(self.changed)

    def _lay_out(self) -> None:
        theme = self.theme
        left = Card(theme)
        left.box.addWidget(Label(theme, "What is measured", TITLE, SEMIBOLD))
        left.box.addWidget(self.whole)
        left.box.addWidget(self.title)
        left.box.addWidget(self.models)
        keys = ("preset", "blocks", "threads", "delegate", "source", "start_c")
        left.box.addLayout(_grid([self.fields[key] for key in keys], 3))
        left.box.addLayout(_beside(self.fields["baseline"], self.baseline_button))
        left.box.addLayout(_grid([self.fields["regression_percent"], self.fields["seed"]], 2))
        left.box.addStretch(1)
        limits = Card(theme)
        limits.box.addWidget(Label(theme, "Limits", TITLE, SEMIBOLD))
        limits.box.addWidget(
            Label(
                theme,
                "A value passes when its whole 95 % interval keeps the limit, and fails when all "
                "of it is beyond. Between the two it is a WARNING.",
                BODY,
                tone="muted",
                wrap=True,
            )
        )
        limits.box.addWidget(self.limits_complaint)
        limits.box.addLayout(_grid([*self.limits.values(), self.fields["margin_percent"]], 2))
        limits.box.addLayout(_beside(self.fields["pictures"], self.pictures_button))
        limits.box.addStretch(1)
        manual = Card(theme)
        manual.box.addWidget(Label(theme, "What a person looks at", TITLE, SEMIBOLD))
        manual.box.addWidget(self.manual)
        manual.box.addStretch(1)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        self._cards = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._cards.setSpacing(GAP)
        self._cards.addWidget(left, 1)
        self._cards.addWidget(limits, 1)
        column.addLayout(self._cards)
        column.addWidget(manual)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(Scrolling(inside))

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Lay the cards below each other where there is no room beside."""
        ways = QBoxLayout.Direction
        roomy = self.width() >= ROOMY
        self._cards.setDirection(ways.LeftToRight if roomy else ways.TopToBottom)
        self.manual.show_beside(roomy)

    def show_plan(self, values: Mapping[str, Any]) -> None:
        """Show a plan's values; nothing is told."""
        self.title.show_text(text_of(values.get("title")))
        self.models.show_models(values.get("models", ()))
        preset = values.get("preset", "lab")
        self._own_preset = None if isinstance(preset, str) else preset
        for key, field in self.fields.items():
            usual = {"preset": "lab", "delegate": DELEGATES[0], "source": SOURCES[0]}
            field.show_text(text_of(values.get(key, usual.get(key))))
        self.fields["preset"].show_text(OWN if self._own_preset else str(preset))
        limits = values.get("limits", {})
        for name, field in self.limits.items():
            field.show_text(text_of(limits.get(name)))
        self.manual.show_steps(values.get("manual", ()))

    def values(self) -> dict[str, Any]:
        """Return what the form says, as a plan's file would; what is no number stays a text."""
        words = ("preset", "delegate", "source", "pictures")
        told: dict[str, Any] = {
            "title": self.title.text(),
            "models": list(self.models.models),
            **{key: field.text() or None for key, field in self.fields.items() if key in words},
            **{key: field.number() for key, field in self.fields.items() if key not in words},
            "limits": {name: field.number() for name, field in self.limits.items()},
            "manual": self.manual.values(),
        }
        if self._own_preset is not None and told["preset"] == OWN:
            told["preset"] = self._own_preset
        told["limits"] = {name: each for name, each in told["limits"].items() if each is not None}
        return {key: each for key, each in told.items() if each is not None}

    def show_complaints(self, complaints: Sequence[tuple[str, str]]) -> None:
        """Say what is wrong where it is typed; what has no place of its own stands on top."""
        left = dict(complaints)
        self.title.complaint.say(left.pop("title", ""))
        self.models.complaint.say(left.pop("models", ""))
        for key, field in self.fields.items():
            field.complaint.say(left.pop(key, ""))
        for name, field in self.limits.items():
            field.complaint.say(left.pop(f"limits.{name}", ""))
        self.limits_complaint.say(left.pop("limits", ""))
        manual = {place: text for place, text in left.items() if place.startswith("manual")}
        self.manual.show_complaints(manual)
        rest = [f"{place}: {text}" for place, text in left.items() if place not in manual]
        self.whole.say(" ".join(rest))


def _grid(fields: Sequence[Field], columns: int) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(2 * SPACE)
    grid.setVerticalSpacing(SPACE)
    for number, field in enumerate(fields):
        row, column = divmod(number, columns)
        grid.addWidget(field, row, column, Qt.AlignmentFlag.AlignTop)
    for column in range(columns):
        grid.setColumnStretch(column, 1)
    return grid


def _beside(field: Field, button: Button) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(SPACE)
    row.addWidget(field, 1)
    row.addWidget(button, 0, Qt.AlignmentFlag.AlignBottom)
    return row
