"""What is in an APK: package, version, ABIs, and the model that it carries."""

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from engine.apk.archive import ArchiveReader, native_abi
from engine.apk.manifest import Manifest, read_manifest
from engine.errors import LabError

MODEL = "assets/lab/model.tflite"
LABELS = "assets/lab/labels.txt"
CONFIG = "assets/lab/config.json"
PICTURES = "assets/lab/pictures/"

_LATER = ("task", "fit", "scores")  # the first APKs did not say these


@dataclass(frozen=True, slots=True)
class ApkModel:
    """What an APK's ``config.json`` says of the model beside it.

    Attributes:
        name: As the lab shows it, for instance ``v1_0.50_128-int8``.
        sha256: Of the model, lower-case hex.
        size_bytes: Of the model.
        untrained: Whether its weights are random.
        threads: How many the app starts with.
        delegate: What the app starts with: ``cpu``, ``xnnpack``, ``nnapi`` or ``gpu``.
        source: What the app starts with: ``camera``, ``pictures`` or ``loop``.
        task: What it is for: ``classification``, ``detection``, ``embedding`` or
            ``segmentation``. Like all that follow empty if the APK does not say.
        fit: How pictures are laid into its input: ``crop``, ``letterbox`` or ``stretch``.
        scores: What a classifier's output holds: ``probabilities`` or ``logits``.
    """

    name: str
    sha256: str
    size_bytes: int
    untrained: bool
    threads: int
    delegate: str
    source: str
    task: str = ""
    fit: str = ""
    scores: str = ""


@dataclass(frozen=True, slots=True)
class ApkFacts:
    """What is in an APK.

    Attributes:
        path: The file.
        size_bytes: Its length.
        sha256: Of the whole file, lower-case hex.
        manifest: What its manifest says.
        abis: Those it has native libraries for, sorted; empty if it has none.
        model: The lab's model in it, or None.
        pictures: How many pictures for the app's own source there are.
    """

    path: Path
    size_bytes: int
    sha256: str
    manifest: Manifest
    abis: tuple[str, ...]
    model: ApkModel | None
    pictures: int

    @property
    def package(self) -> str:
        """Return the application's id."""
        return self.manifest.package

    @property
    def version_code(self) -> int:
        """Return the number that grows from release to release."""
        return self.manifest.version_code

    @property
    def version_name(self) -> str:
        """Return the version for people."""
        return self.manifest.version_name


def inspect_apk(path: Path, *, sha256: str = "") -> ApkFacts:
    """Return what is in an APK; its signature is not checked.

    Args:
        path: The APK.
        sha256: Of the whole file, if it is known already; else it is read through.

    Raises:
        LabError: If it is not a sound APK, or the lab's part in it is damaged.
    """
    with ArchiveReader(path) as apk:
        return ApkFacts(
            path=path,
            size_bytes=apk.size_bytes,
            sha256=sha256 or _sha256(apk),
            manifest=read_manifest(apk),
            abis=abis_of(apk),
            model=_read_model(apk),
            pictures=sum(entry.name.startswith(PICTURES) for entry in apk.entries),
        )


def _sha256(apk: ArchiveReader) -> str:
    digest = hashlib.sha256()
    for chunk in apk.chunks(0, apk.size_bytes):
        digest.update(chunk)
    return digest.hexdigest()


def abis_of(apk: ArchiveReader) -> tuple[str, ...]:
    """Return the ABIs that an APK has native libraries for, sorted."""
    return tuple(sorted({abi for entry in apk.entries if (abi := native_abi(entry.name))}))


def _read_model(apk: ArchiveReader) -> ApkModel | None:
    entry, model = apk.entry(CONFIG), apk.entry(MODEL)
    if entry is None or model is None:
        return None
    try:
        config: Any = orjson.loads(apk.read(entry, limit_bytes=1 << 20))
        kinds = ApkModel.__annotations__
        told = {name: config[name] for name in kinds if name in config or name not in _LATER}
        found = ApkModel(**told)
    except (ValueError, TypeError, KeyError) as error:
        raise _damaged(apk) from error
    if not all(type(getattr(found, name)) is kind for name, kind in kinds.items()):
        raise _damaged(apk)
    if found.size_bytes != model.size_bytes:
        raise _damaged(apk)
    return found


def encode_model(model: ApkModel) -> bytes:
    """Return the ``config.json`` that says this of a model."""
    told = {name: value for name, value in asdict(model).items() if value or name not in _LATER}
    return orjson.dumps(told)


def _damaged(apk: ArchiveReader) -> LabError:
    return apk.broken("the lab's config.json in it does not describe its model")
