"""Put a variant on a phone: in an APK that is installed and started, or over the link.

The first has the steps build, sign, push, install, grant, start and linked, the second, for an
app that runs already, send and open.
"""

import logging
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from engine.apk.archive import ArchiveReader
from engine.apk.builder import BASE_APK, build_apk
from engine.apk.inspector import ApkFacts, abis_of
from engine.apk.signing import SigningKey
from engine.errors import LinkError, PhoneError
from engine.jobs import CancelToken, Progress, Report, ignore_progress
from engine.link.client import Link
from engine.link.messages import AppModel, AppState, LinkEvent, LinkLost
from engine.link.upload import Announcement
from engine.models.inspector import (
    ModelFacts,
    check_labels,
    check_runnable,
    inspect_bytes,
    read_model,
)
from engine.models.preprocessing import check_fit
from engine.models.tasks import UNKNOWN
from engine.paths import cache_dir
from engine.phones import installer
from engine.phones.faults import explain_install
from engine.phones.installer import PACKAGE
from engine.records.database import Database
from engine.records.values import Deployment, utc_now

if TYPE_CHECKING:
    from engine.session import Session

logger = logging.getLogger(__name__)

LINK_S = 15.0
"""How long the app may take to listen after it was started."""
MODEL_S = 30.0
"""How long the app may take to open its model."""
THREADS = 4
DELEGATE = "xnnpack"
"""What an app begins with unless something else is asked for."""
STEPS = ("build", "sign", "push", "install", "grant", "start", "linked")
"""Names of a deploy's steps in order, as ``Progress.step`` carries them."""
SWAP_STEPS = ("send", "open")
"""Names of a swap's steps in order."""


@dataclass(frozen=True, slots=True)
class Payload:
    """A model with what the app needs beside it.

    Attributes:
        model: The ``.tflite`` file.
        labels: One per class, or none.
        name: How the model is called on the phone and in the records.
        untrained: Whether its weights are random.
        threads: Interpreter threads; when None ``THREADS`` in a new app, and in one that
            runs as many as it has.
        delegate: ``cpu``, ``xnnpack``, ``nnapi`` or ``gpu``; when None ``DELEGATE`` in a new
            app, and in one that runs the one that it has.
        source: ``camera``, ``pictures`` or ``loop``.
        fit: ``crop``, ``letterbox`` or ``stretch``; its task's own when empty.
        pictures: PNG files for the source ``pictures``; the lab's own when None. A swap leaves
            those in the APK as they are.
    """

    model: Path
    labels: tuple[str, ...]
    name: str
    untrained: bool
    threads: int | None = None
    delegate: str | None = None
    source: str = "camera"
    fit: str = ""
    pictures: tuple[Path, ...] | None = None


@dataclass(frozen=True, slots=True)
class Deployed:
    """What a deploy left behind.

    Attributes:
        apk: The APK that was installed, and is kept in the cache.
        link: The link to the running app; the session owns it.
        seconds: Wall seconds of each step, in order.
    """

    apk: ApkFacts
    link: Link
    seconds: dict[str, float]


def deploy(
    session: "Session",
    payload: Payload,
    *,
    key: SigningKey | None = None,
    output: Path | None = None,
    database: Database | None = None,
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
    cancel = cancel or CancelToken()
    clock = _StepClock(report)
    apk = _build(session, payload, key or SigningKey.load_or_create(), output, clock, cancel)
    session.drop_link("The app is being replaced.")
    installer.install(session.phone, apk.path, PACKAGE, clock.report, cancel)
    _grant(session, clock.report, cancel)
    installer.start(session.phone, report=clock.report, cancel=cancel, restart=True)
    clock.report(Progress("linked"))
    link = session.relink(cancel=cancel, timeout_s=LINK_S)
    sha256 = apk.model.sha256 if apk.model else ""
    _wait_for_model(link, sha256, cancel)
    if payload.threads is None:
        _fit_threads(link, cancel)
    clock.report(Progress("linked", 1.0))
    if database is not None:
        database.record_deployment(
            Deployment(session.serial, apk.sha256, apk.size_bytes, sha256, payload.name, utc_now())
        )
    return Deployed(apk, link, clock.seconds())


@dataclass(frozen=True, slots=True)
class Swapped:
    """What a swap left behind.

    Attributes:
        model: The model as the app opened it.
        seconds: Wall seconds of each of ``SWAP_STEPS``, in order.
    """

    model: AppModel
    seconds: dict[str, float]


def swap(
    session: "Session",
    payload: Payload,
    *,
    database: Database | None = None,
    report: Report = ignore_progress,
    cancel: CancelToken | None = None,
) -> Swapped:
    """Send a model to the app that runs, which keeps it and changes to it.

    Cancelled or cut off at any byte of ``send``, the app runs on with the model that it had;
    a link that was not cut stays good. In ``open`` the app has all of the new model, and may
    yet change to it after the lab has given up.

    Args:
        session: An open session that is linked.
        payload: The model and what goes with it. Threads and delegate that the app has
            already been asked for are not asked for again; the source stays as it is.
        database: Remembers that the model is not the APK's, so that runs can say so.
        report: Told of each of ``SWAP_STEPS`` as it begins and while it runs.
        cancel: Stops it within a moment.

    Raises:
        LinkError: There is no link, it was lost, or the app refused the model.
        LabError: The model cannot be used.
        Cancelled: ``cancel`` was cancelled.
    """
    link = session.need_link()
    state = link.first_state(cancel=cancel)
    clock = _StepClock(report)
    clock.report(Progress("send", 0.0))
    data = read_model(payload.model)  # these very bytes are sent, whatever becomes of the file
    facts = inspect_bytes(data, payload.model)
    check_runnable(facts)
    check_labels(facts, payload.labels)
    announced = _announcement(payload, facts, state)
    link.load_model(data, announced, report=clock.report, cancel=cancel)
    clock.report(Progress("open", 1.0))
    model = link.model
    if model is None or model.sha256 != facts.sha256:
        raise LinkError("The app runs, but not the model that was sent.", "Send it again.")
    if database is not None:
        database.record_deployment(_swapped_in(session.serial, payload, facts, database))
    return Swapped(model, clock.seconds())


def _announcement(payload: Payload, facts: ModelFacts, state: AppState) -> Announcement:
    """Say what the app should know of a model, its graph's own word first."""
    if payload.fit:
        check_fit(payload.fit)
    return Announcement(
        name=payload.name,
        labels=payload.labels,
        untrained=payload.untrained,
        task="" if facts.task == UNKNOWN else facts.task,
        fit=payload.fit,
        scores=facts.scores_are,
        threads=None if payload.threads == state.threads_asked else payload.threads,
        delegate=None if payload.delegate == state.delegate else payload.delegate,
    )


def _swapped_in(serial: str, payload: Payload, facts: ModelFacts, database: Database) -> Deployment:
    """Say that the app of the last deployment now runs another model."""
    before = database.last_deployment(serial)
    return Deployment(
        serial=serial,
        apk_sha256=before.apk_sha256 if before else "",
        apk_size_bytes=before.apk_size_bytes if before else 0,
        model_sha256=facts.sha256,
        name=payload.name,
        utc=utc_now(),
        swapped=True,
    )


def choose_abi(offered: Sequence[str], wanted: Sequence[str]) -> str:
    """Return the phone's best ABI that the phone app has code for.

    Args:
        offered: ABIs of the base APK.
        wanted: ABIs of the phone, best first.

    Raises:
        InstallError: None fits.
    """
    for abi in wanted:
        if abi in offered:
            return abi
    raise explain_install(
        f"INSTALL_FAILED_NO_MATCHING_ABIS: {', '.join(offered)} in the app, "
        f"{', '.join(wanted) or 'none known'} on the phone"
    )


class _StepClock:
    """Passes progress on and keeps how long each step took."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._begun: dict[str, float] = {}
        self._ended = 0.0

    def report(self, progress: Progress) -> None:
        now = time.monotonic()
        self._begun.setdefault(progress.step, now)
        self._ended = now
        self._report(progress)

    def seconds(self) -> dict[str, float]:
        """Return each step's wall seconds: until the next one began."""
        edges = [*self._begun.values(), self._ended]
        return {
            step: after - before
            for step, before, after in zip(self._begun, edges, edges[1:], strict=False)
        }


def _build(
    session: "Session",
    payload: Payload,
    key: SigningKey,
    output: Path | None,
    clock: _StepClock,
    cancel: CancelToken,
) -> ApkFacts:
    clock.report(Progress("build", 0.0))
    facts = session.facts or session.phone.facts()
    with ArchiveReader(BASE_APK) as base:
        abi = choose_abi(abis_of(base), facts.abis)
    return build_apk(
        payload.model,
        payload.labels,
        output or _kept_path(payload, abi),
        name=payload.name,
        untrained=payload.untrained,
        key=key,
        abis=[abi],
        threads=THREADS if payload.threads is None else payload.threads,
        delegate=payload.delegate or DELEGATE,
        source=payload.source,
        fit=payload.fit,
        pictures=payload.pictures,
        report=clock.report,
        cancel=cancel,
    )


def _kept_path(payload: Payload, abi: str) -> Path:
    folder = cache_dir() / "apks"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{re.sub(r'[^A-Za-z0-9._-]+', '_', payload.name)}-{abi}.apk"


def _grant(session: "Session", report: Report, cancel: CancelToken) -> None:
    """Grant the camera; where the phone forbids it, the app itself asks on its screen."""
    try:
        installer.grant(session.phone, PACKAGE, report=report, cancel=cancel)
    except PhoneError as error:
        logger.info("camera not granted: %s %s", error, error.detail)
        report(Progress("grant", 1.0, str(error)))


def _fit_threads(link: Link, cancel: CancelToken) -> None:
    """Ask for as many threads as there are, where nobody asked for more than the phone has."""
    state = link.first_state(cancel=cancel)
    if state.threads_asked > link.hello.max_threads:
        link.set(threads=link.hello.max_threads, cancel=cancel)


def _wait_for_model(link: Link, sha256: str, cancel: CancelToken) -> None:
    """Wait until the app has opened this very model."""
    deadline = time.monotonic() + MODEL_S
    inbox: SimpleQueue[LinkEvent | None] = SimpleQueue()
    with link.listening(inbox.put), cancel.closing(lambda: inbox.put(None)):
        while link.model is None or link.model.sha256 != sha256:
            trouble = link.state.error if link.state else None
            try:
                event = inbox.get(timeout=max(0.0, deadline - time.monotonic()))
            except Empty:
                raise LinkError(
                    "The app runs, but not the model that was installed.",
                    "Look at the phone's screen, then deploy again.",
                    detail=f"{trouble}; it names {link.model.sha256 if link.model else 'none'}",
                ) from None
            cancel.check()
            if isinstance(event, LinkLost):
                raise event.error
            trouble = link.state.error if link.state else None
            if trouble is not None and trouble.code in ("bad_model", "no_model"):
                raise LinkError(
                    f"The app could not open the model: {trouble.text}", detail=trouble.code
                )
