"""Sizes that were measured or published, from ``assets/sizes.toml``, each with its source."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.catalog.variants import PRECISIONS, ModelName
from engine.errors import LabError
from engine.paths import ASSETS


@dataclass(frozen=True, slots=True)
class Mobile:
    """One release of TensorFlow for Android, the runtime before TensorFlow Lite.

    Attributes:
        version: As on Maven Central.
        dex_bytes: Of its classes.
        libraries: ABI -> bytes of its native library, deflated.
    """

    version: str
    dex_bytes: int
    libraries: dict[str, int]


@dataclass(frozen=True, slots=True)
class Claim:
    """What the report says of one of its apps.

    Attributes:
        name: For a person.
        bytes: How large it says that the app was.
        why: How that was read.
        models: (name, bytes) of each model in it.
    """

    name: str
    bytes: int
    why: str
    models: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Published:
    """All of the file.

    Attributes:
        models: (alpha, precision) -> bytes of the lab's own ``.tflite`` of MobileNet v1.
        baselines: (name, precision) -> the same of the networks beside them.
        deflates_to: What deflating leaves of trained float32 weights, a fraction.
        mobile: The nearest to the report's apps first.
        claims: The report's apps.
    """

    models: dict[tuple[float, str], int]
    baselines: dict[tuple[str, str], int]
    deflates_to: float
    mobile: tuple[Mobile, ...]
    claims: tuple[Claim, ...]

    @classmethod
    def load(cls, path: Path = ASSETS / "sizes.toml") -> "Published":
        """Read the file.

        Raises:
            LabError: If it is missing, damaged, or has a figure from nowhere.
        """
        try:
            content = tomllib.loads(path.read_text("utf-8"))
            _check_sources(content)
            return cls(
                models={
                    (float(entry["alpha"]), precision): _count(entry[precision])
                    for entry in content["models"]
                    for precision in PRECISIONS
                },
                baselines={
                    (str(entry["name"]), precision): _count(entry[precision])
                    for entry in content["baselines"]
                    for precision in PRECISIONS
                },
                deflates_to=float(content["packing"]["float32_deflates_to"]),
                mobile=tuple(
                    Mobile(
                        entry["version"],
                        _count(entry["dex"]),
                        {abi: _count(size) for abi, size in entry["libraries"].items()},
                    )
                    for entry in content["mobile"]
                ),
                claims=tuple(_claim(entry) for entry in content["report"]),
            )
        except OSError as error:
            raise LabError(f"The sizes {path} cannot be read.", detail=str(error)) from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise LabError(
                f"The sizes {path} are damaged.",
                "Install the lab again or undo what was changed in that file.",
                detail=repr(error),
            ) from error

    def model_size(self, name: ModelName) -> int:
        """Return the bytes of a variant or baseline as the lab builds it.

        Of MobileNet v1 the resolution does not matter.

        Raises:
            LabError: It was never measured.
        """
        if name.variant.startswith("v1_"):
            size = self.models.get((name.alpha, name.precision))
        else:
            size = self.baselines.get((name.variant, name.precision))
        if size is None:
            raise LabError(f"The size of {name} is not known.", "Build it once.")
        return size


def _check_sources(content: dict[str, Any]) -> None:
    known = set(content["sources"])
    lists = (content["models"], content["baselines"], content["mobile"], content["report"])
    entries = [content["packing"], *(entry for each in lists for entry in each)]
    for entry in entries:
        if entry["source"] not in known:
            raise ValueError(f"no source {entry['source']!r}")


def _claim(entry: dict[str, Any]) -> Claim:
    models = tuple((str(model["name"]), _count(model["size"])) for model in entry["models"])
    return Claim(entry["name"], _count(entry["claimed"]), entry["why"], models)


def _count(value: object) -> int:
    if type(value) is not int or not 0 < value < 1 << 31:
        raise ValueError(f"{value!r} where a number of bytes belongs")
    return value
