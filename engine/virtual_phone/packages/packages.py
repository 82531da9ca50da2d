"""What is installed on the phone, and what Android would refuse to install."""

import hashlib
import io
import threading
import time
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.virtual_phone.packages.apk_file import ApkFacts, BadApk, read_apk
from engine.virtual_phone.packages.apk_signature import BadSignature, check_signature

REPLACES_BY_DEFAULT_SDK = 28
SCRAMBLED_PATH_SDK = 30
LEAST_TARGET_SDK = 23
"""Below it Android 14 refuses an app."""


class InstallRefused(Exception):  # noqa: N818 - it is the phone's answer, not a fault of ours
    """The package manager refuses.

    Attributes:
        reason: Android's own word, for instance ``INSTALL_FAILED_INVALID_APK``.
        text: What Android says after it; may be empty.
    """

    def __init__(self, reason: str, text: str = "") -> None:
        """Compose the text as ``pm`` prints it, without ``Failure``."""
        super().__init__(f"[{reason}: {text}]" if text else f"[{reason}]")
        self.reason = reason
        self.text = text


@dataclass(slots=True)
class InstalledPackage:
    """One installed package.

    Attributes:
        name: Package name.
        label: What stands below its icon.
        activities: Full class names, the launcher's first.
        permissions: What the manifest asks for.
        granted: Which of those it has; changed by ``pm grant`` and ``pm revoke``.
        path: Where the APK lies on the phone; empty for system packages.
        apk: The file exactly as it was sent; empty for system packages.
        certificate: SHA-256 of the signer's certificate, hex.
        native_abi: The ABI whose libraries it uses; empty if it has none.
    """

    name: str
    label: str
    version_code: int
    version_name: str
    min_sdk: int
    target_sdk: int
    activities: tuple[str, ...]
    permissions: tuple[str, ...]
    path: str = ""
    apk: bytes = b""
    certificate: str = ""
    native_abi: str = ""
    debuggable: bool = False
    system: bool = False
    granted: set[str] = field(default_factory=set)
    installed_s: float = field(default_factory=time.time)


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


class Packages:
    """The package manager; safe to use from any thread."""

    def __init__(self, sdk: int, abis: Sequence[str]) -> None:
        """Start with nothing installed on a phone of this API level and these ABIs."""
        self._sdk = sdk
        self._abis = tuple(abis)
        self._lock = threading.RLock()
        self._installed: dict[str, InstalledPackage] = {}
        self._installs = 0

    def find(self, name: str) -> InstalledPackage | None:
        """Return the package, or None if it is not installed."""
        with self._lock:
            return self._installed.get(name)

    def installed(self) -> tuple[InstalledPackage, ...]:
        """Return all packages by name."""
        with self._lock:
            return tuple(self._installed[name] for name in sorted(self._installed))

    def add_system(self, name: str, label: str) -> None:
        """Add a package that came with the phone."""
        with self._lock:
            self._installed[name] = InstalledPackage(
                *(name, label, self._sdk, str(self._sdk), self._sdk, self._sdk),
                activities=(f"{name}.MainActivity",),
                permissions=(),
                system=True,
            )

    def open_entry(self, package: str, entry: str) -> bytes:
        """Return one entry of an installed APK, for instance ``assets/lab/model.tflite``.

        Raises:
            FileNotFoundError: If the package or the entry is not there.
        """
        found = self.find(package)
        if found is None or not found.apk:
            raise FileNotFoundError(f"{package} has no APK here")
        with zipfile.ZipFile(io.BytesIO(found.apk)) as archive:
            try:
                return archive.read(entry)
            except KeyError:
                raise FileNotFoundError(f"{package} has no {entry}") from None

    def install(
        self, apk: bytes, options: InstallOptions, *, full: bool = False
    ) -> tuple[InstalledPackage, InstalledPackage | None]:
        """Install or replace a package; return it and what it replaced.

        Args:
            apk: The whole file.
            options: What ``pm install`` was told.
            full: Whether no space is left.

        Raises:
            InstallRefused: With Android's own word for what is wrong.
        """
        if full:
            raise InstallRefused(
                "INSTALL_FAILED_INSUFFICIENT_STORAGE", "Failed to free enough space"
            )
        try:
            facts = read_apk(apk)
        except BadApk as error:
            raise InstallRefused("INSTALL_FAILED_INVALID_APK", str(error)) from error
        self._check_platform(facts, options)
        try:
            certificate = check_signature(apk, self._sdk)
        except BadSignature as error:
            raise InstallRefused(
                "INSTALL_PARSE_FAILED_NO_CERTIFICATES",
                f"Failed collecting certificates for base.apk: {error}",
            ) from error
        native_abi = self._choose_abi(facts)
        with self._lock:
            before = self._installed.get(facts.package)
            if before is not None:
                self._check_update(before, facts, certificate, options)
            package = self._installed[facts.package] = InstalledPackage(
                name=facts.package,
                label=facts.label,
                version_code=facts.version_code,
                version_name=facts.version_name,
                min_sdk=facts.min_sdk,
                target_sdk=facts.target_sdk,
                activities=facts.activities,
                permissions=facts.permissions,
                path=self._new_path(facts.package),
                apk=apk,
                certificate=certificate,
                native_abi=native_abi,
                debuggable=facts.debuggable,
                granted=_granted(before, facts, options),
            )
        return package, before

    def _check_platform(self, facts: ApkFacts, options: InstallOptions) -> None:
        """Refuse what does not fit this Android version, whoever signed it."""
        sdk = self._sdk
        if facts.min_sdk > sdk:
            raise InstallRefused(
                "INSTALL_FAILED_OLDER_SDK",
                f"Requires newer sdk version #{facts.min_sdk} (current version is #{sdk})",
            )
        if sdk >= 34 and facts.target_sdk < LEAST_TARGET_SDK:
            raise InstallRefused(
                "INSTALL_FAILED_DEPRECATED_SDK_VERSION",
                f"App package must target at least SDK version {LEAST_TARGET_SDK}, "
                f"but found {facts.target_sdk}",
            )
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

    def _choose_abi(self, facts: ApkFacts) -> str:
        if not facts.libraries:
            return ""
        there = {library.abi for library in facts.libraries}
        chosen = next((abi for abi in self._abis if abi in there), None)
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

    def _check_update(
        self,
        before: InstalledPackage,
        facts: ApkFacts,
        certificate: str,
        options: InstallOptions,
    ) -> None:
        """Refuse what may not replace the installed package."""
        if self._sdk < REPLACES_BY_DEFAULT_SDK and not options.replace:
            raise InstallRefused(
                "INSTALL_FAILED_ALREADY_EXISTS",
                f"Attempt to re-install {facts.package} without first uninstalling.",
            )
        if before.system or before.certificate != certificate:
            raise InstallRefused(
                "INSTALL_FAILED_UPDATE_INCOMPATIBLE",
                f"Existing package {facts.package} signatures do not match newer version; "
                "ignoring!",
            )
        may_go_back = options.downgrade and before.debuggable
        if facts.version_code < before.version_code and not may_go_back:
            raise InstallRefused(
                "INSTALL_FAILED_VERSION_DOWNGRADE",
                f"Downgrade detected: Update version code {facts.version_code} is older than "
                f"current {before.version_code}",
            )

    def _new_path(self, name: str) -> str:
        self._installs += 1
        if self._sdk < SCRAMBLED_PATH_SDK:
            return f"/data/app/{name}-{1 + self._installs % 2}/base.apk"
        scramble = hashlib.sha256(f"{name} {self._installs}".encode()).hexdigest()
        return f"/data/app/~~{scramble[:22]}==/{name}-{scramble[22:44]}==/base.apk"

    def remove(self, name: str) -> None:
        """Forget a package; nothing happens if it is not installed."""
        with self._lock:
            self._installed.pop(name, None)

    def set_granted(self, name: str, permission: str, granted: bool) -> None:
        """Grant or revoke one permission."""
        with self._lock:
            package = self._installed[name]
            (package.granted.add if granted else package.granted.discard)(permission)

    def clear(self, name: str) -> None:
        """Forget what the package was granted, as ``pm clear`` does."""
        with self._lock:
            self._installed[name].granted.clear()


def _granted(before: InstalledPackage | None, facts: ApkFacts, options: InstallOptions) -> set[str]:
    """Return what an update keeps of the permissions, or all with ``-g``."""
    if options.grant_all:
        return set(facts.permissions)
    return (before.granted & set(facts.permissions)) if before else set()
