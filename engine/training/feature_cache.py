"""Features that were computed once, kept on disk: a retrain after a correction starts at once."""

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.errors import LabError
from engine.files import is_no_room
from engine.paths import cache_dir
from engine.training.views import VIEWS_VERSION

Floats = NDArray[np.float32]
Key = tuple[str, int]
"""Of a view: the picture's sha256 and the view's number."""

MOST_BYTES: Final = 2 << 30
"""Of all caches together; the one that was used longest ago goes first."""
_PAGE: Final = 4096


class FeatureCache:
    """The features that one backbone found in views; one thread uses it at a time.

    Features are kept with 11 bits of precision (float16), far more than an 8-bit model's.
    """

    def __init__(
        self, backbone_sha256: str, length: int, *, root: Path | None = None, most_bytes: int = 0
    ) -> None:
        """Open a backbone's cache, or begin one; a damaged one is begun anew.

        Args:
            backbone_sha256: Of the backbone's file.
            length: Features of one view.
            root: Folder of the caches.
            most_bytes: Of this cache; 0 for no limit but the disk's.

        Raises:
            LabError: If it cannot be written.
        """
        self._length = length
        folder = root if root is not None else cache_dir() / "features"
        self._path = folder / f"{backbone_sha256[:32]}-{VIEWS_VERSION}.sqlite"
        with _said():
            folder.mkdir(parents=True, exist_ok=True)
            _make_room(folder, self._path)
            try:
                self._open()
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError):
                    raise
                for each in _files(self._path):  # damaged: it can be computed again
                    each.unlink(missing_ok=True)
                self._open()
            if most_bytes:
                self._database.execute(f"PRAGMA max_page_count = {most_bytes // _PAGE}")
            self._path.touch()

    def _open(self) -> None:
        self._database = sqlite3.connect(self._path, check_same_thread=False)
        self._database.execute(f"PRAGMA page_size = {_PAGE}")
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = OFF")  # a lost cache is computed again
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS features "
            "(picture BLOB, view INTEGER, vector BLOB, PRIMARY KEY (picture, view))"
        )

    def find(self, keys: Iterable[Key]) -> dict[Key, Floats]:
        """Return what is kept of some views.

        Raises:
            LabError: If the cache cannot be read.
        """
        wanted: dict[str, set[int]] = {}
        for picture, view in keys:
            wanted.setdefault(picture, set()).add(view)
        found: dict[Key, Floats] = {}
        with _said():
            for picture, views in wanted.items():
                rows = self._database.execute(
                    "SELECT view, vector FROM features WHERE picture = ?", (bytes.fromhex(picture),)
                )
                for view, raw in rows:
                    if view in views and len(raw) == 2 * self._length:
                        vector = np.frombuffer(raw, np.float16).astype(np.float32)
                        found[picture, view] = vector
        return found

    def keep(self, rows: Iterable[tuple[Key, Floats]]) -> None:
        """Keep features; all of them or, if there is no room, none.

        Raises:
            LabError: If there is no room or no right to write.
        """
        values = [
            (bytes.fromhex(picture), view, vector.astype(np.float16).tobytes())
            for (picture, view), vector in rows
        ]
        with _said(), self._database:
            self._database.executemany("INSERT OR REPLACE INTO features VALUES (?, ?, ?)", values)

    def close(self) -> None:
        """Close the file."""
        self._database.close()


def as_kept(vector: Floats) -> Floats:
    """Return features as the cache gives them back: a first run must equal a second."""
    rounded: Floats = vector.astype(np.float16).astype(np.float32)
    return rounded


def _make_room(folder: Path, own: Path) -> None:
    caches = sorted(folder.glob("*.sqlite"), key=lambda path: path.stat().st_mtime, reverse=True)
    total = 0
    for path in caches:
        total += path.stat().st_size
        if total > MOST_BYTES and path != own:
            for each in _files(path):
                each.unlink(missing_ok=True)


def _files(path: Path) -> list[Path]:
    return [path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))]


@contextlib.contextmanager
def _said() -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_FULL or is_no_room(error):
            raise LabError(
                "There is no room left to keep what was computed of the pictures.",
                "Free some space and train again: it goes on from there.",
                detail=str(error),
            ) from error
        raise LabError(
            "The cache of the pictures' features cannot be used.",
            "Make the lab's cache folder writable.",
            detail=str(error),
        ) from error
