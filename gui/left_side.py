"""Connects the left column: the phones, the screen of the chosen one, and leaving it clean."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from engine.jobs import Ended
from gui.controller import Controller
from gui.main_window import CLEANING, EMPTY, SCREEN, MainWindow
from gui.options import Options
from gui.phone_card import short_name

if TYPE_CHECKING:
    from engine.mirror.frames import MirrorStatus
    from engine.phones.discovery import PhoneEntry
    from engine.phones.readings import PhoneFacts, Vitals
    from engine.session import PartStatus

MEASURING = "The last still is shown; the phone encodes no video meanwhile."
CLEAN = "The phone is clean. Deploy puts the app on it again."


class LeftSide(QObject):
    """Hears the phones and the session. ``changed`` when what can be started did."""

    phone_ready = Signal(object)  # PhoneFacts
    mirror_live = Signal()
    link_told = Signal(bool, str)  # linked, why not
    app_told = Signal(object)  # what the app says over the link
    closed = Signal()
    changed = Signal()
    deploy_again = Signal()

    def __init__(self, window: MainWindow, controller: Controller, options: Options) -> None:
        """Connect the column with the controller."""
        super().__init__(window)
        self.window, self.controller, self.options = window, controller, options
        self.facts: PhoneFacts | None = None
        self._wanted_phone = options.phone or options.last_phone
        self._waiting_for_it = bool(options.phone) or options.demo
        self._adb: tuple[int, int] | None = None
        self._mirror: tuple[str, str] = ("none", "")
        self._linked = False
        self._cleaning = ""  # serial, from the question until the phone is used again
        self._connect_phones()
        self._connect_mirror()
        self._connect_cleaning()

    # the phones

    def _connect_phones(self) -> None:
        window, controller = self.window, self.controller
        card = window.phone_card
        controller.phones_changed.connect(self._show_phones)
        controller.adb_failed.connect(card.show_trouble)
        controller.adb_told.connect(self._show_adb)
        controller.said.connect(window.status_line.show_said)
        controller.demo.told.connect(self._tell_demo)
        controller.demo.ready.connect(self._want_phone)
        window.empty_state.virtual_phone_requested.connect(
            lambda: controller.demo.start(self.options.camera, self.options.pace)
        )
        card.phone_chosen.connect(self._phone_chosen)
        card.reconnect_requested.connect(controller.ask_again)
        controller.session_opening.connect(self._session_opening)
        controller.session_event.connect(self._hear)
        controller.vitals_read.connect(self._show_vitals)
        controller.session_opened.connect(lambda _serial: self.changed.emit())
        controller.session_closed.connect(self._session_closed)

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
        if self._cleaning and (entry is None or entry.serial != self._cleaning):
            self._forget_cleaning()
        self.controller.choose_phone(entry)
        if entry is None and self._waiting_for_it and self.options.phone:
            text = f"{self.options.phone} is not connected. Plug it in, or choose another above."
            self.show_mirror("waiting", text)
        elif entry is None:
            self.show_mirror("waiting", "Choose a phone above")
        elif self.controller.serial != entry.serial:
            self.show_mirror("waiting", "")  # the card above says what for
        self._show_page()
        self.changed.emit()

    def _show_page(self) -> None:
        """Show the screen, or what takes its place."""
        page = SCREEN if self.window.phone_card.entries else EMPTY
        self.window.show_phone_page(CLEANING if self._cleaning else page)

    def _session_opening(self, _serial: str) -> None:
        if self.window.cleaning_page.isVisible():  # it goes; the phone shall not get its keys
            self.window.variant_list.view.setFocus()
        self._forget_cleaning()
        self._show_page()
        self.show_mirror("connecting", "Asking the phone for its screen")

    def _hear(self, event: object) -> None:
        handler = getattr(self, f"_hear_{type(event).__name__}", self.app_told.emit)
        handler(event)

    def _hear_PhoneFacts(self, facts: "PhoneFacts") -> None:
        self.facts = facts
        self.window.phone_card.show_facts(facts)
        self.window.banner.show_text(facts.virtual_note)
        self.phone_ready.emit(facts)
        self.changed.emit()

    def _hear_MirrorStatus(self, status: "MirrorStatus") -> None:
        self.show_mirror(status.state.value, status.text)
        if status.state.value == "live":
            self.mirror_live.emit()

    def _hear_PartStatus(self, status: "PartStatus") -> None:
        part, state = status.part.value, status.state.value
        if part == "mirror" and state == "failed":
            self.show_mirror("failed", status.text)
        elif part == "link" and (state != "opening" or self._linked):
            self._linked = state == "open"
            self.link_told.emit(self._linked, status.text if state == "failed" else "")
            self.changed.emit()

    def _show_vitals(self, vitals: "Vitals") -> None:
        self.window.phone_card.show_health(
            vitals.battery_percent, vitals.temperature_c, vitals.charging
        )

    def _session_closed(self, _serial: str, why: str) -> None:
        self.facts = None
        self._linked = False
        self.window.banner.show_text("")
        self.window.phone_card.show_facts(None)
        self.closed.emit()
        if why:
            self.show_mirror("failed" if self.controller.serial else "left", why)
        self.changed.emit()

    # the screen

    def _connect_mirror(self) -> None:
        controller, mirror = self.controller, self.window.mirror_view
        controller.slot_changed.connect(mirror.show_slot)
        mirror.target_changed.connect(controller.set_target)
        mirror.reconnect_requested.connect(controller.reconnect_mirror)
        act = controller.with_mirror
        mirror.touched.connect(lambda what, x, y: act(lambda m: m.touch(what, x, y)))
        mirror.scrolled.connect(lambda *turn: act(lambda m: m.scroll(*turn)))
        mirror.key_changed.connect(lambda code, down: act(lambda m: m.key(code, down=down)))
        mirror.typed.connect(lambda text: act(lambda m: m.text(text)))
        mirror.back_requested.connect(lambda: act(lambda m: m.back()))

    def show_mirror(self, state: str, text: str) -> None:
        """Show how the mirror stands; while a run is timed, why it rests."""
        self._mirror = (state, text)
        timed = self.window.run_panel.running or self.controller.jobs.busy("sweep")
        if timed and state == "paused":
            state, text = "measuring", MEASURING
        self.window.mirror_view.show_state(state, "" if state == "paused" else text)

    def show_mirror_again(self) -> None:
        """Show how the mirror stands after a run."""
        self.show_mirror(*self._mirror)

    # leaving it clean

    def _connect_cleaning(self) -> None:
        cleaner, page = self.controller.cleaner, self.window.cleaning_page
        self.window.phone_card.clean_requested.connect(self._ask_to_clean)
        page.clean_requested.connect(cleaner.clean)
        page.declined.connect(self._keep)
        page.cancel_requested.connect(lambda: self.controller.cancel("clean"))
        page.connect_requested.connect(self.controller.use_again)
        page.deploy_requested.connect(self.deploy_again)
        cleaner.started.connect(self._cleaning_started)
        cleaner.progressed.connect(page.show_progress)
        cleaner.ended.connect(self._cleaning_ended)

    def _ask_to_clean(self) -> None:
        if self.facts is not None:
            self._cleaning = self.facts.serial
            self.window.cleaning_page.ask(short_name(self.facts))
            self._show_page()

    def _keep(self) -> None:
        self._cleaning = ""
        self._show_page()
        self.window.phone_card.more.setFocus()

    def _forget_cleaning(self) -> None:
        """The phone that was left clean is used again, or gone."""
        if self._cleaning and not self.window.cleaning_page.running:
            self._cleaning = ""
            self.window.charts.clear()

    def _cleaning_started(self) -> None:
        self.window.cleaning_page.show_started()
        self._show_page()
        self.changed.emit()

    def _cleaning_ended(self, ended: Ended) -> None:
        self.window.cleaning_page.show_ended(ended)
        if ended.result is not None:
            self.window.charts.clear(CLEAN)
        self.changed.emit()
