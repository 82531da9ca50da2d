"""A model that arrives over the link, piece by piece."""

import hashlib
import re
from typing import Protocol

from engine.virtual_phone.app.link_messages import MAX_CHUNK_BYTES, LoadBegin, LoadChunk
from engine.virtual_phone.app.model import LabModel, Reading
from engine.virtual_phone.app.refusal import Refused

MAX_MODEL_BYTES = 512 << 20


class Keeper(Protocol):
    """Who will have the model."""

    def check_load(self, begin: LoadBegin) -> None:
        """Hear which model will be sent and how it is to be executed. Raises ``Refused``."""

    def has_room(self, size_bytes: int) -> bool:
        """Return whether so many bytes more can be kept."""


class Load:
    """A model that is arriving."""

    def __init__(self, begin: LoadBegin, app: Keeper) -> None:
        """Accept the announcement; raises ``Refused``."""
        if begin.size_bytes < 1 or not re.fullmatch("[0-9a-f]{64}", begin.sha256):
            raise Refused("bad_value", "A model needs a size and a SHA-256.")
        app.check_load(begin)
        if begin.size_bytes > MAX_MODEL_BYTES:
            raise Refused("too_big", f"A model of {begin.size_bytes} bytes is too big.")
        self.begin = begin
        self._app = app
        self._data = bytearray()
        self._check_room(begin.size_bytes)

    def add(self, chunk: LoadChunk) -> None:
        """Append a piece; raises ``Refused``."""
        if len(chunk.data) > MAX_CHUNK_BYTES:
            raise Refused("too_big", f"A chunk of {len(chunk.data)} bytes is too big.")
        if len(self._data) + len(chunk.data) > self.begin.size_bytes:
            raise Refused("too_big", "More bytes came than were announced.")
        if chunk.offset != len(self._data):
            raise Refused("bad_offset", f"Offset {chunk.offset} came, {len(self._data)} is next.")
        self._check_room(len(chunk.data))
        self._data += chunk.data

    def _check_room(self, size_bytes: int) -> None:
        if not self._app.has_room(size_bytes):
            raise Refused("no_space", "The phone has no room for the model.")

    def finish(self) -> LabModel:
        """Check what arrived; raises ``Refused``."""
        missing = self.begin.size_bytes - len(self._data)
        if missing:
            raise Refused("bad_offset", f"{missing} bytes of the model are missing.")
        data = bytes(self._data)
        if hashlib.sha256(data).hexdigest() != self.begin.sha256:
            raise Refused("bad_sha256", "The model arrived damaged. The old model runs on.")
        return LabModel(
            data=data,
            name=self.begin.name,
            sha256=self.begin.sha256,
            labels=self.begin.labels,
            untrained=self.begin.untrained,
            reading=Reading(self.begin.task, self.begin.fit, self.begin.scores),
            sent=True,
        )
