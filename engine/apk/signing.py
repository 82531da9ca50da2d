"""Signs APKs by schemes v2 and v3 with a key of this user's own.

Android 7 and 8 check scheme v2, Android 9 and later v3; ``verification`` is the other
direction and can be imported from here too.
"""

import datetime as dt
import logging
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from engine.apk import signature_block
from engine.apk.archive import ArchiveReader
from engine.apk.digests import sha256_meanwhile
from engine.apk.growing_file import DIGEST, GrowingFile
from engine.apk.signature_block import (
    PAGE_BYTES,
    RSA_PKCS1_SHA256,
    chunk_digests,
    content_digest,
    with_directory_at,
)
from engine.apk.verification import VerifiedApk, verify_apk
from engine.errors import LabError
from engine.files import replacing
from engine.jobs import CancelToken, Progress, Report, ignore_progress
from engine.paths import config_dir

__all__ = ["KEY_NAME", "SigningKey", "VerifiedApk", "sign_apk", "sign_growing", "verify_apk"]

logger = logging.getLogger(__name__)

KEY_NAME = "signing-key.pem"
_KEY_BITS = 2048
_VALID_YEARS = 30
_V3_SDKS = (28, 0x7FFFFFFF)
_V3_ATTRIBUTE = (signature_block.STRIPPING_ATTRIBUTE, (3).to_bytes(4, "little"))


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An RSA key and its self-signed certificate; by it a phone knows the lab's updates.

    Attributes:
        private_key: RSA, 2048 bits or more.
        certificate: Over the same key.
    """

    private_key: rsa.RSAPrivateKey
    certificate: x509.Certificate

    @classmethod
    def load_or_create(cls, path: Path | None = None) -> Self:
        """Return the key kept at ``path``, which is made on first use.

        The file is never there half-written nor readable by others, and of two labs that
        make it at once both get the same key.

        Args:
            path: PEM of key and certificate; ``signing-key.pem`` in the settings folder
                if None.

        Raises:
            LabError: If the file is damaged, or cannot be read or made.
        """
        path = path or config_dir() / KEY_NAME
        try:
            try:
                pem = _read_private(path)
            except FileNotFoundError:
                _publish(path, cls.generate().to_pem())
                pem = _read_private(path)
        except OSError as error:
            raise LabError(
                f"The signing key {path} cannot be read or made: {error.strerror or error}.",
                "Make its folder writable.",
                detail=str(error),
            ) from error
        return cls.from_pem(pem, str(path))

    @classmethod
    def generate(cls) -> Self:
        """Return a new key, kept nowhere."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=_KEY_BITS)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "MobileNet Lab")])
        begin = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begin)
            .not_valid_after(begin + dt.timedelta(days=366 * _VALID_YEARS))
            .sign(key, hashes.SHA256())
        )
        return cls(key, certificate)

    @classmethod
    def from_pem(cls, pem: bytes, name: str) -> Self:
        """Return the key and certificate in ``pem``; ``name`` is for the error."""
        try:
            key = serialization.load_pem_private_key(pem, None)
            certificate = x509.load_pem_x509_certificate(pem)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise _bad_key(name, str(error)) from error
        if not isinstance(key, rsa.RSAPrivateKey) or key.key_size < _KEY_BITS:
            raise _bad_key(name, "not an RSA key of 2048 bits or more")
        if certificate.public_key() != key.public_key():
            raise _bad_key(name, "the certificate is for another key")
        return cls(key, certificate)

    def to_pem(self) -> bytes:
        """Return the private key and the certificate, not encrypted."""
        return self.private_key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ) + self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def certificate_sha256(self) -> str:
        """Return the certificate's fingerprint as Android prints it, lower-case hex."""
        return self.certificate.fingerprint(hashes.SHA256()).hex()

    def sign(self, data: bytes) -> bytes:
        """Return the RSASSA-PKCS1-v1_5 signature with SHA-256; the same for the same data."""
        return self.private_key.sign(data, padding.PKCS1v15(), hashes.SHA256())


def sign_apk(
    source: Path,
    output: Path,
    key: SigningKey,
    *,
    report: Report = ignore_progress,
    cancel: CancelToken | None = None,
) -> None:
    """Write ``source`` to ``output``, signed by ``key`` alone; they may be the same file.

    A signature that is there already is replaced, so signing twice with the same key
    gives the same bytes. Reports the step ``sign``. Cancelling or failing leaves
    ``output`` as it was.

    Raises:
        LabError: If ``source`` is no sound APK or ``output`` cannot be written.
        Cancelled: If the token was cancelled.
    """
    with replacing(output) as part, ArchiveReader(source) as reader:
        directory = reader.span(reader.directory_offset, reader.end_offset)
        end = reader.span(reader.end_offset, reader.size_bytes)
        advance = progress_of("sign", 2 * reader.contents_end, report, cancel)
        with GrowingFile(part, reader.size_bytes) as file:
            for chunk in reader.chunks(0, reader.contents_end):
                file.write(chunk)
                advance(len(chunk))
            sign_growing(file, directory, end, key, advance)


def sign_growing(
    file: GrowingFile,
    directory: bytes,
    end_record: bytes,
    key: SigningKey,
    advance: Callable[[int], None],
    *,
    whole: bool = False,
) -> str:
    """Sign an APK whose entries are in ``file``, and write the rest of it.

    Args:
        file: All entries and nothing else.
        directory: The central directory.
        end_record: Its directory offset does not matter.
        key: Who signs.
        advance: Told of every piece digested, in bytes; it may raise.
        whole: Whether to take SHA-256 of the signed file besides, on another core.

    Returns:
        That digest, lower-case hex; empty if it was not asked for.
    """
    file.write(bytes(-file.position % PAGE_BYTES))
    block_at = file.position
    file.flush()
    with sha256_meanwhile(file.path, block_at if whole else 0) as sha256_so_far:
        digests = file.chunk_digests(advance)
        for section in (directory, with_directory_at(end_record, block_at)):
            digests += chunk_digests(DIGEST, section)
        block = _signing_block(content_digest(DIGEST, digests), key)
        rest = block + directory + with_directory_at(end_record, block_at + len(block))
        file.finish(rest)
        signed = sha256_so_far()
    signed.update(rest)
    return signed.hexdigest() if whole else ""


def _signing_block(digest: bytes, key: SigningKey) -> bytes:
    certificate = key.certificate.public_bytes(serialization.Encoding.DER)
    public = key.private_key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    values = []
    for sdks, attributes in ((None, [_V3_ATTRIBUTE]), (_V3_SDKS, [])):
        data = signature_block.encode_signed_data(
            RSA_PKCS1_SHA256, digest, certificate, attributes, sdks
        )
        values.append(
            signature_block.encode_signers(RSA_PKCS1_SHA256, data, key.sign(data), public, sdks)
        )
    return signature_block.encode_block(
        [(signature_block.V2_ID, values[0]), (signature_block.V3_ID, values[1])]
    )


def progress_of(
    step: str, total_bytes: int, report: Report, cancel: CancelToken | None
) -> Callable[[int], None]:
    """Return a function that takes bytes done, reports the step and obeys the token.

    It reports at each whole per cent and at the end, so small pieces cost nothing.
    """
    done, said = 0, -1

    def advance(count: int) -> None:
        nonlocal done, said
        if cancel is not None:
            cancel.check()
        done = min(total_bytes, done + count)
        percent = 100 if done == total_bytes else done * 100 // total_bytes
        if percent > said:
            said = percent
            megabytes = f"{done / 1e6:.1f} of {total_bytes / 1e6:.1f} MB"
            report(Progress(step, done / total_bytes if total_bytes else 1.0, megabytes))

    return advance


def _publish(path: Path, pem: bytes) -> None:
    """Put ``pem`` at ``path`` unless another lab was faster; only the owner can read it."""
    part = path.with_name(f"{path.name}.{secrets.token_hex(6)}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(part)  # unlike a rename, this never replaces a key
        except FileExistsError:
            logger.info("another lab made %s first", path)
        except OSError:
            if path.exists():
                raise
            part.rename(path)  # exFAT and some network folders know no hard links
    finally:
        part.unlink(missing_ok=True)


def _read_private(path: Path) -> bytes:
    """Read a file that only its owner may read, and see to it that this is so."""
    pem = path.read_bytes()
    if os.name == "posix" and path.stat().st_mode & 0o077:
        logger.info("%s could be read by others; not any more", path)
        path.chmod(0o600)
    return pem


def _bad_key(name: str, why: str) -> LabError:
    return LabError(
        f"The signing key {name} is not usable.",
        "Put it back from a copy. Or move it away: the lab makes a new one, and phones must"
        " remove the old app before they take one signed anew.",
        detail=why,
    )
