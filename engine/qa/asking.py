"""Manual steps: what a person is asked, what they answer, and the screen they saw."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from engine.errors import LabError
from engine.jobs import CancelToken
from engine.measuring.plan import PlanStep
from engine.phones.adb import Deadline, ended_by
from engine.qa.outcomes import Outcome

if TYPE_CHECKING:
    from engine.phones.phone import Phone
    from engine.session import Session

logger = logging.getLogger(__name__)

SCREEN_S = 8.0
"""How long an old phone may take to photograph its own screen."""
MOST_BYTES = 40_000_000
PNG = b"\x89PNG\r\n\x1a\n"


class Mark(StrEnum):
    """What a person says of a manual step; the value is the key."""

    PASS = "P"  # noqa: S105 - no password
    FAIL = "F"
    SKIP = "S"

    @property
    def outcome(self) -> Outcome:
        """What the step comes to: who skips a step leaves something unseen."""
        outcomes = {Mark.PASS: Outcome.PASS, Mark.FAIL: Outcome.FAIL, Mark.SKIP: Outcome.WARNING}
        return outcomes[self]


@dataclass(frozen=True, slots=True)
class Answer:
    """A person's word on a manual step."""

    mark: Mark
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A manual step that waits for a person.

    Attributes:
        serial: The phone.
        phone: Its name.
        step: The step.
        picture: What it is to look like; None without one.
        look: Photographs the phone's screen: a PNG, or nothing where that fails. Blocks.
    """

    serial: str
    phone: str
    step: PlanStep
    picture: Path | None
    look: Callable[[], bytes]


Ask = Callable[[Question, CancelToken], Answer]
"""Asks a person; called on the phone's own thread, and ends with ``Cancelled`` on cancel."""


def skip_all(why: str) -> Ask:
    """Return what answers every question with skipping it.

    Args:
        why: The comment.
    """
    return lambda _question, _cancel: Answer(Mark.SKIP, why)


def look_at(session: "Session", cancel: CancelToken | None = None) -> bytes:
    """Return the phone's screen as PNG: the mirror's picture, or else the phone's own.

    Returns:
        Nothing where neither can be had; a step does not fail for want of its picture.
    """
    mirror = session.mirror
    if mirror is not None and mirror.live:
        try:
            with TemporaryDirectory() as folder:
                path = Path(folder) / "screen.png"
                mirror.screenshot(path)
                return path.read_bytes()
        except (LabError, OSError) as error:
            logger.info("no picture of the mirror: %s", error)
    try:
        return _screencap(session.phone, cancel)
    except LabError as error:
        logger.info("no picture of the screen: %s %s", error, error.detail)
        return b""


def _screencap(phone: "Phone", cancel: CancelToken | None) -> bytes:
    """Let the phone photograph its screen."""
    data, deadline = bytearray(), Deadline(SCREEN_S)
    with phone.open_exec("screencap -p", SCREEN_S, cancel) as stream:
        try:
            with ended_by(cancel, stream):
                while len(data) < MOST_BYTES:
                    stream.settimeout(deadline.left())
                    part = stream.recv(1 << 16)
                    if not part:
                        break
                    data += part
        except OSError as error:
            logger.info("the screen was cut off: %s", error)
            return b""
    return bytes(data) if data.startswith(PNG) else b""
