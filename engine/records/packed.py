"""The layout of a ``.zip`` of runs, and the care taken when one is opened.

    manifest.json           schema, kind, and sha256 and size of every other file
    runs/0001/run.json      the run without its samples (see ``export.py``)
    runs/0001/samples.parquet   the samples (see ``parquet.py``)
    runs/0001/lab.log       what the lab's log said during the run, if anything
    series/0001/series.json     a series and its steps
    series/0001/0001.png        a step's picture

Nothing is ever unpacked to the disk: a name in the file is a key, never a path.
"""

import hashlib
import re
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from engine.errors import LabError
from engine.records.export import SCHEMA

MANIFEST = "manifest.json"
KIND = "mobilenet-lab exchange"
MAX_FILES = 100_000
MAX_TEXT = 64_000_000
MAX_FILE = 2_000_000_000
MAX_TOTAL = 8_000_000_000
_NAME = re.compile(
    r"runs/\d{4,6}/(run\.json|samples\.parquet|lab\.log)"
    r"|series/\d{4,6}/(series\.json|\d{4,6}\.png)"
)
_STORED = (".parquet", ".png")
"""Packed already; what is not may unpack to much more than it is."""
_DATE = (1980, 1, 1, 0, 0, 0)


class Packer:
    """Writes such a file; the same content gives the same bytes."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._files: dict[str, dict[str, Any]] = {}

    def add(self, name: str, data: bytes) -> None:
        """Add one file."""
        digest = hashlib.sha256(data).hexdigest()
        self._files[name] = {"sha256": digest, "size_bytes": len(data)}
        self._write(name, data)

    def close(self) -> None:
        """Add the manifest; nothing is added after it."""
        manifest = {"schema": SCHEMA, "kind": KIND, "files": self._files}
        options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
        self._write(MANIFEST, orjson.dumps(manifest, option=options))

    def _write(self, name: str, data: bytes) -> None:
        told = zipfile.ZipInfo(name, _DATE)
        told.create_system = 3  # Unix, wherever it is made
        told.external_attr = 0o644 << 16
        stored = name.endswith(_STORED)
        told.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
        self._archive.writestr(told, data, compresslevel=6)


class Packed:
    """Reads such a file, believing nothing.

    Attributes:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        """Open it and look at its list of contents.

        Raises:
            LabError: It is not such a file, a newer lab's, or not what it says it is.
        """
        self.path = path
        try:
            self._archive = zipfile.ZipFile(path)
        except OSError as error:
            raise LabError(f"{path} cannot be read.", "Choose a .zip file.") from error
        except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
            raise LabError(
                f"{path.name} is no .zip file, or only a part of one.",
                "Copy it again.",
                detail=str(error),
            ) from error
        try:
            self._entries = self._listed()
            self._files = self._manifest()
        except BaseException:
            self._archive.close()
            raise

    def close(self) -> None:
        """Close it."""
        self._archive.close()

    def folders(self, kind: str) -> tuple[str, ...]:
        """Return the folders ``runs/...`` or ``series/...`` in their order."""
        found = {"/".join(name.split("/")[:2]) for name in self._files if name.startswith(kind)}
        return tuple(sorted(found, key=lambda each: (len(each), each)))

    def has(self, name: str) -> bool:
        """Whether there is a file of that name."""
        return name in self._files

    def names(self) -> tuple[str, ...]:
        """Return every file's name besides the manifest's."""
        return tuple(self._files)

    def read(self, name: str) -> bytes:
        """Return a file whose hash is the manifest's.

        Raises:
            LabError: It is not there, or not what the manifest says.
        """
        if name not in self._files:
            raise LabError(f"{self.path.name} lacks {name}.", "Export it again.")
        data = self._unpack(name)
        if hashlib.sha256(data).hexdigest() != self._files[name]["sha256"]:
            raise LabError(
                f"{self.path.name} was changed or damaged: {name} is not what it was.",
                "Copy it again, or export it again.",
            )
        return data

    def json(self, name: str) -> dict[str, Any]:
        """Return a file's JSON object, of a schema that this lab reads.

        Raises:
            LabError: It is none, or a newer lab's.
        """
        return self._object(name, self.read(name))

    def _object(self, name: str, data: bytes) -> dict[str, Any]:
        try:
            found = orjson.loads(data)
        except orjson.JSONDecodeError as error:
            raise self._wrong(name) from error
        if not isinstance(found, dict) or not isinstance(found.get("schema"), int):
            raise self._wrong(name)
        if found["schema"] > SCHEMA:
            raise LabError(f"{self.path.name} was written by a newer lab.", "Update this lab.")
        return found

    def _listed(self) -> dict[str, zipfile.ZipInfo]:
        """Return the entries by name, once all of them look harmless."""
        listed = self._archive.infolist()
        if len(listed) > MAX_FILES:
            raise LabError(f"{self.path.name} holds {len(listed):,} files; no run has so many.")
        entries: dict[str, zipfile.ZipInfo] = {}
        total = 0
        for each in listed:
            name = each.filename
            if name != MANIFEST and not _NAME.fullmatch(name):
                raise LabError(
                    f"{self.path.name} holds {name[:80]!r}, which does not belong to runs.",
                    "Choose a .zip that this lab exported.",
                )
            if name in entries:
                raise LabError(f"{self.path.name} holds {name} twice.", "Export it again.")
            entries[name] = each
            most = MAX_FILE if name.endswith(_STORED) else MAX_TEXT
            total += each.file_size
            if each.file_size > most or total > MAX_TOTAL:
                raise LabError(
                    f"{self.path.name} would unpack to more than any run has.",
                    "Choose a .zip that this lab exported.",
                    detail=f"{name}: {each.file_size} bytes",
                )
        return entries

    def _manifest(self) -> Mapping[str, dict[str, Any]]:
        if MANIFEST not in self._entries:
            raise LabError(
                f"{self.path.name} holds no runs.", "Choose a .zip that this lab exported."
            )
        manifest = self._object(MANIFEST, self._unpack(MANIFEST))
        files = manifest.get("files")
        if manifest.get("kind") != KIND or not isinstance(files, dict):
            raise self._wrong(MANIFEST)
        if not all(isinstance(each, dict) and "sha256" in each for each in files.values()):
            raise self._wrong(MANIFEST)
        if missing := files.keys() - self._entries.keys():
            raise LabError(f"{self.path.name} lacks {min(missing)}.", "Export it again.")
        if extra := self._entries.keys() - files.keys() - {MANIFEST}:
            raise LabError(
                f"{self.path.name} holds {min(extra)}, which its manifest does not name.",
                "Export it again.",
            )
        return files

    def _unpack(self, name: str) -> bytes:
        try:
            return self._archive.read(self._entries[name])  # never more than the entry says
        except (zipfile.BadZipFile, zlib.error, RuntimeError, OSError, ValueError) as error:
            raise self._wrong(name) from error  # RuntimeError: it is encrypted
        except (EOFError, NotImplementedError) as error:
            raise self._wrong(name) from error

    def _wrong(self, name: str) -> LabError:
        return LabError(f"{self.path.name} is damaged: {name} cannot be read.", "Copy it again.")
