"""What a phone would refuse for sure, found before a byte of the APK is sent.

Only what is certain is refused here; all else is left to Android, which knows more.
"""

import logging
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from engine.apk import signature_block
from engine.apk.archive import ArchiveReader
from engine.apk.inspector import abis_of
from engine.apk.manifest import PREVIEW_SDK, Manifest, read_manifest
from engine.errors import InstallError
from engine.jobs import CancelToken
from engine.phones.faults import explain_install
from engine.phones.phone import Phone
from engine.phones.readings import PhoneFacts, parse_properties, read_facts

logger = logging.getLogger(__name__)

TRIMS_ITSELF_SDK = 26
"""From Android 8 on an install may push other apps' caches out."""
IDENTITY_BITS = 28
"""Up to Android 8 ``dumpsys`` may show an object's hash, of so many bits, for a signer."""
CONTENT_HASH_SDK = 28
"""From Android 9 on it is the hash of the certificate for sure."""
V3_SDK = 28


@dataclass(frozen=True, slots=True)
class InstalledApp:
    """What ``dumpsys package`` says of an app that is there.

    Attributes:
        version_code: Of the installed app.
        signer_hashes: Java's ``hashCode`` of each signing certificate, 32 unsigned bits;
            empty where the phone does not tell.
    """

    version_code: int
    signer_hashes: frozenset[int]


def check_admission(
    phone: Phone, apk: Path, own_package: str, cancel: CancelToken | None = None
) -> Manifest:
    """Refuse what the phone would refuse after the whole file was sent.

    Args:
        phone: Where to.
        apk: The signed file.
        own_package: The lab's app. Its certificate is compared too; another app's may have
            been changed in ways that only Android can follow.
        cancel: Ends the questions to the phone.

    Returns:
        What the APK says of itself.

    Raises:
        InstallError: With Android's own word: no matching ABI, Android too old, no room, an
            older version than the phone has, another signer.
        LabError: If the file is no APK or cannot be read.
    """
    with ArchiveReader(apk) as archive:
        manifest, abis, size = read_manifest(archive), abis_of(archive), archive.size_bytes
    properties = parse_properties(phone.shell("getprop", cancel=cancel).stdout)
    facts = read_facts(phone.serial, properties)
    if abis and facts.abis and set(abis).isdisjoint(facts.abis):
        there, wanted = ", ".join(abis), ", ".join(facts.abis)
        raise _refusal("INSTALL_FAILED_NO_MATCHING_ABIS", f"it has {there}, the phone {wanted}")
    if properties.get("ro.build.version.codename", "REL") == "REL":
        _check_sdk(manifest, facts)
    _check_room(phone, size, facts.sdk, cancel)
    result = phone.shell(f"dumpsys package {shlex.quote(manifest.package)}", 20.0, cancel)
    installed = parse_installed(result.stdout, manifest.package, facts.sdk)
    if installed is not None:
        _check_update(manifest, installed)
        if manifest.package == own_package:
            _check_signer(apk, facts.sdk, installed)
    return manifest


def free_bytes(phone: Phone, cancel: CancelToken | None = None) -> int | None:
    """Return how much room ``df`` says that apps have; None if it does not say."""
    result = phone.shell("df -k /data", cancel=cancel)
    if result.exit_code != 0:
        return None
    rows = [line.split() for line in result.stdout.splitlines()]
    if len(rows) < 2 or "Available" not in rows[0]:
        return None
    column = rows[0].index("Available")
    text = rows[1][column] if len(rows[1]) > column else ""
    return int(text) * 1024 if text.isdecimal() else None


def parse_installed(text: str, package: str, sdk: int) -> InstalledApp | None:
    """Read ``dumpsys package NAME``; None if the app is not there.

    The signer stands as ``PackageSignatures{... version:2, signatures:[57f52fdb], ...}`` from
    Android 9 on, and as ``PackageSignatures{... [57f52fdb]}`` before, where a number of up to
    28 bits may be an object's instead of the certificate's, and is left out.
    """
    found = re.search(rf"^\s*Package \[{re.escape(package)}\]", text, re.MULTILINE)
    if found is None:
        return None
    rest = text[found.end() :]
    following = re.search(r"^\s*Package \[", rest, re.MULTILINE)
    block = rest[: following.start()] if following else rest
    version = re.search(r"\bversionCode=(\d+)", block)
    if version is None:
        return None
    signers = re.search(
        r"\bsignatures=PackageSignatures\{\S+ (?:version:\d+, signatures:)?\[([0-9a-f, ]*)\]", block
    )
    words = signers.group(1).replace(",", " ").split() if signers else []
    hashes = frozenset(int(word, 16) for word in words)
    if sdk < CONTENT_HASH_SDK and not all(each >> IDENTITY_BITS for each in hashes):
        hashes = frozenset()
    return InstalledApp(int(version.group(1)), hashes)


def java_hash(data: bytes) -> int:
    """Return ``java.util.Arrays.hashCode`` of bytes, as 32 unsigned bits."""
    value = 1
    for byte in data:
        signed = byte - 0x100 if byte & 0x80 else byte
        value = (31 * value + signed) & 0xFFFFFFFF
    return value


def signer_of(apk: Path, sdk: int) -> bytes | None:
    """Return the certificate, DER, that a phone of this API level sees; None if unclear."""
    with ArchiveReader(apk) as archive:
        size = archive.directory_offset - archive.contents_end
        if not 0 < size <= signature_block.MAX_BLOCK_BYTES:
            return None
        block = archive.span(archive.contents_end, archive.directory_offset)
    try:
        pairs = signature_block.decode_block(block)
        is_v3 = sdk >= V3_SDK and signature_block.V3_ID in pairs
        value = pairs.get(signature_block.V3_ID if is_v3 else signature_block.V2_ID, b"")
        signers = signature_block.decode_signers(value, v3=is_v3)
    except ValueError as error:
        logger.info("%s: %s", apk.name, error)
        return None
    return signers[0].certificates[0] if len(signers) == 1 else None


def _check_sdk(manifest: Manifest, facts: PhoneFacts) -> None:
    if manifest.min_sdk == PREVIEW_SDK:
        raise explain_install("INSTALL_FAILED_OLDER_SDK: Requires development platform")
    if facts.sdk and facts.sdk < manifest.min_sdk:
        raise _refusal(
            "INSTALL_FAILED_OLDER_SDK", f"it has API {facts.sdk}, the app needs {manifest.min_sdk}"
        )


def _check_room(phone: Phone, size: int, sdk: int, cancel: CancelToken | None) -> None:
    free = free_bytes(phone, cancel)
    if free is None or free >= size:
        return
    if sdk >= TRIMS_ITSELF_SDK:
        said = phone.shell("dumpsys diskstats", 20.0, cancel).stdout
        caches = re.search(r"^App Cache Size: (\d+)", said, re.MULTILINE)
        if caches is not None and free + int(caches.group(1)) >= size:
            return
    raise _refusal(
        "INSTALL_FAILED_INSUFFICIENT_STORAGE",
        f"{free / 1e6:.1f} MB are free, it needs {size / 1e6:.1f} MB",
    )


def _check_update(manifest: Manifest, installed: InstalledApp) -> None:
    if manifest.version_code < installed.version_code:
        raise _refusal(
            "INSTALL_FAILED_VERSION_DOWNGRADE",
            f"it has {installed.version_code}, the APK is {manifest.version_code}",
        )


def _check_signer(apk: Path, sdk: int, installed: InstalledApp) -> None:
    certificate = signer_of(apk, sdk)
    if certificate is None or not installed.signer_hashes:
        return
    own = java_hash(certificate)
    if own not in installed.signer_hashes:
        there = ", ".join(f"{each:08x}" for each in sorted(installed.signer_hashes))
        raise explain_install(
            f"INSTALL_FAILED_UPDATE_INCOMPATIBLE: certificate {own:08x}, on the phone {there}"
        )


def _refusal(reason: str, why: str) -> InstallError:
    """Explain a refusal with the figures behind it."""
    known = explain_install(reason)
    return InstallError(
        reason,
        f"{known.what.removesuffix('.')}: {why}.",
        known.advice,
        detail=f"found before sending: {why}",
        remedy=known.remedy,
    )
