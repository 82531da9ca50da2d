"""Where the bytes of an APK go."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from engine.apk.archive import ArchiveReader, native_abi
from engine.apk.inspector import MODEL
from engine.apk.manifest import MANIFEST


@dataclass(frozen=True, slots=True)
class ApkSizes:
    """An APK's bytes by what they are for; the parts sum to ``total_bytes`` exactly.

    Attributes:
        model_bytes: The lab's model.
        native_bytes: (ABI, bytes of its native libraries), sorted by ABI.
        dex_bytes: Code.
        resources_bytes: Layouts, pictures, texts and the manifest.
        signature_bytes: The signing block with its padding.
        rest_bytes: Labels, notices, other assets, the zip's own headers and the gaps that
            keep things aligned.
        total_bytes: The file.
    """

    model_bytes: int
    native_bytes: tuple[tuple[str, int], ...]
    dex_bytes: int
    resources_bytes: int
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
            ("signature", self.signature_bytes),
            ("rest", self.rest_bytes),
        )


def measure_sizes(path: Path) -> ApkSizes:
    """Return where the bytes of an APK go; raises ``LabError`` if it is not a sound one.

    An entry counts as it lies in the file, packed or not.
    """
    counts: dict[str, int] = defaultdict(int)
    native: dict[str, int] = defaultdict(int)
    with ArchiveReader(path) as apk:
        for entry in apk.entries:  # none overlaps another, or the reader had refused it
            abi = native_abi(entry.name)
            if abi:
                native[abi] += entry.packed_bytes
            else:
                counts[_part(entry.name)] += entry.packed_bytes
        signature = apk.directory_offset - apk.contents_end
        total = apk.size_bytes
    named = counts["model"] + counts["dex"] + counts["resources"] + sum(native.values())
    return ApkSizes(
        model_bytes=counts["model"],
        native_bytes=tuple(sorted(native.items())),
        dex_bytes=counts["dex"],
        resources_bytes=counts["resources"],
        signature_bytes=signature,
        rest_bytes=total - named - signature,
        total_bytes=total,
    )


def _part(name: str) -> str:
    if name == MODEL:
        return "model"
    if name.startswith("classes") and name.endswith(".dex"):
        return "dex"
    if name.startswith("res/") or name in {"resources.arsc", MANIFEST}:
        return "resources"
    return "rest"
