"""What the Sweep page asks the engine, each on a job's thread; heavy imports happen here."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.jobs import CancelToken, Report
from gui.sweep.values import (
    AB,
    BASELINES,
    HERE,
    SWEEP,
    VARIANTS,
    AbWish,
    Change,
    Line,
    Model,
    Offer,
    Repeats,
    Side,
    Standing,
    Unfinished,
    Wish,
)

if TYPE_CHECKING:
    from engine.measuring.sweep_plan import Place, SweepPlan
    from engine.measuring.sweep_result import Known, PlaceResult, SweepResult
    from engine.models.worker import Workers
    from engine.records.database import Database
    from engine.records.values import RunRecord, Series
    from engine.session import Session

PRECISION = "int8"
"""Of the three that are offered to measure."""
BUILD_S = 8
"""About how long building a variant takes: 16 of int8 took 110 s on two busy cores."""
MOST_UNFINISHED = 5


class Task(NamedTuple):
    """A series to begin, or to go on with.

    Attributes:
        kind: ``sweep`` or ``ab``.
        plan: What to measure; None resumes.
        series_id: What to resume; None begins one.
    """

    kind: str
    plan: "SweepPlan | None" = None
    series_id: int | None = None


class Estimate(NamedTuple):
    """How much a plan is: runs, seconds of measuring, models that are built before.

    ``same`` for an A/B test of one configuration.
    """

    runs: int
    seconds: float
    unbuilt: int
    same: bool = False

    @property
    def sentence(self) -> str:
        """The same for a person."""
        runs = f"{self.runs} runs, about {span(self.seconds)}"
        if self.same:
            runs = f"Both are the same: it tells what chance alone makes. {runs}"
        if not self.unbuilt:
            return f"{runs}."
        models = "1 model is" if self.unbuilt == 1 else f"{self.unbuilt} models are"
        return f"{runs}. Before it {models} built: about {span(BUILD_S * self.unbuilt)}."


class Engine:
    """The engine's side of the page."""

    def __init__(self, records: "Callable[[], Database]", workers: "Callable[[], Workers]") -> None:
        """Start nothing yet.

        Args:
            records: Where the runs are.
            workers: Where TensorFlow is warm.
        """
        self._records, self._workers = records, workers

    def offer(self, opened: Sequence[Path] = ()) -> Offer:
        """Return what can be measured and what can be resumed.

        Args:
            opened: Model files that the person opened in the window.

        Raises:
            LabError: The models or the records cannot be read.
        """
        from engine.catalog.prediction import choose_three
        from engine.catalog.variants import Catalog
        from engine.measuring.sweep import resumable

        database = self._records()
        unfinished = [
            self._unfinished(database, each) for each in resumable(database)[:MOST_UNFINISHED]
        ]
        three = tuple(name for name, _why in choose_three(Catalog.load(), PRECISION))
        return Offer(_models(opened), three, tuple(unfinished))

    def _unfinished(self, database: "Database", series: "Series") -> Unfinished:
        from engine.measuring.sweep_plan import SweepPlan

        rows = database.runs(series_id=series.id)
        done = {(row.facts.place, row.facts.block) for row in rows if row.end == "completed"}
        planned = len(SweepPlan.from_json(series.plan).turns)
        return Unfinished(series.id, series.kind, series.title, len(done), planned)

    def measure(
        self,
        session: "Session",
        task: Task,
        told: Callable[[Standing], object],
        report: Report,
        cancel: CancelToken,
    ) -> Standing:
        """Measure a series, or the rest of one.

        Args:
            session: An open session.
            task: What to do.
            told: How it stands, from the beginning and after each run.
            report: How far it is.
            cancel: Ends it; what was measured is kept.

        Raises:
            LabError: See ``engine.measuring.sweep.sweep``.
            Cancelled: It was cancelled.
        """
        from engine.measuring.payloads import resolver
        from engine.measuring.sweep import sweep
        from engine.measuring.sweep_plan import SweepPlan

        database = self._records()
        known: Known = {}
        series: list[int] = []

        def tell() -> None:
            told(standing(database, series[0], known))

        def begun(series_id: int) -> None:
            series.append(series_id)
            tell()

        def measured(_record: "RunRecord") -> None:
            tell()

        plan = task.plan
        if plan is None and task.series_id is not None:
            plan = SweepPlan.from_json(database.series.load(task.series_id).plan)
        if plan is None:
            raise ValueError("neither a plan nor a series")
        result = sweep(
            session,
            plan,
            resolve=resolver(self._workers()),
            database=database,
            kind=task.kind,
            series_id=task.series_id,
            on_begun=begun,
            on_run=measured,
            report=report,
            cancel=cancel,
        )
        return standing(database, result.series.id, known)

    def standing(self, series_id: int) -> Standing:
        """Return how a series stands.

        Raises:
            LabError: There is no such series.
        """
        return standing(self._records(), series_id, {})

    def close(self, series_id: int) -> None:
        """Finish a series as it is.

        Raises:
            LabError: It is finished, or there is none.
        """
        from engine.measuring.sweep import close_series

        close_series(self._records(), series_id)

    def write_report(
        self, series_id: int, path: Path, report: Report, cancel: CancelToken
    ) -> tuple[Path, ...]:
        """Write a series' report; the file's name says its kind.

        Raises:
            LabError: It cannot be written.
        """
        from engine.records.report import ReportOf, write_report

        what = ReportOf.series(series_id)
        return write_report(what, self._records(), path, report=report, cancel=cancel)


def plan_of(wish: Wish) -> "SweepPlan":
    """Return what a wish comes to.

    Raises:
        LabError: It says nothing that can be measured.
    """
    from engine.measuring.ab import two_places
    from engine.measuring.presets import PRESETS
    from engine.measuring.sweep_plan import Place, SweepPlan, cross

    def side(each: Side) -> Place:
        return Place(each.model, each.threads, each.delegate, each.source)

    if isinstance(wish, AbWish):
        places: tuple[Place, ...] = two_places(side(wish.a), side(wish.b))
    else:
        places = cross(wish.models, wish.threads, wish.delegates, wish.sources)
    how: Repeats = wish.repeats
    return SweepPlan(places, PRESETS[how.preset], how.blocks, how.seed, how.start_c)


def task_of(wish: Wish) -> Task:
    """Return the task of a wish.

    Raises:
        LabError: It says nothing that can be measured.
    """
    return Task(AB if isinstance(wish, AbWish) else SWEEP, plan_of(wish))


def estimate(wish: Wish, models: Sequence[Model]) -> Estimate:
    """Say how much a wish is.

    Raises:
        LabError: It says nothing that can be measured.
    """
    plan = plan_of(wish)
    here = {each.name for each in models if each.built}
    known = {each.name for each in models}
    wanted = {place.model for place in plan.places}
    unbuilt = sum(1 for name in wanted if name in known and name not in here)
    same = isinstance(wish, AbWish) and wish.a == wish.b
    return Estimate(len(plan.turns), len(plan.turns) * plan.turn_s, unbuilt, same)


def span(seconds: float) -> str:
    """Return a time as people say it."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes / 60:.1f} h"


def standing(database: "Database", series_id: int, known: "Known") -> Standing:
    """Return how a series stands; ``known`` remembers what was loaded before."""
    from engine.measuring.ab import ab_result
    from engine.measuring.sweep_result import sweep_result

    change = None
    if database.series.load(series_id).kind == AB:
        found = ab_result(database, series_id, known=known)
        result, difference = found.sweep, found.difference
        if result.measured and any(each.blocks_ms for each in result.places):
            change = Change(difference.ratio, difference.interval, difference.sentence)
    else:
        result = sweep_result(database, series_id, known=known)
    return _standing(result, change)


def _standing(result: "SweepResult", change: Change | None) -> Standing:
    places = [each.place for each in result.places]
    settings = {(each.delegate, each.threads or 0, each.source) for each in places}
    return Standing(
        series_id=result.series.id,
        kind=result.series.kind,
        title=result.series.title,
        lines=tuple(_line(each, short_title(each.place, places)) for each in result.places),
        blocks=result.plan.blocks,
        measured=result.measured,
        planned=result.planned,
        sentence=change.sentence if change is not None else result.sentence,
        finished=bool(result.series.outcome),
        change=change,
        setting=settings.pop() if len(settings) == 1 else None,
    )


def short_title(place: "Place", places: "Sequence[Place]") -> str:
    """Return a place's name without what all places share."""
    words = [place.short]
    if len({each.threads for each in places}) > 1:
        words.append(f"{place.threads} thread{'s' * (place.threads != 1)}")
    if len({each.delegate for each in places}) > 1:
        words.append(place.delegate)
    if len({each.source for each in places}) > 1:
        words.append(place.source)
    return ", ".join(words)


def _line(each: "PlaceResult", title: str) -> Line:
    alpha, resolution, precision = _mark(each.place.short)
    return Line(
        title=title,
        name=each.place.name,
        alpha=alpha,
        resolution=resolution,
        precision=precision,
        blocks_ms=each.blocks_ms,
        median_ms=each.median_ms,
        interval_ms=each.interval_ms,
        rank=each.rank,
        tied=bool(each.tied),
        why=", ".join(each.troubles),
    )


def _mark(name: str) -> tuple[float | None, int | None, str]:
    """Return colour, shape and filling of a model by its name."""
    from engine.catalog.prediction import parse_v1
    from engine.catalog.variants import PRECISIONS

    parsed = parse_v1(name)
    if parsed is None:
        precision = name.rpartition("-")[2]
        return None, None, precision if precision in PRECISIONS else ""
    return parsed.alpha, parsed.resolution, parsed.precision


def _models(opened: Sequence[Path]) -> tuple[Model, ...]:
    """Return all that can be measured: variants, baselines, then what else is here."""
    from engine.catalog.variants import BASELINES as OTHERS
    from engine.catalog.variants import PRECISIONS, variant_names
    from engine.models.finding import samples
    from engine.models.store import ModelStore

    kept = ModelStore().list()
    built = {each.name for each in kept if each.built}
    found: dict[str, Model] = {}

    def add(name: str, group: str, *, here: bool = True, title: str = "") -> None:
        found.setdefault(name, Model(name, title or name, group, *_mark(title or name), here))

    for precision in reversed(PRECISIONS):
        for variant in variant_names():
            name = f"{variant}-{precision}"
            add(name, VARIANTS, here=name in built)
    for path in opened:
        add(str(path), HERE, title=path.stem)
    for sample in samples():
        add(sample.name, HERE)
    names: list[Any] = [each.name for each in kept]
    for model in kept:
        name = model.name if names.count(model.name) == 1 else str(model.path)
        title = model.name if names.count(model.name) == 1 else f"{model.name} {model.key[:6]}"
        if model.name not in found and not (model.built and _is_variant(model.name)):
            add(name, HERE, title=title)
    for precision in reversed(PRECISIONS):
        for variant in OTHERS:
            name = f"{variant}-{precision}"
            add(name, BASELINES, here=name in built)
    return tuple(found.values())


def _is_variant(name: str) -> bool:
    from engine.catalog.variants import ModelName
    from engine.errors import LabError

    try:
        ModelName.parse(name)
    except LabError:
        return False
    return True
