"""Which variant to ship: the Pareto front, budgets, and the recommendation with its runner-up."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

Origin = Literal["measured", "predicted", "reference", ""]
Axis = Literal["latency_ms", "apk_mb", "model_mb", "macs"]

AXES: Final[dict[str, str]] = {
    "latency_ms": "Latency, ms",
    "macs": "MACs, millions",
    "apk_mb": "APK, MB",
    "model_mb": "Model, MB",
}
"""What top-1 can be drawn against: all better when less."""

_HAIR: Final = 1e-9
"""Budgets and figures are compared as typed: 0.1 + 0.2 is 0.3."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One model that might be shipped, with what is known of it.

    Attributes:
        name: ``v1_0.50_128-int8``; with a word behind it where that is not enough.
        alpha: Width multiplier; None for a network without one.
        resolution: Input side in pixels; None where it is not known.
        precision: ``float32``, ``float16``, ``int8``; empty where it is not known.
        top1: Fraction 0..1; None where nothing is known.
        top1_interval: Its 95 % interval; None for published accuracies.
        top1_origin: ``published`` or ``measured``; empty without one.
        top1_note: Where it comes from, and what to know about it.
        latency_ms: Median latency; None where nothing is known.
        latency_interval: 95 % interval of what was measured or predicted; None without one.
        latency_origin: ``measured``, ``predicted`` or ``reference``; empty without one.
        apk_mb: Of the APK with it, 10^6 bytes.
        apk_reckoned: Whether that APK was reckoned, not built.
        model_mb: Of the ``.tflite``, 10^6 bytes.
        macs: Multiply-accumulates of one inference.
        fps: Pipeline FPS, results per wall second; None where it was not measured.
        valid: Whether its figures may be ranked.
        note: Why it is not valid, not comparable or not to be trusted; else empty.
        run_id: The newest run behind the latency.
        sha256: Of the model that was measured; empty without one.
    """

    name: str
    alpha: float | None = None
    resolution: int | None = None
    precision: str = ""
    top1: float | None = None
    top1_interval: tuple[float, float] | None = None
    top1_origin: Literal["published", "measured", ""] = ""
    top1_note: str = ""
    latency_ms: float | None = None
    latency_interval: tuple[float, float] | None = None
    latency_origin: Origin = ""
    apk_mb: float | None = None
    apk_reckoned: bool = True
    model_mb: float | None = None
    macs: float | None = None
    fps: float | None = None
    valid: bool = True
    note: str = ""
    run_id: int | None = None
    sha256: str = ""

    @property
    def engine_fps(self) -> float | None:
        """1000 / latency: an upper bound of what a pipeline can reach."""
        return 1000 / self.latency_ms if self.latency_ms else None

    @property
    def best_fps(self) -> float | None:
        """Pipeline FPS where it was measured, else engine FPS."""
        return self.fps if self.fps is not None else self.engine_fps

    @property
    def rankable(self) -> bool:
        """Whether it may be recommended: valid, measured or predicted, its top-1 known."""
        return self.valid and self.top1 is not None and self.latency_origin in _RANKED

    def value(self, axis: Axis) -> float | None:
        """Return the figure of an axis."""
        found: float | None = getattr(self, axis)
        return found

    def interval(self, axis: Axis) -> tuple[float, float] | None:
        """Return the interval of an axis; None where the figure is exact."""
        return self.latency_interval if axis == "latency_ms" else None


_RANKED: Final = ("measured", "predicted")


def front(
    candidates: Sequence[Candidate], axis: Axis = "latency_ms"
) -> tuple[tuple[int, ...], dict[int, int]]:
    """Return who is on the Pareto front of top-1 against a cost, and who dominates the others.

    One dominates another when its estimates are at least as good in both and it is *surely*
    better in one: the intervals of that figure do not overlap (a figure without an interval
    is its own). Two whose intervals overlap in both are a tie, and neither is crossed out.
    Who lacks one of the figures, is not valid, or is a reference, takes no part.

    Returns:
        Indices on the front by rising cost, and for each dominated index the one that
        dominates it and is the most accurate.
    """
    part = [i for i, each in enumerate(candidates) if _takes_part(each, axis)]
    # the best first: whoever dominates stands before whom it dominates, and a chain of
    # dominations ends on the front, so the front alone need be asked where nothing is unsure
    part.sort(key=lambda i: (-_top1(candidates[i]), _cost(candidates[i], axis)))
    dominated: dict[int, int] = {}
    for i in part:
        for j in part:
            if j != i and _dominates(candidates[j], candidates[i], axis):
                dominated[i] = j
                break
    on_front = [i for i in part if i not in dominated]
    on_front.sort(key=lambda i: (_cost(candidates[i], axis), -_top1(candidates[i])))
    return tuple(on_front), dominated


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be spent and what must be reached; None sets no limit.

    Attributes:
        max_ms: Median latency.
        max_mb: APK, 10^6 bytes.
        min_top1: Fraction 0..1.
        min_fps: Pipeline FPS; where it was not measured, engine FPS.
    """

    max_ms: float | None = None
    max_mb: float | None = None
    min_top1: float | None = None
    min_fps: float | None = None

    def misses(self, candidate: Candidate) -> tuple["Miss", ...]:
        """Return what of the budget a candidate breaks; what is not known breaks it."""
        asked = (
            (self.max_ms, candidate.latency_ms, 1, "ms"),
            (self.max_mb, candidate.apk_mb, 1, "MB"),
            (self.min_top1, candidate.top1, -1, "top-1"),
            (self.min_fps, candidate.best_fps, -1, "FPS"),
        )
        found = []
        for limit, value, sign, unit in asked:
            if limit is None:
                continue
            by = float("inf") if value is None else sign * (value - limit)
            if by > _HAIR:
                found.append(Miss(unit, by, by / limit if limit else by))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Miss:
    """One limit that is missed.

    Attributes:
        unit: ``ms``, ``MB``, ``top-1`` or ``FPS``.
        by: How far, in that unit (top-1 as a fraction).
        share: The same as a share of the limit.
    """

    unit: str
    by: float
    share: float

    def __str__(self) -> str:
        if self.unit == "top-1":
            return f"{100 * self.by:.1f} points of top-1"
        return f"{self.by:.{2 if self.by < 0.1 else 1}f} {self.unit}"


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What to ship within a budget.

    Attributes:
        best: The recommended candidate; None when nothing fits.
        runner_up: The next best that gives something for what it gives up.
        ties: Who cannot be told from the best: intervals overlap in top-1 and in latency.
        sentence: All of it for a person, with numbers.
        nearest: Who comes nearest when nothing fits.
        misses: What the nearest misses.
    """

    best: Candidate | None
    runner_up: Candidate | None
    ties: tuple[Candidate, ...]
    sentence: str
    nearest: Candidate | None = None
    misses: tuple[Miss, ...] = ()


def recommend(
    candidates: Sequence[Candidate], budget: Budget, *, measured_only: bool = False
) -> Recommendation:
    """Return the most accurate candidate that fits, and what it is chosen over.

    Among those whose top-1 cannot be told apart from the highest (their intervals overlap),
    the fastest is recommended. Invalid runs and references are never ranked; who was only
    predicted is, and the sentence says so.
    """
    ranked = [each for each in candidates if each.rankable]
    if measured_only:
        ranked = [each for each in ranked if each.latency_origin == "measured"]
    if not ranked:
        return Recommendation(None, None, (), _nothing_known(candidates, measured_only))
    fitting = [each for each in ranked if not budget.misses(each)]
    if not fitting:
        return _nearest(ranked, budget)
    most = max(fitting, key=lambda each: (_top1(each), -_cost(each, "latency_ms")))
    alike = [each for each in fitting if not _surely_higher(most, each)]
    best = min(alike, key=lambda each: (_cost(each, "latency_ms"), -_top1(each)))
    ties = tuple(each for each in alike if each is not best and not _told_apart(each, best))
    runner_up = _runner_up(fitting, best, ties)
    return Recommendation(best, runner_up, ties, _sentence(best, runner_up, ties))


def _runner_up(
    fitting: Sequence[Candidate], best: Candidate, ties: Sequence[Candidate]
) -> Candidate | None:
    """The most accurate of the others that beats the best somewhere; else of all others."""
    others = [each for each in fitting if each is not best and each not in ties]
    gaining = [each for each in others if _gains(each, best)]
    pool = gaining or others
    return max(pool, key=lambda e: (_top1(e), -_cost(e, "latency_ms"))) if pool else None


def _gains(one: Candidate, other: Candidate) -> bool:
    smaller = one.apk_mb is not None and other.apk_mb is not None and one.apk_mb < other.apk_mb
    faster = _surely_lower(one, other, "latency_ms")
    return smaller or faster or _surely_higher(one, other)


def _nearest(ranked: Sequence[Candidate], budget: Budget) -> Recommendation:
    def distance(each: Candidate) -> tuple[float, float]:
        shares = [miss.share for miss in budget.misses(each)]
        return max(shares), sum(shares)

    nearest = min(ranked, key=distance)
    misses = budget.misses(nearest)
    sentence = (
        f"Nothing fits: the nearest is {nearest.name}{_predicted(nearest)}, "
        f"it misses by {_listed([str(miss) for miss in misses])}."
    )
    return Recommendation(None, None, (), sentence, nearest, misses)


def _nothing_known(candidates: Sequence[Candidate], measured_only: bool) -> str:
    if any(not each.valid and each.latency_origin == "measured" for each in candidates):
        return "Nothing can be ranked: no run is valid. Look at their flags and measure again."
    if any(each.latency_origin == "measured" and each.top1 is None for each in candidates):
        return "Nothing can be ranked: no top-1 is known of what was measured."
    word = " measured" if measured_only else ""
    return f"Nothing is{word or ' known'} on this phone yet: deploy a variant and measure it."


def _sentence(best: Candidate, runner_up: Candidate | None, ties: Sequence[Candidate]) -> str:
    fps = f"{best.fps:.1f} FPS" if best.fps is not None else f"{best.engine_fps:.1f} engine FPS"
    size = f", APK {best.apk_mb:.1f} MB" if best.apk_mb is not None else ""
    told = (
        f"{best.name} is the most accurate that fits: {100 * _top1(best):.1f} % top-1 "
        f"({best.top1_origin}) at {best.latency_ms:.1f} ms{_predicted(best)}, {fps}{size}"
    )
    if ties:
        names = _listed([each.name + _predicted(each) for each in ties])
        verb = "tie" if len(ties) > 1 else "ties"
        told += f"; {names} {verb} with it, their intervals overlap"
    if runner_up is None:
        return told + ("." if ties else "; nothing else fits.")
    return f"{told}; the runner-up {runner_up.name}{_predicted(runner_up)} " + (
        _exchange(runner_up, best) + "."
    )


def _exchange(one: Candidate, other: Candidate) -> str:
    """Say what one gives up against the other and what it saves."""
    points = 100 * (_top1(other) - _top1(one))
    ms = _cost(other, "latency_ms") - _cost(one, "latency_ms")
    figures = [(points, f"{abs(points):.1f} points of top-1"), (-ms, f"{abs(ms):.1f} ms")]
    if one.apk_mb is not None and other.apk_mb is not None:
        mb = other.apk_mb - one.apk_mb
        figures.append((-mb, f"{abs(mb):.1f} MB"))
    worse = [text for loss, text in figures if loss > 0 and not text.startswith("0.0 ")]
    better = [text for loss, text in figures if loss < 0 and not text.startswith("0.0 ")]
    if not worse and not better:
        return "is the same within what is shown"
    parts = []
    if worse:
        parts.append(f"gives up {_listed(worse)}")
    if better:
        parts.append(f"saves {_listed(better)}" if worse else f"is better by {_listed(better)}")
    return " but ".join(parts) + (" and gains nothing" if not better else "")


def _predicted(candidate: Candidate) -> str:
    if candidate.latency_origin != "predicted":
        return ""
    if candidate.latency_interval is None:
        return " (predicted: measure it first)"
    low, high = candidate.latency_interval
    return f" (predicted, {low:.1f} to {high:.1f}: measure it first)"


def _listed(texts: Sequence[str]) -> str:
    *most, last = texts
    return f"{', '.join(most)} and {last}" if most else last


def _takes_part(candidate: Candidate, axis: Axis) -> bool:
    known = candidate.top1 is not None and candidate.value(axis) is not None
    return known and candidate.valid and candidate.latency_origin != "reference"


def _top1(candidate: Candidate) -> float:
    return candidate.top1 or 0.0


def _cost(candidate: Candidate, axis: Axis) -> float:
    value = candidate.value(axis)
    return float("inf") if value is None else value


def _dominates(one: Candidate, other: Candidate, axis: Axis) -> bool:
    if _cost(one, axis) > _cost(other, axis) or _top1(one) < _top1(other):
        return False
    return _surely_lower(one, other, axis) or _surely_higher(one, other)


def _surely_lower(one: Candidate, other: Candidate, axis: Axis) -> bool:
    top = (one.interval(axis) or (0.0, _cost(one, axis)))[1]
    return top < (other.interval(axis) or (_cost(other, axis),))[0]


def _surely_higher(one: Candidate, other: Candidate) -> bool:
    bottom = (one.top1_interval or (_top1(one),))[0]
    return bottom > (other.top1_interval or (0.0, _top1(other)))[1]


def _told_apart(one: Candidate, other: Candidate) -> bool:
    return (
        _surely_lower(one, other, "latency_ms")
        or _surely_lower(other, one, "latency_ms")
        or _surely_higher(one, other)
        or _surely_higher(other, one)
    )
