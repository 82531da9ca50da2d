"""Send a model over the link, piece by piece."""

import hashlib
import logging
import threading
from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

from engine.errors import Cancelled, LinkError
from engine.jobs import CancelToken, Progress, Report
from engine.link import protocol
from engine.link.wire import Command, Wire

logger = logging.getLogger(__name__)

CHUNK_BYTES = 1 << 15
WINDOW = 8
"""Chunks under way at once: enough to fill USB 2, few enough for an honest bar and a slow cable.

ADB hands a packet on only when all of it has arrived, and puts everything that waits into one:
at 100 kB/s the app hears nothing for 2.6 s, and it takes 5 s of silence for a lost lab.
"""
CHUNK_TIMEOUT_S = 15.0
LOAD_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class Announcement:
    """What the app is told of a model before its bytes come.

    Attributes:
        name: What the app calls it.
        labels: One per class, or none.
        untrained: Whether its weights are random.
        task: What it is for; the app finds out when empty.
        fit: How pictures are laid into its input; its task's own when empty.
        scores: ``probabilities`` or ``logits``; the app finds out when empty.
        threads: Interpreter threads; as they are when None.
        delegate: What executes the graph; as it is when None.
    """

    name: str
    labels: tuple[str, ...]
    untrained: bool
    task: str = ""
    fit: str = ""
    scores: str = ""
    threads: int | None = None
    delegate: str | None = None

    def fields(self, data: bytes) -> dict[str, Any]:
        """Return ``LOAD_BEGIN``'s JSON for a model of these bytes."""
        told = {name: value for name, value in asdict(self).items() if value not in ("", None)}
        sha256 = hashlib.sha256(data).hexdigest()
        return {**told, "name": self.name, "size_bytes": len(data), "sha256": sha256}


def upload(
    wire: Wire, data: bytes, announced: Announcement, *, report: Report, cancel: CancelToken
) -> None:
    """Send a model and wait until the app has run it once.

    Args:
        wire: The link's threads.
        data: The bytes of the ``.tflite`` file.
        announced: What the app is told of it.
        report: Told of the steps ``send`` (fraction known) and ``open``.
        cancel: Stops it. In ``send`` the app drops what it has; in ``open`` the app has
            all of it and may yet change to it.

    Raises:
        LinkError: The app refused it, did not answer, or is gone.
        Cancelled: The token was cancelled.
    """
    report(Progress("send", 0.0))
    facts = announced.fields(data)
    try:
        begin = wire.submit(lambda each: protocol.encode_load_begin(each, facts))
        wire.wait(begin, CHUNK_TIMEOUT_S, cancel)
        _send_chunks(wire, data, report, cancel)
        cancel.check()
    except Cancelled:
        _drop(wire, len(data))
        raise
    report(Progress("open"))
    wire.wait(wire.submit(protocol.encode_load_end), LOAD_TIMEOUT_S, cancel)


def _send_chunks(wire: Wire, data: bytes, report: Report, cancel: CancelToken) -> None:
    under_way: deque[tuple[Command, int]] = deque()

    def settle_one() -> None:
        command, end = under_way.popleft()
        wire.wait(command, CHUNK_TIMEOUT_S, cancel)
        detail = f"{end / 1e6:.1f} of {len(data) / 1e6:.1f} MB"
        report(Progress("send", end / len(data), detail))

    for offset in range(0, len(data), CHUNK_BYTES):
        cancel.check()
        piece = data[offset : offset + CHUNK_BYTES]
        under_way.append((_submit_chunk(wire, offset, piece), offset + len(piece)))
        if len(under_way) == WINDOW:
            settle_one()
    while under_way:
        settle_one()


def _submit_chunk(wire: Wire, offset: int, piece: bytes) -> Command:
    return wire.submit(lambda each: protocol.encode_load_chunk(each, offset, piece))


def _drop(wire: Wire, size_bytes: int) -> None:
    """Have the app drop an unfinished load: a chunk that it must refuse does so.

    Nobody waits for the answer; whatever is asked next is answered after it.
    """
    try:
        _submit_chunk(wire, size_bytes + 1, b"")
    except LinkError as error:
        logger.debug("the load is dropped with the link: %s", error)


class OneAtATime:
    """Refuses a second upload while one runs: the app would drop the first."""

    def __init__(self) -> None:
        """Start free."""
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        """Take the turn.

        Raises:
            LinkError: Another upload runs.
        """
        if not self._lock.acquire(blocking=False):
            raise LinkError("Another model is being sent to the phone.", "Wait until it is there.")

    def __exit__(self, *_error: object) -> None:
        """Give the turn back."""
        self._lock.release()
