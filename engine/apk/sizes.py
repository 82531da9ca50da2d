"""Where the bytes of an APK go, and where they would go if it were made otherwise."""

from collections import defaultdict
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from engine.apk.archive import DEFLATED, STORED, ArchiveReader, native_abi
from engine.apk.builder import GPU, encode_labels, picture_name
from engine.apk.ingredients import BASE_APK, GPU_LIBRARIES, open_kept
from engine.apk.inspector import CONFIG, LABELS, MODEL, PICTURES, ApkModel, encode_model
from engine.apk.manifest import MANIFEST
from engine.apk.pictures import shipped_pictures
from engine.apk.published import Published
from engine.apk.signature_block import PAGE_BYTES
from engine.apk.writer import Planned, lay_out
from engine.catalog.variants import ModelName
from engine.errors import LabError
from engine.models.preprocessing import default_fit

MOBILE_LIBRARY = "libtensorflow_inference.so"

_BLOCK_BYTES = PAGE_BYTES  # the lab's two signatures with their certificates are 2.7 KB


@dataclass(frozen=True, slots=True)
class ApkSizes:
    """An APK's bytes by what they are for; the parts sum to ``total_bytes`` exactly.

    Attributes:
        model_bytes: The models.
        native_bytes: (ABI, bytes of its native libraries), sorted by ABI.
        dex_bytes: Code.
        resources_bytes: Layouts, icons, texts and the manifest.
        pictures_bytes: What the source ``pictures`` shows.
        signature_bytes: The signing block with its padding.
        rest_bytes: Labels, notices, other assets, the zip's own headers and the gaps that
            keep things aligned.
        total_bytes: The file.
    """

    model_bytes: int
    native_bytes: tuple[tuple[str, int], ...]
    dex_bytes: int
    resources_bytes: int
    pictures_bytes: int
    signature_bytes: int
    rest_bytes: int
    total_bytes: int

    @property
    def parts(self) -> tuple[tuple[str, int], ...]:
        """Return (what, bytes) of every part, for a table or a bar."""
        return (
            ("model", self.model_bytes),
            *((f"native {abi}", count) for abi, count in self.native_bytes),
            ("dex", self.dex_bytes),
            ("resources", self.resources_bytes),
            ("pictures", self.pictures_bytes),
            ("signature", self.signature_bytes),
            ("rest", self.rest_bytes),
        )


@dataclass(frozen=True, slots=True)
class SizedModel:
    """A model that need not be there, as far as an APK's size goes.

    Attributes:
        name: What the app would call it.
        size_bytes: Of the ``.tflite``.
        labels: One text per class, none for a model without.
        untrained: Whether its weights are random.
        task: What it is for.
        scores: What a classifier's output holds.
    """

    name: str
    size_bytes: int
    labels: tuple[str, ...] = ()
    untrained: bool = True
    task: str = "classification"
    scores: str = "probabilities"


@dataclass(frozen=True, slots=True)
class SizeChoice:
    """What an APK would be made of.

    Attributes:
        models: Those in it; none for what the app weighs by itself.
        abis: Those with native libraries; all that there are if empty.
        runtime: ``lite``: the lab's phone app. ``mobile``: the same with TensorFlow Mobile
            in place of TensorFlow Lite, without pictures, everything large deflated, as
            apps were made in the report's time.
        gpu: Whether the library of the delegate ``gpu`` is in it; ``lite`` only.
    """

    models: tuple[SizedModel, ...]
    abis: tuple[str, ...] = ()
    runtime: Literal["lite", "mobile"] = "lite"
    gpu: bool = False


@dataclass(frozen=True, slots=True)
class ReportApp:
    """One of the report's apps.

    Attributes:
        name: For a person.
        claimed_bytes: How large the report says it was.
        choice: What it was made of, as far as the report says.
        why: How the report's figure was read.
    """

    name: str
    claimed_bytes: int
    choice: SizeChoice
    why: str


def measure_sizes(path: Path) -> ApkSizes:
    """Return where the bytes of an APK go; raises ``LabError`` if it is not a sound one.

    An entry counts as it lies in the file, packed or not.
    """
    with ArchiveReader(path) as apk:  # no entry overlaps another, or it had been refused
        entries = [Planned(each.name, each.method, each.packed_bytes) for each in apk.entries]
        return _sum_up(entries, apk.directory_offset - apk.contents_end, apk.size_bytes)


def what_if(choice: SizeChoice, base: Path = BASE_APK, gpu: Path = GPU_LIBRARIES) -> ApkSizes:
    """Return where the bytes of an APK would go.

    For ``lite`` with one model it is what ``build_apk`` makes with its usual settings, to
    the byte. For ``mobile`` it is reckoned from the libraries of TensorFlow for Android.

    Raises:
        LabError: If an archive is missing, or an ABI is in none of them.
    """
    mobile = choice.runtime == "mobile"
    abis = choice.abis or None
    with ExitStack() as stack:
        library = gpu if choice.gpu and not mobile else None
        kept = stack.enter_context(open_kept(base, library, None if mobile else abis))
        entries = [Planned(each.name, each.method, each.packed_bytes) for _, each in kept]
    if mobile:
        entries = _with_mobile(entries, choice, Published.load())
    else:
        entries += _lab_entries(choice)
    layout = lay_out(entries)
    block_at = layout.contents_end + -layout.contents_end % PAGE_BYTES
    total = block_at + _BLOCK_BYTES + layout.directory_bytes
    return _sum_up(entries, _BLOCK_BYTES, total)


def model_size(variant: str, precision: str) -> int:
    """Return the bytes of a variant's ``.tflite`` as the lab builds it, for 1000 classes.

    Raises:
        LabError: If there is no such variant or precision.
    """
    return Published.load().model_size(ModelName(variant, precision))


def _lab_entries(choice: SizeChoice) -> list[Planned]:
    """Return what the builder adds to the base, in its order."""
    entries = [
        Planned(picture_name(number), STORED, picture.stat().st_size)
        for number, picture in enumerate(shipped_pictures(), 1)
    ]
    for number, model in enumerate(choice.models, 1):
        name = MODEL if number == 1 else MODEL.replace(".", f"-{number}.")
        entries.append(Planned(name, STORED, model.size_bytes))
    if choice.models:
        first = choice.models[0]
        told = ApkModel(
            first.name, "0" * 64, first.size_bytes, first.untrained, 4,
            GPU if choice.gpu else "xnnpack", "camera",
            first.task, default_fit(first.task), first.scores,
        )  # fmt: skip
        entries.append(Planned(LABELS, STORED, len(encode_labels(first.labels))))
        entries.append(Planned(CONFIG, STORED, len(encode_model(told))))
    return entries


def _with_mobile(entries: list[Planned], choice: SizeChoice, known: Published) -> list[Planned]:
    """Return the app's own entries with the other runtime's, and the models."""
    mobile = known.mobile[0]
    abis = choice.abis or tuple(sorted(mobile.libraries))
    missing = sorted(set(abis) - set(mobile.libraries))
    if missing:
        raise LabError(
            f"TensorFlow Mobile has no code for {', '.join(missing)}.",
            f"It has: {', '.join(sorted(mobile.libraries))}.",
        )
    return [
        *(entry for entry in entries if native_abi(entry.name) is None),
        Planned("classes2.dex", STORED, mobile.dex_bytes),
        *(Planned(f"lib/{abi}/{MOBILE_LIBRARY}", DEFLATED, mobile.libraries[abi]) for abi in abis),
        *(
            Planned(
                f"assets/{model.name}.pb", DEFLATED, round(model.size_bytes * known.deflates_to)
            )
            for model in choice.models
        ),
    ]


def _sum_up(entries: Iterable[Planned], signature: int, total: int) -> ApkSizes:
    counts: dict[str, int] = defaultdict(int)
    native: dict[str, int] = defaultdict(int)
    for entry in entries:
        abi = native_abi(entry.name)
        if abi:
            native[abi] += entry.packed_bytes
        else:
            counts[_part(entry.name)] += entry.packed_bytes
    named = sum(native.values()) + signature
    named += sum(count for part, count in counts.items() if part != "rest")
    return ApkSizes(
        model_bytes=counts["model"],
        native_bytes=tuple(sorted(native.items())),
        dex_bytes=counts["dex"],
        resources_bytes=counts["resources"],
        pictures_bytes=counts["pictures"],
        signature_bytes=signature,
        rest_bytes=total - named,
        total_bytes=total,
    )


def _part(name: str) -> str:
    if name.endswith((".tflite", ".pb")):
        return "model"
    if name.startswith("classes") and name.endswith(".dex"):
        return "dex"
    if name.startswith("res/") or name in {"resources.arsc", MANIFEST}:
        return "resources"
    return "pictures" if name.startswith(PICTURES) else "rest"


REPORT_APPS = tuple(
    ReportApp(
        claim.name,
        claim.bytes,
        SizeChoice(tuple(SizedModel(*model) for model in claim.models), runtime="mobile"),
        claim.why,
    )
    for claim in Published.load().claims
)
"""The report's two apps as far as it says what was in them, rebuilt for all ABIs."""
