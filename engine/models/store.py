"""Models kept on this computer, found again by what they are made of.

Each entry is a folder named by a 64-digit key that holds the model under its own name,
``entry.json``, and ``labels.txt`` if labels came with it. A folder appears whole or not at all.
"""

import contextlib
import difflib
import hashlib
import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from engine.errors import LabError
from engine.files import write_whole
from engine.models.inspector import check_labels, inspect_bytes, read_model
from engine.paths import data_dir

_KEY: Final = re.compile(r"[0-9a-f]{64}")
_ENTRY: Final = "entry.json"
_LABELS: Final = "labels.txt"
_ASIDE: Final = ".aside-"
ASIDE_S: Final = 3600.0
"""How long a model that was set aside can be restored at least."""
_KEY_PART: Final = re.compile(r"[0-9a-f]{6,64}")


@dataclass(frozen=True, slots=True)
class Note:
    """Where a model comes from, for a person; each may be empty.

    Attributes:
        task: As ``ModelFacts.task``.
        source: An address, a page or a file's name.
        licence: As the publisher names it.
        verified: What a fetched file was checked against.
    """

    task: str = ""
    source: str = ""
    licence: str = ""
    verified: str = ""


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
        built: Whether the lab built it; else it was fetched or imported.
        labels: A file beside the model, one label per line, if labels came with it.
        note: Where it comes from.
    """

    key: str
    path: Path
    name: str
    size_bytes: int
    sha256: str
    built: bool
    labels: Path | None = None
    note: Note = Note()


class ModelStore:
    """A folder of models; safe to use from several threads and processes at once."""

    def __init__(self, root: Path | None = None) -> None:
        """Use ``root``, by default in the lab's data folder; made if it is not there."""
        self.root = root if root is not None else data_dir() / "models"
        with _said("The folder of models cannot be made."):
            self.root.mkdir(parents=True, exist_ok=True)

    def add(
        self, path: Path, *, name: str = "", labels: Sequence[str] = (), note: Note | None = None
    ) -> StoredModel:
        """Import a model file.

        Args:
            path: A ``.tflite``.
            name: What to call it; the file's own name when empty.
            labels: One per class; kept beside the model.
            note: Where it comes from; the task is filled in.

        Returns:
            Where it is kept. A file that was here already gets the name, the labels and the
            note that are given now, and keeps the others.

        Raises:
            LabError: If the file is no sound model, the labels are not its own, or there is
                no room.
        """
        data = read_model(path)
        facts = inspect_bytes(data, path)
        check_labels(facts, labels)
        if self.get(facts.sha256) is not None:
            return self.describe(facts.sha256, name=name, labels=labels, note=note)
        told = replace(note or Note(source=path.name), task=facts.task)
        self.put(facts.sha256, data, name=name or path.stem, built=False, labels=labels, note=told)
        return self.kept(facts.sha256)

    def put(
        self,
        key: str,
        data: bytes,
        *,
        name: str,
        built: bool = True,
        labels: Sequence[str] = (),
        note: Note | None = None,
    ) -> Path:
        """Keep a model under a key; a sound one that is already there stays as it is.

        Args:
            key: 64 hexadecimal digits.
            data: The whole file.
            name: For a person; characters that no file name takes are replaced.
            built: Whether the lab built it.
            labels: One per class; kept beside the model.
            note: Where it comes from.

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
            "note": asdict(note or Note()),
        }
        with _said("The model cannot be stored."):
            draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=self.root))
            try:
                _write(draft / str(entry["file"]), data)
                if labels:
                    _write(draft / _LABELS, _lines(labels))
                _write(draft / _ENTRY, _json(entry))
                return self._settle(draft, key)
            finally:
                shutil.rmtree(draft, ignore_errors=True)

    def describe(
        self, key: str, *, name: str = "", labels: Sequence[str] = (), note: Note | None = None
    ) -> StoredModel:
        """Change what is said of a model that is here; what is empty stays as it was.

        Raises:
            LabError: If it is not here, or cannot be written.
        """
        model = self.kept(key)
        folder = self._folder(key)
        known = {field: text for field, text in asdict(note or Note()).items() if text}
        entry = {
            "name": name or model.name,
            "file": model.path.name,
            "size_bytes": model.size_bytes,
            "sha256": model.sha256,
            "built": model.built,
            "note": asdict(model.note) | known,
        }
        if labels:
            write_whole(folder / _LABELS, _lines(labels))
        write_whole(folder / _ENTRY, _json(entry))
        return self.kept(key)

    def get(self, key: str) -> StoredModel | None:
        """Return the model of a key, or None if it is not here or no longer whole."""
        return self._read(key) if self.path_of(key) is not None else None

    def kept(self, key: str) -> StoredModel:
        """Return the model of a key.

        Raises:
            LabError: It is not here, or no longer whole.
        """
        model = self.get(key)
        if model is None:
            raise LabError("The model is no longer here.", "Import or build it again.", detail=key)
        return model

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

    def find(self, wanted: str) -> StoredModel:
        """Return the one model of that name, or whose key begins so.

        Args:
            wanted: A name as ``list`` gives it, or at least six digits of a key.

        Raises:
            LabError: None or several are; near names and the keys are named.
        """
        models = self.list()
        found = [model for model in models if wanted in (model.name, model.key)]
        if not found and _KEY_PART.fullmatch(wanted):
            found = [model for model in models if model.key.startswith(wanted)]
        if len(found) == 1:
            return found[0]
        if found:
            keys = " or ".join(model.key[:8] for model in found)
            raise LabError(f"There are {len(found)} models called {wanted}.", f"Say {keys}.")
        near = difflib.get_close_matches(wanted, [model.name for model in models], 3, 0.4)
        advice = f"Perhaps {' or '.join(near)}?" if near else "Command model list names them."
        raise LabError(f"There is no model {wanted} here.", advice)

    def remove(self, key: str) -> None:
        """Forget a model; no error if it is not here."""
        shutil.rmtree(self._folder(key), ignore_errors=True)

    def set_aside(self, key: str) -> None:
        """Take a model off the list so that ``restore`` can bring it back for an hour.

        Raises:
            LabError: It cannot be moved.
        """
        self._forget_old()
        aside = self.root / f"{_ASIDE}{key}"
        shutil.rmtree(aside, ignore_errors=True)
        with _said("The model cannot be removed."):
            self._folder(key).rename(aside)
            aside.touch()  # the hour begins now

    def restore(self, key: str) -> StoredModel:
        """Bring back a model that was set aside.

        Raises:
            LabError: It was forgotten meanwhile.
        """
        with contextlib.suppress(OSError):  # then it is not there, or came back another way
            (self.root / f"{_ASIDE}{key}").rename(self._folder(key))
        return self.kept(key)

    def _forget_old(self) -> None:
        for folder in self.root.glob(f"{_ASIDE}*"):
            with contextlib.suppress(OSError):  # another lab was quicker
                if time.time() - folder.stat().st_mtime > ASIDE_S:
                    shutil.rmtree(folder, ignore_errors=True)

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
            labels, told = folder / _LABELS, entry.get("note", {})
            return StoredModel(
                key,
                path,
                str(entry["name"]),
                int(entry["size_bytes"]),
                str(entry["sha256"]),
                bool(entry["built"]),
                labels if labels.is_file() else None,
                Note(**{field: str(told.get(field, "")) for field in asdict(Note())}),
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _json(entry: dict[str, Any]) -> bytes:
    return json.dumps(entry, ensure_ascii=False).encode("utf-8", "replace")


def _lines(labels: Sequence[str]) -> bytes:
    return "".join(f"{label}\n" for label in labels).encode("utf-8", "replace")


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
