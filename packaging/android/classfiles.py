"""Reads Java class files and a dex file as far as the build's checks need it."""

import struct
from collections.abc import Iterator

_INVOKE_DYNAMIC = 18
_UTF8 = 1
_SIZES = {3: 4, 4: 4, 5: 8, 6: 8, 7: 2, 8: 2, 9: 4, 10: 4, 11: 4, 12: 4}
_SIZES |= {15: 3, 16: 2, 17: 4, 18: 4, 19: 2, 20: 2}
_TWO_SLOTS = (5, 6)

FORBIDDEN = {
    "java/lang/reflect/": "reflection",
    "forName": "reflection",
    "java/net/": "the network: the app has no permission for it",
    "androidx/": "AndroidX",
    "java/time/": "a package that came with Android 8",
    "java/nio/file/": "a package that came with Android 8",
    "java/util/Base64": "a class that came with Android 8",
    "java/lang/invoke/": "a package that came with Android 8",
    "sun/": "a class that Android does not have",
}
"""What the app's own classes may not name, and what that would be."""


def faults(class_file: bytes) -> Iterator[str]:
    """Name what Android 7 could not run or what the app promises not to do."""
    for tag, data in constants(class_file):
        if tag == _INVOKE_DYNAMIC:
            yield "invokedynamic (a lambda or a method reference): dx cannot translate it"
        if tag == _UTF8:
            text = data.decode("utf-8", "replace")
            for prefix, meaning in FORBIDDEN.items():
                if text.removeprefix("L").startswith(prefix):
                    yield f"{meaning} ({text})"


def constants(class_file: bytes) -> Iterator[tuple[int, bytes]]:
    """Walk the constant pool: tag and raw bytes (JVMS 4.4)."""
    count = int.from_bytes(class_file[8:10])
    at, index = 10, 1
    while index < count:
        tag = class_file[at]
        if tag == _UTF8:
            size = int.from_bytes(class_file[at + 1 : at + 3])
            yield tag, class_file[at + 3 : at + 3 + size]
            at += 3 + size
        else:
            yield tag, class_file[at + 1 : at + 1 + _SIZES[tag]]
            at += 1 + _SIZES[tag]
        index += 2 if tag in _TWO_SLOTS else 1


def dex_counts(dex: bytes) -> tuple[int, int]:
    """Count the classes a dex file defines and the methods it names."""
    methods, class_count = (
        struct.unpack_from("<I", dex, 88)[0],
        struct.unpack_from("<I", dex, 96)[0],
    )
    return class_count, methods
