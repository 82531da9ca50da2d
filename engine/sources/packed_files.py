"""The files of an offline pack, whether it lies there as a folder or as a ``.zip``."""

import contextlib
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final, Protocol

from engine.errors import LabError
from engine.jobs import CancelToken
from engine.sources.archives import read_all, safe_name, tricked
from engine.sources.manifest import MANIFEST

_MAX_MANIFEST_BYTES: Final = 8 << 20
_MAX_ENTRIES: Final = 10_000
_LINK: Final = 0o120000
_KIND: Final = 0o170000
_PACKINGS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class PackedFiles(Protocol):
    """What reading a pack needs."""

    def manifest(self) -> bytes:
        """Return the content of ``manifest.json``."""

    def read(self, name: str, size: int, cancel: CancelToken) -> bytes:
        """Return a file that must have ``size`` bytes."""


def is_pack(path: Path) -> bool:
    """Whether this is a folder or a zip rather than a model: then it can only be a pack."""
    if path.is_dir():
        return True
    try:
        with path.open("rb") as file:  # a model with labels inside ends like a zip, too
            return file.read(2) == b"PK" and path.suffix.lower() not in (".keras", ".tflite")
    except OSError:
        return False


@contextlib.contextmanager
def open_pack(source: Path) -> Iterator[PackedFiles]:
    """Open a pack for reading.

    Raises:
        LabError: There is none, it is damaged, or something in it leads out of it.
    """
    try:
        if source.is_dir():
            yield _Folder(source)
            return
        with zipfile.ZipFile(source) as opened:
            yield _Zip(source, opened)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise LabError(
            f"The pack {source.name} is damaged or cut off, so nothing of it was kept.",
            "Copy it again.",
            detail=repr(error),
        ) from error
    except OSError as error:
        raise LabError(
            f"The pack {source} cannot be read.", "Check the name.", detail=str(error)
        ) from error


class _Folder:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def manifest(self) -> bytes:
        path = self._folder / MANIFEST
        if not path.is_file():
            raise _no_pack(self._folder)
        size = path.stat().st_size
        if size > _MAX_MANIFEST_BYTES:
            raise _no_pack(self._folder)
        return self.read(MANIFEST, size, CancelToken())

    def read(self, name: str, size: int, cancel: CancelToken) -> bytes:
        path = self._folder / name
        if not safe_name(name) or path.is_symlink() or path.parent.is_symlink():
            raise tricked(self._folder, name)
        if not path.is_file():
            raise _missing(self._folder, name)
        with path.open("rb") as file:
            return _sized(file, path.stat().st_size, size, name, cancel)


class _Zip:
    def __init__(self, source: Path, opened: zipfile.ZipFile) -> None:
        self._source, self._zip = source, opened
        entries = opened.infolist()
        if len(entries) > _MAX_ENTRIES:
            raise _no_pack(source)
        for entry in entries:
            if not safe_name(entry.filename) or (entry.external_attr >> 16) & _KIND == _LINK:
                raise tricked(source, entry.filename)
            if entry.flag_bits & 1 or entry.compress_type not in _PACKINGS:
                raise LabError(
                    f"{source.name} is locked or packed in a way the lab does not know.",
                    "Pack it again as a plain zip.",
                )
        names = [entry.filename for entry in entries]
        if len(set(names)) != len(names):
            raise tricked(source, "the same name twice")
        self._entries = {entry.filename: entry for entry in entries}
        # Some file managers put the folder itself into the zip they make of it.
        roots = [name.removesuffix(MANIFEST) for name in names if _is_manifest(name)]
        if len(roots) != 1:
            raise _no_pack(source)
        self._root = roots[0]

    def manifest(self) -> bytes:
        entry = self._entries[self._root + MANIFEST]
        if entry.file_size > _MAX_MANIFEST_BYTES:
            raise _no_pack(self._source)
        return self.read(MANIFEST, entry.file_size, CancelToken())

    def read(self, name: str, size: int, cancel: CancelToken) -> bytes:
        entry = self._entries.get(self._root + name)
        if entry is None:
            raise _missing(self._source, name)
        with self._zip.open(entry) as file:
            return _sized(file, entry.file_size, size, name, cancel)


def _is_manifest(name: str) -> bool:
    parts = name.split("/")
    return parts[-1] == MANIFEST and len(parts) <= 2 and not parts[0].startswith("__")


def _sized(file: IO[bytes], there: int, size: int, name: str, cancel: CancelToken) -> bytes:
    if there != size:
        raise LabError(
            f"The file {name} of the pack has {there} bytes instead of {size}.",
            "Copy the pack again; nothing of it was kept.",
        )
    return read_all(file, size, cancel)


def _missing(pack: Path, name: str) -> LabError:
    return LabError(f"The pack {pack.name} lacks {name}.", "Copy it again; nothing of it was kept.")


def _no_pack(path: Path) -> LabError:
    return LabError(
        f"{path.name} is no offline pack.", "Command model pack makes one on another computer."
    )
