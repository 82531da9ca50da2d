"""Says whether an APK is as it was signed, by schemes v2 and v3.

Checks what Android checks: every signature over its signed data, that the key is the
certificate's, and every digest over the whole file. What no signature covers, the padding
inside of the signing block, is not looked at, as on Android.
"""

from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from engine.apk import signature_block
from engine.apk.archive import ArchiveReader
from engine.apk.digests import Content, digest_content
from engine.apk.manifest import read_manifest
from engine.apk.signature_block import Signer
from engine.errors import LabError
from engine.jobs import CancelToken

_HASH_OF = {
    0x0101: "sha256", 0x0102: "sha512",  # RSASSA-PSS
    0x0103: "sha256", 0x0104: "sha512",  # RSASSA-PKCS1-v1_5
    0x0201: "sha256", 0x0202: "sha512",  # ECDSA
}  # fmt: skip
_V2_SDK, _V3_SDK = 24, 28


@dataclass(frozen=True, slots=True)
class VerifiedApk:
    """An APK whose signatures and digests were all checked and found right.

    Attributes:
        schemes: Those found, of ``v2`` and ``v3``, oldest first.
        certificate_sha256: Fingerprint of the signer's certificate, lower-case hex.
        min_sdk: The lowest Android API level that this was checked for.
    """

    schemes: tuple[str, ...]
    certificate_sha256: str
    min_sdk: int


def verify_apk(
    path: Path, *, min_sdk: int | None = None, cancel: CancelToken | None = None
) -> VerifiedApk:
    """Check every signature and digest of an APK.

    Args:
        path: The APK; it is streamed, not held in memory.
        min_sdk: The lowest Android API level that must accept it; what its manifest says
            if None.
        cancel: Obeyed at each MiB.

    Raises:
        LabError: Says what is wrong: not signed, changed after signing, damaged, signed in
            a way that the phones it is for do not know.
        Cancelled: If the token was cancelled.
    """
    with ArchiveReader(path) as apk:
        if min_sdk is None:
            min_sdk = read_manifest(apk).min_sdk
        schemes = _read_schemes(apk)
        _check_coverage(path, schemes, min_sdk)
        for name, signers in schemes.items():
            for signer in signers:
                _check_signer(path, name, signer)
        _check_digests(apk, schemes, cancel)
        return VerifiedApk(tuple(schemes), _certificate(path, schemes), min_sdk)


def _read_schemes(apk: ArchiveReader) -> dict[str, tuple[Signer, ...]]:
    """Return the signers by scheme, oldest scheme first."""
    size = apk.directory_offset - apk.contents_end
    if not size:
        raise LabError(
            f"{apk.path.name} is not signed by scheme v2 or v3.", "Sign it before you install it."
        )
    if size > signature_block.MAX_BLOCK_BYTES:
        raise _refused(apk.path, "its signing block is unreasonably large")
    try:
        pairs = signature_block.decode_block(apk.span(apk.contents_end, apk.directory_offset))
        schemes = {
            name: signature_block.decode_signers(pairs[key], v3=name == "v3")
            for name, key in (("v2", signature_block.V2_ID), ("v3", signature_block.V3_ID))
            if key in pairs
        }
    except ValueError as error:
        raise _refused(apk.path, str(error)) from error
    for name, signers in schemes.items():
        if not signers:
            raise _refused(apk.path, f"scheme {name} names no signer")
    if signature_block.V31_ID in pairs:
        raise _refused(apk.path, "its key was rotated by scheme v3.1, which the lab cannot check")
    return schemes


def _check_coverage(path: Path, schemes: dict[str, tuple[Signer, ...]], min_sdk: int) -> None:
    """See to it that the oldest phone has a scheme it knows, and that none was taken out."""
    if not schemes:
        raise _refused(path, "it is signed by neither scheme v2 nor v3")
    if min_sdk < _V2_SDK:
        raise _refused(
            path,
            f"it is for API level {min_sdk} and later, and the signatures of Android 6 and"
            " before are not checked here",
        )
    if "v2" not in schemes and min_sdk < _V3_SDK:
        raise _refused(path, "Android 7 and 8 find no signature of scheme v2 in it")
    for signer in schemes.get("v2", ()):
        for key, value in signer.attributes:
            newer = int.from_bytes(value[:4], "little")
            if key == signature_block.STRIPPING_ATTRIBUTE and newer == 3 and "v3" not in schemes:
                raise _refused(path, "its signature of scheme v3 was taken out")


def _check_signer(path: Path, scheme: str, signer: Signer) -> None:
    where = f"the {scheme} signature"
    known = [(number, value) for number, value in signer.signatures if number in _HASH_OF]
    if not known:
        raise _refused(path, f"{where} is of a kind that the lab does not know")
    if [number for number, _ in signer.signatures] != [number for number, _ in signer.digests]:
        raise _refused(path, f"{where} and its digests disagree")
    if signer.sdks != signer.outer_sdks:
        raise _refused(path, f"{where} contradicts itself about Android versions")
    if any(key == signature_block.ROTATION_ATTRIBUTE for key, _ in signer.attributes):
        raise _refused(path, "its key was rotated, which the lab cannot check")
    for number, signature in known:
        try:
            right = _signature_is_right(number, signer, signature)
        except (ValueError, UnsupportedAlgorithm) as error:
            raise _refused(path, f"{where} holds a damaged key") from error
        if not right:
            raise _refused(path, f"{where} is wrong")
    _check_certificate(path, where, signer)


def _check_certificate(path: Path, where: str, signer: Signer) -> None:
    if not signer.certificates:
        raise _refused(path, f"{where} comes without a certificate")
    try:
        public = _public_der(x509.load_der_x509_certificate(signer.certificates[0]))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _refused(path, f"{where} holds a damaged certificate") from error
    if public != signer.public_key:
        raise _refused(path, f"{where} was made by another key than its certificate's")


def _signature_is_right(number: int, signer: Signer, signature: bytes) -> bool:
    key = serialization.load_der_public_key(signer.public_key)
    digest = hashes.SHA256() if _HASH_OF[number] == "sha256" else hashes.SHA512()
    family = number >> 8, number & 0xFF
    try:
        if family[0] == 2 and isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, signer.signed_data, ec.ECDSA(digest))
        elif family[0] == 1 and isinstance(key, rsa.RSAPublicKey):
            scheme = (
                padding.PSS(padding.MGF1(digest), digest.digest_size)
                if family[1] < 3
                else padding.PKCS1v15()
            )
            key.verify(signature, signer.signed_data, scheme, digest)
        else:
            return False
    except InvalidSignature:
        return False
    return True


def _check_digests(
    apk: ArchiveReader, schemes: dict[str, tuple[Signer, ...]], cancel: CancelToken | None
) -> None:
    wanted = [
        (scheme, _HASH_OF[number], digest)
        for scheme, signers in schemes.items()
        for signer in signers
        for number, digest in signer.digests
        if number in _HASH_OF
    ]
    names = sorted({name for _, name, _ in wanted})
    end = apk.span(apk.end_offset, apk.size_bytes)
    content = Content(
        apk.path,
        apk.contents_end,
        apk.span(apk.directory_offset, apk.end_offset),
        signature_block.with_directory_at(end, apk.contents_end),
    )

    def obey(_count: int) -> None:
        if cancel is not None:
            cancel.check()

    try:
        found = digest_content(content, names, obey)
    except (OSError, EOFError) as error:
        raise apk.broken("it changed while it was read") from error
    for scheme, name, digest in wanted:
        if found[name] != digest:
            raise _refused(apk.path, f"it was changed after it was signed ({scheme})")


def _certificate(path: Path, schemes: dict[str, tuple[Signer, ...]]) -> str:
    """Return the fingerprint of the one certificate that all schemes name."""
    own = {signer.certificates[0] for signers in schemes.values() for signer in signers}
    if len(own) != 1:
        raise _refused(path, "it is signed by more than one certificate")
    return x509.load_der_x509_certificate(own.pop()).fingerprint(hashes.SHA256()).hex()


def _public_der(certificate: x509.Certificate) -> bytes:
    return certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _refused(path: Path, why: str) -> LabError:
    return LabError(
        f"{path.name} must not be installed: {why}.", "Build it again.", detail=str(path)
    )
