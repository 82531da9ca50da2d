"""What an offline pack says of itself: the list of its models, in JSON."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from typing import Any, Final

from engine.errors import LabError
from engine.models.graph import MAX_MODEL_BYTES
from engine.models.store import Note

MANIFEST: Final = "manifest.json"
FORMAT: Final = "mobilenet-lab-pack"
VERSION: Final = 1
MAX_MODELS: Final = 2000
_KEY: Final = re.compile(r"[0-9a-f]{64}")
_PATH: Final = re.compile(r"models/[A-Za-z0-9_+-][A-Za-z0-9._+-]{0,200}")
_MAX_TEXT: Final = 1000


@dataclass(frozen=True, slots=True)
class PackedFile:
    """A file in a pack.

    Attributes:
        path: Inside the pack, under ``models/``.
        size_bytes: Of the file.
        sha256: Of the file.
    """

    path: str
    size_bytes: int
    sha256: str

    def __post_init__(self) -> None:
        """Refuse what leads out of the pack or cannot be a model."""
        if not _PATH.fullmatch(self.path):
            raise ValueError(f"path {self.path!r}")
        if type(self.size_bytes) is not int or not 0 < self.size_bytes <= MAX_MODEL_BYTES:
            raise ValueError(f"size {self.size_bytes!r}")
        if not _KEY.fullmatch(self.sha256):
            raise ValueError(f"sha256 {self.sha256!r}")

    @classmethod
    def of(cls, path: str, data: bytes) -> "PackedFile":
        """Describe a file's content."""
        return cls(path, len(data), hashlib.sha256(data).hexdigest())


@dataclass(frozen=True, slots=True)
class PackedModel:
    """A model in a pack; the fields are those of ``StoredModel``."""

    name: str
    key: str
    built: bool
    file: PackedFile
    labels: PackedFile | None
    note: Note

    def __post_init__(self) -> None:
        """Refuse what the store could not keep."""
        if not _KEY.fullmatch(self.key):
            raise ValueError(f"key {self.key!r}")
        if not 0 < len(self.name) <= _MAX_TEXT:
            raise ValueError("name")


@dataclass(frozen=True, slots=True)
class Manifest:
    """The list of a pack's models.

    Attributes:
        lab: The version of the lab that wrote it.
        models: In the order they were named.
    """

    lab: str
    models: tuple[PackedModel, ...]

    def to_json(self) -> bytes:
        """Return the manifest as UTF-8 JSON."""
        models = [
            {"name": model.name, "key": model.key, "built": model.built}
            | asdict(model.file)
            | asdict(model.note)
            | {"labels": asdict(model.labels) if model.labels else None}
            for model in self.models
        ]
        told = {"format": FORMAT, "version": VERSION, "lab": self.lab, "models": models}
        return json.dumps(told, indent=1, ensure_ascii=False).encode("utf-8", "replace")

    @classmethod
    def from_json(cls, raw: bytes, pack: str) -> "Manifest":
        """Read a manifest and believe nothing.

        Args:
            raw: The file's content.
            pack: The pack's name, for the sentence.

        Raises:
            LabError: It is none, is damaged, or of a newer lab.
        """
        try:
            told: Any = json.loads(raw)
            newer = told["format"] == FORMAT and told["version"] > VERSION
            models = () if newer else tuple(_model(each) for each in told["models"])
            sound = newer or (told["format"] == FORMAT and _distinct(models))
            lab = str(told.get("lab", ""))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise _damaged(pack, repr(error)) from error
        if newer:
            raise LabError(f"{pack} was packed by a newer MobileNet Lab.", "Update the lab here.")
        if not sound:
            raise _damaged(pack, "no list of a pack, none or too many models, or one twice")
        return cls(lab, models)


def _distinct(models: tuple[PackedModel, ...]) -> bool:
    keys, paths = {model.key for model in models}, {model.file.path for model in models}
    return 0 < len(models) <= MAX_MODELS and len(keys) == len(paths) == len(models)


def _damaged(pack: str, detail: str) -> LabError:
    return LabError(
        f"The list inside {pack} is damaged, so nothing of the pack was kept.",
        "Copy the pack again.",
        detail=detail,
    )


def _model(told: Any) -> PackedModel:
    labels = told["labels"]
    return PackedModel(
        _text(told["name"]),
        _text(told["key"]),
        told["built"] is True,
        _file(told),
        _file(labels) if labels is not None else None,
        Note(**{field: _text(told.get(field, "")) for field in asdict(Note())}),
    )


def _file(told: Any) -> PackedFile:
    return PackedFile(_text(told["path"]), told["size_bytes"], _text(told["sha256"]))


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > _MAX_TEXT:
        raise ValueError(f"text {str(value)[:80]!r}")
    return value
