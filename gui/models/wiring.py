"""Connects the Models view: wishes to jobs, and what they say to what is shown."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, Signal

from engine.jobs import CancelToken, Ended, Outcome, Report
from gui.controller import Controller
from gui.file_dialogs import ask_to_open, ask_to_save
from gui.main_window import MainWindow
from gui.models.about_page import Offer
from gui.models.judging_side import JudgingSide
from gui.models.lines import Line
from gui.models.work import KINDS, Engine, Published, Read

FILES = "Models and packs (*.tflite *.h5 *.keras *.zip);;All files (*)"
WEIGHTED = "v1_"
"""Networks whose weights can be taken out of a ``.tflite``."""


class ModelsSide(QObject):
    """Turns the view's wishes into jobs. ``ended`` tells the end of each that changes models."""

    read = Signal()
    ended = Signal(Ended)
    used = Signal(str)  # the variant to choose in Live, at a precision: v1_0.50_128-int8

    def __init__(
        self, window: MainWindow, controller: Controller, engine: Engine | None = None
    ) -> None:
        """Connect the view with the controller.

        Args:
            window: Whose view.
            controller: Runs the jobs.
            engine: Does the work, on the jobs' threads.
        """
        super().__init__(window)
        self.window, self.controller = window, controller
        self.engine = engine or Engine(controller.records, controller.shelf.workers)
        self.view = view = window.models_view
        self.judging = JudgingSide(window, controller, self.engine)
        self.judging.judged.connect(lambda _ended: self.look())
        self._read: Read | None = None
        self._removed: tuple[str, ...] = ()
        view.shown.connect(self.look)
        view.list.chosen.connect(self._show_chosen)
        view.list.activated.connect(lambda: self.use(view.about.precision.choice))
        view.list.remove_pressed.connect(self.remove)
        view.list.folder_dropped.connect(self.take_in)
        view.list.import_requested.connect(
            lambda: ask_to_open(window, "Import a model or a pack", FILES, self.take_in)
        )
        view.list.work.cancel_requested.connect(partial(controller.cancel, "models"))
        view.list.work.undo_requested.connect(self.restore)
        view.about.build_requested.connect(self.build)
        view.about.fetch_requested.connect(self.fetch)
        view.about.use_requested.connect(self.use)
        view.about.pack_requested.connect(self._ask_pack)
        view.about.remove_requested.connect(self.remove)
        app = QCoreApplication.instance()
        if app is not None:
            app.aboutToQuit.connect(view.thumbnails.stop)

    # what is there

    def look(self) -> None:
        """Read the table, if somebody looks; ``read`` tells when it is shown."""
        if not self.view.isVisible():
            return

        def done(ended: Ended) -> None:
            if ended.outcome is Outcome.COMPLETED:
                self._read = ended.result
                self.view.list.show_lines(ended.result.lines)
                self.read.emit()
            elif ended.outcome is Outcome.FAILED:
                self.view.list.work.show_ended(ended, "")

        self.controller.jobs.run("model table", lambda _report, _cancel: self.engine.read(), done)

    def _show_chosen(self) -> None:
        lines, about, read = self.view.list.table.lines(), self.view.about, self._read
        if read is None or not lines:
            about.show_nothing()
        elif len(lines) > 1:
            about.show_many(lines)
        else:
            about.show_line(lines[0], read.catalog)
        if read is not None and lines:
            about.show_offers(self._offers(lines))
            self._show_able(lines)
        self.judging.show_lines(lines, read.lines if read is not None else ())

    def _offers(self, lines: Sequence[Line]) -> list[Offer]:
        """Return the kinds of trained weights that can be fetched for these lines."""
        found: dict[str, list[Published]] = {}
        networks = {line.name for line in lines if line.kept is None}
        for each in self._read.published if self._read is not None else ():
            if each.network in networks:
                found.setdefault(each.kind, []).append(each)
        offers = []
        for kind, published in found.items():
            first = published[0]
            told = f"{first.date}, {first.licence}"
            if len(published) > 1:
                told = f"{len(published)} models"
            offers.append(Offer(kind, f"{KINDS[kind]}  \N{MIDDLE DOT}  {told}"))
        return offers

    def _show_able(self, lines: Sequence[Line]) -> None:
        networks = [line for line in lines if line.kept is None]
        weighted = len(lines) == 1 and _gives_weights(lines[0])
        stored = self._keys(lines)
        use = "Choose one model"
        if len(lines) == 1:
            use = _why_not_used(lines[0])
        build = "Build" if networks else "Rebuild" if weighted else ""
        self.view.about.show_able(build=build, use=use, pack=bool(stored), remove=bool(stored))

    @staticmethod
    def _keys(lines: Sequence[Line]) -> tuple[str, ...]:
        return tuple(line.kept.key for line in lines if line.kept is not None and line.kept.key)

    # wishes

    def build(self, precision: str) -> None:
        """Build the chosen networks at a precision, or one of a chosen model's weights."""
        lines = self.view.list.table.lines()
        names = [(line.name, precision) for line in lines if line.kept is None]
        origin = None
        if not names and len(lines) == 1 and _gives_weights(lines[0]):
            names, origin = [(lines[0].name_of_network, precision)], lines[0].kept
        if names:
            what = names[0][0] if len(names) == 1 else f"{len(names)} models"
            self._begin(
                f"Building {what} as {precision}",
                f"Built {what} as {precision}.",
                partial(self.engine.build, names, origin),
            )

    def fetch(self, kind: str) -> None:
        """Fetch the trained weights of that kind of the chosen networks."""
        networks = {line.name for line in self.view.list.table.lines() if line.kept is None}
        published = self._read.published if self._read is not None else ()
        names = [
            f"{each.network}-{each.kind}"
            for each in published
            if each.kind == kind and each.network in networks
        ]
        if names:
            what = names[0] if len(names) == 1 else f"{len(names)} models"
            begun, done = f"Fetching {what}", f"Fetched {what}: whole, and its hash is right."
            self._begin(begun, done, partial(self.engine.fetch, names))

    def take_in(self, path: Path) -> None:
        """Keep a model file or a pack."""
        line = self.view.list.table.line()
        network = line.name if line is not None and line.kept is None else ""
        work = partial(self.engine.take_in, path, network)
        self._begin(f"Importing {path.name}", f"Imported {path.name}.", work)

    def _ask_pack(self) -> None:
        keys = self._keys(self.view.list.table.lines())
        if keys:
            ask_to_save(
                self.window, "Pack the chosen models", "models.zip", "Offline pack (*.zip)",
                partial(self.pack, keys),
            )  # fmt: skip

    def pack(self, keys: tuple[str, ...], target: Path) -> None:
        """Write models as an offline pack."""

        def work(report: Report, cancel: CancelToken) -> tuple[str, ...]:
            self.engine.pack(keys, target, report, cancel)
            return ()

        what = "1 model" if len(keys) == 1 else f"{len(keys)} models"
        self._begin(f"Packing {what}", f"Packed {what} as {target}.", work)

    def remove(self) -> None:
        """Take the chosen models off this computer; that can be undone."""
        keys = self._keys(self.view.list.table.lines())
        if not keys:
            return

        def work(_report: Report, _cancel: CancelToken) -> tuple[str, ...]:
            self.engine.remove(keys)
            return ()

        def done(ended: Ended) -> None:
            if ended.outcome is Outcome.COMPLETED:
                self._removed = keys
                what = "1 model" if len(keys) == 1 else f"{len(keys)} models"
                self.view.list.work.say("ok", f"Removed {what}.", undo=True)

        self._begin("Removing", "Removed.", work, done)

    def restore(self) -> None:
        """Undo the last removal."""
        keys, self._removed = self._removed, ()

        def work(_report: Report, _cancel: CancelToken) -> tuple[str, ...]:
            self.engine.restore(keys)
            return keys

        if keys:
            self._begin("Bringing it back", "It is back.", work)

    def use(self, precision: str) -> None:
        """Choose the model in Live, to be deployed there."""
        lines = self.view.list.table.lines()
        if len(lines) != 1 or _why_not_used(lines[0]):
            return
        kept = lines[0].kept
        self.window.side_bar.choose("live")
        if kept is not None:
            self.controller.shelf.open_model(kept.path, kept.labels)
        else:
            self.used.emit(f"{lines[0].name}-{precision}")

    def _begin(
        self,
        begun: str,
        done: str,
        work: Callable[[Report, CancelToken], tuple[str, ...]],
        then: Callable[[Ended], object] | None = None,
    ) -> None:
        """Run work that changes the models here, one at a time; the first it made is chosen."""
        card = self.view.list
        if card.work.running:
            return

        def ended(told: Ended) -> None:
            card.work.show_ended(told, done)
            self.view.about.show_busy(False)
            if then is not None:
                then(told)
            if told.outcome is Outcome.COMPLETED and told.result:
                self._choose_when_read(told.result[0])
            self.look()
            self.controller.shelf.read_sizes()
            self.ended.emit(told)

        card.work.show_started(begun)
        self.view.about.show_busy(True)
        self.controller.jobs.run("models", work, ended, card.work.show_progress)

    def _choose_when_read(self, name: str) -> None:
        def choose() -> None:
            self.read.disconnect(choose)
            self.view.list.choose(name)

        self.read.connect(choose)


def _gives_weights(line: Line) -> bool:
    """Whether a model's weights can be built anew at another precision."""
    return line.trained and line.network is not None and line.name_of_network.startswith(WEIGHTED)


def _why_not_used(line: Line) -> str:
    """Say why a line cannot be used in Live; empty if it can."""
    if line.kept is not None:
        return "" if line.state != "damaged" else "The file can no longer be read"
    return "" if line.name.startswith(WEIGHTED) else "Build or fetch it first, then use that"
