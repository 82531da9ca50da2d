"""Models as the lab's app on this phone finds them: in its APK, or sent over the link."""

import hashlib
import json
import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from engine.errors import LabError
from engine.models.interpreter import HostModel
from engine.virtual_phone.packages.packages import InstalledPackage, Packages

logger = logging.getLogger(__name__)

PACKAGE = "org.mobilenetlab.phone"
ACTIVITY = f"{PACKAGE}/.MainActivity"

SOURCES = ("camera", "loop")
DELEGATES = ("cpu", "xnnpack", "nnapi")
MAX_THREADS = max(1, os.cpu_count() or 1)
NO_NNAPI = "This computer has no NNAPI; XNNPACK runs instead."

OpenHostModel = Callable[..., HostModel]
"""``HostModel.from_bytes`` or what stands in for it."""


@dataclass(frozen=True, slots=True)
class LabModel:
    """A model's bytes with what belongs to them.

    Attributes:
        origin: Where it came from, for people: ``in the APK`` or ``over the link``.
    """

    data: bytes
    name: str
    sha256: str
    labels: tuple[str, ...]
    untrained: bool
    origin: str


@dataclass(frozen=True, slots=True)
class LabConfig:
    """What ``assets/lab/config.json`` asks for, made to fit this phone.

    Attributes:
        threads: At most ``MAX_THREADS``.
        threads_asked: What stands in the file.
    """

    threads: int = 1
    threads_asked: int = 1
    delegate: str = "xnnpack"
    source: str = "camera"


@dataclass(frozen=True, slots=True)
class Sent:
    """A model that came over the link to one installation of the app; a new one drops it."""

    model: LabModel
    package: InstalledPackage


class AppFolder:
    """The app's own folder: what outlives the app's process."""

    def __init__(self) -> None:
        """Start empty."""
        self._sent: Sent | None = None

    def keep(self, model: LabModel, package: InstalledPackage | None) -> None:
        """Keep a model that came over the link."""
        self._sent = Sent(model, package) if package is not None else None

    def model_for(self, package: InstalledPackage | None) -> LabModel | None:
        """Return the kept model if it was sent to just this installation."""
        kept = self._sent
        return kept.model if kept is not None and kept.package is package else None


def read_apk_model(packages: Packages) -> tuple[LabModel | None, LabConfig]:
    """Read the model and the settings out of the installed APK.

    Returns:
        The model, or None if the APK holds none, and the settings.

    Raises:
        LabError: If there is a model but it is not what the settings say.
    """
    config = _read_config(packages)
    asked = _whole(config.get("threads"))
    settings = LabConfig(
        threads=min(max(asked, 1), MAX_THREADS),
        threads_asked=asked,
        delegate=_one_of(config.get("delegate"), DELEGATES, "xnnpack"),
        source=_one_of(config.get("source"), SOURCES, "camera"),
    )
    try:
        data = packages.open_entry(PACKAGE, "assets/lab/model.tflite")
    except FileNotFoundError:
        return None, settings
    digest = hashlib.sha256(data).hexdigest()
    if config.get("sha256", digest) != digest:
        raise LabError("The model in the APK is not the one that its config names.")
    return (
        LabModel(
            data=data,
            name=str(config.get("name") or "model"),
            sha256=digest,
            labels=_read_labels(packages),
            untrained=bool(config.get("untrained", False)),
            origin="in the APK",
        ),
        settings,
    )


def open_model(
    model: LabModel, threads: int, delegate: str, opener: OpenHostModel
) -> tuple[HostModel, str, str]:
    """Open a model for the asked delegate as far as this computer has it.

    Returns:
        The open model, the delegate that really executes it, and why that is another one.

    Raises:
        LabError: If LiteRT cannot open it.
    """
    applied = "cpu" if delegate == "cpu" else "xnnpack"
    host = opener(
        model.data, name=model.name, threads=threads, labels=model.labels, delegate=applied
    )
    return host, applied, NO_NNAPI if delegate == "nnapi" else ""


def label_of(labels: Sequence[str], index: int) -> str:
    """Return the name of a class for people."""
    return labels[index] if 0 <= index < len(labels) and labels[index] else f"class {index}"


def _read_config(packages: Packages) -> dict[str, Any]:
    try:
        values = json.loads(packages.open_entry(PACKAGE, "assets/lab/config.json"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        logger.warning("config.json in the APK is unreadable: %s", error)
        return {}
    return values if isinstance(values, dict) else {}


def _read_labels(packages: Packages) -> tuple[str, ...]:
    try:
        text = packages.open_entry(PACKAGE, "assets/lab/labels.txt").decode("utf-8-sig")
    except FileNotFoundError:
        return ()
    except UnicodeDecodeError as error:
        raise LabError("The labels in the APK are not UTF-8 text.") from error
    return tuple(line.strip() for line in text.rstrip().split("\n")) if text.strip() else ()


def _whole(threads: object) -> int:
    return threads if isinstance(threads, int) and not isinstance(threads, bool) else 1


def _one_of(value: object, allowed: tuple[str, ...], default: str) -> str:
    return value if isinstance(value, str) and value in allowed else default
