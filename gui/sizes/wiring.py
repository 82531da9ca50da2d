"""Connects the Sizes view: what is chosen and deployed, what the switches ask for."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from engine.jobs import CancelToken, Ended, Outcome, Report
from gui.controller import Controller
from gui.main_window import MainWindow
from gui.run_options import WITH_LIBRARY
from gui.sizes.bars import Bar
from gui.sizes.parts import NATIVE, in_order, megabytes, percent
from gui.sizes.what_if import Wish
from gui.sizes.work import Findings, Known, Reported, find_out, measure, packed_abi

if TYPE_CHECKING:
    from engine.apk.sizes import ApkSizes
    from engine.phones.readings import PhoneFacts

USUAL_ABI = "arm64-v8a"
"""What is packed for while no phone says otherwise: nearly every phone's."""
NOT_YET = "Deploy a variant to see its APK here"


class SizesSide(QObject):
    """Asks the engine while the view is in front, and shows what it says."""

    found = Signal()  # the figures are shown
    failed = Signal(str)

    def __init__(
        self,
        window: MainWindow,
        controller: Controller,
        ask: "Callable[[Wish, Wish, Known], Findings]" = find_out,
    ) -> None:
        """Connect the view with the controller.

        Args:
            window: Whose view.
            controller: Runs the jobs.
            ask: Answers a wish, on a job's thread.
        """
        super().__init__(window)
        self._find_out = ask
        self.window, self.controller = window, controller
        self.view = window.sizes_view
        self._abi = USUAL_ABI
        self._asked: Wish | None = None
        self._found: Findings | None = None
        self._deployed = Bar("Last deployed", empty=NOT_YET)
        self.view.what_if.wished.connect(self._ask)
        self.view.shown.connect(self._ask_again)
        controller.shelf.catalog_read.connect(lambda _rows: self._take_models())
        controller.shelf.model_opened.connect(lambda _row, _labels: self._take_models())
        self._show()

    def take_phone(self, facts: "PhoneFacts") -> None:
        """Take the phone: a deploy packs for its ABI."""

        def work(_report: Report, _cancel: CancelToken) -> str:
            return packed_abi(facts.abis)

        def done(ended: Ended) -> None:
            if ended.outcome is Outcome.COMPLETED:
                self._abi = ended.result
                self.take_choice()

        self.controller.jobs.run("abi", work, done)

    def take_choice(self) -> None:
        """Take what is chosen in the list of variants."""
        choice = self.window.variant_list
        row = choice.choice()
        if row is not None:
            gpu = self.window.run_options.wish.delegate == WITH_LIBRARY
            precision = row.precision or choice.precision.choice
            self.view.what_if.show_present(Wish(row.name, precision, abi=self._abi, gpu=gpu))

    def take_deployed(self, ended: Ended) -> None:
        """Take the APK that was just deployed."""
        if ended.outcome is not Outcome.COMPLETED or ended.result is None:
            return
        apk = ended.result.apk
        name = apk.model.name if apk.model is not None else apk.path.name

        def work(_report: Report, _cancel: CancelToken) -> "ApkSizes":
            return measure(apk.path)

        def done(ended: Ended) -> None:
            if ended.outcome is Outcome.COMPLETED:
                self._deployed = Bar.of(f"Last deployed: {name}", ended.result)
                self._show()

        self.controller.jobs.run("deployed size", work, done)

    def _take_models(self) -> None:
        self.view.what_if.show_models(self.window.variant_list.table.rows)
        self.take_choice()

    def _ask_again(self) -> None:
        self._asked = None
        self.take_choice()
        self._ask(self.view.what_if.wish())

    def _ask(self, wish: Wish) -> None:
        """Ask the engine, unless nobody would see it; the newest wish counts."""
        if not self.view.isVisible() or not wish.model:
            return
        present = self.view.what_if.present
        known = Known(self.controller.shelf.own_models(), dict(self.controller.shelf.built))
        self._asked = wish

        def work(_report: Report, _cancel: CancelToken) -> Findings:
            return self._find_out(wish, present, known)

        def done(ended: Ended) -> None:
            if self._asked is not wish:
                return
            self._found = ended.result
            self._show()
            if self._found is not None:
                self.view.show_trouble("")
                self.found.emit()
            elif ended.outcome is Outcome.FAILED:
                self.view.show_trouble(ended.message)
                self.failed.emit(ended.message)

        self.controller.jobs.run("what-if", work, done)

    def _show(self) -> None:
        found, what_if = self._found, self.view.what_if
        if found is None:
            self.view.show_bars(Bar("Would be built"), self._deployed, ())
            what_if.show_total(None, None)
            return
        self.view.show_bars(
            Bar.of(f"Would be built: {self._words(found.wish)}", found.wished),
            self._deployed,
            [_report_bar(app) for app in found.report],
        )
        what_if.show_total(found.wished.total_bytes, found.present.total_bytes)
        what_if.show_alone(found.alone)
        what_if.show_floor(floor_sentence(found.floor))

    def _words(self, wish: Wish) -> str:
        titles = {row.name: row.title for row in self.window.variant_list.table.rows}
        models = " and ".join(titles.get(name, name) for name in (wish.model, wish.second) if name)
        parts = [f"{models} {wish.precision}", wish.abi or "all ABIs"]
        parts += ["TensorFlow Mobile"] if wish.mobile else []
        parts += ["with GPU library"] if wish.gpu else []
        return ", ".join(parts)


def _report_bar(app: Reported) -> Bar:
    """Return the bar of one of the report's apps, and what explains it."""
    parts = in_order(app.sizes.parts)
    native = [part.size_bytes for part in parts if part.what.startswith(NATIVE)]
    models = sum(part.size_bytes for part in parts if part.what == "model")
    note = (
        f"models {megabytes(models)}, TensorFlow Mobile for {len(native)} ABIs "
        f"{megabytes(sum(native))}. {app.why}"
    )
    return Bar(app.title, parts, app.sizes.total_bytes, app.claimed_bytes, note)


def floor_sentence(floor: "ApkSizes") -> str:
    """Say how large the app is without a model, and what most of that is."""
    what, most = max(floor.parts, key=lambda part: part[1])
    share = percent(most, floor.total_bytes)
    return (
        f"Without a model the app is {megabytes(floor.total_bytes)}: that is the floor. "
        f"{share} % of it, {megabytes(most)}, is {what.replace('native', 'the native library')}."
    )
