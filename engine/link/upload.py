"""Send a model over the link, piece by piece."""

import hashlib
import threading
from collections import deque
from pathlib import Path
from typing import Any

from engine.errors import LabError, LinkError
from engine.jobs import CancelToken, Progress, Report
from engine.link import protocol
from engine.link.wire import Command, Wire

CHUNK_BYTES = 1 << 16
WINDOW = 8
"""Chunks under way at once: enough to fill USB 2, few enough for an honest bar."""
CHUNK_TIMEOUT_S = 15.0
LOAD_TIMEOUT_S = 60.0


def upload(
    wire: Wire, path: Path, facts: dict[str, Any], *, report: Report, cancel: CancelToken
) -> None:
    """Send the model at ``path`` and wait until the app has run it once.

    Args:
        wire: The link's threads.
        path: The ``.tflite`` file.
        facts: ``LOAD_BEGIN``'s JSON but for size and sha256.
        report: Told of the steps ``upload`` (fraction known) and ``load``.
        cancel: Stops between two chunks; the app drops what it has.

    Raises:
        LinkError: The app refused it, did not answer, or is gone.
        LabError: The file cannot be read.
        Cancelled: The token was cancelled.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise LabError(f"The model {path} cannot be read.", detail=str(error)) from error
    facts = {**facts, "size_bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    report(Progress("upload", 0.0))
    begin = wire.submit(lambda each: protocol.encode_load_begin(each, facts))
    wire.wait(begin, CHUNK_TIMEOUT_S, cancel)
    _send_chunks(wire, data, report, cancel)
    report(Progress("load"))
    wire.wait(wire.submit(protocol.encode_load_end), LOAD_TIMEOUT_S, cancel)


def _send_chunks(wire: Wire, data: bytes, report: Report, cancel: CancelToken) -> None:
    under_way: deque[tuple[Command, int]] = deque()

    def settle_one() -> None:
        command, end = under_way.popleft()
        wire.wait(command, CHUNK_TIMEOUT_S, cancel)
        detail = f"{end / 1e6:.1f} of {len(data) / 1e6:.1f} MB"
        report(Progress("upload", end / len(data), detail))

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
