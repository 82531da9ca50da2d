"""A head that training had not finished with, kept so that nothing learned is lost."""

import hashlib
import io
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from engine.errors import LabError
from engine.files import write_whole
from engine.paths import cache_dir
from engine.training.head import Head

MOST_KEPT: Final = 20


class Learned:
    """Heads of trainings that were cancelled or broke off, one per backbone and classes."""

    def __init__(self, root: Path | None = None) -> None:
        """Use ``root``, by default a folder in the lab's cache."""
        self._root = root if root is not None else cache_dir() / "learned"

    def find(self, key: str) -> Head | None:
        """Return a head, or None if there is none or it is damaged."""
        try:
            with np.load(io.BytesIO(self._path(key).read_bytes())) as arrays:
                kernel, bias = arrays["kernel"], arrays["bias"]
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None
        if kernel.ndim != 2 or bias.shape != kernel.shape[1:]:
            return None
        return Head(kernel.astype(np.float32), bias.astype(np.float32))

    def keep(self, key: str, head: Head) -> None:
        """Keep a head in place of an older one.

        Raises:
            LabError: If there is no room or no right to write.
        """
        content = io.BytesIO()
        np.savez(content, kernel=head.kernel, bias=head.bias)
        try:
            self._root.mkdir(parents=True, exist_ok=True)
            kept = sorted(self._root.glob("*.npz"), key=lambda path: path.stat().st_mtime)
            for old in kept[:-MOST_KEPT]:
                old.unlink(missing_ok=True)
        except OSError as error:
            raise LabError("What was learned cannot be kept.", detail=str(error)) from error
        write_whole(self._path(key), content.getvalue())

    def forget(self, key: str) -> None:
        """Forget a head; no error if there is none."""
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self._root / f"{key}.npz"


def learned_key(folder: Path, variant: str, weights_sha256: str, classes: Sequence[str]) -> str:
    """Return what tells one training from another, whatever was corrected in between."""
    parts = [str(folder.resolve()), variant, weights_sha256, list(classes)]
    return hashlib.sha256(json.dumps(parts).encode("utf-8", "surrogateescape")).hexdigest()
