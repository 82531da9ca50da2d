"""What the lab and the person at the phone may set, and what there is to choose from."""

import os
from dataclasses import dataclass, replace
from typing import Any

from engine.virtual_phone.app.refusal import Refused

MAX_THREADS = max(1, os.cpu_count() or 1)
"""What this computer has; a phone with a pace has its own number of cores."""
SOURCES = ("camera", "pictures", "loop")
DELEGATES = ("cpu", "xnnpack", "nnapi", "gpu")
"""All that the protocol names."""


@dataclass(frozen=True, slots=True)
class AppSettings:
    """How the app works, as ``STATE`` tells it.

    Attributes:
        source: Where pictures come from: ``camera``, ``pictures`` or ``loop``.
        camera: Which camera the source ``camera`` means: ``back`` or ``front``.
        threads: What executes the graph.
        threads_asked: What was asked for; more than the phone has if the APK asked for it.
        delegate: What was asked for; the phone may not have it.
    """

    source: str = "camera"
    camera: str = "back"
    paused: bool = False
    threads: int = 1
    threads_asked: int = 1
    delegate: str = "xnnpack"

    def changed(self, values: dict[str, Any]) -> "AppSettings":
        """Return it with checked values of a ``SET`` in place."""
        if "threads" in values:
            values = values | {"threads_asked": values["threads"]}
        return replace(self, **values)


@dataclass(frozen=True, slots=True)
class Limits:
    """What there is to choose from on this phone, with this APK: ``HELLO`` tells it."""

    sources: tuple[str, ...]
    cameras: tuple[str, ...]
    delegates: tuple[str, ...]
    max_threads: int

    def check(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return those values of a ``SET`` that the protocol names.

        Raises:
            Refused: If one of them cannot be.
        """
        known = {name: values[name] for name in AppSettings.__slots__ if name in values}
        known.pop("threads_asked", None)
        self.check_execution(known.get("threads", 1), known.get("delegate", self.delegates[0]))
        for name, there in (("source", self.sources), ("camera", self.cameras)):
            if name in known and known[name] not in there:
                said = ", ".join(there) or "none"
                raise Refused("bad_value", f"{name} is one of those that this phone has: {said}.")
        if not isinstance(known.get("paused", False), bool):
            raise Refused("bad_value", "paused is true or false.")
        return known

    def check_execution(self, threads: object, delegate: object) -> None:
        """Raise ``Refused`` unless a model may be executed so."""
        whole = isinstance(threads, int) and not isinstance(threads, bool)
        if not whole or threads not in range(1, self.max_threads + 1):
            raise Refused("bad_value", f"threads is 1 to {self.max_threads} on this phone.")
        if delegate not in self.delegates:
            said = ", ".join(self.delegates)
            raise Refused("bad_value", f"delegate is one of those that this phone has: {said}.")


def limits_of(
    cameras: tuple[str, ...], pictures: int, *, gpu: bool, max_threads: int = MAX_THREADS
) -> Limits:
    """Return what there is to choose from, with so many pictures in the APK.

    ``gpu`` is whether the GPU delegate's library is in there; NNAPI may always be asked for.
    """
    sources = [*(("camera",) if cameras else ()), *(("pictures",) if pictures else ()), "loop"]
    delegates = DELEGATES if gpu else DELEGATES[:3]
    return Limits(tuple(sources), cameras, delegates, max_threads)


def settings_from(config: dict[str, Any], limits: Limits) -> AppSettings:
    """Return what ``config.json`` asks for, made to fit this phone.

    Its builder cannot know the phone: more threads than there are become all there are; a
    delegate or source that is not there is still what was asked for, and its lack is told.
    """
    threads, source, delegate = (config.get(name) for name in ("threads", "source", "delegate"))
    asked = threads if isinstance(threads, int) and not isinstance(threads, bool) else 1
    return AppSettings(
        source=source if source in SOURCES else "camera",
        camera=next(iter(limits.cameras), "back"),
        threads=min(max(asked, 1), limits.max_threads),
        threads_asked=max(asked, 1),
        delegate=delegate if delegate in DELEGATES else "xnnpack",
    )
