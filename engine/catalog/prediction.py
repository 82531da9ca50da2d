"""Measure three variants, predict the rest: latency fitted on MACs and memory traffic.

Two shapes of fit are known: a fixed cost plus so much per MAC, and so much per MAC plus so much
per byte moved. Both have two coefficients, so leaving one point out and predicting it tells
which is better even for three points. The second is taken only where that error is smaller by
a quarter; on the published Pixel 3 CPU tables it is (3 to 10 % instead of 11 to 18 %), on
the GPU and NNAPI tables it is not.

Errors are counted in proportion: 1 ms matters for a variant of 2 ms, not for one of 300.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from engine.catalog.traffic import memory_traffic
from engine.catalog.variants import PRECISIONS, Catalog, ModelName, Variant
from engine.errors import LabError
from engine.measuring.comparison import t_quantile

ENOUGH: Final = 3
"""Two coefficients and one degree of freedom that tells how far they are to be trusted."""
EARNED: Final = 0.75
"""Share of the simple fit's error that the one with memory traffic must stay under."""
TOO_ROUGH: Final = 0.25
"""Leave-one-out error from which a fit is not to be trusted."""
LEAST_SCATTER: Final = 0.005
"""Three points may lie on a line by chance; no phone repeats itself better than this."""
BEYOND: Final = 1.05
"""How far outside of the measured MACs is not yet called outside."""


@dataclass(frozen=True, slots=True)
class Point:
    """One variant of MobileNet v1, measured or to be predicted.

    Attributes:
        name: ``v1_0.50_128-int8``.
        macs: Multiply-accumulates of one inference.
        traffic: Bytes that one inference moves.
        latency_ms: Median latency; 0 where it is to be predicted.
    """

    name: str
    macs: float
    traffic: float
    latency_ms: float = 0.0

    @property
    def precision(self) -> str:
        """``float32``, ``float16`` or ``int8``."""
        return self.name.partition("-")[2]

    @classmethod
    def of(cls, variant: Variant, precision: str, latency_ms: float = 0.0) -> "Point":
        """Return the point of a variant of the catalog."""
        params = variant.params[-1].value
        traffic = memory_traffic(variant.alpha, variant.resolution, params, precision)
        return cls(f"{variant.name}-{precision}", variant.macs[0].value, traffic, latency_ms)


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a fit says of one variant.

    Attributes:
        name: Of the variant.
        latency_ms: Most likely.
        interval_ms: 95 % prediction interval: where a measurement would lie.
        doubts: Why not to trust it; empty when there is no reason.
    """

    name: str
    latency_ms: float
    interval_ms: tuple[float, float]
    doubts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verification:
    """Whether a variant that was predicted came out so.

    Attributes:
        within: Whether the measurement fell into the prediction's interval.
        error: Predicted / measured - 1.
        sentence: For a person.
    """

    within: bool
    error: float
    sentence: str


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """Latency fitted on what was measured: one phone, delegate, threads, source and precision.

    Attributes:
        points: What was measured.
        kind: ``MACs`` or ``MACs and memory traffic``.
        coefficients: Milliseconds: fixed and per MAC, or per MAC and per byte.
        scatter: Residual standard deviation as a share of the latency.
        error: Root mean square of the leave-one-out errors, as a share.
        error_other: The same of the shape that was not taken; infinite if it cannot be.
        r2: Share of the latencies' variance that the fit explains.
    """

    points: tuple[Point, ...]
    kind: Literal["MACs", "MACs and memory traffic"]
    coefficients: tuple[float, float]
    scatter: float
    error: float
    error_other: float
    r2: float
    _spread: NDArray[np.float64]

    @property
    def freedom(self) -> int:
        """Degrees of freedom: points less two coefficients."""
        return len(self.points) - 2

    @property
    def formula(self) -> str:
        """The fit in words."""
        first, second = self.coefficients
        if self.kind == "MACs":
            return f"{first:.2f} ms + {second * 1e6:.4f} ms per million MACs"
        return f"{first * 1e6:.4f} ms per million MACs + {second * 1e6:.3f} ms per MB moved"

    @property
    def residuals(self) -> tuple[tuple[str, float], ...]:
        """(name, fitted / measured - 1) of every point."""
        return tuple((p.name, self._value(p) / p.latency_ms - 1) for p in self.points)

    @property
    def doubts(self) -> tuple[str, ...]:
        """Why nothing that it predicts is to be trusted; empty when there is no reason."""
        found = []
        if min(self.coefficients[-1], self._per_mac) <= 0:
            found.append("more MACs would take less time: the measurements contradict each other")
        if self.error > TOO_ROUGH:
            found.append(
                f"a measured variant that is left out is missed by {100 * self.error:.0f} %: "
                "latency does not follow the fit here"
            )
        return tuple(found)

    def predict(self, point: Point) -> Prediction:
        """Predict one variant.

        Raises:
            LabError: It is of another precision: other kernels run it, another fit is needed.
        """
        if point.precision != self.points[0].precision:
            raise LabError(
                f"{point.name} is not predicted from {self.points[0].precision} measurements.",
                f"Measure three {point.precision} variants: other kernels run them.",
            )
        value = self._value(point)
        features = _features([point], self.kind)[0]
        away = float(features @ self._spread @ features)
        half = t_quantile(0.975, self.freedom) * self.scatter * math.sqrt(value * value + away)
        doubts = list(self.doubts)
        macs = [each.macs for each in self.points]
        if point.macs > BEYOND * max(macs) or point.macs < min(macs) / BEYOND:
            doubts.append("it lies outside of the measured MACs")
        return Prediction(point.name, value, (max(0.0, value - half), value + half), tuple(doubts))

    @property
    def _per_mac(self) -> float:
        return self.coefficients[1 if self.kind == "MACs" else 0]

    def _value(self, point: Point) -> float:
        return float(_features([point], self.kind)[0] @ np.array(self.coefficients))


def fit(points: Sequence[Point]) -> Fit:
    """Fit latency on MACs, and on memory traffic where it earns its place.

    Args:
        points: Measured under the same setting, at least three of different MACs.

    Raises:
        LabError: There are too few, or precisions are mixed.
    """
    given = tuple(points)
    if len({each.precision for each in given}) > 1:
        raise LabError(
            "Precisions are mixed.", "Fit each by itself: other kernels run quantised networks."
        )
    if len({each.macs for each in given}) < ENOUGH:
        raise LabError(
            f"{len(given)} measured variants are too few to predict from.",
            f"Measure {ENOUGH} of different MACs.",
        )
    if any(not each.latency_ms > 0 for each in given):
        raise LabError("A measured latency must be above 0 ms.")
    simple, traffic = _fitted(given, "MACs"), _fitted(given, "MACs and memory traffic")
    taken, other = simple, traffic
    if min(traffic[0]) > 0 and traffic[3] < EARNED * simple[3]:
        taken, other = traffic, simple
    coefficients, spread, scatter, error = taken
    kind: Literal["MACs", "MACs and memory traffic"] = (
        "MACs" if taken is simple else "MACs and memory traffic"
    )
    measured = np.array([each.latency_ms for each in given])
    fitted = _features(given, kind) @ np.array(coefficients)
    left = float(((measured - fitted) ** 2).sum() / ((measured - measured.mean()) ** 2).sum())
    return Fit(given, kind, coefficients, scatter, error, other[3], 1 - left, spread)


_Fitted = tuple[tuple[float, float], NDArray[np.float64], float, float]


def _fitted(points: Sequence[Point], kind: str) -> _Fitted:
    """Return coefficients, the inverse of the normal matrix, scatter and leave-one-out error."""
    features = _features(points, kind)
    measured = np.array([each.latency_ms for each in points])
    rows = features / measured[:, None]
    coefficients = _solved(rows)
    misses = rows @ coefficients - 1
    scatter = math.sqrt(float((misses**2).sum()) / (len(points) - 2))
    left_out = []
    for index in range(len(points)):
        others = np.delete(rows, index, axis=0)
        left_out.append(float(rows[index] @ _solved(others)) - 1)
    error = math.sqrt(float(np.mean(np.square(left_out))))
    spread = np.linalg.pinv(rows.T @ rows)
    pair = (float(coefficients[0]), float(coefficients[1]))
    return pair, spread, max(scatter, LEAST_SCATTER), error


def _solved(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Solve rows @ x = 1 by least squares, columns scaled alike first."""
    scale = np.linalg.norm(rows, axis=0)
    found: NDArray[np.float64] = np.linalg.lstsq(rows / scale, np.ones(len(rows)), rcond=None)[0]
    solution: NDArray[np.float64] = found / scale
    return solution


def _features(points: Sequence[Point], kind: str) -> NDArray[np.float64]:
    if kind == "MACs":
        return np.array([(1.0, each.macs) for each in points])
    return np.array([(each.macs, each.traffic) for each in points])


def choose_three(
    catalog: Catalog, precision: str, measured: Sequence[str] = ()
) -> tuple[tuple[str, str], ...]:
    """Return which three variants to measure so that the others can be predicted, and why.

    The ends of the MACs, so that no other lies outside, and their geometric middle: errors
    matter in proportion. Whatever was measured between the ends already serves as the middle.

    Returns:
        (name, reason) of each, least MACs first.
    """
    if precision not in PRECISIONS:
        raise LabError(f"There is no precision {precision!r}.", f"Say {', '.join(PRECISIONS)}.")
    ordered = sorted(catalog.variants, key=lambda each: each.macs[0].value)
    least, most = ordered[0], ordered[-1]
    low, high = least.macs[0].value, most.macs[0].value
    middle = math.sqrt(low * high)

    def off(variant: Variant) -> float:
        return abs(math.log(variant.macs[0].value / middle))

    between = [each for each in ordered if 3 * low < each.macs[0].value < high / 3]
    known = [each for each in between if f"{each.name}-{precision}" in measured]
    chosen = min(known or between, key=off)
    return (
        (f"{least.name}-{precision}", f"least MACs, {_millions(least)}: none lies below it"),
        (
            f"{chosen.name}-{precision}",
            f"{_millions(chosen)} MACs, "
            + ("measured already, between the ends" if known else "the middle in proportion"),
        ),
        (f"{most.name}-{precision}", f"most MACs, {_millions(most)}: none lies above it"),
    )


def choose_check(fitted: Fit, others: Sequence[Point]) -> Prediction | None:
    """Return the prediction that a measurement would tell most about: the least certain one."""
    told = [fitted.predict(each) for each in others]
    return max(told, key=_uncertainty, default=None)


def _uncertainty(prediction: Prediction) -> float:
    low, high = prediction.interval_ms
    return (high - low) / max(prediction.latency_ms, 1e-9)


def verify(fitted: Fit, measured: Point) -> Verification:
    """Say whether a variant that was measured afterwards fell into its prediction's interval."""
    told = fitted.predict(measured)
    low, high = told.interval_ms
    within = low <= measured.latency_ms <= high
    error = told.latency_ms / measured.latency_ms - 1
    place = "within" if within else "outside of"
    return Verification(
        within,
        error,
        f"{measured.name} took {measured.latency_ms:.1f} ms, {place} the {low:.1f} to "
        f"{high:.1f} ms that were predicted ({told.latency_ms:.1f}, "
        f"{abs(100 * error):.0f} % too {'high' if error > 0 else 'low'}).",
    )


def points_of(catalog: Catalog, precision: str) -> tuple[Point, ...]:
    """Return all variants of a precision, to be predicted."""
    return tuple(Point.of(each, precision) for each in catalog.variants)


def parse_v1(name: str) -> ModelName | None:
    """Return a built MobileNet v1's name; None for whatever else runs."""
    try:
        parsed = ModelName.parse(name)
    except LabError:
        return None
    return parsed if parsed.variant.startswith("v1_") else None


def _millions(variant: Variant) -> str:
    return f"{variant.macs[0].value / 1e6:.0f} M"
