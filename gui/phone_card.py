"""The phone: which one, how it stands, what it is."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout

from gui.labels import ElidedLabel, Label
from gui.parts import Button, Card, Chip, Combo, IconButton
from gui.theme import BODY, CAPTION, SPACE, Theme

if TYPE_CHECKING:
    from engine.phones.discovery import PhoneEntry
    from engine.phones.readings import PhoneFacts

TIP = Qt.ItemDataRole.ToolTipRole

SHAPES = {"ready": "ok", "unauthorized": "warn", "offline": "fail", "connecting": "busy"}
"""The shape beside the word of a phone's state; a word that is not here gets a dash."""


def short_name(facts: "PhoneFacts") -> str:
    """Return what people call the phone: its model; the maker stands elsewhere."""
    return facts.model or facts.name


class PhoneCard(Card):
    """Lets the person choose a phone and says how it stands."""

    phone_chosen = Signal(str)  # serial
    reconnect_requested = Signal(str)
    clean_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        """Make the card without phones."""
        super().__init__(theme)
        self.combo = Combo(theme)
        self.combo.setAccessibleName("Phone")
        self.combo.setPlaceholderText("No phone")
        self.combo.activated.connect(self._choose)
        self.chip = Chip(theme, "no phone")
        self.chip.hide()
        self.facts = ElidedLabel(theme, "", CAPTION, tone="text")
        self.health = ElidedLabel(theme, "", CAPTION, tone="muted")
        self.advice = Label(theme, "", BODY, tone="text", wrap=True)
        self.again = Button(theme, "Ask again")
        self.again.clicked.connect(lambda: self.reconnect_requested.emit(self.serial()))
        top = QHBoxLayout()
        top.setSpacing(SPACE)
        top.addWidget(self.combo, 1)
        top.addWidget(self.chip)
        self.more = IconButton(theme, "more", "More about this phone")
        self.more.clicked.connect(self._show_menu)
        self.menu = QMenu(self.more)
        self.clean_action = self.menu.addAction("Leave the phone clean…")
        self.clean_action.triggered.connect(self.clean_requested)
        known = QVBoxLayout()
        known.setSpacing(SPACE // 2)
        known.addWidget(self.facts)
        known.addWidget(self.health)
        below = QHBoxLayout()
        below.setSpacing(SPACE)
        below.addLayout(known, 1)
        below.addWidget(self.more)
        self.box.addLayout(top)
        self.box.addLayout(below)
        self.box.addWidget(self.advice)
        self.box.addWidget(self.again, 0, Qt.AlignmentFlag.AlignLeft)
        self.entries: tuple[PhoneEntry, ...] = ()
        self._names: dict[str, str] = {}
        self._tips: dict[str, str] = {}
        for each in (self.facts, self.health, self.advice, self.again, self.more):
            each.hide()

    def serial(self) -> str:
        """Return the serial of the chosen phone; empty if there is none."""
        return str(self.combo.currentData() or "")

    def entry(self) -> "PhoneEntry | None":
        """Return the chosen phone as it was listed."""
        return next((each for each in self.entries if each.serial == self.serial()), None)

    @Slot(object)
    def show_phones(self, entries: "Sequence[PhoneEntry]") -> None:
        """Show which phones are there; the choice stays while its phone does."""
        before = self.serial()
        self.entries = tuple(entries)
        self.combo.blockSignals(True)
        self.combo.clear()
        for entry in self.entries:
            self.combo.addItem("", entry.serial)
        self._rename()
        self.combo.setCurrentIndex(self.combo.findData(before) if before else -1)
        self.combo.blockSignals(False)
        self.combo.setEnabled(bool(self.entries))
        self._show_state()

    def choose(self, serial: str) -> bool:
        """Choose a phone by its serial; False if it is not listed."""
        at = self.combo.findData(serial)
        if at < 0:
            return False
        self.combo.setCurrentIndex(at)
        self._choose()
        return True

    @Slot(object)
    def show_facts(self, facts: "PhoneFacts | None") -> None:
        """Show what the chosen phone is; None while that is not known."""
        text = ""
        if facts is not None:
            android = f"Android {facts.android}" if facts.android else ""
            known = facts.model.lower().startswith(facts.manufacturer.lower())
            maker = "" if known else facts.manufacturer
            parts = (android, facts.abis[0] if facts.abis else "", facts.soc, maker)
            text = " · ".join(part for part in parts if part)
            self._names[facts.serial] = short_name(facts)
            self._tips[facts.serial] = f"{facts.name} · {facts.serial}"
            self._rename()
        self.facts.setText(text)
        self.facts.setVisible(bool(text))
        self.more.setVisible(bool(text))
        if not text or not self.health.text():
            self.show_health(None, None, None)

    def show_health(
        self, battery_percent: float | None, temperature_c: float | None, charging: bool | None
    ) -> None:
        """Show battery and heat; None is what the phone does not tell."""
        parts = []
        if temperature_c is not None:  # first: it says how fast the phone can be
            parts.append(f"{temperature_c:.1f} °C")
        if battery_percent is not None:
            word = ", charging" if charging else ""
            parts.append(f"battery {battery_percent:.0f} %{word}")
        self.health.setText(" · ".join(parts))
        self.health.setVisible(bool(parts) or not self.facts.isHidden())

    def show_trouble(self, text: str) -> None:
        """Say that phones cannot be listed at all, and what to do."""
        self.chip.show_state("fail" if text else "none", "no adb" if text else "no phone")
        self.chip.setVisible(bool(text) or bool(self.entries))
        self.advice.setText(text)
        self.advice.setVisible(bool(text))

    def _show_menu(self) -> None:
        corner = self.more.mapToGlobal(self.more.rect().bottomRight())
        self.menu.popup(corner - QPoint(self.menu.sizeHint().width(), -SPACE // 2))

    def _name(self, entry: "PhoneEntry") -> str:
        return self._names.get(entry.serial, entry.model or entry.serial)

    def _rename(self) -> None:
        """Write the names; phones of one name carry their serial too."""
        names = [self._name(entry) for entry in self.entries]
        for at, (entry, name) in enumerate(zip(self.entries, names, strict=True)):
            twin = names.count(name) > 1
            self.combo.setItemText(at, f"{name} · {entry.serial}" if twin else name)
            tip = self._tips.get(entry.serial, entry.serial)
            self.combo.setItemData(at, f"{tip} · {entry.state.value}", TIP)
        self.combo.setToolTip(str(self.combo.currentData(TIP) or ""))

    def _choose(self) -> None:
        self.combo.setToolTip(str(self.combo.currentData(TIP) or ""))
        self._show_state()
        self.phone_chosen.emit(self.serial())

    def _show_state(self) -> None:
        entry = self.entry()
        word = entry.state.value if entry else "no phone" if not self.entries else "choose one"
        self.chip.show_state(SHAPES.get(word, "none"), word)
        self.chip.setVisible(bool(self.entries))
        advice = entry.advice if entry else ""
        self.advice.setText(advice)
        self.advice.setVisible(bool(advice))
        self.again.setVisible(word in {"unauthorized", "offline"})
        if entry is None or word != "ready":
            for each in (self.facts, self.health, self.more):
                each.hide()
