"""Reads what the package manager wants to know of an APK."""

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass

from engine.virtual_phone.packages.apk_xml import BadXml, Element, Reference, find_string, parse_xml

LAUNCHER_CATEGORY = "android.intent.category.LAUNCHER"
MANIFEST_LIMIT = 4 << 20


UNBOUNDED_SDK = 1 << 31
NOT_APK = "INSTALL_PARSE_FAILED_NOT_APK"
UNREADABLE = "INSTALL_PARSE_FAILED_UNEXPECTED_EXCEPTION"
MALFORMED = "INSTALL_PARSE_FAILED_MANIFEST_MALFORMED"
EMPTY = "INSTALL_PARSE_FAILED_MANIFEST_EMPTY"
BAD_NAME = "INSTALL_PARSE_FAILED_BAD_PACKAGE_NAME"


class BadApk(ValueError):  # noqa: N818 - reads as what it is
    """The file is no APK that can be read.

    Attributes:
        reason: Android's own word for it.
    """

    def __init__(self, reason: str, text: str) -> None:
        """Keep Android's word beside the text."""
        super().__init__(text)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Library:
    """One native library: ``lib/<abi>/<file>``.

    Attributes:
        abi: For instance ``arm64-v8a``.
        mappable: Whether it lies stored and page-aligned, so that it can run from the APK.
    """

    abi: str
    mappable: bool


@dataclass(frozen=True, slots=True)
class ApkFacts:
    """What the manifest and the archive say.

    Attributes:
        activities: Full class names, the launcher's first.
        min_codename: The preview of Android that it needs; empty for a released one.
        target_codename: The preview that it is made for; empty for a released one.
        max_sdk: The last API level that it is for.
        unexported: Activities with an intent filter but no ``android:exported``.
        table_readable: Whether resources.arsc is absent, or stored and 4-aligned.
    """

    package: str
    version_code: int
    version_name: str
    min_sdk: int
    target_sdk: int
    min_codename: str
    target_codename: str
    max_sdk: int
    label: str
    permissions: tuple[str, ...]
    activities: tuple[str, ...]
    unexported: tuple[str, ...]
    libraries: tuple[Library, ...]
    test_only: bool
    debuggable: bool
    extract_libraries: bool
    table_readable: bool


def read_apk(apk: bytes) -> ApkFacts:
    """Read an APK's facts.

    Raises:
        BadApk: If it is not a zip, has no manifest, or the manifest is damaged.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(apk)) as archive:
            return _facts(apk, archive, parse_xml(_manifest(archive)))
    except BadApk:
        raise
    except BadXml as error:
        raise BadApk(UNREADABLE, f"Failed to parse base.apk: {error}") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, struct.error) as error:
        raise BadApk(NOT_APK, f"Failed to parse base.apk: {error}") from error
    except (NotImplementedError, ValueError) as error:
        raise BadApk(UNREADABLE, f"Failed to parse base.apk: {error}") from error


def _manifest(archive: zipfile.ZipFile) -> bytes:
    manifest = _read(archive, "AndroidManifest.xml")
    if manifest is None:
        raise BadApk(UNREADABLE, "Failed to parse base.apk: no AndroidManifest.xml")
    return manifest


def _read(archive: zipfile.ZipFile, name: str) -> bytes | None:
    try:
        info = archive.getinfo(name)
    except KeyError:
        return None
    if info.file_size > MANIFEST_LIMIT:
        raise BadApk(UNREADABLE, f"{name} is too large")
    return archive.read(info)


def _facts(apk: bytes, archive: zipfile.ZipFile, manifest: Element) -> ApkFacts:
    package = manifest.text("package")
    if manifest.name != "manifest":
        raise BadApk(MALFORMED, "No <manifest> tag")
    if not all(part.isidentifier() for part in package.split(".")) or "." not in package:
        raise BadApk(BAD_NAME, f"Invalid manifest package: {package!r}")
    uses = next(manifest.all("uses-sdk"), Element("uses-sdk"))
    application = next(manifest.all("application"), None)
    if application is None:
        raise BadApk(EMPTY, "<manifest> does not contain an <application>")
    min_sdk = uses.number("minSdkVersion", 1)
    activities = list(application.all("activity"))
    activities.sort(key=lambda activity: not _is_launcher(activity))
    return ApkFacts(
        package=package,
        version_code=(manifest.number("versionCodeMajor", 0) << 32)
        + manifest.number("versionCode", 0),
        version_name=manifest.text("versionName"),
        min_sdk=min_sdk,
        target_sdk=uses.number("targetSdkVersion", min_sdk),
        min_codename=uses.codename("minSdkVersion"),
        target_codename=uses.codename("targetSdkVersion"),
        max_sdk=uses.number("maxSdkVersion", UNBOUNDED_SDK),
        label=_label(archive, application, package),
        permissions=tuple(item.text("name") for item in manifest.all("uses-permission")),
        activities=tuple(_full_name(package, activity) for activity in activities),
        unexported=tuple(
            _full_name(package, activity)
            for activity in activities
            if any(activity.all("intent-filter")) and "exported" not in activity.attributes
        ),
        libraries=_libraries(apk, archive),
        test_only=application.truth("testOnly"),
        debuggable=application.truth("debuggable"),
        extract_libraries=application.truth("extractNativeLibs", default=True),
        table_readable=_is_mappable(apk, archive, "resources.arsc", 4),
    )


def _full_name(package: str, activity: Element) -> str:
    name = activity.text("name")
    if name.startswith("."):
        return package + name
    return name if "." in name else f"{package}.{name}"


def _is_launcher(activity: Element) -> bool:
    return any(
        category.text("name") == LAUNCHER_CATEGORY
        for intent_filter in activity.all("intent-filter")
        for category in intent_filter.all("category")
    )


def _label(archive: zipfile.ZipFile, application: Element, package: str) -> str:
    label = application.attributes.get("label", "")
    if isinstance(label, Reference):
        table = _read(archive, "resources.arsc")
        return (find_string(table, label.resource_id) if table else "") or package
    return str(label) or package


def _libraries(apk: bytes, archive: zipfile.ZipFile) -> tuple[Library, ...]:
    found = []
    for name in archive.namelist():
        folder, _, rest = name.partition("/")
        abi, _, file = rest.partition("/")
        if folder == "lib" and file.endswith(".so") and "/" not in file:
            found.append(Library(abi, _is_mappable(apk, archive, name, 4096)))
    return tuple(found)


def _is_mappable(apk: bytes, archive: zipfile.ZipFile, name: str, alignment: int) -> bool:
    """Whether an entry is absent, or stored with its bytes on a multiple of ``alignment``."""
    try:
        info = archive.getinfo(name)
    except KeyError:
        return True
    name_length, extra_length = struct.unpack_from("<HH", apk, info.header_offset + 26)
    start = info.header_offset + 30 + name_length + extra_length
    return info.compress_type == zipfile.ZIP_STORED and start % alignment == 0
