"""Connects the window with the controller: what is said to what is shown, wishes to jobs."""

import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from engine.jobs import Ended, Outcome
from gui.controller import Controller
from gui.file_dialogs import ask_to_open
from gui.main_window import MainWindow
from gui.options import DEFAULT_VARIANT, Options
from gui.phone_card import short_name
from gui.right_side import RightSide
from gui.variant_rows import VariantRow

if TYPE_CHECKING:
    from engine.mirror.frames import MirrorStatus
    from engine.phones.discovery import PhoneEntry
    from engine.phones.readings import PhoneFacts, Vitals
    from engine.session import PartStatus

MEASURING = "The last still is shown; the phone encodes no video meanwhile."


class Lab(QObject):
    """The window at work. Its methods are the person's wishes, for use without hands too."""

    phone_ready = Signal(object)  # PhoneFacts
    mirror_live = Signal()
    model_runs = Signal(object)  # AppModel
    deployed = Signal(Ended)
    measured = Signal(Ended)

    def __init__(self, window: MainWindow, controller: Controller, options: Options) -> None:
        """Connect the two."""
        super().__init__(window)
        self.window, self.controller, self.options = window, controller, options
        self.right = RightSide(window, controller)
        self.note = ""
        self._wanted_phone = options.phone or options.last_phone
        self._waiting_for_it = bool(options.phone) or options.demo
        self._wanted_variant, _, self._wanted_precision = options.variant.partition("-")
        self._chosen = ("", "")
        self._labels: dict[Path, str] = {}  # what is said of an own model's labels
        self._adb: tuple[int, int] | None = None
        self._deploy_began = 0.0
        self._mirror: tuple[str, str] = ("none", "")
        self._connect_phone()
        self._connect_choice()
        self.right.changed.connect(self._show_ready)
        self.right.model_runs.connect(self.model_runs)
        self.right.measured.connect(self._measure_ended)
        window.deploy_panel.show_ready(False, "Connect a phone first")

    # wishes

    def start(self) -> None:
        """Load what is heavy and begin to work; call it after the first paint."""
        self.controller.start()
        if self.options.demo:
            self.controller.demo.start(self.options.camera)
        if self.options.model is not None:
            self.controller.shelf.open_model(self.options.model, self.options.labels)

    def choose_phone(self, serial: str) -> bool:
        """Choose a phone of the list; False if it is not listed."""
        return self.window.phone_card.choose(serial)

    def choose_variant(self, name: str) -> bool:
        """Choose ``v1_0.50_128`` or ``v1_0.50_128-int8``; False if it is not listed."""
        variant, _, precision = name.partition("-")
        if precision:
            self.window.variant_list.precision.choose(precision)
        return self.window.variant_list.choose(variant)

    def deploy(self, *, remove: bool = False) -> None:
        """Deploy what is chosen; ``deployed`` tells the end.

        Args:
            remove: Whether to take the app off the phone first, with its data.
        """
        row = self.window.variant_list.choice()
        if row is not None:
            precision = self.window.variant_list.precision.choice
            self.controller.deploy(row, precision, remove=remove)

    def measure(self, seconds: float) -> None:
        """Measure what runs; ``measured`` tells the end."""
        self.window.run_panel.seconds = seconds
        self.controller.measure(seconds)

    # the phone

    def _connect_phone(self) -> None:
        window, controller = self.window, self.controller
        card, mirror = window.phone_card, window.mirror_view
        controller.phones_changed.connect(self._show_phones)
        controller.adb_failed.connect(card.show_trouble)
        controller.adb_told.connect(self._show_adb)
        controller.said.connect(window.status_line.show_said)
        controller.demo.told.connect(self._tell_demo)
        controller.demo.ready.connect(self._want_phone)
        window.empty_state.virtual_phone_requested.connect(
            lambda: controller.demo.start(self.options.camera)
        )
        card.phone_chosen.connect(self._phone_chosen)
        card.reconnect_requested.connect(controller.ask_again)
        controller.session_opening.connect(
            lambda _serial: self._show_mirror("connecting", "Asking the phone for its screen")
        )
        controller.session_event.connect(self._hear)
        controller.vitals_read.connect(self._show_vitals)
        controller.session_opened.connect(lambda _serial: self._show_ready())
        controller.session_closed.connect(self._session_closed)
        controller.slot_changed.connect(mirror.show_slot)
        mirror.target_changed.connect(controller.set_target)
        mirror.reconnect_requested.connect(controller.reconnect_mirror)
        act = controller.with_mirror
        mirror.touched.connect(lambda what, x, y: act(lambda m: m.touch(what, x, y)))
        mirror.scrolled.connect(lambda *turn: act(lambda m: m.scroll(*turn)))
        mirror.key_changed.connect(lambda code, down: act(lambda m: m.key(code, down=down)))
        mirror.typed.connect(lambda text: act(lambda m: m.text(text)))
        mirror.back_requested.connect(lambda: act(lambda m: m.back()))

    def _show_adb(self, version: int, port: int) -> None:
        self._adb = (version, port)
        self.window.status_line.show_adb(
            f"1.0.{version}", port, len(self.window.phone_card.entries)
        )

    def _tell_demo(self, text: str, waiting: bool) -> None:
        self.window.empty_state.show_note(text, waiting=waiting)
        if text and not waiting:  # it did not start
            self._waiting_for_it = False

    def _want_phone(self, serial: str) -> None:
        self._wanted_phone, self._waiting_for_it = serial, False
        self._show_phones(self.window.phone_card.entries)

    def _show_phones(self, entries: "tuple[PhoneEntry, ...]") -> None:
        """Show the phones and choose one where it is plain which is meant.

        That is the phone that was asked for or that left before, else the only one when it
        has just come: nobody is thrown onto another phone because his own was unplugged.
        """
        card = self.window.phone_card
        before, known = card.serial(), {entry.serial for entry in card.entries}
        card.show_phones(entries)
        if self._adb is not None:
            self._show_adb(*self._adb)
        serials = [entry.serial for entry in entries]
        if before and before not in serials:
            self._wanted_phone = before
        if self._wanted_phone in serials:
            card.choose(self._wanted_phone)
            self._wanted_phone, self._waiting_for_it = "", False
        elif (
            len(entries) == 1
            and not card.serial()
            and serials[0] not in known
            and not self._waiting_for_it
        ):
            card.choose(serials[0])
        self._take_choice()

    def _phone_chosen(self, _serial: str) -> None:
        self._wanted_phone, self._waiting_for_it = "", False
        self._take_choice()

    def _take_choice(self) -> None:
        entry = self.window.phone_card.entry()
        self.window.show_phone_page(bool(self.window.phone_card.entries))
        self.controller.choose_phone(entry)
        if entry is None and self._waiting_for_it and self.options.phone:
            text = f"{self.options.phone} is not connected. Plug it in, or choose another above."
            self._show_mirror("waiting", text)
        elif entry is None:
            self._show_mirror("waiting", "Choose a phone above")
        elif self.controller.serial != entry.serial:
            self._show_mirror("waiting", "")  # the card above says what for
        self._show_ready()

    def _hear(self, event: object) -> None:
        handler = getattr(self, f"_hear_{type(event).__name__}", self.right.hear)
        handler(event)

    def _hear_PhoneFacts(self, facts: "PhoneFacts") -> None:
        self.window.phone_card.show_facts(facts)
        self.note = facts.virtual_note
        self.window.banner.show_text(self.note)
        self.phone_ready.emit(facts)
        self._show_ready()

    def _hear_MirrorStatus(self, status: "MirrorStatus") -> None:
        self._show_mirror(status.state.value, status.text)
        if status.state.value == "live":
            self.mirror_live.emit()

    def _hear_PartStatus(self, status: "PartStatus") -> None:
        part, state = status.part.value, status.state.value
        if part == "mirror" and state == "failed":
            self._show_mirror("failed", status.text)
        elif part == "link" and (state != "opening" or self.right.linked):
            self.right.show_linked(state == "open", status.text if state == "failed" else "")
            self._show_ready()

    def _show_vitals(self, vitals: "Vitals") -> None:
        self.window.phone_card.show_health(
            vitals.battery_percent, vitals.temperature_c, vitals.charging
        )

    def _session_closed(self, _serial: str, why: str) -> None:
        self.note = ""
        self.window.banner.show_text("")
        self.window.phone_card.show_facts(None)
        self.right.show_linked(False)
        if self.window.deploy_panel.shape.state == "ok":  # no longer true
            self.window.deploy_panel.show_at_rest("")
        if why:
            self._show_mirror("failed" if self.controller.serial else "left", why)
        self._show_ready()

    def _show_mirror(self, state: str, text: str) -> None:
        self._mirror = (state, text)
        if self.window.run_panel.running and state == "paused":
            state, text = "measuring", MEASURING
        self.window.mirror_view.show_state(state, "" if state == "paused" else text)

    # the choice

    def _connect_choice(self) -> None:
        window, controller = self.window, self.controller
        choice, panel = window.variant_list, window.deploy_panel
        controller.shelf.catalog_read.connect(self._show_catalog)
        controller.shelf.sizes_read.connect(self._show_sizes)
        controller.shelf.model_opened.connect(self._show_own)
        controller.shelf.model_refused.connect(choice.show_trouble)
        choice.chosen.connect(self._show_choice)
        choice.precision_chosen.connect(lambda _precision: self._show_choice(choice.choice()))
        choice.activated.connect(panel.deploy_button.click)
        choice.model_dropped.connect(controller.shelf.open_model)
        window.open_requested.connect(self._ask_model)
        window.variant_card.labels_requested.connect(self._ask_labels)
        panel.deploy_requested.connect(self.deploy)
        panel.remove_requested.connect(partial(self.deploy, remove=True))
        panel.cancel_requested.connect(partial(controller.cancel, "deploy"))
        controller.deploy_started.connect(self._deploy_started)
        controller.deploy_progressed.connect(panel.show_progress)
        controller.deploy_ended.connect(self._deploy_ended)

    def _show_catalog(self, rows: list[VariantRow]) -> None:
        own = [row for row in self.window.variant_list.table.rows if row.path is not None]
        self.window.variant_list.show_variants([*own, *rows])
        wanted = f"{self._wanted_variant}-{self._wanted_precision}".rstrip("-")
        if not own and not self.choose_variant(wanted or DEFAULT_VARIANT):
            self.window.variant_list.show_trouble(f"There is no variant {wanted}.")
            self.choose_variant(DEFAULT_VARIANT)

    def _show_sizes(self, sizes: dict[str, int]) -> None:
        rows = []
        for row in self.window.variant_list.table.rows:
            built = tuple(
                (precision, sizes[f"{row.name}-{precision}"])
                for precision in self.window.variant_list.precision.words
                if f"{row.name}-{precision}" in sizes
            )
            rows.append(replace(row, size_bytes=built) if row.path is None else row)
        self.window.variant_list.show_variants(rows)

    def _show_choice(self, row: VariantRow | None) -> None:
        if row is None:
            return
        choice = self.window.variant_list
        self.window.variant_card.show_variant(row, choice.precision.choice)
        if row.path is not None:
            self.window.variant_card.show_labels(self._labels.get(row.path, ""))
        chosen = (row.name, choice.precision.choice)
        if chosen != self._chosen:
            self._chosen = chosen
            self.window.deploy_panel.show_at_rest("")
        self._show_ready()

    def _show_own(self, row: VariantRow, labels: tuple[str, ...]) -> None:
        count = len(labels)
        text = f"{count:,} labels".replace(",", " ") if count else "No labels: classes have numbers"
        if row.path is not None:
            self._labels[row.path] = text
        self.window.variant_list.show_trouble("")
        self.window.variant_list.add_own(row)
        self._show_choice(self.window.variant_list.choice())

    def _ask_model(self) -> None:
        kinds, take = "TensorFlow Lite (*.tflite)", self.controller.shelf.open_model
        ask_to_open(self.window, "Open a model", kinds, take)

    def _ask_labels(self) -> None:
        row = self.window.variant_list.choice()
        if row is None or row.path is None:
            return
        kinds, take = "Text (*.txt);;All files (*)", self.controller.shelf.open_model
        ask_to_open(self.window, "Choose the labels", kinds, partial(take, row.path))

    def _deploy_started(self, title: str) -> None:
        self._deploy_began = time.monotonic()
        self.window.deploy_panel.show_started(title)
        self._show_ready()

    def _deploy_ended(self, ended: Ended) -> None:
        text = ""
        if ended.outcome is Outcome.COMPLETED:
            apk = ended.result.apk
            text = f"Linked in {time.monotonic() - self._deploy_began:.1f} s"
            self.window.digits.show_apk(
                apk.size_bytes, apk.model.size_bytes if apk.model is not None else None
            )
        self.window.deploy_panel.show_ended(ended, text)
        self._show_ready()
        self.deployed.emit(ended)

    def _measure_ended(self, ended: Ended) -> None:
        self._show_mirror(*self._mirror)
        self.measured.emit(ended)

    def _show_ready(self) -> None:
        """Say what can be started now, and what is missing."""
        window, session = self.window, self.controller.session
        facts = session.facts if session is not None else None
        row = window.variant_list.choice()
        measuring, deploying = window.run_panel.running, window.deploy_panel.running
        if facts is None:
            window.deploy_panel.show_ready(False, "Connect a phone first")
        elif not self.controller.opened:
            window.deploy_panel.show_ready(False, "Looking for the app on the phone")
        elif row is None:
            window.deploy_panel.show_ready(False, "Choose a variant first")
        else:
            text = "Wait for the run to end" if measuring else f"Puts it on {short_name(facts)}"
            window.deploy_panel.show_ready(not measuring, text)
        runs = self.right.linked and self.right.figures.model is not None
        text = f"{window.run_panel.seconds:.0f} s, the mirror rests meanwhile"
        if deploying:
            text = "Wait for the deploy to end"
        elif not runs:
            text = "Connect a phone first" if facts is None else "Deploy first"
        window.run_panel.show_ready(runs and not deploying, text)
        model = self.right.figures.model
        window.variant_card.show_untrained(
            bool(model and model.untrained and row is not None and model.name.startswith(row.name))
        )
