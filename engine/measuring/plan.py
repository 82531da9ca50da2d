"""A QA plan: what is measured, which limits it must keep, and what a person looks at."""

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final

import orjson

from engine.apk.builder import DELEGATES, SOURCES
from engine.errors import LabError
from engine.files import write_whole
from engine.measuring.plan_reader import Complaint, Reader
from engine.measuring.presets import PRESETS, Preset
from engine.measuring.sweep_plan import LEAST_BLOCKS, MOST_BLOCKS, Place, SweepPlan

MOST_SEED: Final = 2**32 - 1
MARGIN_PERCENT: Final = 2.0
REGRESSION_PERCENT: Final = 5.0
MOST_BYTES: Final = 1_000_000
"""A plan is a page; a larger file is something else."""


@dataclass(frozen=True, slots=True)
class LimitKind:
    """Something that a plan can set a limit to.

    Attributes:
        name: Its key in the plan; the unit is its last word.
        title: For a person.
        unit: Of the value.
        most: Whether the limit is the most allowed; else it is the least.
        largest: A limit above says nothing.
    """

    name: str
    title: str
    unit: str
    most: bool = True
    largest: float = 1e6


LIMITS: Final = (
    LimitKind("median_ms", "Median latency", "ms"),
    LimitKind("p90_ms", "p90 latency", "ms"),
    LimitKind("p95_ms", "p95 latency", "ms"),
    LimitKind("first_ms", "First inference", "ms"),
    LimitKind("load_ms", "Loading the model", "ms"),
    LimitKind("pipeline_fps", "Pipeline rate", "FPS", most=False, largest=1e4),
    LimitKind("apk_mb", "APK", "MB", largest=1e5),
    LimitKind("model_mb", "Model", "MB", largest=1e5),
    LimitKind("top1_percent", "Top-1", "%", most=False, largest=100.0),
)
"""In the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class ManualStep:
    """Something that a person does and judges.

    Attributes:
        title: What it is called.
        instruction: What to do.
        expects: What is to be seen; may be empty.
        picture: A picture of it, as the plan names it; may be empty.
        model: Which of the plan's models runs meanwhile; the first where empty.
    """

    title: str
    instruction: str
    expects: str = ""
    picture: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One step as every phone goes through it.

    Attributes:
        number: From 1.
        title: For a person.
        model: What is measured, as the plan names it; empty in a manual step.
        manual: What a person does; None in a measured step.
    """

    number: int
    title: str
    model: str = ""
    manual: ManualStep | None = None

    @property
    def kind(self) -> str:
        """``measure`` or ``manual``."""
        return "manual" if self.manual else "measure"


class PlanError(LabError):
    """A plan that cannot be used.

    Attributes:
        complaints: All that is wrong, each with its place.
    """

    def __init__(self, complaints: Sequence[Complaint], name: str = "") -> None:
        """Say all of it, a sentence each."""
        told = " ".join(map(str, complaints))
        super().__init__(f"{name or 'The plan'} cannot be used. {told}")
        self.complaints = tuple(complaints)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a QA session does on each phone. ``plan_of`` builds one and checks it.

    Attributes:
        title: What it is called.
        models: Names of models, or files; each once.
        preset: When one run is enough.
        blocks: How often each model is measured, interleaved.
        threads: Interpreter threads; None is 4, or as many as the phone has if fewer.
        delegate: What is to execute the graph.
        source: Where pictures come from.
        start_c: Degrees Celsius that the battery cools down to before each run; None does not
            wait.
        seed: Of the order within each block.
        limits: By ``LimitKind.name``.
        margin_percent: A value that keeps its limit, but by less than this, is marginal.
        pictures: A folder of pictures whose class is known; top-1 is measured on it.
        baseline: A series, or an exported ``.zip``, to compare with; None without one.
        regression_percent: More than that slower than the baseline fails.
        manual: What a person looks at, after the measuring.
        folder: What files are named from; no part of the plan itself.
    """

    title: str
    models: tuple[str, ...]
    preset: Preset = PRESETS["lab"]
    blocks: int = LEAST_BLOCKS
    threads: int | None = None
    delegate: str = "xnnpack"
    source: str = "loop"
    start_c: float | None = None
    seed: int = 0
    limits: Mapping[str, float] | None = None
    margin_percent: float = MARGIN_PERCENT
    pictures: str = ""
    baseline: int | str | None = None
    regression_percent: float = REGRESSION_PERCENT
    manual: tuple[ManualStep, ...] = ()
    folder: Path = Path()

    @property
    def steps(self) -> tuple[PlanStep, ...]:
        """Every step in its order: what is measured, then what a person looks at."""
        measured = [PlanStep(0, f"Measure {_short(each)}", each) for each in self.models]
        looked_at = [PlanStep(0, each.title, manual=each) for each in self.manual]
        return tuple(
            PlanStep(number, each.title, each.model, each.manual)
            for number, each in enumerate([*measured, *looked_at], 1)
        )

    @property
    def sweep(self) -> SweepPlan:
        """What is measured, as a sweep; threads are not yet those of a phone."""
        return SweepPlan(
            tuple(self.place_of(each) for each in self.models),
            self.preset,
            self.blocks,
            self.seed,
            self.start_c,
        )

    @property
    def sha256(self) -> str:
        """The hash of what it says; comments, order and the folder it lies in do not count."""
        data = orjson.dumps(self.values(), option=orjson.OPT_SORT_KEYS)
        return hashlib.sha256(data).hexdigest()

    def place_of(self, model: str) -> Place:
        """Return a model's configuration in the sweep."""
        name = str(self.file(model)) if model.endswith(".tflite") else model
        return Place(name, self.threads, self.delegate, self.source)

    def limit(self, name: str) -> float | None:
        """Return the limit of a ``LimitKind``; None where there is none."""
        return (self.limits or {}).get(name)

    def file(self, name: str) -> Path:
        """Return where a file lies that the plan names."""
        return (self.folder / name).absolute()

    def values(self) -> dict[str, Any]:
        """Return what ``plan_of`` makes the same plan of, without the folder."""
        told: dict[str, Any] = {
            "title": self.title,
            "models": list(self.models),
            "preset": _preset_value(self.preset),
            "blocks": self.blocks,
            "threads": self.threads,
            "delegate": self.delegate,
            "source": self.source,
            "start_c": self.start_c,
            "seed": self.seed,
            "margin_percent": self.margin_percent,
            "pictures": self.pictures,
            "baseline": self.baseline,
            "regression_percent": self.regression_percent,
            "limits": dict(self.limits or {}),
            "manual": [_without_empty(asdict(each)) for each in self.manual],
        }
        return _without_empty(told)


def plan_of(values: object, folder: Path = Path(), name: str = "") -> Plan:
    """Read a plan from what a TOML file or a form holds.

    Args:
        values: A table.
        folder: What files are named from.
        name: What to call it in an error.

    Raises:
        PlanError: It has anything that is unknown, missing or impossible; all of it is said.
    """
    complaints: list[Complaint] = []
    reader = Reader(values, "", complaints)
    plan = Plan(
        title=reader.text("title", needed=True),
        models=reader.texts("models"),
        preset=_preset(reader, complaints),
        blocks=reader.whole("blocks", LEAST_BLOCKS, MOST_BLOCKS) or LEAST_BLOCKS,
        threads=reader.whole("threads", 1, 64),
        delegate=reader.text("delegate", among=DELEGATES) or "xnnpack",
        source=reader.text("source", among=SOURCES) or "loop",
        start_c=reader.number("start_c", 0, 60, "degrees Celsius"),
        seed=reader.whole("seed", 0, MOST_SEED) or 0,
        limits=_limits(reader, complaints),
        margin_percent=_or(reader.number("margin_percent", 0, 50, "%"), MARGIN_PERCENT),
        pictures=reader.text("pictures"),
        baseline=_baseline(reader),
        regression_percent=_or(
            reader.number("regression_percent", 0, 100, "%"), REGRESSION_PERCENT
        ),
        manual=_manual(reader, complaints),
        folder=folder,
    )
    reader.refuse_unknown()
    if not complaints:
        _check_whole(plan, reader)
    if complaints:
        raise PlanError(complaints, name)
    return plan


def parse_plan(text: str, folder: Path = Path(), name: str = "") -> Plan:
    """Read a plan from TOML.

    Raises:
        PlanError: It is no TOML, or no plan.
    """
    try:
        values = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
        raise PlanError([Complaint("", f"It is no TOML: {error}.")], name) from error
    return plan_of(values, folder, name)


def read_plan(path: Path) -> Plan:
    """Read a plan's file; files in it are named from its folder.

    Raises:
        PlanError: It is no plan.
        LabError: It cannot be read.
    """
    try:
        data = path.read_bytes()
        if len(data) > MOST_BYTES:
            raise PlanError([Complaint("", "It is larger than a plan can be.")], path.name)
        text = data.decode()
    except OSError as error:
        raise LabError(
            f"{path} cannot be read: {error.strerror or error}.",
            "Command qa new writes a plan to begin with.",
        ) from error
    except UnicodeDecodeError as error:
        raise PlanError([Complaint("", f"It is no text in UTF-8: {error}.")], path.name) from error
    return parse_plan(text, path.absolute().parent, path.name)


def dump_plan(plan: Plan) -> str:
    """Return a plan as TOML that ``parse_plan`` makes the same plan of."""
    import tomli_w

    return tomli_w.dumps(plan.values())


def write_plan(plan: Plan, path: Path) -> None:
    """Write a plan's file, whole or not at all.

    Raises:
        LabError: It cannot be written.
    """
    write_whole(path, dump_plan(plan).encode())


def missing_files(plan: Plan) -> tuple[Complaint, ...]:
    """Return which files the plan names that are not there."""
    found = [
        Complaint("models", f"there is no file {plan.file(model)}.")
        for model in plan.models
        if model.endswith(".tflite") and not plan.file(model).is_file()
    ]
    if plan.pictures and not plan.file(plan.pictures).is_dir():
        found.append(Complaint("pictures", f"there is no folder {plan.file(plan.pictures)}."))
    if isinstance(plan.baseline, str) and not plan.file(plan.baseline).is_file():
        found.append(Complaint("baseline", f"there is no file {plan.file(plan.baseline)}."))
    for number, step in enumerate(plan.manual, 1):
        if step.picture and not plan.file(step.picture).is_file():
            place = f"manual {number}.picture"
            found.append(Complaint(place, f"there is no file {plan.file(step.picture)}."))
    return tuple(found)


def _short(model: str) -> str:
    return Place(model).short


def _or(value: float | None, usual: float) -> float:
    return usual if value is None else value


def _without_empty(values: dict[str, Any]) -> dict[str, Any]:
    return {key: each for key, each in values.items() if each not in (None, "", [], {})}


def _preset_value(preset: Preset) -> str | dict[str, Any]:
    """Return a preset's name, or the table of one of the plan's own."""
    if PRESETS.get(preset.name) == preset:
        return preset.name
    table = {
        "min_s": preset.min_s,
        "max_s": preset.max_s,
        "min_count": preset.min_count,
        "half_width_percent": None if preset.target is None else round(100 * preset.target, 9),
    }
    return {key: value for key, value in table.items() if value is not None}


def _preset(reader: Reader, complaints: list[Complaint]) -> Preset:
    value = reader.get("preset")
    if not isinstance(value, Mapping):
        return PRESETS[reader.text("preset", among=PRESETS) or "lab"]
    own = Reader(value, reader.place("preset"), complaints)
    min_s, max_s = own.number("min_s", 0.1, 3600, "s"), own.number("max_s", 0.1, 3600, "s")
    count = own.whole("min_count", 0, 1_000_000)
    percent = own.number("half_width_percent", 0.01, 100, "%")
    own.refuse_unknown()
    for key, told in (("min_s", min_s), ("max_s", max_s)):
        if told is None and value.get(key) is None:
            own.complain(key, "is missing.")
    if min_s is None or max_s is None:
        return PRESETS["lab"]
    if min_s > max_s:
        own.complain("max_s", "must not be less than min_s.")
        return PRESETS["lab"]
    target = None if percent is None else round(percent / 100, 12)
    return Preset("own", min_s, max_s, 100 if count is None else count, target)


def _limits(reader: Reader, complaints: list[Complaint]) -> dict[str, float]:
    value = reader.get("limits")
    if value is None:
        return {}
    own = Reader(value, "limits", complaints)
    limits = {}
    for kind in LIMITS:
        limit = own.number(kind.name, 0, kind.largest, kind.unit)
        if limit == 0 and kind.most:
            own.complain(kind.name, "must be over 0: nothing takes no time and no room.")
        elif limit is not None:
            limits[kind.name] = limit
    own.refuse_unknown()
    return limits


def _baseline(reader: Reader) -> int | str | None:
    value = reader.get("baseline")
    if isinstance(value, int) and not isinstance(value, bool):
        return reader.whole("baseline", 1, MOST_SEED)
    if value is not None and not isinstance(value, str):
        reader.complain("baseline", "must be the number of a series, or the name of a .zip.")
        return None
    name = reader.text("baseline")
    if name and not name.lower().endswith(".zip"):
        reader.complain("baseline", "must be the number of a series, or the name of a .zip.")
    return name or None


def _manual(reader: Reader, complaints: list[Complaint]) -> tuple[ManualStep, ...]:
    value = reader.get("manual")
    if value is None:
        return ()
    if not isinstance(value, list | tuple):
        reader.complain("manual", "must be a list of steps: [[manual]].")
        return ()
    steps = []
    for number, table in enumerate(value, 1):
        own = Reader(table, f"manual {number}", complaints)
        needed = {"title", "instruction"}
        told = {
            each.name: own.text(each.name, needed=each.name in needed)
            for each in fields(ManualStep)
        }
        own.refuse_unknown()
        steps.append(ManualStep(**told))
    return tuple(steps)


def _check_whole(plan: Plan, reader: Reader) -> None:
    """Complain of what each by itself is right and together is not."""
    if not plan.models:
        reader.complain("models", "must name one model at least.")
    shorts = [_short(each) for each in plan.models]
    for name in sorted({each for each in shorts if shorts.count(each) > 1}):
        reader.complain("models", f"has two that are called {name}.")
    if not (plan.limits or plan.manual or plan.baseline is not None):
        text = "is missing: without a limit, a baseline or a manual step nothing is decided."
        reader.complain("limits", text)
    if plan.limit("top1_percent") is not None and not plan.pictures:
        reader.complain("pictures", "is missing: a limit on top-1 needs a folder of pictures.")
    titles = [each.title for each in plan.manual]
    for number, step in enumerate(plan.manual, 1):
        if titles.index(step.title) != number - 1:
            reader.complain(f"manual {number}.title", f"{step.title!r} is there twice.")
        if step.model and step.model not in plan.models:
            reader.complain(f"manual {number}.model", "must be one of the plan's models.")
