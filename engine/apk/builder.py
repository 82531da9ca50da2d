"""Base APK + model + labels + config -> an APK that a phone installs."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import orjson

from engine.apk.archive import ArchiveReader, ArchiveWriter, Entry, native_abi
from engine.apk.inspector import (
    CONFIG,
    LABELS,
    MODEL,
    ApkFacts,
    ApkModel,
    abis_of,
    inspect_apk,
)
from engine.apk.signing import SigningKey, progress_of, sign_in_place
from engine.errors import LabError
from engine.files import replacing
from engine.jobs import CancelToken, Report, ignore_progress
from engine.models.inspector import check_labels, check_runnable, inspect_bytes, read_model
from engine.paths import ASSETS

BASE_APK = ASSETS / "phone-app.apk"
DELEGATES = ("cpu", "xnnpack", "nnapi")
SOURCES = ("camera", "pictures", "loop")

_LAB_FOLDER = "assets/lab/"
_SIGNED_BY_JAR = (".SF", ".RSA", ".DSA", ".EC", "/MANIFEST.MF")


@dataclass(frozen=True, slots=True)
class _Contents:
    """What goes into one APK besides what the base holds."""

    model: bytes
    config: ApkModel
    labels: bytes


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
    base: Path = BASE_APK,
    report: Report = ignore_progress,
    cancel: CancelToken | None = None,
) -> ApkFacts:
    """Build the APK that runs ``model`` on a phone, and sign it.

    The same arguments and key give the same bytes. Reports the steps ``build`` and
    ``sign``. Failing or being cancelled leaves ``output`` as it was.

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
        delegate: What executes the graph at first, one of ``DELEGATES``.
        source: Where pictures come from at first, one of ``SOURCES``.
        base: The phone app without a model.
        report: Told of progress, on the caller's thread.
        cancel: Obeyed at each MiB.

    Raises:
        LabError: If the model cannot run on a phone, the labels are not its own, the base
            is missing or lacks an ABI, or the APK cannot be written.
        Cancelled: If the token was cancelled.
    """
    data = read_model(model)  # these very bytes are packed, whatever becomes of the file
    facts = inspect_bytes(data, model)
    check_runnable(facts)
    check_labels(facts, labels)
    config = ApkModel(name, facts.sha256, facts.size_bytes, untrained, threads, delegate, source)
    _check_config(config)
    contents = _Contents(data, config, _encode_labels(labels))
    _check_output(output, model, base)
    if not base.is_file():
        raise LabError(
            f"The phone app {base} is missing.",
            "Build it with: python3 packaging/android/build.py",
        )
    with replacing(output) as part:
        _pack(part, base, abis, contents, report, cancel)
        sign_in_place(part, key, progress_of("sign", part.stat().st_size, report, cancel))
        built = inspect_apk(part)
        if cancel is not None:
            cancel.check()
    return replace(built, path=output)


def _pack(
    part: Path,
    base: Path,
    abis: Sequence[str] | None,
    contents: _Contents,
    report: Report,
    cancel: CancelToken | None,
) -> None:
    """Write the unsigned APK, its entries sorted by name."""
    with ArchiveReader(base) as apk, part.open("wb") as file:
        kept = _kept(apk, abis)
        total = contents.config.size_bytes + sum(entry.packed_bytes for entry in kept)
        writer = ArchiveWriter(file, progress_of("build", total, report, cancel))
        steps: list[tuple[str, Callable[[], None]]] = [
            (entry.name, _copying(writer, apk, entry)) for entry in kept
        ]
        config = orjson.dumps(asdict(contents.config))
        steps += [
            (CONFIG, lambda: writer.add(CONFIG, config)),
            (LABELS, lambda: writer.add(LABELS, contents.labels)),
            (MODEL, lambda: writer.add(MODEL, contents.model)),
        ]
        for _, step in sorted(steps, key=lambda item: item[0]):
            step()
        writer.finish()


def _copying(writer: ArchiveWriter, apk: ArchiveReader, entry: Entry) -> Callable[[], None]:
    return lambda: writer.copy(apk, entry)


def _kept(apk: ArchiveReader, abis: Sequence[str] | None) -> list[Entry]:
    """Return the base's entries that go into the APK."""
    known = abis_of(apk)
    wanted = set(known if abis is None else abis)
    missing = sorted(wanted - set(known))
    if missing or (known and not wanted):
        asked = ", ".join(missing) or "no ABI"
        raise LabError(
            f"The phone app {apk.path.name} has no code for {asked}.",
            f"It has: {', '.join(known) or 'no native code at all'}.",
        )
    return [
        entry
        for entry in apk.entries
        if (native_abi(entry.name) or "") in wanted | {""}
        and not entry.name.endswith("/")
        and not entry.name.startswith(_LAB_FOLDER)
        and not (entry.name.startswith("META-INF/") and entry.name.endswith(_SIGNED_BY_JAR))
    ]


def _encode_labels(labels: Sequence[str]) -> bytes:
    for number, label in enumerate(labels, 1):
        if len(label.splitlines()) > 1 or label.endswith(("\n", "\r")):
            raise LabError(f"Label {number} has a line break in it.", "Put one label on a line.")
    try:
        return "".join(f"{label}\n" for label in labels).encode()
    except UnicodeEncodeError as error:
        raise LabError(
            "A label is not proper text.", "Save the labels as UTF-8.", detail=str(error)
        ) from error


def _check_config(config: ApkModel) -> None:
    if not config.name.strip() or not config.name.isprintable():
        raise LabError("The model has no name.", "Give it one that can be shown on the phone.")
    if not 1 <= config.threads <= 64:
        raise LabError(f"{config.threads} threads cannot be.", "Choose 1 to 8.")
    for value, known in ((config.delegate, DELEGATES), (config.source, SOURCES)):
        if value not in known:
            raise LabError(f"The phone app does not know {value}.", f"Choose: {', '.join(known)}.")


def _check_output(output: Path, *inputs: Path) -> None:
    """Refuse to replace what the APK is made from."""
    for path in inputs:
        if output.exists() and path.exists() and output.samefile(path):
            raise LabError(
                f"The APK would replace {path.name}, from which it is made.",
                "Choose another name for it.",
            )
