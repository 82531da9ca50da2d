"""Bring a phone into the state to measure in, and back afterwards."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import LabError, LinkError
from engine.jobs import CancelToken, Progress, Report
from engine.link.client import Link
from engine.link.messages import AppState, Hello
from engine.measuring.presets import Preset, fixed_time

if TYPE_CHECKING:
    from engine.session import Session

logger = logging.getLogger(__name__)

APPLY_S = 60.0
"""How long the app may take to change to what was asked: a delegate may have to compile."""
PAUSE_S = 0.5
"""How long the app may take to pause, or go on, as it was before the run."""


@dataclass(frozen=True, slots=True)
class MeasureOptions:
    """How to measure.

    Attributes:
        seconds: How long, from the first counted sample on, where no preset says it.
        pause_mirror: Whether to pause the mirror meanwhile; the record says what was done.
        note: A word of the person's own for the record.
        source: Where pictures are to come from; as it is when None. This one and the next
            three stay so after the run.
        camera: Which camera; as it is when None.
        threads: Interpreter threads; as they are when None.
        delegate: What is to execute the graph; as it is when None.
        preset: When it is enough; None takes ``seconds``.
        start_c: Let the battery cool down to so many degrees Celsius first; None begins at once.
        skip_gate: Set from any thread to wait for that no longer; the record says so.
        series_id: The series that the run belongs to.
        block: Which of its interleaved blocks, from 1.
        place: What the run is in its series.
    """

    seconds: float = 10.0
    pause_mirror: bool = True
    note: str = ""
    source: str | None = None
    camera: str | None = None
    threads: int | None = None
    delegate: str | None = None
    preset: Preset | None = None
    start_c: float | None = None
    skip_gate: threading.Event | None = None
    series_id: int | None = None
    block: int | None = None
    place: str = ""

    @property
    def stop(self) -> Preset:
        """When the run ends."""
        return self.preset or fixed_time(self.seconds)

    @property
    def wishes(self) -> bool:
        """Whether the app is to run otherwise than it does."""
        return any(
            wish is not None for wish in (self.source, self.camera, self.threads, self.delegate)
        )


@contextmanager
def mirror_aside(session: "Session", options: MeasureOptions) -> Iterator[str]:
    """Pause the mirror while the block runs; yields the word for the record."""
    mirror = session.mirror
    if mirror is None:
        yield "off"
    elif not options.pause_mirror:
        yield "on"
    else:
        mirror.pause()
        try:
            yield "paused"
        finally:
            mirror.resume()


@contextmanager
def prepared(
    link: Link,
    options: MeasureOptions,
    report: Report,
    cancel: CancelToken,
    cool: Callable[[], str] | None = None,
) -> Iterator[str]:
    """Have the app run as asked while the block runs; one that was paused pauses again.

    Args:
        link: To the app.
        options: What is asked for.
        report: Told the step ``settle``.
        cancel: Ends the waiting.
        cool: Waits until the phone is cool enough, while the app is paused.

    Yields:
        What ``cool`` returned; empty without it.
    """
    state = link.first_state(cancel=cancel)
    _check_wishes(link.hello, options)
    gate = _cooled(link, state, cool, cancel) if cool else ""
    detail = "waiting for the first sample"
    if state.paused:
        detail = "the app was paused, and will be again"
    report(Progress("settle", None, detail))
    try:
        if state.paused or gate or options.wishes:
            link.set(
                source=options.source,
                camera=options.camera,
                threads=options.threads,
                delegate=options.delegate,
                paused=False,
                cancel=cancel,
                timeout_s=APPLY_S,
            )
        yield gate
    finally:
        if state.paused and link.error is None:
            _pause(link, paused=True)


def _cooled(link: Link, state: AppState, cool: Callable[[], str], cancel: CancelToken) -> str:
    """Let the phone cool down with its app paused; who gives up finds the app as it was."""
    if not state.paused:
        link.set(paused=True, cancel=cancel)
    try:
        return cool()
    except BaseException:
        if not state.paused and link.error is None:
            _pause(link, paused=False)
        raise


def _check_wishes(hello: Hello, options: MeasureOptions) -> None:
    """Name what this phone does not have before anything is asked of it."""
    for what, wish, offered in (
        ("source", options.source, hello.sources),
        ("camera", options.camera, hello.cameras),
        ("delegate", options.delegate, hello.delegates),
    ):
        if wish is not None and wish not in offered:
            raise LabError(
                f"The app on this phone has no {what} {wish!r}.",
                f"It has {', '.join(offered)}." if offered else "",
            )
    if options.threads is not None and not 1 <= options.threads <= hello.max_threads:
        raise LabError(
            f"The app on this phone runs 1 to {hello.max_threads} threads, not {options.threads}."
        )


def _pause(link: Link, *, paused: bool) -> None:
    try:
        link.set(paused=paused, timeout_s=PAUSE_S)
    except LinkError as error:
        logger.info("the app could not be left as it was: %s %s", error, error.detail)
