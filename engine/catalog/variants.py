"""The variants that can be chosen, read from ``assets/catalog.toml``."""

import difflib
import fnmatch
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from engine.errors import LabError
from engine.paths import ASSETS

ALPHAS: Final = (1.0, 0.75, 0.5, 0.25)
RESOLUTIONS: Final = (224, 192, 160, 128)
PRECISIONS: Final = ("float32", "float16", "int8")

_V2: Final = (
    "v2_1.40_224",
    "v2_1.30_224",
    *(f"v2_{alpha}_{side}" for alpha in ("1.00", "0.75", "0.50", "0.35")
      for side in (224, 192, 160, 128, 96)),
)  # fmt: skip
_V3: Final = tuple(f"v3_{size}_{a}_224" for size in ("large", "small") for a in ("1.00", "0.75"))
DETECTORS: Final = ("ssd_mobilenet_v1_300", "ssd_mobilenet_v2_300")
BASELINES: Final = (*_V2, *_V3, "inception_v1_224", *DETECTORS)
"""What else can be built, to compare the variants with."""

_PUBLISHED_AS: Final = {"float32": "float", "float16": "float", "int8": "quant"}
_QUANTITIES: Final = ("macs", "params", "top1", "top5", "coco_map", "latency_ms")


@dataclass(frozen=True, slots=True)
class Source:
    """Where numbers come from.

    Attributes:
        id: What figures call it.
        title: For a person.
        where: Enough to find it again.
        date: Of the numbers, as far as it is known.
        note: What to know when reading them; may be empty.
    """

    id: str
    title: str
    where: str
    date: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its source.

    Attributes:
        value: The number; fractions for accuracies, milliseconds for latencies.
        source: The id of a ``Source``.
        precision: ``float`` or ``quant`` where the number belongs to one kind of
            checkpoint, else empty.
        on: What it was measured on, for latencies.
    """

    value: float
    source: str
    precision: str = ""
    on: str = ""

    def __post_init__(self) -> None:
        """Reject what no source can have published."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            raise LabError(f"The catalog has {self.value!r} where a number belongs.")
        if not 0 < self.value < 1e12:
            raise LabError(f"The catalog has the impossible number {self.value}.")
        if self.precision not in ("", "float", "quant"):
            raise LabError(f"The catalog has the unknown precision {self.precision!r}.")


class Published:
    """What has figures."""

    __slots__ = ()

    def figures(self, quantity: str, precision: str = "") -> tuple[Figure, ...]:
        """Return the figures of one quantity, the one to show first.

        Args:
            quantity: ``macs``, ``params``, ``top1``, ``top5``, ``coco_map`` or ``latency_ms``.
            precision: Of a built model, to leave out figures of the other kind of
                checkpoint; empty for all.
        """
        if quantity not in _QUANTITIES:
            raise ValueError(quantity)
        found: tuple[Figure, ...] = getattr(self, quantity, ())
        kind = _PUBLISHED_AS[precision] if precision else ""
        return tuple(f for f in found if not kind or f.precision in ("", kind))

    def figure(self, quantity: str, precision: str = "") -> Figure | None:
        """Return the figure to show, or None if nothing is published."""
        found = self.figures(quantity, precision)
        return found[0] if found else None


@dataclass(frozen=True, slots=True)
class Variant(Published):
    """One MobileNet v1 network, whatever its precision.

    Attributes:
        alpha: Width multiplier, dimensionless; one of ``ALPHAS``.
        resolution: Input side in pixels; the input is (1, r, r, 3), RGB.
        macs: Multiply-accumulates of one inference.
        params: Weights.
        top1: Top-1 accuracy, fraction 0..1.
        top5: Top-5 accuracy, fraction 0..1.
        latency_ms: Published latencies: for reference, never to rank with what is measured.

    In each tuple the first figure that fits is the one to show.
    """

    alpha: float
    resolution: int
    macs: tuple[Figure, ...]
    params: tuple[Figure, ...]
    top1: tuple[Figure, ...]
    top5: tuple[Figure, ...]
    latency_ms: tuple[Figure, ...] = ()

    def __post_init__(self) -> None:
        """Reject networks that were never published."""
        if self.alpha not in ALPHAS or self.resolution not in RESOLUTIONS:
            raise LabError(f"There is no MobileNet v1 {self.alpha} at {self.resolution} pixels.")
        if not (self.macs and self.params and self.top1 and self.top5):
            raise LabError(f"The catalog lacks numbers for {self.name}.")
        if any(figure.value > 1 for figure in (*self.top1, *self.top5)):
            raise LabError(f"The catalog has an accuracy above 100 % for {self.name}.")

    @property
    def name(self) -> str:
        """For instance ``v1_0.50_128``."""
        return f"v1_{self.alpha:.2f}_{self.resolution}"

    @property
    def network(self) -> str:
        """For a person, as of a ``Baseline``."""
        return "MobileNet v1"

    @property
    def task(self) -> str:
        """What it is for, as of a ``Baseline``."""
        return "classification"


@dataclass(frozen=True, slots=True)
class Baseline(Published):
    """A network beside the 16 variants, whatever its precision.

    Attributes:
        name: ``v2_1.00_224``, ``v3_small_0.75_224``, ``inception_v1_224``, ...
        network: For a person: ``MobileNet v2``.
        task: ``classification`` or ``detection``.
        macs: Multiply-accumulates of one inference.
        params: Weights.
        top1: Top-1 accuracy, fraction 0..1; none for detectors.
        top5: Top-5 accuracy, fraction 0..1.
        coco_map: Mean average precision on COCO, fraction 0..1, of detectors.
        latency_ms: Published latencies.
    """

    name: str
    network: str
    task: str
    macs: tuple[Figure, ...]
    params: tuple[Figure, ...]
    top1: tuple[Figure, ...] = ()
    top5: tuple[Figure, ...] = ()
    coco_map: tuple[Figure, ...] = ()
    latency_ms: tuple[Figure, ...] = ()

    def __post_init__(self) -> None:
        """Reject networks that cannot be built."""
        if self.name not in BASELINES:
            raise _unknown("baseline", self.name, BASELINES)
        if not (self.macs and self.params):
            raise LabError(f"The catalog lacks numbers for {self.name}.")
        if any(figure.value > 1 for figure in (*self.top1, *self.top5, *self.coco_map)):
            raise LabError(f"The catalog has an accuracy above 100 % for {self.name}.")

    @property
    def resolution(self) -> int:
        """Input side in pixels."""
        return int(self.name.split("_")[-1])


@dataclass(frozen=True, slots=True)
class ModelName:
    """The name of a built model, ``v1_0.50_128-int8``."""

    variant: str
    precision: str

    def __post_init__(self) -> None:
        """Reject names that nothing can be built from.

        Raises:
            LabError: Listing near names.
        """
        known = (*variant_names(), *BASELINES)
        if self.variant not in known:
            raise _unknown("variant", self.variant, known)
        if self.precision not in PRECISIONS:
            raise _unknown("precision", self.precision, PRECISIONS)

    @classmethod
    def parse(cls, text: str) -> "ModelName":
        """Read a name as a person types it.

        Raises:
            LabError: Listing near names.
        """
        variant, dash, precision = text.strip().partition("-")
        if not dash and variant in (*variant_names(), *BASELINES):
            raise LabError(
                f"{variant} lacks a precision.",
                "Say " + " or ".join(f"{variant}-{p}" for p in PRECISIONS) + ".",
            )
        return cls(variant, precision)

    @property
    def alpha(self) -> float:
        """Width multiplier; 1.0 for a network that has none."""
        width = self.variant.split("_")[-2]
        return float(width) if "." in width else 1.0

    @property
    def resolution(self) -> int:
        """Input side in pixels."""
        return int(self.variant.split("_")[-1])

    def __str__(self) -> str:
        return f"{self.variant}-{self.precision}"


@dataclass(frozen=True, slots=True)
class Catalog:
    """All variants and where their numbers come from.

    Attributes:
        variants: The 16 MobileNet v1, widest and largest first.
        sources: By id.
        baselines: What else can be built, to compare them with.
    """

    variants: tuple[Variant, ...]
    sources: dict[str, Source]
    baselines: tuple[Baseline, ...] = ()

    def __post_init__(self) -> None:
        """Reject numbers from nowhere and variants listed twice."""
        names = [each.name for each in self.entries]
        if len(set(names)) != len(names):
            raise LabError("The catalog lists a variant twice.")
        for each in self.entries:
            for quantity in _QUANTITIES:
                for figure in each.figures(quantity):
                    if figure.source not in self.sources:
                        raise LabError(
                            f"The catalog does not say what source {figure.source!r} is."
                        )

    @property
    def entries(self) -> "tuple[Variant | Baseline, ...]":
        """Return the variants, then the baselines."""
        return (*self.variants, *self.baselines)

    @classmethod
    def load(cls, path: Path = ASSETS / "catalog.toml") -> "Catalog":
        """Read the catalog.

        Raises:
            LabError: If the file is missing or says something impossible.
        """
        try:
            with path.open("rb") as file:
                content = tomllib.load(file)
            sources = {key: Source(id=key, **entry) for key, entry in content["sources"].items()}
            variants = tuple(Variant(**_fields(entry)) for entry in content["variants"])
            baselines = tuple(Baseline(**_fields(entry)) for entry in content["baselines"])
        except OSError as error:
            raise LabError(f"The catalog {path} cannot be read.", detail=str(error)) from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise LabError(
                f"The catalog {path} is damaged.",
                "Install the lab again or undo what was changed in that file.",
                detail=repr(error),
            ) from error
        return cls(variants, sources, baselines)

    def variant(self, name: str) -> Variant:
        """Return a variant by name.

        Raises:
            LabError: If there is no such variant, listing near names.
        """
        for variant in self.variants:
            if variant.name == name:
                return variant
        raise _unknown("variant", name, tuple(v.name for v in self.variants))

    def baseline(self, name: str) -> Baseline:
        """Return a baseline by name.

        Raises:
            LabError: If there is no such baseline, listing near names.
        """
        for baseline in self.baselines:
            if baseline.name == name:
                return baseline
        raise _unknown("baseline", name, tuple(each.name for each in self.baselines))


def _fields(entry: dict[str, Any]) -> dict[str, Any]:
    """Return an entry's fields, its lists as figures; unknown ones raise in the constructor."""
    return {
        key: tuple(Figure(**figure) for figure in value) if isinstance(value, list) else value
        for key, value in entry.items()
    }


def match_names(patterns: Sequence[str]) -> tuple[ModelName, ...]:
    """Return the models that names or patterns such as ``v1_*-int8`` choose, each once.

    Raises:
        LabError: If a name is unknown or nothing matches a pattern.
    """
    every = [f"{variant}-{p}" for variant in (*variant_names(), *BASELINES) for p in PRECISIONS]
    found: dict[ModelName, None] = {}
    for pattern in patterns:
        if not set("*?[") & set(pattern):
            found[ModelName.parse(pattern)] = None
            continue
        matching = fnmatch.filter(every, pattern)
        if not matching:
            raise LabError(f"No model is called like {pattern!r}.", f"One is {every[0]}.")
        found |= dict.fromkeys(map(ModelName.parse, matching))
    return tuple(found)


def variant_names() -> tuple[str, ...]:
    """Return the names of the 16 variants, widest and largest first."""
    return tuple(f"v1_{alpha:.2f}_{resolution}" for alpha in ALPHAS for resolution in RESOLUTIONS)


def _unknown(what: str, name: str, known: tuple[str, ...]) -> LabError:
    near = _near(name, known)
    listed = ", ".join(near or known[:3]) + ("" if near else ", ...")
    return LabError(f"There is no {what} {name!r}.", f"Did you mean {listed}?")


def _near(name: str, known: tuple[str, ...]) -> list[str]:
    """Names alike, the nearest first; ``0.5`` counts as ``0.50``."""
    if match := re.fullmatch(r"(.*_)(\d*\.\d+)(_.*)", name):
        name = f"{match[1]}{float(match[2]):.2f}{match[3]}"
    return difflib.get_close_matches(name, known, n=3, cutoff=0.6)
