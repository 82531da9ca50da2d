"""Connects the Compare view: asks the records while somebody looks, and answers the sliders."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.errors import LabError
from engine.jobs import CancelToken, Ended, Outcome, Report
from gui.compare.export import KINDS, write_scatter
from gui.compare.scene import Marked
from gui.compare.work import Asked, Found, Key, Trial, answer, find_out, limits_of, scene_of
from gui.controller import Controller
from gui.file_dialogs import ask_to_save
from gui.main_window import MainWindow
from gui.theme import CAPTION

NOTHING = "Nothing was measured yet: the grey latencies are published ones of other phones"
PUBLISHED = "published, ILSVRC-2012"


class CompareSide(QObject):
    """Hears the view and the runs. ``picked`` and ``wanted`` name a model for the list."""

    found = Signal()  # the figures are shown
    failed = Signal(str)
    picked = Signal(str)  # choose it in the list
    wanted = Signal(str)  # choose it, and go to where it is deployed
    measure_wanted = Signal(object, object)  # names, and the Setting to measure them under or None

    def __init__(
        self,
        window: MainWindow,
        controller: Controller,
        ask: "Callable[..., Found]" = find_out,
    ) -> None:
        """Connect the view with the controller.

        Args:
            window: Whose view.
            controller: Runs the jobs and keeps the records.
            ask: Asks the records, on a job's thread.
        """
        super().__init__(window)
        self.window, self.controller, self._find_out = window, controller, ask
        self.view = window.compare_view
        self._asked = Asked()
        self._found: Found | None = None
        view, chart = self.view, self.view.chart
        view.shown.connect(self.refresh)
        chart.shown_changed.connect(self._show_scene)
        chart.setting_chosen.connect(self._choose_setting)
        chart.accuracy_chosen.connect(self._choose_accuracy)
        chart.export_requested.connect(self._ask_file)
        chart.scatter.picked.connect(self.picked)
        view.budget.changed.connect(self._answer)
        view.budget.chosen.connect(self.picked)
        view.plan.chosen.connect(self.wanted)
        view.plan.measure_requested.connect(self._measure)
        view.plan.verify_requested.connect(self._verify)
        controller.runs.ended.connect(lambda _ended: self.refresh())

    def refresh(self) -> None:
        """Ask the records again, unless nobody would see it."""
        if not self.view.isVisible():
            return
        asked = self._asked

        def work(_report: Report, _cancel: CancelToken) -> Found:
            return self._find_out(self.controller.records, asked)

        def done(ended: Ended) -> None:
            if asked is not self._asked:
                return
            if ended.outcome is Outcome.COMPLETED:
                self._found = ended.result
                self._show()
                self.found.emit()
            elif ended.outcome is Outcome.FAILED:
                self.view.chart.show_trouble(ended.message)
                self._asked = Asked()  # what was asked for may be gone: next time the usual
                self.failed.emit(ended.message)

        self.controller.jobs.run("compare", work, done)

    def follow(self, key: Key | None) -> None:
        """Show what was just measured, under its own setting, unless another was chosen.

        Args:
            key: Phone, delegate, threads and source; None where they were several.
        """
        if key is not None:
            self._asked = self._asked._replace(setting=None, prefer=key)
        self.refresh()

    def _measure(self, names: tuple[str, ...]) -> None:
        setting = self._found.survey.setting if self._found is not None else None
        self.measure_wanted.emit(names, setting)

    def _verify(self, name: str) -> None:
        """Remember what is predicted now, then measure."""
        if self._found is None:
            return
        fitted = self._found.survey.fits.get(self._found.precision)
        if fitted is not None:
            self._asked = self._asked._replace(trial=Trial(name, fitted))
            self._measure((name,))

    def _choose_setting(self, index: int) -> None:
        if self._found is not None:
            setting = self._offered()[index]
            self._asked = self._asked._replace(setting=setting, prefer=None, trial=None)
            self.refresh()

    def _choose_accuracy(self, index: int) -> None:
        if self._found is not None:
            accuracy = self._found.survey.accuracies[index]
            self._asked = self._asked._replace(accuracy=accuracy)
            self.refresh()

    def _offered(self) -> list:  # type: ignore[type-arg]
        """Return the settings, the one in force first."""
        survey = self._found.survey if self._found is not None else None
        if survey is None or survey.setting is None:
            return []
        rest = [each for each in survey.settings if each.key != survey.setting.key]
        return [survey.setting, *rest]

    def _show(self) -> None:
        found, view = self._found, self.view
        if found is None:
            return
        survey = found.survey
        offered = self._offered()
        names = [str(each) for each in offered]
        settings = [
            each.told if names.count(name) > 1 else name  # the note of the first stands below
            for each, name in zip(offered, names, strict=True)
        ] or ["nothing measured yet"]
        accuracies = [_accuracy_words(each) for each in survey.accuracies]
        view.chart.show_choices(settings, accuracies, survey.accuracies.index(survey.accuracy))
        view.chart.show_trouble("")
        note = survey.setting.note if survey.setting is not None else NOTHING
        view.chart.show_note(note)
        ranges = limits_of(found)
        view.budget.show_ranges(ranges)
        view.budget.setVisible(bool(ranges))  # before that the next action stands alone
        view.plan.show_plan(found.plan, found.precision, found.fit, found.check)
        view.plan.show_verdict(found.verdict)
        view.claims.show_rows(found.claims)
        self._show_scene()

    def _show_scene(self) -> None:
        if self._found is not None:
            shown = self.view.chart.shown()
            self.view.chart.reference.setEnabled(shown.axis == "latency_ms")
            self.view.chart.scatter.show_scene(scene_of(self._found, shown))
            self._answer()

    def _answer(self) -> None:
        """Answer the budget; only what is pointed out in the scatter is painted again."""
        if self._found is None:
            return
        shown, budget = self.view.chart.shown(), self.view.budget.budget()
        told = answer(self._found, budget, predicted=shown.predicted)
        self.view.budget.show_answer(told)
        most = {"latency_ms": budget.max_ms, "apk_mb": budget.max_mb}.get(shown.axis)
        least = None if budget.min_top1 is None else 100 * budget.min_top1
        labels = []
        if told.best is not None:
            labels.append((told.best.name, "ship"))
        if told.runner_up is not None:
            labels.append((told.runner_up.name, "runner-up"))
        labels += [(each.name, "tie") for each in told.ties]
        self.view.chart.scatter.show_marked(Marked(most, least, labels))

    def _ask_file(self) -> None:
        ask_to_save(self.window, "Export", "compare.png", KINDS, partial(self.export))

    def export(self, path: Path) -> None:
        """Write what is shown as ``.png``, ``.svg`` or ``.csv``."""
        scene, found = self.view.chart.scatter.scene, self._found
        if scene is None or found is None:
            return
        theme = self.window.theme
        try:
            write_scatter(path, scene, theme.colours, theme.font(CAPTION), partial(_table, found))
        except LabError as error:
            self.view.chart.show_trouble(str(error))
        else:
            self.view.chart.show_trouble("")
            self.controller.said.emit(f"Exported to {path}")


def _table(found: Found) -> str:
    from engine.catalog.selection import front
    from engine.catalog.table import table_csv

    candidates = found.survey.candidates
    return table_csv(candidates, front(candidates)[0], found.survey.setting)


def _accuracy_words(accuracy: str) -> str:
    return PUBLISHED if accuracy == "published" else f"measured on {accuracy}"
