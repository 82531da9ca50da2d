"""The lab's own note inside a ``.tflite`` that it built: what it is and whether it was trained."""

import json
from dataclasses import asdict, dataclass
from typing import Any, Final

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray

MARKER_NAME: Final = "mobilenet_lab"
"""Name of the metadata entry."""


@dataclass(frozen=True)
class Marker:
    """What the lab knows of a model that it built.

    Attributes:
        variant: ``v1_0.50_128``.
        precision: ``float32``, ``float16`` or ``int8``.
        untrained: Whether the weights are random: answers mean nothing.
        seed: Of the random weights and of synthetic calibration pictures.
        weights_sha256: Of the file the weights were taken from; empty if random.
        calibration: What int8 ranges were measured on: ``synthetic`` or ``12 pictures``;
            empty for other precisions.
        labels: One per class, or none.
        lab_version: Of the lab that built it.
    """

    variant: str
    precision: str
    untrained: bool
    seed: int = 0
    weights_sha256: str = ""
    calibration: str = ""
    labels: tuple[str, ...] = ()
    lab_version: str = ""

    def to_json(self) -> bytes:
        """Return the note as UTF-8 JSON, the same bytes for the same note."""
        return json.dumps(asdict(self), sort_keys=True, ensure_ascii=False).encode()

    @classmethod
    def from_json(cls, raw: bytes) -> "Marker | None":
        """Read the note; None if it is not one of ours: a stranger's entry is no error."""
        try:
            fields: Any = json.loads(raw)
            marker = cls(
                variant=str(fields["variant"]),
                precision=str(fields["precision"]),
                untrained=bool(fields["untrained"]),
                seed=int(fields.get("seed", 0)),
                weights_sha256=str(fields.get("weights_sha256", "")),
                calibration=str(fields.get("calibration", "")),
                labels=tuple(str(label) for label in fields.get("labels", ())),
                lab_version=str(fields.get("lab_version", "")),
            )
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            return None
        return marker


def add_marker(model: bytes, marker: Marker) -> bytes:
    """Return the model with the note in its metadata; an older note is replaced.

    Args:
        model: A sound ``.tflite`` straight from the converter.
        marker: The note.
    """
    content = unpack_model(model)
    note = schema.BufferT()
    note.data = np.frombuffer(marker.to_json(), np.uint8)
    content.buffers.append(note)
    entry = schema.MetadataT()
    entry.name = MARKER_NAME
    entry.buffer = len(content.buffers) - 1
    kept = [old for old in content.metadata or [] if old.name != MARKER_NAME.encode()]
    content.metadata = [*kept, entry]
    return pack_model(content, len(model))


def unpack_model(model: bytes) -> Any:
    """Return a sound model as a ``ModelT`` that can be changed."""
    return schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(model, 0))


def pack_model(content: Any, size_bytes: int) -> bytes:
    """Return the bytes of a model.

    Args:
        content: From ``unpack_model``; its buffers cannot be used afterwards.
        size_bytes: About how large it will be.
    """
    content.buffers = [_AlignedBuffer(_as_bytes(buffer.data)) for buffer in content.buffers]
    builder = flatbuffers.Builder(size_bytes + 64 * 1024)
    builder.Finish(content.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


class _AlignedBuffer:
    """Packs one buffer at a multiple of 16 bytes.

    The schema demands it (``force_align: 16``) and kernels may rely on it, but the Python
    code that flatbuffers 25 generates leaves it out.
    """

    def __init__(self, data: NDArray[np.uint8]) -> None:
        self._data = data

    def Pack(self, builder: Any) -> int:  # noqa: N802 - the name that ModelT.Pack calls
        data = 0
        if self._data.size:
            builder.Prep(16, self._data.size)
            data = builder.CreateNumpyVector(self._data)
        schema.BufferStart(builder)
        if self._data.size:
            schema.BufferAddData(builder, data)
        return int(schema.BufferEnd(builder))


def _as_bytes(data: Any) -> NDArray[np.uint8]:
    return np.empty(0, np.uint8) if data is None else np.asarray(data, np.uint8)
