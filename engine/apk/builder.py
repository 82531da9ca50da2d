"""Base APK + model + labels + pictures + config -> an APK that a phone installs."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from engine.apk.growing_file import GrowingFile
from engine.apk.ingredients import (
    BASE_APK,
    GPU_LIBRARIES,
    Kept,
    SourceFile,
    inspect_copy,
    open_kept,
    open_model,
)
from engine.apk.inspector import (
    CONFIG,
    LABELS,
    MODEL,
    PICTURES,
    ApkFacts,
    ApkModel,
    encode_model,
    inspect_apk,
)
from engine.apk.pictures import check_pictures, shipped_pictures
from engine.apk.signing import SigningKey, progress_of, sign_growing
from engine.apk.writer import ArchiveWriter
from engine.errors import LabError
from engine.files import replacing
from engine.jobs import CancelToken, Report, ignore_progress
from engine.models.inspector import ModelFacts, check_labels, check_runnable
from engine.models.preprocessing import FITS, default_fit

__all__ = ["BASE_APK", "DELEGATES", "GPU", "SOURCES", "build_apk"]

GPU = "gpu"
DELEGATES = ("cpu", "xnnpack", "nnapi", GPU)
SOURCES = ("camera", "pictures", "loop")


@dataclass(frozen=True, slots=True)
class _Addition:
    """What goes into one APK besides what the base holds.

    Attributes:
        model: The ``.tflite``.
        start: What the app starts with; what the model itself must say is still empty.
        labels: One text per class, none for a model without.
        pictures: PNG files.
    """

    model: Path
    start: ApkModel
    labels: tuple[str, ...]
    pictures: tuple[Path, ...]


def build_apk(  # noqa: PLR0913 - what an APK is made of
    model: Path,
    labels: Sequence[str],
    output: Path,
    *,
    name: str,
    untrained: bool,
    key: SigningKey,
    abis: Sequence[str] | None = None,
    threads: int = 4,
    delegate: str = "xnnpack",
    source: str = "camera",
    fit: str = "",
    pictures: Sequence[Path] | None = None,
    base: Path = BASE_APK,
    gpu: Path = GPU_LIBRARIES,
    report: Report = ignore_progress,
    cancel: CancelToken | None = None,
) -> ApkFacts:
    """Build the APK that runs ``model`` on a phone, and sign it.

    The same arguments and key give the same bytes. Nothing large is held in memory. The
    model is copied first and its copy is inspected, so what the APK says of it is true
    whatever becomes of the file meanwhile. Reports the steps ``build`` and ``sign``.
    Failing or being cancelled leaves ``output`` as it was.

    Args:
        model: A ``.tflite`` that the phone app can run.
        labels: One text per class, none for a model without.
        output: Where the APK goes; replaced if it is there.
        name: What the app calls the model.
        untrained: Whether the weights are random, which the app then says.
        key: Who signs.
        abis: Android's names of those to keep native libraries for; all in the base if
            None.
        threads: How many the interpreter starts with.
        delegate: What executes the graph at first, one of ``DELEGATES``. Only ``gpu``
            brings the library it needs, some megabytes per ABI.
        source: Where pictures come from at first, one of ``SOURCES``.
        fit: How pictures are laid into the input, one of ``FITS``; the task's usual way
            if empty.
        pictures: What the source ``pictures`` shows, in this order; the lab's own if None.
        base: The phone app without a model.
        gpu: The libraries of the delegate ``gpu``.
        report: Told of progress, on the caller's thread.
        cancel: Obeyed at each MiB.

    Raises:
        LabError: If the model cannot run on a phone, the labels are not its own, the base
            is missing or lacks an ABI, or the APK cannot be written.
        Cancelled: If the token was cancelled.
    """
    shown = shipped_pictures() if pictures is None else tuple(pictures)
    start = ApkModel(name, "", 0, untrained, threads, delegate, source, fit=fit)
    addition = _Addition(model, start, tuple(labels), shown)
    _check_start(start)
    encode_labels(labels)
    check_pictures(shown)
    _check_output(output, model, base, gpu, *shown)
    with replacing(output) as part:
        with open_kept(base, gpu if delegate == GPU else None, abis) as kept:
            sha256 = _write(part, kept, addition, key, report, cancel)
        built = inspect_apk(part, sha256=sha256)
        if cancel is not None:
            cancel.check()
    return replace(built, path=output)


def picture_name(number: int) -> str:
    """Return the entry of a picture, numbered from 1: the app shows them in this order."""
    return f"{PICTURES}{number:02}.png"


def encode_labels(labels: Sequence[str]) -> bytes:
    """Return the ``labels.txt`` of these; raises ``LabError`` if one would not fit on a line."""
    for number, label in enumerate(labels, 1):
        if len(label.splitlines()) > 1 or label.endswith(("\n", "\r")):
            raise LabError(f"Label {number} has a line break in it.", "Put one label on a line.")
    try:
        return "".join(f"{label}\n" for label in labels).encode()
    except UnicodeEncodeError as error:
        raise LabError(
            "A label is not proper text.", "Save the labels as UTF-8.", detail=str(error)
        ) from error


def _write(
    part: Path,
    kept: Kept,
    addition: _Addition,
    key: SigningKey,
    report: Report,
    cancel: CancelToken | None,
) -> str:
    """Write the signed APK and return its SHA-256.

    The base's entries come first, by name; of the lab's the config comes last, for only
    then is it known what the model is.
    """
    with ExitStack() as stack:
        model = stack.enter_context(open_model(addition.model))
        pictures = [stack.enter_context(SourceFile(path)) for path in addition.pictures]
        total = sum(entry.packed_bytes for _, entry in kept)
        total += sum(each.size_bytes for each in (model, *pictures))
        file = stack.enter_context(GrowingFile(part, total))
        writer = ArchiveWriter(file, progress_of("build", total, report, cancel))
        for apk, entry in kept:
            writer.copy(apk, entry)
        for number, picture in enumerate(pictures, 1):
            writer.add_file(picture_name(number), picture, picture.size_bytes)
        model_at = writer.add_file(MODEL, model, model.size_bytes)
        file.flush()
        facts = inspect_copy(part, model_at, model.size_bytes, addition.model)
        check_runnable(facts)
        check_labels(facts, addition.labels)
        writer.add(LABELS, encode_labels(addition.labels))
        writer.add(CONFIG, encode_model(_told_of(facts, addition.start)))
        advance = progress_of("sign", file.position, report, cancel)
        return sign_growing(file, *writer.directory(), key, advance, whole=True)


def _told_of(facts: ModelFacts, start: ApkModel) -> ApkModel:
    """Return what the config says, the model's own facts filled in."""
    return replace(
        start,
        sha256=facts.sha256,
        size_bytes=facts.size_bytes,
        task=facts.task,
        fit=start.fit or default_fit(facts.task),
        scores=facts.scores_are,
    )


def _check_start(start: ApkModel) -> None:
    if not start.name.strip() or not start.name.isprintable():
        raise LabError("The model has no name.", "Give it one that can be shown on the phone.")
    if not 1 <= start.threads <= 64:
        raise LabError(f"{start.threads} threads cannot be.", "Choose 1 to 8.")
    for value, known in (
        (start.delegate, DELEGATES),
        (start.source, SOURCES),
        (start.fit, ("", *FITS)),
    ):
        if value not in known:
            listed = ", ".join(word for word in known if word)
            raise LabError(f"The phone app does not know {value}.", f"Choose: {listed}.")


def _check_output(output: Path, *inputs: Path) -> None:
    """Refuse to replace what the APK is made from."""
    for path in inputs:
        if output.exists() and path.exists() and output.samefile(path):
            raise LabError(
                f"The APK would replace {path.name}, from which it is made.",
                "Choose another name for it.",
            )
