"""What was measured on a phone, what follows for the rest, and what of it may be compared."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from statistics import geometric_mean, median
from typing import TYPE_CHECKING, Final

from engine.accuracy.shares import Share
from engine.apk.builder import GPU
from engine.apk.sizes import SizeChoice, SizedModel, model_size, what_if
from engine.catalog.prediction import Fit, Point, choose_check, fit, parse_v1, points_of
from engine.catalog.selection import Candidate
from engine.catalog.variants import Baseline, Catalog, ModelName, Variant
from engine.errors import LabError
from engine.measuring.comparison import LEAST_MS
from engine.measuring.sweep_result import block_interval
from engine.records.values import Digest, Judged, RunRow, digest_of

if TYPE_CHECKING:
    from engine.records.database import Database

PUBLISHED: Final = "published"
"""The accuracy that ILSVRC-2012 gives; else the folder whose pictures a model was judged on."""
SAME_SIZE: Final = 0.03
"""A file that differs by more from the lab's own of 1000 classes has another classifier."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Under what latencies were measured: figures of different settings are not compared.

    Attributes:
        serial: The phone.
        phone: What it is called.
        delegate: What executed the graph.
        threads: How many.
        source: ``camera``, ``pictures`` or ``loop``.
        note: What the phone says about its own numbers; else empty. Times that were made up to
            another pace are of another setting.
        abi: What its code is compiled for; empty when it is not known.
    """

    serial: str
    phone: str
    delegate: str
    threads: int
    source: str
    note: str = ""
    abi: str = ""

    @property
    def key(self) -> tuple[str, str, int, str, str]:
        """What tells settings apart."""
        return self.serial, self.delegate, self.threads, self.source, self.note

    def __str__(self) -> str:
        threads = f"{self.threads} thread{'s' * (self.threads != 1)}"
        return f"{self.phone}, {self.delegate}, {threads}, {self.source}"

    @property
    def told(self) -> str:
        """The same with what the phone says of its numbers."""
        return f"{self} ({self.note})" if self.note else str(self)


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """All that can be chosen from, and what it may be chosen by.

    Attributes:
        setting: What the latencies hold for; None when nothing was measured.
        settings: All that something was measured under, the one with most models first.
        accuracy: What the top-1 figures are of: ``PUBLISHED`` or a folder of pictures.
        accuracies: All that there are.
        candidates: Measured first, then predicted, then those of unknown latency.
        fits: Of each precision that enough was measured of.
    """

    setting: Setting | None
    settings: tuple[Setting, ...]
    accuracy: str
    accuracies: tuple[str, ...]
    candidates: tuple[Candidate, ...]
    fits: dict[str, Fit]

    @property
    def measured(self) -> tuple[Candidate, ...]:
        """Who was measured."""
        return tuple(each for each in self.candidates if each.latency_origin == "measured")

    @property
    def predicted(self) -> tuple[Candidate, ...]:
        """Who was predicted."""
        return tuple(each for each in self.candidates if each.latency_origin == "predicted")

    @property
    def others(self) -> int:
        """How many other settings there are, whose runs are left out."""
        return max(0, len(self.settings) - 1)

    def check_next(self, catalog: Catalog, precision: str) -> str:
        """Return the variant whose measurement would try the prediction hardest, or ``""``."""
        fitted = self.fits.get(precision)
        if fitted is None:
            return ""
        known = {each.name for each in fitted.points}
        others = [each for each in points_of(catalog, precision) if each.name not in known]
        found = choose_check(fitted, others)
        return found.name if found else ""


def survey(
    database: "Database",
    catalog: Catalog,
    *,
    serial: str = "",
    setting: Setting | None = None,
    accuracy: str = PUBLISHED,
) -> Survey:
    """Return what can be chosen from on one phone under one setting.

    Args:
        database: The records.
        catalog: The published numbers.
        serial: Only that phone's runs; empty for any phone.
        setting: Which setting; None takes the one under which most models were measured, of
            several the one measured last.
        accuracy: Which top-1: ``PUBLISHED``, or a folder that models were judged on.

    Raises:
        LabError: Nothing was measured on that phone, or under that setting, or nothing was
            judged on that folder.
    """
    rows = [row for row in database.runs() if _counts(row) and serial in ("", row.facts.serial)]
    judged = database.judged()
    accuracies = (PUBLISHED, *sorted({each.folder for each in judged}))
    if accuracy not in accuracies:
        raise LabError(
            f"No model was judged on {accuracy!r}.", f"There is: {', '.join(accuracies)}."
        )
    settings = _settings(rows)
    if serial and not settings:
        raise LabError(f"Nothing was measured on {serial}.", "See `mobilenet-lab runs list`.")
    if setting is not None and setting.key not in [each.key for each in settings]:
        raise LabError(f"Nothing was measured with {setting}.", "Choose another setting.")
    chosen = setting or (settings[0] if settings else None)
    judge = _Judge(catalog, judged, accuracy)
    measured: list[Candidate] = []
    if chosen is not None:
        under = [row for row in rows if _setting(row).key == chosen.key]
        measured = [_measured(each, database, judge, chosen) for each in _newest(under, judge)]
    rest, fits = _rest(measured, catalog, judge, chosen)
    return Survey(chosen, settings, accuracy, accuracies, (*measured, *rest), fits)


def gather(
    database: "Database", catalog: Catalog, serial: str | None = None
) -> tuple[Candidate, ...]:
    """Return the newest valid run of each model on a phone, with its published top-1.

    A model of which no run is valid comes with its newest one, marked so.

    Raises:
        LabError: Nothing was measured on that phone.
    """
    return survey(database, catalog, serial=serial or "").measured


class _Judge:
    """Knows the top-1 of a model, by what was chosen."""

    def __init__(self, catalog: Catalog, judged: Sequence[Judged], accuracy: str) -> None:
        self.catalog = catalog
        self.accuracy = accuracy
        # newest first: the first judgement of a model is the one that counts
        self.of: dict[str, Judged] = {}
        for each in judged:
            if each.folder == accuracy:
                self.of.setdefault(each.model_sha256, each)

    def mark(
        self, candidate: Candidate, name: str, *, untrained: bool, standard: bool
    ) -> Candidate:
        """Return the candidate with its top-1."""
        if self.accuracy != PUBLISHED:
            found = self.of.get(candidate.sha256)
            if found is None:
                return candidate
            share = Share(found.top1, found.pictures)
            note = f"measured on {found.pictures} pictures of {found.folder}"
            return replace(
                candidate, top1=share.value, top1_interval=share.interval,
                top1_origin="measured", top1_note=note,
            )  # fmt: skip
        parsed = _parsed(name)
        if parsed is None or not standard:
            return candidate
        figure = _network(self.catalog, parsed).figure("top1", parsed.precision)
        if figure is None:
            return candidate
        note = f"published, ILSVRC-2012 ({self.catalog.sources[figure.source].title})"
        if untrained:
            note += "; untrained: what it would reach if it had been trained as published"
        return replace(candidate, top1=figure.value, top1_origin="published", top1_note=note)


def _counts(row: RunRow) -> bool:
    """Whether a run says anything: it ended, and something was counted."""
    return row.digest is not None or (row.sample_count > 0 and row.end != "running")


def _settings(rows: Iterable[RunRow]) -> tuple[Setting, ...]:
    models: dict[Setting, set[str]] = {}
    by_key: dict[tuple[str, str, int, str, str], Setting] = {}
    for row in rows:  # newest first: its words about the phone count
        setting = by_key.setdefault(_setting(row).key, _setting(row))
        found = models.setdefault(setting, set())
        if row.valid:
            found.add(row.facts.name)
    return tuple(sorted(models, key=lambda each: -len(models[each])))  # stable: newest first


def _setting(row: RunRow) -> Setting:
    facts = row.facts
    abis = facts.phone.get("abis") or ("",)
    return Setting(
        facts.serial,
        str(facts.phone.get("model") or facts.serial),
        facts.delegate_applied,
        facts.threads,
        facts.source,
        facts.phone_note,
        str(abis[0]),
    )


def _newest(rows: Iterable[RunRow], judge: _Judge) -> list[list[RunRow]]:
    """Return the newest valid run of each model, with the other blocks of its series.

    Runs of a model that was judged count before those of one of the same name that was not,
    and valid ones before others.
    """
    best: dict[str, RunRow] = {}
    every = list(rows)

    def rank(row: RunRow) -> tuple[bool, bool, int]:
        return row.facts.model_sha256 in judge.of, row.valid, row.id

    for row in every:
        key = _label(row)
        if key not in best or rank(row) > rank(best[key]):
            best[key] = row
    groups = []
    for row in best.values():
        facts = row.facts
        together = [
            each for each in every
            if facts.series_id is not None and each.facts.series_id == facts.series_id
            and each.facts.place == facts.place and each.valid and row.valid
            and each.facts.model_sha256 == facts.model_sha256
        ]  # fmt: skip
        groups.append(together or [row])
    return groups


def _label(row: RunRow) -> str:
    """Return what to call a model: its name, with a word if it has another classifier."""
    name = row.facts.name
    if _parsed(name) is None or _standard(name, row.facts.model_size_bytes):
        return name
    return f"{name}, own classes"


def _standard(name: str, size_bytes: int) -> bool:
    """Whether a model's file is the lab's own of 1000 classes, by its size."""
    parsed = _parsed(name)
    if parsed is None or not parsed.variant.startswith("v1_"):
        return True  # sizes of other networks are not known: taken as they are called
    usual = _usual_size(parsed)
    return abs(size_bytes - usual) <= SAME_SIZE * usual


def _measured(
    rows: Sequence[RunRow], database: "Database", judge: _Judge, setting: Setting
) -> Candidate:
    """Return a candidate of one run, or of all blocks of a series."""
    newest = max(rows, key=lambda each: each.id)
    facts = newest.facts
    digests = [found for found in (_digest(each, database) for each in rows) if found]
    rates = [each.pipeline_fps for each in digests if each.pipeline_fps is not None]
    latency_ms, interval = _latency(digests)
    built = facts.apk_size_bytes
    standard = _standard(facts.name, facts.model_size_bytes)
    parsed = _parsed(facts.name)
    why = ", ".join(flag for flag in newest.flags if flag.invalidates)
    candidate = Candidate(
        name=_label(newest),
        alpha=_alpha(parsed),
        resolution=parsed.resolution if parsed else None,
        precision=parsed.precision if parsed else "",
        latency_ms=latency_ms,
        latency_interval=interval,
        latency_origin="measured",
        apk_mb=(built or _apk_bytes(facts.model_size_bytes, setting)) / 1e6,
        apk_reckoned=built is None,
        model_mb=facts.model_size_bytes / 1e6,
        macs=_network(judge.catalog, parsed).macs[0].value if parsed else None,
        fps=median(rates) if rates else None,
        valid=newest.valid and bool(digests),
        note="" if newest.valid else f"not valid: {why or newest.end}",
        run_id=newest.id,
        sha256=facts.model_sha256,
    )
    return judge.mark(candidate, facts.name, untrained=facts.untrained, standard=standard)


def _latency(digests: Sequence[Digest]) -> tuple[float | None, tuple[float, float] | None]:
    """Return the median latency and its interval; of a series' blocks as its own result has it.

    Blocks differ by more than each says of itself.
    """
    if not digests:
        return None, None
    if len(digests) == 1:
        low, high = digests[0].low_ms, digests[0].high_ms
        return digests[0].median_ms, None if low is None or high is None else (low, high)
    medians = [max(each.median_ms, LEAST_MS) for each in digests]
    return geometric_mean(medians), block_interval(medians)


def _digest(row: RunRow, database: "Database") -> Digest | None:
    """Return a run's figures; of one from before they were kept, from its samples."""
    return row.digest or digest_of(database.load(row.id).summary)


def _rest(
    measured: Sequence[Candidate], catalog: Catalog, judge: _Judge, setting: Setting | None
) -> tuple[list[Candidate], dict[str, Fit]]:
    """Return the variants that were not measured, predicted where that is possible."""
    known = {each.name for each in measured if each.valid}
    precisions = {each.precision for each in measured if parse_v1(each.name)} or {"float32", "int8"}
    fits: dict[str, Fit] = {}
    rest: list[Candidate] = []
    for precision in sorted(precisions):
        with suppress(LabError):  # too few as yet: they stay without a latency
            fits[precision] = fit(_points(measured, catalog, precision))
        rest += [
            _unmeasured(point, fits.get(precision), judge, setting)
            for point in points_of(catalog, precision)
            if point.name not in known
        ]
    rest.sort(key=lambda each: each.latency_origin != "predicted")
    return rest, fits


def _points(measured: Sequence[Candidate], catalog: Catalog, precision: str) -> list[Point]:
    found = []
    for each in measured:
        parsed = parse_v1(each.name)
        if parsed and each.valid and each.latency_ms and parsed.precision == precision:
            found.append(Point.of(catalog.variant(parsed.variant), precision, each.latency_ms))
    return found


def _unmeasured(
    point: Point, fitted: Fit | None, judge: _Judge, setting: Setting | None
) -> Candidate:
    parsed = ModelName.parse(point.name)
    size = _usual_size(parsed)
    told = fitted.predict(point) if fitted else None
    trusted = told is not None and told.latency_ms > 0
    candidate = Candidate(
        name=point.name,
        alpha=parsed.alpha,
        resolution=parsed.resolution,
        precision=parsed.precision,
        latency_ms=told.latency_ms if told and trusted else None,
        latency_interval=told.interval_ms if told and trusted else None,
        latency_origin="predicted" if trusted else "",
        apk_mb=_apk_bytes(size, setting) / 1e6,
        model_mb=size / 1e6,
        macs=point.macs,
        valid=not (told and told.doubts),
        note=f"not to be trusted: {'; '.join(told.doubts)}" if told and told.doubts else "",
    )
    return judge.mark(candidate, point.name, untrained=True, standard=True)


def _apk_bytes(model_bytes: int, setting: Setting | None) -> int:
    abi = setting.abi if setting else ""
    return _reckoned(model_bytes, abi, setting is not None and setting.delegate == GPU)


@lru_cache(maxsize=256)
def _reckoned(model_bytes: int, abi: str, gpu: bool) -> int:
    """Return the bytes of an APK with that model, for a phone of 64-bit ARM if none is known."""
    model = SizedModel("v1_0.50_128-int8", model_bytes)
    return what_if(SizeChoice((model,), (abi or "arm64-v8a",), gpu=gpu)).total_bytes


@lru_cache(maxsize=64)
def _usual_size(name: ModelName) -> int:
    """Return the bytes of the lab's own file of 1000 classes; they are read from a file."""
    return model_size(name.variant, name.precision)


@lru_cache(maxsize=512)
def _parsed(name: str) -> ModelName | None:
    """Return a built model's name; None for files with names of their own."""
    try:
        return ModelName.parse(name)
    except LabError:
        return None


def _alpha(parsed: ModelName | None) -> float | None:
    if parsed is None or "." not in parsed.variant.split("_")[-2]:
        return None
    return parsed.alpha


def _network(catalog: Catalog, parsed: ModelName) -> Variant | Baseline:
    if parsed.variant.startswith("v1_"):
        return catalog.variant(parsed.variant)
    return catalog.baseline(parsed.variant)
