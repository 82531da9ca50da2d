"""The bytes of APK Signature Schemes v2 and v3 (pure).

Written from Android's public format pages, "APK Signature Scheme v2" and "v3". Between an
APK's entries and its directory stands the APK Signing Block: a sequence of (id, value)
pairs, framed by its length on both sides and a magic word. A value of scheme v2 or v3 is a
sequence of signers. All integers are little-endian; "prefixed" means u32 length, bytes.
"""

import hashlib
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

V2_ID = 0x7109871A
V3_ID = 0xF05368C0
V31_ID = 0x1B93AD61
PADDING_ID = 0x42726577
STRIPPING_ATTRIBUTE = 0xBEEFF00D
"""In a v2 signer: the newest scheme that the APK was signed with besides."""
ROTATION_ATTRIBUTE = 0x3BA06F8C
"""In a v3 signer: the chain of older certificates."""

RSA_PKCS1_SHA256 = 0x0103
PAGE_BYTES = 4096
DIGEST_CHUNK_BYTES = 1 << 20
MAX_BLOCK_BYTES = 64 << 20

_MAGIC = b"APK Sig Block 42"
FOOTER_BYTES = 8 + len(_MAGIC)


@dataclass(frozen=True, slots=True)
class Signer:
    """One signer of scheme v2 or v3, as parsed; nothing in it is checked yet.

    Attributes:
        signed_data: What the signatures are made over.
        digests: (algorithm, digest of the APK), from the signed data.
        certificates: DER, the signer's own first, from the signed data.
        attributes: (id, value), from the signed data.
        sdks: (first, last) Android API level, from the signed data; None in v2.
        outer_sdks: The same again from outside of the signed data.
        signatures: (algorithm, signature).
        public_key: DER SubjectPublicKeyInfo.
    """

    signed_data: bytes
    digests: tuple[tuple[int, bytes], ...]
    certificates: tuple[bytes, ...]
    attributes: tuple[tuple[int, bytes], ...]
    sdks: tuple[int, int] | None
    outer_sdks: tuple[int, int] | None
    signatures: tuple[tuple[int, bytes], ...]
    public_key: bytes


def chunk_digest(name: str, chunk: bytes | memoryview) -> bytes:
    """Return the digest of one chunk of an APK's content, by a hash that ``hashlib`` knows.

    Content is digested in three sections, each cut into chunks of ``DIGEST_CHUNK_BYTES``
    of which the last may be shorter: the bytes before the signing block, the directory,
    and the end record whose directory offset was set to where the signing block begins.
    """
    digest = hashlib.new(name, b"\xa5" + len(chunk).to_bytes(4, "little"))
    digest.update(chunk)
    return digest.digest()


def chunk_digests(name: str, section: bytes) -> list[bytes]:
    """Return the digests of the chunks of a section that is in memory."""
    starts = range(0, len(section), DIGEST_CHUNK_BYTES)
    return [chunk_digest(name, section[at : at + DIGEST_CHUNK_BYTES]) for at in starts]


def content_digest(name: str, chunks: Sequence[bytes]) -> bytes:
    """Return the digest of an APK's content from those of all its chunks, in order."""
    prefix = b"\x5a" + len(chunks).to_bytes(4, "little")
    return hashlib.new(name, prefix + b"".join(chunks)).digest()


def with_directory_at(end_record: bytes, offset: int) -> bytes:
    """Return a zip's end record with another offset of the directory in it."""
    return end_record[:16] + offset.to_bytes(4, "little") + end_record[20:]


def encode_signed_data(
    algorithm: int,
    digest: bytes,
    certificate: bytes,
    attributes: Iterable[tuple[int, bytes]] = (),
    sdks: tuple[int, int] | None = None,
) -> bytes:
    """Return what one signer of scheme v2 (``sdks`` None) or v3 signs."""
    return b"".join([
        _prefixed(_prefixed(algorithm.to_bytes(4, "little") + _prefixed(digest))),
        _prefixed(_prefixed(certificate)),
        b"" if sdks is None else struct.pack("<II", *sdks),
        _prefixed(b"".join(_prefixed(struct.pack("<I", key) + value) for key, value in attributes)),
    ])  # fmt: skip


def encode_signers(
    algorithm: int,
    signed_data: bytes,
    signature: bytes,
    public_key: bytes,
    sdks: tuple[int, int] | None = None,
) -> bytes:
    """Return the value of scheme v2 (``sdks`` None) or v3 with one signer."""
    signer = b"".join([
        _prefixed(signed_data),
        b"" if sdks is None else struct.pack("<II", *sdks),
        _prefixed(_prefixed(algorithm.to_bytes(4, "little") + _prefixed(signature))),
        _prefixed(public_key),
    ])  # fmt: skip
    return _prefixed(_prefixed(signer))


def encode_block(pairs: Iterable[tuple[int, bytes]]) -> bytes:
    """Return the signing block of those pairs, padded to a multiple of 4096 bytes."""
    body = b"".join(_pair(key, value) for key, value in pairs)
    framing = 8 + FOOTER_BYTES
    missing = -(len(body) + framing) % PAGE_BYTES
    if missing:
        missing += PAGE_BYTES if missing < 12 else 0  # a pair is 12 bytes at least
        body += _pair(PADDING_ID, bytes(missing - 12))
    size = struct.pack("<Q", len(body) + FOOTER_BYTES)
    return size + body + size + _MAGIC


def block_bytes(footer: bytes) -> int | None:
    """Return how long the block is that ends in ``footer``, or None if there is none.

    Args:
        footer: The ``FOOTER_BYTES`` bytes before the directory.
    """
    if len(footer) != FOOTER_BYTES or footer[8:] != _MAGIC:
        return None
    return int.from_bytes(footer[:8], "little") + 8


def decode_block(block: bytes) -> dict[int, bytes]:
    """Return the pairs of a whole signing block, as far as they can be read.

    As on Android, which looks for one pair after the other: of two with the same id the
    first one counts, and what follows a pair that is cut off is not there.

    Raises:
        ValueError: If the block contradicts its own length.
    """
    size = len(block) - 8
    if size < FOOTER_BYTES or block[:8] != struct.pack("<Q", size):
        raise ValueError("the signing block contradicts its own length")
    if block_bytes(block[-FOOTER_BYTES:]) != len(block):
        raise ValueError("the signing block contradicts its own length")
    pairs: dict[int, bytes] = {}
    at, end = 8, len(block) - FOOTER_BYTES
    while end - at >= 12:
        length = int.from_bytes(block[at : at + 8], "little")
        if not 4 <= length <= end - at - 8:
            break
        key = int.from_bytes(block[at + 8 : at + 12], "little")
        pairs.setdefault(key, block[at + 12 : at + 8 + length])
        at += 8 + length
    return pairs


def decode_signers(value: bytes, *, v3: bool) -> tuple[Signer, ...]:
    """Return the signers of a scheme's value; raises ``ValueError`` if it is damaged."""
    outer = _Fields(value)
    return tuple(_decode_signer(raw, v3=v3) for raw in outer.sequence())


def _decode_signer(raw: bytes, *, v3: bool) -> Signer:
    signer = _Fields(raw)
    signed_data = signer.prefixed()
    outer_sdks = (signer.u32(), signer.u32()) if v3 else None
    signatures = tuple(_decode_pair(item) for item in signer.sequence())
    public_key = signer.prefixed()
    signed = _Fields(signed_data)
    digests = tuple(_decode_pair(item) for item in signed.sequence())
    certificates = tuple(signed.sequence())
    sdks = (signed.u32(), signed.u32()) if v3 else None
    attributes = tuple(_decode_attribute(item) for item in signed.sequence())
    return Signer(
        signed_data, digests, certificates, attributes, sdks, outer_sdks, signatures, public_key
    )


def _decode_pair(raw: bytes) -> tuple[int, bytes]:
    fields = _Fields(raw)
    return fields.u32(), fields.prefixed()


def _decode_attribute(raw: bytes) -> tuple[int, bytes]:
    fields = _Fields(raw)
    return fields.u32(), raw[4:]


class _Fields:
    """Reads fields one after the other; what is cut off is a ``ValueError``."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._at = 0

    @property
    def done(self) -> bool:
        return self._at == len(self._raw)

    def u32(self) -> int:
        return int.from_bytes(self._take(4), "little")

    def prefixed(self) -> bytes:
        return self._take(self.u32())

    def sequence(self) -> Iterator[bytes]:
        items = _Fields(self.prefixed())
        while not items.done:
            yield items.prefixed()

    def _take(self, count: int) -> bytes:
        taken = self._raw[self._at : self._at + count]
        if len(taken) != count:
            raise ValueError("a part of the signature is cut off")
        self._at += count
        return taken


def _prefixed(data: bytes) -> bytes:
    return len(data).to_bytes(4, "little") + data


def _pair(key: int, value: bytes) -> bytes:
    return struct.pack("<QI", len(value) + 4, key) + value
