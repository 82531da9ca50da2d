"""Offline packs: chosen models in one folder or ``.zip``, for computers without a network.

A pack holds ``manifest.json`` and the files that it names, each with its size and sha256,
under ``models/``. It is read whole before anything of it is kept.
"""

import contextlib
import hashlib
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from engine.about import lab_version
from engine.errors import LabError
from engine.files import replacing
from engine.jobs import CancelToken, Progress, Report, ignore_progress
from engine.models.inspector import check_labels, inspect_bytes
from engine.models.labels import parse_labels
from engine.models.store import ModelStore, StoredModel
from engine.sources.manifest import MANIFEST, Manifest, PackedFile, PackedModel
from engine.sources.packed_files import PackedFiles, open_pack

STEP_WRITE, STEP_CHECK, STEP_KEEP = "pack", "check", "keep"
LICENCE_OF_BUILT = "made by the lab"
Put = Callable[[str, bytes], object]


@dataclass(frozen=True, slots=True)
class Packed:
    """A pack that was written.

    Attributes:
        path: The folder or the ``.zip``.
        models: How many it holds.
        size_bytes: Of the models and labels together.
    """

    path: Path
    models: int
    size_bytes: int


def write_pack(
    models: Sequence[StoredModel],
    target: Path,
    *,
    report: Report = ignore_progress,
    cancel: CancelToken | None = None,
) -> Packed:
    """Write models as an offline pack that appears whole or not at all.

    Args:
        models: From the store.
        target: A ``.zip``, which is replaced, or a folder, which must be new or empty.
        report: Told of progress, under the step ``pack``.
        cancel: Stops it.

    Raises:
        LabError: There is nothing to pack, a model is damaged, or it cannot be written.
        Cancelled: If it was cancelled.
    """
    cancel = cancel or CancelToken()
    if not models:
        raise LabError("There is nothing to pack.", "Name models, or fetch or build some first.")
    writing = _into_zip if target.suffix.lower() == ".zip" else _into_folder
    listed, size = [], 0
    with writing(target) as put:
        for number, model in enumerate(models):
            cancel.check()
            report(Progress(STEP_WRITE, number / len(models), model.name))
            packed, contents = _packed(number, model)
            for file, data in contents:
                put(file.path, data)
                size += file.size_bytes
            listed.append(packed)
        put(MANIFEST, Manifest(lab_version(), tuple(listed)).to_json())
        cancel.check()
    report(Progress(STEP_WRITE, 1.0, f"{size / 1e6:.1f} MB"))
    return Packed(target, len(models), size)


def read_pack(
    source: Path,
    *,
    store: ModelStore,
    report: Report = ignore_progress,
    cancel: CancelToken | None = None,
) -> tuple[StoredModel, ...]:
    """Check an offline pack whole, then keep all its models; those here already stay.

    Args:
        source: A folder or a ``.zip``.
        store: Where the models are kept.
        report: Told of progress, under the steps ``check`` and ``keep``.
        cancel: Stops it; then nothing of the pack is kept.

    Raises:
        LabError: It is no pack, or is cut off, changed or tricky; nothing of it is kept.
        Cancelled: If it was cancelled.
    """
    cancel = cancel or CancelToken()
    with open_pack(source) as files:
        manifest = Manifest.from_json(files.manifest(), source.name)
        for number, model in enumerate(manifest.models):
            report(Progress(STEP_CHECK, number / len(manifest.models), model.name))
            _read(files, model, cancel)
        with _all_or_none(store) as fresh:
            kept = []
            for number, model in enumerate(manifest.models):
                report(Progress(STEP_KEEP, number / len(manifest.models), model.name))
                data, labels = _read(files, model, cancel)
                if store.get(model.key) is None:
                    fresh.append(model.key)
                store.put(
                    model.key, data, name=model.name, built=model.built, labels=labels,
                    note=model.note,
                )  # fmt: skip
                kept.append(store.kept(model.key))
            cancel.check()
    report(Progress(STEP_KEEP, 1.0, f"{len(kept)} models"))
    return tuple(kept)


def _packed(
    number: int, model: StoredModel
) -> tuple[PackedModel, tuple[tuple[PackedFile, bytes], ...]]:
    """Return what the manifest says of a model, and its files."""
    try:
        data = model.path.read_bytes()
        labels = model.labels.read_bytes() if model.labels else b""
    except OSError as error:
        raise LabError(f"The model {model.name} cannot be read.", detail=str(error)) from error
    if hashlib.sha256(data).hexdigest() != model.sha256:
        raise LabError(f"The model {model.name} is damaged.", "Remove it and get it again.")
    stem = f"models/{number + 1:03d}-{model.path.stem}"
    files = [(PackedFile.of(f"{stem}.tflite", data), data)]
    if labels:
        files.append((PackedFile.of(f"{stem}.labels.txt", labels), labels))
    note = replace(model.note, task=inspect_bytes(data, model.path).task)
    if model.built and not note.licence:
        note = replace(note, licence=LICENCE_OF_BUILT)
    packed = PackedModel(
        model.name, model.key, model.built, files[0][0], files[1][0] if labels else None, note
    )
    return packed, tuple(files)


def _read(
    files: PackedFiles, model: PackedModel, cancel: CancelToken
) -> tuple[bytes, tuple[str, ...]]:
    """Return a packed model and its labels, if they are what the manifest says."""
    data = _checked(files, model.file, cancel)
    facts = inspect_bytes(data, Path(f"{model.name}.tflite"))
    labels = parse_labels(_checked(files, model.labels, cancel)) if model.labels else ()
    check_labels(facts, labels)
    other = LabError(
        f"The pack calls something {model.name} that is another model.",
        "Take the pack from somebody else.",
        detail=f"{model.key} {facts.sha256} {facts.marker}",
    )
    if model.built and facts.marker is None:
        raise other
    if not model.built and model.key != facts.sha256:
        raise other
    return data, labels


def _checked(files: PackedFiles, file: PackedFile, cancel: CancelToken) -> bytes:
    data = files.read(file.path, file.size_bytes, cancel)
    if hashlib.sha256(data).hexdigest() != file.sha256:
        raise LabError(
            f"The file {file.path} of the pack was changed since it was packed.",
            "Copy the pack again; nothing of it was kept.",
        )
    return data


@contextlib.contextmanager
def _all_or_none(store: ModelStore) -> Iterator[list[str]]:
    """Forget again what was kept if the block fails."""
    fresh: list[str] = []
    try:
        yield fresh
    except BaseException:
        for key in fresh:
            store.remove(key)
        raise


@contextlib.contextmanager
def _into_zip(target: Path) -> Iterator[Put]:
    with (
        replacing(target) as part,
        zipfile.ZipFile(part, "w", zipfile.ZIP_STORED, strict_timestamps=False) as written,
    ):
        yield written.writestr


@contextlib.contextmanager
def _into_folder(target: Path) -> Iterator[Put]:
    try:
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise LabError(f"{target} is there already.", "Choose a new folder, or a .zip.")
        if not target.parent.is_dir():
            raise LabError(f"There is no folder {target.parent}.", "Make it first.")
        draft = Path(tempfile.mkdtemp(prefix=f".{target.name[:80]}.", dir=target.parent))
        try:
            (draft / "models").mkdir()
            yield lambda name, data: (draft / name).write_bytes(data)
            draft.chmod(0o755)  # mkdtemp's are the owner's alone; a pack is for others
            if target.exists():
                target.rmdir()
            draft.rename(target)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    except OSError as error:
        raise LabError(
            f"The pack {target} cannot be written: {error.strerror or error}.",
            "Choose another place, or free some space.",
            detail=str(error),
        ) from error
