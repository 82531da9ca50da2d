"""Models kept on this computer, found again by what they are made of.

Each entry is a folder named by a 64-digit key that holds the model under its own name and
``entry.json``. A folder appears whole or not at all.
"""

import contextlib
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from engine.errors import LabError
from engine.models.inspector import inspect_bytes, read_model
from engine.paths import cache_dir

_KEY: Final = re.compile(r"[0-9a-f]{64}")
_ENTRY: Final = "entry.json"


@dataclass(frozen=True, slots=True)
class StoredModel:
    """One model in the store.

    Attributes:
        key: 64 hexadecimal digits: the sha256 of an imported file, the digest of all that
            went into a built one.
        path: The ``.tflite``.
        name: For a person.
        size_bytes: Of the file.
        sha256: Of the file.
        built: Whether the lab built it; else it was imported.
    """

    key: str
    path: Path
    name: str
    size_bytes: int
    sha256: str
    built: bool


class ModelStore:
    """A folder of models; safe to use from several threads and processes at once."""

    def __init__(self, root: Path | None = None) -> None:
        """Use ``root``, by default the lab's cache folder; made if it is not there."""
        self.root = root if root is not None else cache_dir() / "models"
        with _said("The folder of models cannot be made."):
            self.root.mkdir(parents=True, exist_ok=True)

    def add(self, path: Path) -> Path:
        """Import a model file and return where it is kept.

        Raises:
            LabError: If the file is no sound model, or there is no room.
        """
        data = read_model(path)
        facts = inspect_bytes(data, path)
        return self.put(facts.sha256, data, name=path.stem, built=False)

    def put(self, key: str, data: bytes, *, name: str, built: bool = True) -> Path:
        """Keep a model under a key; a sound one that is already there stays.

        Args:
            key: 64 hexadecimal digits.
            data: The whole file.
            name: For a person; characters that no file name takes are replaced.
            built: Whether the lab built it.

        Raises:
            LabError: If there is no room or no right to write.
        """
        there = self.path_of(key)
        if there is not None:
            return there
        entry = {
            "name": name,
            "file": f"{_safe(name)}.tflite",
            "size_bytes": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
            "built": built,
        }
        with _said("The model cannot be stored."):
            draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=self.root))
            try:
                _write(draft / str(entry["file"]), data)
                _write(draft / _ENTRY, json.dumps(entry, ensure_ascii=False).encode())
                return self._settle(draft, key)
            finally:
                shutil.rmtree(draft, ignore_errors=True)

    def path_of(self, key: str) -> Path | None:
        """Return the model of a key, or None if it is not here or no longer whole."""
        model = self._read(key)
        if model is None:
            return None
        try:
            whole = hashlib.sha256(model.path.read_bytes()).hexdigest() == model.sha256
        except OSError:
            return None
        return model.path if whole else None

    def list(self) -> tuple[StoredModel, ...]:
        """Return what is here, by name; contents are not verified."""
        try:
            keys = [entry.name for entry in self.root.iterdir() if _KEY.fullmatch(entry.name)]
        except OSError as error:
            raise LabError("The folder of models cannot be read.", detail=str(error)) from error
        models = [model for key in keys if (model := self._read(key)) is not None]
        return tuple(sorted(models, key=lambda model: (model.name, model.key)))

    def remove(self, key: str) -> None:
        """Forget a model; no error if it is not here."""
        shutil.rmtree(self._folder(key), ignore_errors=True)

    def _folder(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise ValueError(f"not a key: {key!r}")
        return self.root / key

    def _settle(self, draft: Path, key: str) -> Path:
        """Move a finished draft into place; whoever comes second yields."""
        folder = self._folder(key)
        if folder.exists() and self.path_of(key) is None:
            self.remove(key)
        try:
            draft.rename(folder)
        except OSError:
            there = self.path_of(key)
            if there is None:
                raise
            return there
        stored = self._read(key)
        if stored is None:
            raise FileNotFoundError(key)
        return stored.path

    def _read(self, key: str) -> StoredModel | None:
        folder = self._folder(key)
        try:
            entry: Any = json.loads((folder / _ENTRY).read_bytes())
            path = folder / _safe_file(entry["file"])
            if path.stat().st_size != entry["size_bytes"]:
                return None
            return StoredModel(
                key,
                path,
                str(entry["name"]),
                int(entry["size_bytes"]),
                str(entry["sha256"]),
                bool(entry["built"]),
            )
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _safe(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._+-]+", "_", name).strip("._")[:80] or "model"


def _safe_file(name: object) -> str:
    if not isinstance(name, str) or name != f"{_safe(name.removesuffix('.tflite'))}.tflite":
        raise ValueError("file name")
    return name


@contextlib.contextmanager
def _said(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise LabError(what, f"{reason}.", detail=str(error)) from error
