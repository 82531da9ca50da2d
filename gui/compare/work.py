"""What the Compare view asks the engine: the records on a job's thread, the answer at once."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from engine.catalog.selection import AXES, Axis, Budget, Candidate, front, recommend
from gui.compare.axes import axis_over, percent_axis
from gui.compare.scene import APART, FAINT, GREY, PLAIN, Look, Scene

if TYPE_CHECKING:
    from engine.catalog.candidates import Setting, Survey
    from engine.catalog.claims import ClaimRow
    from engine.catalog.prediction import Fit
    from engine.catalog.reference import ReferenceSeries
    from engine.catalog.selection import Recommendation
    from engine.catalog.variants import Catalog
    from engine.records.database import Database

WORDS: dict[Axis, str] = {
    "latency_ms": "latency",
    "macs": "MACs",
    "apk_mb": "APK",
    "model_mb": "model",
}
"""What the chooser calls the axes."""
MEGA = 1e6
NOTHING = "No top-1 is known of these models: choose another accuracy above."


Key = tuple[str, str, int, str]
"""Phone, delegate, threads, source: how a setting's ``key`` begins."""


class Trial(NamedTuple):
    """A variant that is measured to try a prediction."""

    name: str
    fit: "Fit"


class Asked(NamedTuple):
    """What the records are asked for; None and "" leave the choice to the engine.

    Attributes:
        setting: Under what latencies were measured.
        accuracy: Whose top-1.
        prefer: The setting to take if there is such a one and none was chosen.
        trial: Which prediction is tried.
    """

    setting: "Setting | None" = None
    accuracy: str = ""
    prefer: Key | None = None
    trial: Trial | None = None


class Found(NamedTuple):
    """What the records say.

    Attributes:
        survey: All that can be chosen from.
        claims: The report's claims with their verdicts.
        reference: The published latencies to draw in grey.
        plan: (name, why, whether it was measured) of the three variants to predict from.
        precision: Whose plan that is.
        check: Which variant to measure next, to try the prediction; empty before there is one.
        fit: How the latencies were fitted, for a person; empty before they were.
        verdict: Whether what was tried was predicted rightly, and the same in words.
    """

    survey: "Survey"
    claims: tuple["ClaimRow", ...]
    reference: tuple["ReferenceSeries", ...]
    plan: tuple[tuple[str, str, bool], ...]
    precision: str
    check: str
    fit: str
    verdict: tuple[bool, str] | None = None


class Shown(NamedTuple):
    """What of it is drawn."""

    axis: Axis = "latency_ms"
    log: bool = True
    predicted: bool = True
    reference: bool = True


def find_out(records: "Callable[[], Database]", asked: Asked) -> Found:
    """Ask the records; for a job's thread.

    Raises:
        LabError: They cannot be read, or what was asked for is not there any more.
    """
    from engine.catalog.candidates import PUBLISHED, survey
    from engine.catalog.claims import check_claims
    from engine.catalog.prediction import choose_three
    from engine.catalog.reference import shown_series
    from engine.catalog.variants import Catalog

    catalog, database = Catalog.load(), records()
    accuracy = asked.accuracy or PUBLISHED
    found = survey(database, catalog, setting=asked.setting, accuracy=accuracy)
    liked = next((each for each in found.settings if each.key[:4] == asked.prefer), None)
    if asked.setting is None and liked is not None and liked is not found.setting:
        found = survey(database, catalog, setting=liked, accuracy=accuracy)
    measured = [each.name for each in found.measured if each.valid]
    precision = _most(found.measured)
    plan = choose_three(catalog, precision, measured)
    fitted = found.fits.get(precision)
    said = ""
    if fitted is not None:
        said = (
            f"{precision}: {fitted.formula}, of {len(fitted.points)} measured; left out, one is "
            f"missed by {100 * fitted.error:.0f} %"
        )
    return Found(
        found,
        check_claims(database, catalog),
        shown_series(catalog),
        tuple((name, why, name in measured) for name, why in plan),
        precision,
        found.check_next(catalog, precision),
        said,
        _verdict(found, asked.trial, catalog),
    )


def _verdict(found: "Survey", trial: Trial | None, catalog: "Catalog") -> tuple[bool, str] | None:
    """Hold what was measured against what was predicted; None before it was measured."""
    from dataclasses import replace

    from engine.catalog.prediction import points_of, verify

    if trial is None:
        return None
    measured = [each for each in found.measured if each.name == trial.name and each.valid]
    if not measured or not measured[0].latency_ms:
        return None
    precision = trial.fit.points[0].precision
    (point,) = (each for each in points_of(catalog, precision) if each.name == trial.name)
    verified = verify(trial.fit, replace(point, latency_ms=measured[0].latency_ms))
    return verified.within, verified.sentence


def _most(measured: Sequence[Candidate]) -> str:
    """Return the precision that most was measured of; int8 before anything was."""
    precisions = [each.precision for each in measured if each.valid and each.precision]
    return max(precisions, key=precisions.count, default="int8")


def answer(found: Found, budget: Budget, *, predicted: bool) -> "Recommendation":
    """Return what to ship within a budget."""
    return recommend(found.survey.candidates, budget, measured_only=not predicted)


def limits_of(found: Found) -> dict[str, tuple[float, float]]:
    """Return the least and the most of each limit that changes anything."""
    known = [each for each in found.survey.candidates if each.rankable]
    ranges = {
        "max_ms": [each.latency_ms for each in known],
        "max_mb": [each.apk_mb for each in known],
        "min_top1": [each.top1 for each in known],
        "min_fps": [each.best_fps for each in known],
    }
    figures = {name: [v for v in values if v is not None] for name, values in ranges.items()}
    return {name: (min(values), max(values)) for name, values in figures.items() if values}


def scene_of(found: Found, shown: Shown) -> Scene:
    """Return the scatter of what was found."""
    import numpy as np

    mine = _drawn(found.survey.candidates, shown)
    on_front, dominated = front(mine, shown.axis)
    grey = _references(found, shown)
    every = [*mine, *grey]
    unit = MEGA if shown.axis == "macs" else 1.0
    looks: dict[Look, int] = {}
    tones = [PLAIN if each.valid else FAINT for each in mine] + [GREY] * len(grey)
    kinds = [
        looks.setdefault(Look(each.alpha, each.resolution, each.precision, tone), len(looks))
        for each, tone in zip(every, tones, strict=True)
    ]
    x = np.array([_value(each, shown.axis) / unit for each in every])
    y = np.array([100 * (each.top1 or 0.0) for each in every])
    bars = [
        (index, low / unit, high / unit)
        for index, each in enumerate(mine)
        for low, high in [each.interval(shown.axis) or (0.0, 0.0)]
        if high > 0
    ]
    tops = [
        (index, 100 * low, 100 * high)
        for index, each in enumerate(mine)
        for low, high in [each.top1_interval or (0.0, 0.0)]
        if high > 0
    ]
    ends = [value for _, *both in bars for value in both if value > 0]
    return Scene(
        x=x,
        y=y,
        look=np.array(kinds, np.intp),
        looks=tuple(looks),
        names=[each.name for each in mine] + [""] * len(grey),
        tips=[said(each) for each in every],
        x_axis=axis_over(
            [*x, *(_within(ends, x) if shown.log else ends)], AXES[shown.axis], log=shown.log
        ),
        y_axis=percent_axis([*y, *(v for _, *both in tops for v in both)], _y_title(found)),
        x_bars=bars,
        y_bars=tops,
        front=on_front,
        crossed=tuple(dominated),
        ringed=tuple(
            index
            for index, each in enumerate(mine)
            if each.latency_origin == "predicted" and shown.axis == "latency_ms"
        ),
        notes=_notes(found, grey),
        empty=NOTHING,
    )


def _y_title(found: Found) -> str:
    published = found.survey.accuracy == "published"
    return "Top-1, %, " + ("published" if published else "measured")


def _within(ends: Sequence[float], x: Sequence[float]) -> list[float]:
    """Leave out ends of wide intervals that would take a decade for themselves."""
    low = min((value for value in x if value > 0), default=1.0)
    return [value for value in ends if value >= low / 3]


def _drawn(candidates: Sequence[Candidate], shown: Shown) -> list[Candidate]:
    """Return who has both figures; where latency is not drawn, each model once."""
    found: list[Candidate] = []
    seen: set[str] = set()
    latency = shown.axis == "latency_ms"
    for each in sorted(candidates, key=lambda one: not one.valid) if not latency else candidates:
        hidden = latency and each.latency_origin == "predicted" and not shown.predicted
        if each.top1 is None or each.value(shown.axis) is None or hidden:
            continue
        if not latency and each.name in seen:
            continue
        seen.add(each.name)
        found.append(each)
    return found


def _references(found: Found, shown: Shown) -> list[Candidate]:
    if not shown.reference or shown.axis != "latency_ms" or found.survey.accuracy != "published":
        return []
    return [each for series in found.reference for each in series.points if each.top1 is not None]


def _notes(found: Found, grey: Sequence[Candidate]) -> tuple[str, ...]:
    if not grey:
        return ()
    return tuple(
        f"{series.title} ({len(series.points)}): not comparable: {series.why}"
        for series in found.reference
    )


def _value(candidate: Candidate, axis: Axis) -> float:
    return candidate.value(axis) or 0.0


def said(each: Candidate) -> str:
    """Return a candidate's figures in one line."""
    parts = [each.name]
    if each.top1 is not None:
        spread = ""
        if each.top1_interval is not None:
            spread = " ({:.1f} to {:.1f})".format(*(100 * end for end in each.top1_interval))
        parts.append(f"{100 * each.top1:.1f} % top-1{spread} {each.top1_origin}")
    if each.latency_ms is not None:
        spread = ""
        if each.latency_interval is not None:
            spread = " ({:.1f} to {:.1f})".format(*each.latency_interval)
        parts.append(f"{each.latency_ms:.1f} ms{spread} {each.latency_origin}")
    if each.fps is not None:
        parts.append(f"{each.fps:.1f} FPS")
    if each.apk_mb is not None:
        parts.append(f"APK {each.apk_mb:.1f} MB{' reckoned' if each.apk_reckoned else ''}")
    if each.macs is not None:
        parts.append(f"{each.macs / MEGA:.0f} M MACs")
    if each.note:
        parts.append(each.note)
    if "untrained" in each.top1_note:
        parts.append("top-1 is what it would reach trained as published")
    return APART.join(parts)
