"""What an APK's manifest says of it."""

from dataclasses import dataclass

from engine.apk.archive import ArchiveReader
from engine.apk.binary_xml import Element, Value, read_elements

MANIFEST = "AndroidManifest.xml"
PREVIEW_SDK = 10_000
"""Android's own number (``CUR_DEVELOPMENT``) for a version that is a codename yet."""

# Resource ids of the attributes, from android.R.attr
_NAME, _DEBUGGABLE = 0x01010003, 0x0101000F
_MIN_SDK, _TARGET_SDK = 0x0101020C, 0x01010270
_VERSION_CODE, _VERSION_NAME, _VERSION_CODE_MAJOR = 0x0101021B, 0x0101021C, 0x01010576


@dataclass(frozen=True, slots=True)
class Manifest:
    """The manifest, as far as installing and measuring care.

    Attributes:
        package: The application's id.
        version_code: Grows from release to release, up to 64 bits.
        version_name: For people; empty if it is not there or not plain text.
        min_sdk: Lowest Android API level that may install it; 1 if it does not say,
            ``PREVIEW_SDK`` if it names a preview of Android.
        target_sdk: The API level it was written for; ``min_sdk`` if it does not say.
        debuggable: A debuggable app runs slower and must not be measured.
        permissions: Names of those it asks for, in order.
    """

    package: str
    version_code: int
    version_name: str
    min_sdk: int
    target_sdk: int
    debuggable: bool
    permissions: tuple[str, ...]


def read_manifest(apk: ArchiveReader) -> Manifest:
    """Return what the APK's manifest says; raises ``LabError`` if it has no readable one."""
    entry = apk.entry(MANIFEST)
    if entry is None:
        raise apk.broken("it has no AndroidManifest.xml")
    try:
        return parse_manifest(apk.read(entry, limit_bytes=4 << 20))
    except ValueError as error:
        raise apk.broken(f"its manifest cannot be read ({error})") from error


def parse_manifest(data: bytes) -> Manifest:
    """Return what a compiled manifest says; raises ``ValueError`` if it is damaged."""
    root, application, uses_sdk = (Element((), {}, {}) for _ in range(3))
    permissions = []
    for element in read_elements(data):
        match element.path:
            case ("manifest",):
                root = element
            case ("manifest", "application"):
                application = element
            case ("manifest", "uses-sdk"):
                uses_sdk = element
            case ("manifest", "uses-permission"):
                permissions.append(_text(element.by_id.get(_NAME)))
            case _:
                pass
    package = _text(root.by_name.get("package"))
    if not package:
        raise ValueError("it names no package")
    min_sdk = _sdk(uses_sdk.by_id.get(_MIN_SDK), 1)
    major = _number(root.by_id.get(_VERSION_CODE_MAJOR), 0)
    return Manifest(
        package=package,
        version_code=(major << 32) + _number(root.by_id.get(_VERSION_CODE), 0),
        version_name=_text(root.by_id.get(_VERSION_NAME)),
        min_sdk=min_sdk,
        target_sdk=_sdk(uses_sdk.by_id.get(_TARGET_SDK), min_sdk),
        debuggable=application.by_id.get(_DEBUGGABLE) is True,
        permissions=tuple(permissions),
    )


def _text(value: Value) -> str:
    return value if isinstance(value, str) else ""


def _sdk(value: Value, default: int) -> int:
    if isinstance(value, str):
        return int(value) if value.isdecimal() else PREVIEW_SDK
    return _number(value, default)


def _number(value: Value, default: int) -> int:
    if value is None:
        return default
    if isinstance(value, int):
        return value
    raise ValueError(f"{value} is not a number")
