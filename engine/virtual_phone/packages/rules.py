"""What Android refuses because of the APK itself or of what is installed: pure rules."""

from dataclasses import dataclass
from typing import Protocol

from engine.virtual_phone.packages.apk_file import ApkFacts
from engine.virtual_phone.packages.refusal import InstallRefused

REPLACES_BY_DEFAULT_SDK = 28
NO_MATCHING_ABIS_SDK = 21
"""Before Android 5 the word for a wrong processor was another one."""
LAST_MAX_SDK = 6
"""``maxSdkVersion`` was enforced up to Android 2.0.1; later ones ignore it."""
LEAST_TARGET_SDK = 23
"""Below it Android 14 refuses an app."""


@dataclass(frozen=True, slots=True)
class InstallOptions:
    """What ``pm install`` was told.

    Attributes:
        replace: ``-r``; from Android 9 always so.
        test_only: ``-t``: packages marked testOnly may be installed.
        downgrade: ``-d``: a lower version code may replace a higher one.
        grant_all: ``-g``: every permission is granted at once.
    """

    replace: bool = False
    test_only: bool = False
    downgrade: bool = False
    grant_all: bool = False


class Installed(Protocol):
    """What the rules ask of the package that is there already."""

    version_code: int
    certificate: str
    debuggable: bool
    system: bool


def choose_abi(facts: ApkFacts, abis: tuple[str, ...], sdk: int) -> str:
    """Return the ABI whose libraries are used; ``""`` for an app without any.

    Raises:
        InstallRefused: If none fits, or they cannot be mapped from the APK as it asks.
    """
    if not facts.libraries:
        return ""
    there = {library.abi for library in facts.libraries}
    chosen = next((abi for abi in abis if abi in there), None)
    if chosen is None and sdk < NO_MATCHING_ABIS_SDK:
        raise InstallRefused("INSTALL_FAILED_CPU_ABI_INCOMPATIBLE")
    if chosen is None:
        raise InstallRefused(
            "INSTALL_FAILED_NO_MATCHING_ABIS", "Failed to extract native libraries, res=-113"
        )
    if not facts.extract_libraries and not all(
        library.mappable for library in facts.libraries if library.abi == chosen
    ):
        raise InstallRefused(
            "INSTALL_FAILED_INVALID_APK", "Failed to extract native libraries, res=-2"
        )
    return chosen


def check_platform(facts: ApkFacts, sdk: int, options: InstallOptions) -> None:
    """Refuse what does not fit this Android version, whoever signed it.

    Raises:
        InstallRefused: If it does not.
    """
    _check_sdk(facts, sdk)
    if min(sdk, facts.target_sdk) >= 31 and facts.unexported:
        raise InstallRefused(
            "INSTALL_PARSE_FAILED_MANIFEST_MALFORMED",
            f"{facts.unexported[0]}: Targeting S+ (version 31 and above) requires that an "
            "explicit value for android:exported be defined when intent filters are present",
        )
    if min(sdk, facts.target_sdk) >= 30 and not facts.table_readable:
        raise InstallRefused(
            "INSTALL_PARSE_FAILED_RESOURCES_ARSC_COMPRESSED",
            "Targeting R+ (version 30 and above) requires the resources.arsc of installed "
            "APKs to be stored uncompressed and aligned on a 4-byte boundary",
        )
    if facts.test_only and not options.test_only:
        raise InstallRefused("INSTALL_FAILED_TEST_ONLY", "Failed to install test-only apk")


def _check_sdk(facts: ApkFacts, sdk: int) -> None:
    codename = facts.min_codename or facts.target_codename
    if codename:  # this phone is a release, which has no codename of its own
        raise InstallRefused(
            "INSTALL_FAILED_OLDER_SDK",
            f"Requires development platform {codename} but this is a release platform.",
        )
    if facts.min_sdk > sdk:
        raise InstallRefused(
            "INSTALL_FAILED_OLDER_SDK",
            f"Requires newer sdk version #{facts.min_sdk} (current version is #{sdk})",
        )
    if facts.max_sdk < sdk <= LAST_MAX_SDK:
        raise InstallRefused(
            "INSTALL_FAILED_NEWER_SDK",
            f"Requires older sdk version #{facts.max_sdk} (current version is #{sdk})",
        )
    if sdk >= 34 and facts.target_sdk < LEAST_TARGET_SDK:
        raise InstallRefused(
            "INSTALL_FAILED_DEPRECATED_SDK_VERSION",
            f"App package must target at least SDK version {LEAST_TARGET_SDK}, "
            f"but found {facts.target_sdk}",
        )


def check_version(before: Installed, facts: ApkFacts, options: InstallOptions) -> None:
    """Refuse to go back to a lower version code.

    Raises:
        InstallRefused: Unless told to, and the installed app is debuggable.
    """
    may_go_back = options.downgrade and before.debuggable
    if facts.version_code < before.version_code and not may_go_back:
        raise InstallRefused(
            "INSTALL_FAILED_VERSION_DOWNGRADE",
            f"Downgrade detected: Update version code {facts.version_code} is older than "
            f"current {before.version_code}",
        )


def check_update(
    before: Installed, facts: ApkFacts, certificate: str, sdk: int, options: InstallOptions
) -> None:
    """Refuse what may not replace the installed package.

    Raises:
        InstallRefused: If it is not said to replace, or is another signer's.
    """
    if sdk < REPLACES_BY_DEFAULT_SDK and not options.replace:
        raise InstallRefused(
            "INSTALL_FAILED_ALREADY_EXISTS",
            f"Attempt to re-install {facts.package} without first uninstalling.",
        )
    if before.system or before.certificate != certificate:
        raise InstallRefused(
            "INSTALL_FAILED_UPDATE_INCOMPATIBLE",
            f"Existing package {facts.package} signatures do not match newer version; ignoring!",
        )
