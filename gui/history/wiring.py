"""Connects the History view: wishes to jobs, and what they say to what is shown."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from engine.jobs import CancelToken, Ended, Outcome, Report
from gui.controller import Controller
from gui.file_dialogs import ask_to_open, ask_to_save
from gui.history.list_card import Wish
from gui.history.values import Compared, Listing, Opened
from gui.history.view import KINDS
from gui.history.work import Engine
from gui.main_window import MainWindow

LOOK_MS = 2_000
"""How often to look for what sweeps and other labs did, while somebody looks."""
IMPORT_KINDS = "Runs of a lab (*.zip)"


class HistorySide(QObject):
    """Asks the records while the view is in front. Hidden it does nothing."""

    read = Signal()  # the list is shown
    opened = Signal()  # a run, or the comparison of two, is shown
    ended = Signal(Ended)  # of an export, an import, a change

    def __init__(
        self, window: MainWindow, controller: Controller, engine: Engine | None = None
    ) -> None:
        """Connect the view with the controller.

        Args:
            window: Whose view.
            controller: Runs the jobs.
            engine: Answers the wishes, on the jobs' threads.
        """
        super().__init__(window)
        self.window, self.controller = window, controller
        self.engine = engine or Engine(controller.records)
        self.view = view = window.history_view
        self._listing = Listing()
        self._readings = 0
        self._deleted: tuple[int, ...] = ()
        self._chosen: tuple[int, ...] = ()
        self._next: tuple[int, ...] = ()  # to be chosen when the list was read
        self._opened = (0, "", 0)  # number, end and samples of the run that is shown
        self._looks = QTimer(self, interval=LOOK_MS)
        self._looks.timeout.connect(self._look)
        view.shown.connect(self._come)
        view.hidden.connect(self._looks.stop)
        view.list.wished.connect(self._find)
        view.list.chosen.connect(self._show_chosen)
        view.list.import_requested.connect(self._ask_import)
        view.list.folder_dropped.connect(self.take_in)
        view.list.live_requested.connect(partial(window.side_bar.choose, "live"))
        view.list.work.cancel_requested.connect(partial(controller.cancel, "history file"))
        view.list.work.undo_requested.connect(self._undo)
        view.delete_requested.connect(self._delete)
        view.export_requested.connect(self._ask_export)
        view.run.tag_added.connect(self._add_tag)
        view.run.tag_removed.connect(self._remove_tag)
        view.run.note_changed.connect(self._set_note)
        controller.runs.ended.connect(lambda _ended: self._read_if_seen())

    # the list

    def _come(self) -> None:
        self._looks.start()
        self._read()

    def _read_if_seen(self) -> None:
        if self.view.isVisible():
            self._read()

    def _read(self) -> None:
        self._readings += 1
        this = self._readings

        def done(ended: Ended) -> None:
            if this != self._readings:
                return  # a newer one is on its way
            if ended.outcome is Outcome.COMPLETED:
                self._show_listing(ended.result)
            elif ended.outcome is Outcome.FAILED:
                self.view.list.say("fail", ended.message)

        self._run("history", self.engine.read, done)

    def _look(self) -> None:
        """Read again if something changed meanwhile."""

        def done(ended: Ended) -> None:
            changed = ended.result not in (None, self._listing.signature)
            if ended.outcome is Outcome.COMPLETED and changed:
                self._read_if_seen()

        if not self.controller.jobs.busy("history", "history look"):
            self._run("history look", self.engine.signature, done)

    def _show_listing(self, listing: Listing) -> None:
        self._listing = listing
        self.view.list.show_listing(listing)
        wish = self.view.list.wish()
        if wish != Wish():
            self._find(wish)
        coming, self._next = self._next, ()
        if coming:
            self.view.list.table.choose(coming, coming[0])
        self.read.emit()
        if any(row.digest is None and row.sample_count for row in listing.rows):
            self._fill()

    def _fill(self) -> None:
        """Work out figures that are missing; the next look finds them."""
        if not self.controller.jobs.busy("history figures"):
            self.controller.jobs.run(
                "history figures",
                lambda _report, cancel: self.engine.fill(cancel),
                lambda _ended: None,
            )

    def _find(self, wish: Wish) -> None:
        """Narrow the list; the newest wish counts."""
        if not (wish.text or wish.phone or wish.tag or wish.series is not None):
            self.controller.jobs.cancel("history filter")
            self.view.list.show_found(None)
            return

        def done(ended: Ended) -> None:
            if ended.outcome is Outcome.COMPLETED and self.view.list.wish() == wish:
                self.view.list.show_found(ended.result)

        find = partial(self.engine.find, wish.text, wish.phone, wish.tag, wish.series)
        self._run("history filter", find, done)

    # what is chosen

    def _show_chosen(self) -> None:
        rows = self.view.list.table.chosen()
        before, self._chosen = self._chosen, tuple(row.id for row in rows)
        self.view.show_choice(len(rows))
        if len(rows) == 1:
            self.view.run.show_row(rows[0])
            self.view.run.show_tags(rows[0].tags, self._listing.tags)
            now = (rows[0].id, rows[0].end.value, rows[0].sample_count)
            if now != self._opened or self._chosen != before:
                self._opened = now
                self._open(rows[0].id)
        elif len(rows) == 2 and self._chosen != before:
            older, newer = sorted(self._chosen)
            self._compare(older, newer)

    def _open(self, run_id: int) -> None:
        def done(ended: Ended) -> None:
            if ended.outcome is Outcome.COMPLETED:
                opened: Opened = ended.result
                self.view.run.show_opened(opened)
                self.opened.emit()
            elif ended.outcome is Outcome.FAILED and self._chosen == (run_id,):
                self.view.run.show_nothing(ended.message)

        self._run("history run", partial(self.engine.open, run_id), done)

    def _compare(self, first: int, second: int) -> None:
        def done(ended: Ended) -> None:
            if self._chosen and sorted(self._chosen) != [first, second]:
                return
            if ended.outcome is Outcome.COMPLETED:
                compared: Compared = ended.result
                self.view.difference.show_compared(compared)
                self.opened.emit()
            elif ended.outcome is Outcome.FAILED:
                self.view.difference.show_failed(ended)

        self.view.difference.show_waiting()
        self._run("history run", partial(self.engine.compare, first, second), done)

    # what is done with them

    def _delete(self) -> None:
        chosen = self._chosen
        if not chosen:
            return

        def done(ended: Ended) -> None:
            if ended.outcome is Outcome.COMPLETED:
                self._deleted = chosen
                self.view.list.say_deleted(len(chosen))
            self._changed(ended)

        self._run("history delete", partial(self.engine.delete, chosen), done)

    def _undo(self) -> None:
        deleted, self._deleted = self._deleted, ()
        if not deleted:
            return

        def done(ended: Ended) -> None:
            if ended.outcome is Outcome.COMPLETED:
                count = len(deleted)
                words = "1 run is" if count == 1 else f"{count} runs are"
                self.view.list.say("ok", f"{words} back.")
                self._next = deleted
            self._changed(ended)

        self._run("history delete", partial(self.engine.restore, deleted), done)

    def _add_tag(self, tag: str) -> None:
        self._change("history tag", partial(self.engine.add_tag, self._chosen, tag))

    def _remove_tag(self, tag: str) -> None:
        self._change("history tag", partial(self.engine.remove_tag, self.view.run.run_id, tag))

    def _set_note(self, note: str) -> None:
        self._change("history note", partial(self.engine.set_note, self.view.run.run_id, note))

    def _change(self, name: str, act: Callable[[], Any]) -> None:
        self._run(name, act, self._changed)

    def _changed(self, ended: Ended) -> None:
        if ended.outcome is Outcome.FAILED:
            self.view.list.say("fail", ended.message)
        self._read_if_seen()
        self.ended.emit(ended)

    # files

    def _ask_export(self, suffix: str) -> None:
        chosen = self._chosen
        if not chosen:
            return
        words = dict(KINDS)[suffix]
        name = f"run-{chosen[0]}" if len(chosen) == 1 else f"{len(chosen)}-runs"
        kinds = f"{words} (*{suffix})"
        ask_to_save(
            self.window,
            "Export",
            f"{name}{suffix}",
            kinds,
            lambda path: self.export(chosen, path),
        )

    def export(self, run_ids: tuple[int, ...], path: Path) -> None:
        """Write runs to a file whose name says the kind."""

        def work(report: Report, cancel: CancelToken) -> tuple[Path, ...]:
            return self.engine.export(run_ids, path, report, cancel)

        self._file(f"Writing {path.name}", work, lambda _result: f"Wrote {path}.")

    def _ask_import(self) -> None:
        ask_to_open(self.window, "Import runs", IMPORT_KINDS, self.take_in)

    def take_in(self, path: Path) -> None:
        """Take in what another lab exported."""

        def work(report: Report, cancel: CancelToken) -> Any:
            return self.engine.take_in(path, report, cancel)

        def said(imported: Any) -> str:
            self._next = imported.runs
            return str(imported.sentence)

        self._file(f"Importing {path.name}", work, said)

    def _file(
        self,
        what: str,
        work: Callable[[Report, CancelToken], Any],
        said: Callable[[Any], str],
    ) -> None:
        line = self.view.list.work

        def done(ended: Ended) -> None:
            completed = ended.outcome is Outcome.COMPLETED
            line.show_ended(ended, said(ended.result) if completed else "")
            self._read_if_seen()
            self.ended.emit(ended)

        self.view.list.say("none", "")
        line.show_started(what)
        self.controller.jobs.run("history file", work, done, line.show_progress)

    def _run(self, name: str, act: Callable[[], Any], done: Callable[[Ended], object]) -> None:
        self.controller.jobs.run(name, lambda _report, _cancel: act(), done)
