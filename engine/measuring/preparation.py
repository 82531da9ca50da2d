"""Bring a phone into the state to measure in, and back afterwards."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import LabError, LinkError
from engine.jobs import CancelToken, Progress, Report
from engine.link.client import Link
from engine.link.messages import Hello

if TYPE_CHECKING:
    from engine.session import Session

logger = logging.getLogger(__name__)

APPLY_S = 60.0
"""How long the app may take to change to what was asked: a delegate may have to compile."""
PAUSE_AGAIN_S = 0.5
"""How long the app may take to pause again after the run."""


@dataclass(frozen=True, slots=True)
class MeasureOptions:
    """How to measure.

    Attributes:
        seconds: How long, from the first counted sample on.
        pause_mirror: Whether to pause the mirror meanwhile; the record says what was done.
        note: A word of the person's own for the record.
        source: Where pictures are to come from; as it is when None. This one and the next
            three stay so after the run.
        camera: Which camera; as it is when None.
        threads: Interpreter threads; as they are when None.
        delegate: What is to execute the graph; as it is when None.
    """

    seconds: float = 10.0
    pause_mirror: bool = True
    note: str = ""
    source: str | None = None
    camera: str | None = None
    threads: int | None = None
    delegate: str | None = None

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
    link: Link, options: MeasureOptions, report: Report, cancel: CancelToken
) -> Iterator[None]:
    """Have the app run as asked while the block runs; one that was paused pauses again."""
    state = link.first_state(cancel=cancel)
    _check_wishes(link.hello, options)
    detail = "waiting for the first sample"
    if state.paused:
        detail = "the app was paused, and will be again"
    report(Progress("settle", None, detail))
    try:
        if state.paused or options.wishes:
            link.set(
                source=options.source,
                camera=options.camera,
                threads=options.threads,
                delegate=options.delegate,
                paused=False,
                cancel=cancel,
                timeout_s=APPLY_S,
            )
        yield
    finally:
        if state.paused and link.error is None:
            _pause_again(link)


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


def _pause_again(link: Link) -> None:
    try:
        link.set(paused=True, timeout_s=PAUSE_AGAIN_S)
    except LinkError as error:
        logger.info("the app was paused and now is not: %s %s", error, error.detail)
