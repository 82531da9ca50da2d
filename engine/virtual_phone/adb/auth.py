"""Which computers may talk to the phone: ADB's RSA keys, checked for real."""

import base64
import binascii
import struct
import threading
from collections.abc import Callable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa, utils
from cryptography.hazmat.primitives.hashes import SHA1

TOKEN_BYTES = 20
"""ADB signs the token as if it were a SHA-1 digest."""

_MODULUS_BYTES = 256
_KEY = struct.Struct(f"<II{_MODULUS_BYTES}s{_MODULUS_BYTES}sI")
"""Words in the modulus, -1/n mod 2^32, modulus, Montgomery's R^2, exponent; little-endian."""


class BadKey(ValueError):  # noqa: N818 - reads as what it is
    """The bytes are not a public key in ADB's format."""


def parse_public_key(text: bytes) -> rsa.RSAPublicKey:
    """Read what ADB sends as its public key: base64, a blank, a comment, maybe a NUL.

    Raises:
        BadKey: If it is not such a key of 2048 bits, or contradicts itself.
    """
    encoded = text.rstrip(b"\0\n").split(b" ", 1)[0]
    try:
        raw = base64.b64decode(encoded, validate=True)
        words, n0inv, modulus_le, _rr, exponent = _KEY.unpack(raw)
    except (binascii.Error, struct.error) as error:
        raise BadKey(f"not an ADB public key: {error}") from error
    modulus = int.from_bytes(modulus_le, "little")
    if words * 4 != _MODULUS_BYTES or modulus.bit_length() != 2048 or not modulus & 1:
        raise BadKey("not a key of 2048 bits")
    if (n0inv * modulus + 1) % (1 << 32):
        raise BadKey("the key's n0inv does not belong to its modulus")
    try:
        return rsa.RSAPublicNumbers(exponent, modulus).public_key()
    except ValueError as error:
        raise BadKey(str(error)) from error


def signed_by(key: rsa.RSAPublicKey, token: bytes, signature: bytes) -> bool:
    """Whether ``signature`` over ``token`` was made with the private half of ``key``."""
    try:
        key.verify(signature, token, padding.PKCS1v15(), utils.Prehashed(SHA1()))  # noqa: S303
    except InvalidSignature:
        return False
    return True


class TrustedKeys:
    """The computers that were allowed, for as long as the program runs.

    Args:
        ask: Whether computers must prove who they are, and a new key waits for ``allow``.
            Otherwise every computer is let in, as a phone built with ``ro.adb.secure=0``
            does: adb would call even a key that is trusted at once unauthorized at first,
            and ``adb connect`` would fail.
    """

    def __init__(self, *, ask: bool = False) -> None:
        """Start trusting nobody."""
        self.ask = ask
        self._lock = threading.Lock()
        self._trusted: list[rsa.RSAPublicKey] = []
        self._waiting: dict[object, tuple[rsa.RSAPublicKey, Callable[[], None]]] = {}

    def knows_signer(self, token: bytes, signature: bytes) -> bool:
        """Whether a trusted key made this signature."""
        with self._lock:
            keys = tuple(self._trusted)
        return any(signed_by(key, token, signature) for key in keys)

    def present(self, peer: object, key: rsa.RSAPublicKey, welcome: Callable[[], None]) -> None:
        """Trust ``key`` and call ``welcome`` once the owner allows it."""
        with self._lock:
            self._waiting[peer] = (key, welcome)

    def withdraw(self, peer: object) -> None:
        """Forget that ``peer`` waits: its connection is gone."""
        with self._lock:
            self._waiting.pop(peer, None)

    def allow(self) -> int:
        """Trust every key that waits; return how many did."""
        with self._lock:
            waiting = list(self._waiting.values())
            self._waiting.clear()
            self._trusted.extend(key for key, _ in waiting)
        for _, welcome in waiting:
            welcome()
        return len(waiting)
