"""The student report's claims: what arithmetic says of each, and what was measured."""

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from engine.accuracy.shares import Share
from engine.apk.sizes import REPORT_APPS, model_size, what_if
from engine.catalog.candidates import Survey, survey
from engine.catalog.variants import PRECISIONS, Catalog
from engine.errors import LabError
from engine.paths import ASSETS
from engine.records.values import RunRow

if TYPE_CHECKING:
    from engine.records.database import Database

MIB: Final = 1 << 20
ABOUT: Final = 0.2
"""How far off "about 300 ms" may be."""
EXACT: Final = 0.02
STRAIGHT: Final = 0.95
"""Share of the variance that MACs must explain before latency "scales with" them."""


class Verdict(StrEnum):
    """What came of a claim."""

    HOLDS = "holds"
    FAILS = "does not hold"
    OPEN = "cannot be told yet"


@dataclass(frozen=True, slots=True)
class Claim:
    """What was claimed; what it does not speak of is None or empty.

    Attributes:
        id: Short name.
        text: In the report's words, nearly.
        variant: What it was said of.
        latency_ms: Claimed.
        fps: Claimed.
        about: Whether the report says "about".
        accuracy: Percent.
        images: How many pictures it was trained and tested with.
        classes: Of the retrained model.
        model_mb: Its MB are 2^20 bytes.
        apk_mb: The same.
        app: Which of ``engine.apk.sizes.REPORT_APPS`` that is.
        ratio: How many times smaller.
        ratio_of: The two sizes that it is made of.
        scales: Whether it says that latency scales with MACs and size with parameters.
        tasks: What the nets are said to serve.
    """

    id: str
    text: str
    variant: str = ""
    latency_ms: float | None = None
    fps: float | None = None
    about: bool = False
    accuracy: float | None = None
    images: int | None = None
    classes: int | None = None
    model_mb: float | None = None
    apk_mb: float | None = None
    app: int | None = None
    ratio: float | None = None
    ratio_of: tuple[float, ...] = ()
    scales: bool = False
    tasks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """A claim with its verdict.

    Attributes:
        id: Of the claim.
        claim: What was claimed.
        arithmetic: What follows from the numbers alone.
        measured: What this lab measured, or what to measure.
        verdict: What comes of both.
        why: For the verdict.
    """

    id: str
    claim: str
    arithmetic: str
    measured: str
    verdict: Verdict
    why: str


@dataclass(frozen=True, slots=True)
class _Part:
    """What one of a claim's numbers comes to; an empty text says nothing."""

    arithmetic: str = ""
    measured: str = ""
    verdict: Verdict = Verdict.OPEN
    why: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """What the claims are held against."""

    catalog: Catalog
    phone: str
    rows: Sequence[RunRow]
    judged: Sequence[tuple[str, int, int]]
    found: Survey | None


def load_claims(path: Path = ASSETS / "claims.toml") -> tuple[str, tuple[Claim, ...]]:
    """Return the model of the report's phone, and what it claims.

    Raises:
        LabError: The file is missing or damaged.
    """
    try:
        content = tomllib.loads(path.read_text("utf-8"))
        return str(content["phone"]["model"]), tuple(map(_claim, content["claims"]))
    except OSError as error:
        raise LabError(f"The claims {path} cannot be read.", detail=str(error)) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LabError(
            f"The claims {path} are damaged.",
            "Install the lab again or undo what was changed in that file.",
            detail=repr(error),
        ) from error


def _claim(entry: dict[str, Any]) -> Claim:
    """Return an entry's claim; unknown fields raise in the constructor."""
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()
    }
    return Claim(**values)


def check_claims(
    database: "Database | None", catalog: Catalog, *, serial: str = ""
) -> tuple[ClaimRow, ...]:
    """Hold each claim against arithmetic and against what was measured.

    Args:
        database: The records; None checks by arithmetic alone.
        catalog: The published numbers.
        serial: Only that phone's runs; empty for any.

    Raises:
        LabError: Nothing was measured on that phone.
    """
    phone, claims = load_claims()
    known = _Known(catalog, phone, (), (), None)
    if database is not None:
        rows = [r for r in database.runs() if r.valid and r.digest]
        known = _Known(
            catalog,
            phone,
            [r for r in rows if serial in ("", r.facts.serial)],
            [(each.name, each.top1, each.pictures) for each in database.judged()],
            survey(database, catalog, serial=serial),
        )
    return tuple(_checked(claim, known) for claim in claims)


def _checked(claim: Claim, known: _Known) -> ClaimRow:
    parts = [part for check in _CHECKS if (part := check(claim, known)) is not None]
    verdicts = [part.verdict for part in parts]
    verdict = next(
        (each for each in (Verdict.FAILS, Verdict.OPEN) if each in verdicts), Verdict.HOLDS
    )
    return ClaimRow(
        claim.id,
        claim.text,
        " ".join(part.arithmetic for part in parts if part.arithmetic),
        " ".join(part.measured for part in parts if part.measured) or "Nothing to measure.",
        verdict,
        " ".join(part.why for part in parts if part.verdict is verdict and part.why),
    )


def _speed(claim: Claim, _known: _Known) -> _Part | None:
    """Milliseconds and frames per second, against each other."""
    if claim.latency_ms is None:
        return None
    reached = 1000 / claim.latency_ms
    text = f"{claim.latency_ms:g} ms is {_shown(reached)} FPS."
    if claim.fps is None:
        return _Part(text, verdict=Verdict.HOLDS)
    off = abs(reached / claim.fps - 1)
    if off <= (ABOUT if claim.about else EXACT):
        return _Part(text, verdict=Verdict.HOLDS)
    needed = f"{claim.fps:g} FPS needs {1000 / claim.fps:.1f} ms."
    return _Part(
        f"{text} {needed}", verdict=Verdict.FAILS, why="The two figures contradict each other."
    )


def _latency(claim: Claim, known: _Known) -> _Part | None:
    """What a phone measured of that network."""
    if claim.latency_ms is None:
        return None
    if not claim.variant:
        return _Part(measured="Native TensorFlow Mobile is not part of the lab.")
    runs = [row for row in known.rows if row.facts.name.startswith(f"{claim.variant}-")]
    if not runs:
        return _Part(
            measured=f"Not measured yet: deploy {claim.variant}-float32 and measure.",
            why="The network was not measured.",
        )
    # a virtual phone may be called like any other, but its times prove nothing of that one
    there = [
        row
        for row in runs
        if row.facts.phone.get("model") == known.phone and not row.facts.phone_note
    ]
    row = (there or runs)[0]
    text, frame_ms = _told(row)
    if not there:
        return _Part(
            measured=text, why=f"The claim is about a {known.phone}; this is another phone."
        )
    holds = abs(frame_ms / claim.latency_ms - 1) <= ABOUT
    return _Part(
        measured=text,
        verdict=Verdict.HOLDS if holds else Verdict.FAILS,
        why=f"On a {known.phone} a frame takes {frame_ms:.0f} ms with TensorFlow Lite, "
        f"{claim.latency_ms:g} were claimed.",
    )


def _told(row: RunRow) -> tuple[str, float]:
    """Return a run's figures in words, and the milliseconds of one frame."""
    facts, digest = row.facts, row.digest
    assert digest is not None  # noqa: S101 - such rows were left out
    rate, frame_ms = "", digest.median_ms
    if digest.pipeline_fps:
        rate, frame_ms = f", {digest.pipeline_fps:.1f} FPS", 1000 / digest.pipeline_fps
    note = f"; {facts.phone_note}" if facts.phone_note else ""
    phone = facts.phone.get("model") or facts.serial
    return f"{facts.name} on {phone}: {digest.median_ms:.1f} ms{rate}{note}.", frame_ms


def _accuracy(claim: Claim, known: _Known) -> _Part | None:
    """An accuracy without its number of pictures is an interval of unknown width."""
    if claim.accuracy is None or claim.images is None:
        return None
    shares = [
        Share(round(n * claim.accuracy / 100), n)
        for n in (claim.images // 20, claim.images // 10, claim.images)
    ]
    text = "; ".join(
        f"n = {each.n}: {100 * each.interval[0]:.1f} to {100 * each.interval[1]:.1f} %"
        for each in shares
    )
    own = [each for each in known.judged if each[0].startswith(f"{claim.variant}-")]
    measured = ""
    if own:
        name, right, n = own[0]
        measured = f"{name} on this lab's pictures: {Share(right, n)}."
    return _Part(
        f"{claim.accuracy:.1f} % of how many pictures is not said: {text}.",
        measured or "Not judged yet: retrain it on pictures of your own.",
        why="The report does not say how many pictures it was tested with.",
    )


def _file_size(claim: Claim, _known: _Known) -> _Part | None:
    """Which built file is as large as claimed."""
    if claim.model_mb is None or claim.classes is None:
        return None
    sizes = {p: _file_bytes(claim.variant, p, claim.classes) / MIB for p in PRECISIONS}
    nearest = min(sizes, key=lambda each: abs(sizes[each] - float(claim.model_mb or 0)))
    off = abs(sizes[nearest] / claim.model_mb - 1)
    listed = ", ".join(f"{p} {mb:.2f}" for p, mb in sizes.items())
    return _Part(
        f"{claim.model_mb:g} MB is the {nearest} file: with {claim.classes} classes the lab's are "
        f"{listed} MB of 2^20 bytes.",
        verdict=Verdict.HOLDS if off <= 0.05 else Verdict.OPEN,
    )


def _file_bytes(variant: str, precision: str, classes: int) -> float:
    """Return the lab's file of 1000 classes less the weights and biases of those left out."""
    alpha = float(variant.split("_")[1])
    features = 1024 * alpha
    per_weight = {"float32": 4, "float16": 2, "int8": 1}[precision]
    per_bias = {"float32": 4, "float16": 2, "int8": 4}[precision]
    return model_size(variant, precision) - (1000 - classes) * (features * per_weight + per_bias)


def _app_size(claim: Claim, known: _Known) -> _Part | None:
    """What an app of those parts comes to."""
    if claim.apk_mb is None or claim.app is None:
        return None
    app = REPORT_APPS[claim.app]
    total = what_if(app.choice).total_bytes / MIB
    return _Part(
        f"An app for all ABIs with TensorFlow Mobile and its models comes to {total:.0f} MB of "
        f"2^20 bytes, {100 * (total / claim.apk_mb - 1):+.0f} %.",
        _own_app(claim, known),
        why="Which ABIs its app had, and what else, the report does not say.",
    )


def _own_app(claim: Claim, known: _Known) -> str:
    """Say how large the lab's own APK with that network was."""
    for row in known.rows:
        size = row.facts.apk_size_bytes
        if size and claim.variant and row.facts.name.startswith(f"{claim.variant}-"):
            return f"The lab's APK with {row.facts.name} is {size / MIB:.1f} MB of 2^20 bytes."
    return ""


def _ratio(claim: Claim, _known: _Known) -> _Part | None:
    if claim.ratio is None:
        return None
    large, small = claim.ratio_of
    reached = large / small
    low, high = (large - 0.05) / (small + 0.05), (large + 0.05) / (small - 0.05)
    return _Part(
        f"{large:g} / {small:g} = {reached:.2f}; rounded sizes allow {low:.1f} to {high:.1f}. "
        "It sets a float32 file of 1000 classes against a float16 file of two.",
        verdict=Verdict.HOLDS if abs(reached - claim.ratio) < 0.005 else Verdict.FAILS,
        why="As a quotient; four decimals are more than its sizes have.",
    )


def _scales(claim: Claim, known: _Known) -> _Part | None:
    """How much of latency MACs explain, and of file size parameters."""
    if not claim.scales:
        return None
    variants = known.catalog.variants
    params = [each.params[-1].value for each in variants]
    sizes = [model_size(each.name, "float32") for each in variants]
    published = [_published_r2(known.catalog, kind) for kind in ("float", "quant")]
    arithmetic = (
        f"File size against parameters: R2 {r_squared(params, sizes):.3f}. Published Pixel 3 "
        f"latency against MACs: R2 {published[0]:.3f} float, {published[1]:.3f} quantised."
    )
    fits = known.found.fits if known.found else {}
    if not fits:
        return _Part(
            arithmetic,
            "Not measured yet: deploy three variants of one precision and measure.",
            why="Latency was not measured on this phone.",
        )
    r2 = {
        precision: r_squared(
            [each.macs for each in found.points], [each.latency_ms for each in found.points]
        )
        for precision, found in fits.items()
    }
    counts = {precision: len(found.points) for precision, found in fits.items()}
    text = ", ".join(f"R2 {r2[p]:.3f} of {counts[p]} {p} variants" for p in r2)
    setting = known.found.setting if known.found else None
    measured = f"Latency against MACs on {setting.told if setting else ''}: {text}."
    if min(r2.values()) < STRAIGHT:
        return _Part(
            arithmetic, measured, Verdict.FAILS, "MACs alone do not explain this phone's latency."
        )
    return _Part(
        arithmetic, measured, why="Latency and file size do; power is not measured by the lab."
    )


def _published_r2(catalog: Catalog, kind: str) -> float:
    on = "Pixel 3, CPU, 4 threads"
    pairs = [
        (each.macs[0].value, figure.value)
        for each in catalog.variants
        for figure in each.latency_ms
        if figure.on == on and figure.precision == kind
    ]
    return r_squared([x for x, _ in pairs], [y for _, y in pairs])


def r_squared(x: Sequence[float], y: Sequence[float]) -> float:
    """Return the share of y's variance that a line in x explains, 0..1."""
    return float(np.corrcoef(x, y)[0, 1] ** 2)


def _tasks(claim: Claim, known: _Known) -> _Part | None:
    if not claim.tasks:
        return None
    done = sorted({row.facts.task for row in known.rows} & set(claim.tasks))
    left = [each for each in claim.tasks if each not in done]
    measured = f"Measured: {', '.join(done)}." if done else "No task was measured yet."
    if left:
        measured += f" Deploy a model for {', '.join(left)} and measure."
    return _Part(
        "No number is claimed.",
        measured,
        why="iOS and Raspberry Pi are out of the lab's reach.",
    )


_CHECKS: Final[tuple[Callable[[Claim, _Known], _Part | None], ...]] = (
    _speed, _latency, _accuracy, _file_size, _app_size, _ratio, _scales, _tasks,
)  # fmt: skip


def _shown(fps: float) -> str:
    return f"{fps:.2f}" if fps < 10 else f"{fps:.1f}".removesuffix(".0")
