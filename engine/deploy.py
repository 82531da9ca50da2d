"""Put a variant on a phone and start it: build, sign, push, install, grant, start, linked."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.jobs import CancelToken, Report, ignore_progress
from engine.link.client import Link

if TYPE_CHECKING:
    from engine.apk.builder import ApkFacts
    from engine.apk.signing import SigningKey
    from engine.records.database import Database
    from engine.session import Session

PACKAGE = "org.mobilenetlab.phone"
STEPS = ("build", "sign", "push", "install", "grant", "start", "linked")
"""Names of the steps in order, as ``Progress.step`` carries them."""


@dataclass(frozen=True, slots=True)
class Payload:
    """A model with what the app needs beside it.

    Attributes:
        model: The ``.tflite`` file.
        labels: One per class, or none.
        name: How the model is called on the phone and in the records.
        untrained: Whether its weights are random.
        threads: Interpreter threads to begin with.
        delegate: ``cpu``, ``xnnpack`` or ``nnapi``.
        source: ``camera``, ``pictures`` or ``loop``.
    """

    model: Path
    labels: tuple[str, ...]
    name: str
    untrained: bool
    threads: int = 4
    delegate: str = "xnnpack"
    source: str = "camera"


@dataclass(frozen=True, slots=True)
class Deployed:
    """What a deploy left behind.

    Attributes:
        apk: The APK that was installed, and is kept in the cache.
        link: The link to the running app; the session owns it.
        seconds: Wall seconds of each step, in order.
    """

    apk: "ApkFacts"
    link: Link
    seconds: dict[str, float]


def deploy(
    session: "Session",
    payload: Payload,
    *,
    key: "SigningKey | None" = None,
    output: Path | None = None,
    database: "Database | None" = None,
    report: Report = ignore_progress,
    cancel: CancelToken | None = None,
) -> Deployed:
    """Build the APK of a model, install it on the session's phone and link to it.

    Args:
        session: An open session; its link is replaced.
        payload: The model and what goes with it.
        key: Signs the APK; the user's own key when None.
        output: Where to write the APK; when None it is kept in the cache.
        database: Remembers which APK is on the phone, so that runs can name it.
        report: Told of each of ``STEPS`` as it begins and while it runs.
        cancel: Stops it; what was installed by then stays installed.

    Raises:
        InstallError: The phone refused the APK.
        PhoneError: The phone left.
        LinkError: The app does not answer or could not open the model.
        LabError: The model cannot be used.
        Cancelled: ``cancel`` was cancelled.
    """
    raise NotImplementedError
