"""What an APK is made from: the base's entries, and files that are copied into it."""

import mmap
import traceback
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self, cast

from engine.apk.archive import ArchiveReader, Entry, native_abi
from engine.apk.inspector import abis_of
from engine.errors import LabError
from engine.models.graph import MAX_MODEL_BYTES
from engine.models.inspector import ModelFacts, inspect_bytes
from engine.paths import ASSETS

BASE_APK = ASSETS / "phone-app.apk"
GPU_LIBRARIES = ASSETS / "phone-app-gpu.zip"
GPU_LIBRARY = "libtensorflowlite_gpu_jni.so"
LAB_FOLDER = "assets/lab/"

_SIGNED_BY_JAR = (".SF", ".RSA", ".DSA", ".EC", "/MANIFEST.MF")

Kept = list[tuple[ArchiveReader, Entry]]


class SourceFile:
    """A file that is copied into an APK.

    Trouble with reading it is a ``LabError``, so that any other is trouble with writing.

    Attributes:
        path: The file.
        size_bytes: Its length when it was opened.
    """

    def __init__(self, path: Path) -> None:
        """Open it; raises ``LabError`` if it cannot be read."""
        self.path = path
        try:
            self._file = path.open("rb", buffering=0)
            self.size_bytes = self._file.seek(0, 2)
            self._file.seek(0)
        except (OSError, ValueError) as error:
            raise self._unreadable(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def readinto(self, buffer: memoryview) -> int:
        """Read into ``buffer`` as ``io.RawIOBase`` does, but never nothing.

        Raises:
            LabError: If it cannot be read, or ends before the length it had.
        """
        try:
            got = self._file.readinto(buffer)
        except OSError as error:
            raise self._unreadable(error) from error
        if not got:
            raise LabError(f"{self.path.name} became shorter while it was read.", "Try again.")
        return got

    def _unreadable(self, error: Exception) -> LabError:
        return LabError(
            f"The file {self.path} cannot be read.", "Check the name.", detail=str(error)
        )


@contextmanager
def open_model(path: Path) -> Iterator[SourceFile]:
    """Open a model to be copied.

    Raises:
        LabError: If it cannot be read or is too big to be meant.
    """
    with SourceFile(path) as model:
        if model.size_bytes > MAX_MODEL_BYTES:
            raise LabError(
                f"The model file {path.name} is {model.size_bytes / 1e6:.0f} MB; the lab takes"
                f" at most {MAX_MODEL_BYTES / 1e6:.0f} MB."
            )
        yield model


def inspect_copy(part: Path, start: int, size_bytes: int, model: Path) -> ModelFacts:
    """Return what a model is that was copied into ``part`` at offset ``start``.

    It is mapped, not read into memory; ``model`` only names it. Labels that are packed in
    it are not looked for: reading those would take it into memory.

    Raises:
        LabError: If this is not a sound TensorFlow Lite model.
    """
    if not size_bytes:
        return inspect_bytes(b"", model)
    with ExitStack() as stack:
        file = stack.enter_context(part.open("rb"))
        whole = mmap.mmap(file.fileno(), start + size_bytes, access=mmap.ACCESS_READ)
        stack.enter_context(whole)
        view = stack.enter_context(memoryview(whole))
        copy = stack.enter_context(view[start:])
        try:
            return inspect_bytes(cast("bytes", copy), model)
        except LabError as error:
            for each in (error, error.__cause__):  # their frames would keep the map open
                traceback.clear_frames(each.__traceback__ if each else None)
            raise


@contextmanager
def open_kept(base: Path, gpu: Path | None, abis: Sequence[str] | None) -> Iterator[Kept]:
    """Give the entries that go into an APK as they are, by name, each with its archive.

    Args:
        base: The phone app without a model.
        gpu: The libraries of the delegate ``gpu``, or None to go without.
        abis: Those to keep native libraries for; all in the base if None.

    Raises:
        LabError: If an archive is missing or not sound, or lacks an ABI.
    """
    if not base.is_file():
        raise LabError(
            f"The phone app {base} is missing.",
            "Build it with: python3 packaging/android/build.py",
        )
    with ExitStack() as stack:
        apk = stack.enter_context(ArchiveReader(base))
        known = abis_of(apk)
        wanted = tuple(sorted(set(known if abis is None else abis)))
        _check_abis(apk, known, wanted)
        kept = [(apk, entry) for entry in apk.entries if _is_kept(entry, wanted)]
        if gpu is not None:
            kept += _gpu_entries(stack, gpu, wanted)
        yield sorted(kept, key=lambda item: item[1].name)


def _check_abis(apk: ArchiveReader, known: tuple[str, ...], wanted: tuple[str, ...]) -> None:
    missing = sorted(set(wanted) - set(known))
    if missing or (known and not wanted):
        asked = ", ".join(missing) or "no ABI"
        raise LabError(
            f"The phone app {apk.path.name} has no code for {asked}.",
            f"It has: {', '.join(known) or 'no native code at all'}.",
        )


def _is_kept(entry: Entry, abis: tuple[str, ...]) -> bool:
    abi, name = native_abi(entry.name), entry.name
    if abi is not None:
        return abi in abis and not name.endswith("/" + GPU_LIBRARY)
    signed = name.startswith("META-INF/") and name.endswith(_SIGNED_BY_JAR)
    return not (signed or name.endswith("/") or name.startswith(LAB_FOLDER))


def _gpu_entries(stack: ExitStack, gpu: Path, abis: tuple[str, ...]) -> Kept:
    if not gpu.is_file():
        raise LabError(
            "The lab has no library for the delegate gpu here.",
            f"Choose another delegate, or put {gpu.name} into {gpu.parent}.",
            detail=str(gpu),
        )
    libraries = stack.enter_context(ArchiveReader(gpu))
    found = []
    for abi in abis:
        entry = libraries.entry(f"lib/{abi}/{GPU_LIBRARY}")
        if entry is None:
            raise LabError(
                f"The delegate gpu has no code for {abi}.",
                f"{gpu.name} has: {', '.join(abis_of(libraries)) or 'none'}.",
            )
        found.append((libraries, entry))
    return found
