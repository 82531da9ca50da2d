"""Checks an APK's signature as Android does: scheme v2, and v3 from API 28.

Written from the published description of the two schemes; JAR signatures (v1) count as
none.
"""

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

MAGIC = b"APK Sig Block 42"
V2_ID, V3_ID = 0x7109871A, 0xF05368C0
V3_FROM_SDK = 28
STRIPPED_ID = 0xBEEFF00D
"""v2's attribute that says which newer scheme was there, against stripping."""

CHUNK = 1 << 20
END_RECORD = b"PK\x05\x06"
END_RECORD_BYTES = 22

ALGORITHMS: dict[int, tuple[str, str]] = {
    0x0101: ("pss", "sha256"),
    0x0102: ("pss", "sha512"),
    0x0103: ("pkcs1", "sha256"),
    0x0104: ("pkcs1", "sha512"),
    0x0201: ("ecdsa", "sha256"),
    0x0202: ("ecdsa", "sha512"),
}


class BadSignature(ValueError):  # noqa: N818 - reads as what it is
    """There is no signature, or it is not true."""


@dataclass(frozen=True, slots=True)
class Sections:
    """Where an APK's parts lie, bytes from its start.

    Attributes:
        block: Start of the signing block; equals ``directory`` if there is none.
        directory: Start of the central directory.
        end: Start of the end record.
        pairs: Id -> value of the signing block.
    """

    block: int
    directory: int
    end: int
    pairs: dict[int, bytes]


def check_signature(apk: bytes, sdk: int) -> bytes:
    """Return the first signer's certificate, DER.

    Args:
        apk: The whole file.
        sdk: API level of the phone: it decides which scheme counts.

    Raises:
        BadSignature: If Android of that level would not accept it.
    """
    try:
        return _check(apk, sdk)
    except (struct.error, UnsupportedAlgorithm, IndexError) as error:
        raise BadSignature(f"the signing block is damaged: {error}") from error


def find_sections(apk: bytes) -> Sections:
    """Find the central directory and the signing block.

    Raises:
        BadSignature: If the file is no zip or the block contradicts itself.
    """
    end = apk.rfind(END_RECORD, max(0, len(apk) - END_RECORD_BYTES - 0xFFFF))
    if end < 0 or end + END_RECORD_BYTES > len(apk):
        raise BadSignature("no end of central directory")
    size, directory = struct.unpack_from("<II", apk, end + 12)
    if directory + size != end:
        raise BadSignature("the central directory does not end where the end record begins")
    if directory < 32 or apk[directory - 16 : directory] != MAGIC:
        return Sections(directory, directory, end, {})
    (length,) = struct.unpack_from("<Q", apk, directory - 24)
    block = directory - length - 8
    if block < 0 or struct.unpack_from("<Q", apk, block)[0] != length:
        raise BadSignature("the signing block's two sizes differ")
    pairs: dict[int, bytes] = {}
    at = block + 8
    while at < directory - 24:
        pair_length, pair_id = struct.unpack_from("<QI", apk, at)
        if pair_length < 4 or at + 8 + pair_length > directory - 24:
            raise BadSignature("a pair leaves the signing block")
        pairs.setdefault(pair_id, apk[at + 12 : at + 8 + pair_length])
        at += 8 + pair_length
    return Sections(block, directory, end, pairs)


def _check(apk: bytes, sdk: int) -> bytes:
    sections = find_sections(apk)
    is_v3 = sdk >= V3_FROM_SDK and V3_ID in sections.pairs
    block = sections.pairs.get(V3_ID if is_v3 else V2_ID)
    if block is None:
        raise BadSignature("no APK Signature Scheme v2 signature in package")
    certificates: list[bytes] = []
    for signer in _items(_Reader(block).item()):
        certificate = _check_signer(apk, sections, signer, sdk, is_v3=is_v3)
        if certificate:
            certificates.append(certificate)
    if not certificates:
        raise BadSignature("no signer for this Android version")
    return certificates[0]


class _Reader:
    """Takes u32-length-prefixed items off a byte string."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def number(self) -> int:
        (value,) = struct.unpack_from("<I", self.data, self.at)
        self.at += 4
        return int(value)

    def item(self) -> bytes:
        length = self.number()
        if self.at + length > len(self.data):
            raise BadSignature("an item leaves its parent")
        self.at += length
        return self.data[self.at - length : self.at]


def _items(data: bytes) -> Iterator[bytes]:
    reader = _Reader(data)
    while reader.at < len(data):
        yield reader.item()


def _pairs(data: bytes) -> dict[int, bytes]:
    pairs: dict[int, bytes] = {}
    for item in _items(data):
        reader = _Reader(item)
        pairs.setdefault(reader.number(), reader.item())
    return pairs


def _check_signer(apk: bytes, sections: Sections, signer: bytes, sdk: int, *, is_v3: bool) -> bytes:
    """Return the certificate; ``b""`` for a signer of other Android versions."""
    reader = _Reader(signer)
    signed = reader.item()
    if is_v3:
        least, most = reader.number(), reader.number()
        if not least <= sdk <= most:
            return b""
    signatures = _pairs(reader.item())
    public_key = reader.item()
    known = [algorithm for algorithm in sorted(signatures) if algorithm in ALGORITHMS]
    if not known:
        raise BadSignature("no supported signature algorithm")
    best = max(known, key=lambda algorithm: ALGORITHMS[algorithm][1])
    _verify(public_key, signatures[best], signed, best)

    inside = _Reader(signed)
    digests = _pairs(inside.item())
    certificates = list(_items(inside.item()))
    if is_v3:
        if (inside.number(), inside.number()) != (least, most):
            raise BadSignature("the signed SDK range differs from the unsigned one")
    elif sdk >= V3_FROM_SDK and _says_stripped(inside.item()):
        raise BadSignature("the v3 signature was stripped")
    if sorted(digests) != sorted(signatures):
        raise BadSignature("digests and signatures name different algorithms")
    if digests[best] != content_digest(apk, sections, ALGORITHMS[best][1]):
        raise BadSignature("the content was changed after signing")
    if not certificates or _public_key_of(certificates[0]) != public_key:
        raise BadSignature("the certificate is not of the signing key")
    return certificates[0]


def _says_stripped(attributes: bytes) -> bool:
    for item in _items(attributes):
        reader = _Reader(item)
        if reader.number() == STRIPPED_ID and reader.number() == 3:
            return True
    return False


def _public_key_of(certificate: bytes) -> bytes:
    try:
        key = x509.load_der_x509_certificate(certificate).public_key()
    except ValueError as error:
        raise BadSignature(f"the certificate is damaged: {error}") from error
    return key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _verify(public_key: bytes, signature: bytes, signed: bytes, algorithm: int) -> None:
    kind, hash_name = ALGORITHMS[algorithm]
    digest = hashes.SHA256() if hash_name == "sha256" else hashes.SHA512()
    try:
        key = serialization.load_der_public_key(public_key)
        if kind == "ecdsa" and isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, signed, ec.ECDSA(digest))
        elif kind == "pss" and isinstance(key, rsa.RSAPublicKey):
            scheme = padding.PSS(padding.MGF1(digest), digest.digest_size)
            key.verify(signature, signed, scheme, digest)
        elif kind == "pkcs1" and isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, signed, padding.PKCS1v15(), digest)
        else:
            raise BadSignature("the key does not fit the signature algorithm")
    except InvalidSignature as error:
        raise BadSignature("the signature does not verify") from error
    except ValueError as error:
        raise BadSignature(f"the public key is damaged: {error}") from error


def content_digest(apk: bytes, sections: Sections, hash_name: str) -> bytes:
    """Digest the whole file but the signing block, in chunks of 1 MiB."""
    view = memoryview(apk)
    end_record = bytearray(view[sections.end :])
    struct.pack_into("<I", end_record, 16, sections.block)
    parts = (
        view[: sections.block],
        view[sections.directory : sections.end],
        memoryview(end_record),
    )
    digests = []
    for part in parts:
        for start in range(0, len(part), CHUNK):
            chunk = part[start : start + CHUNK]
            digest = hashlib.new(hash_name, b"\xa5" + struct.pack("<I", len(chunk)))
            digest.update(chunk)
            digests.append(digest.digest())
    top = b"\x5a" + struct.pack("<I", len(digests)) + b"".join(digests)
    return hashlib.new(hash_name, top).digest()
