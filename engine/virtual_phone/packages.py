"""What is installed on the phone, and what Android would refuse to install."""

import io
import threading
import time
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field


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
        test_only: ``-t``: packages marked testOnly may be installed.
        downgrade: ``-d``: a lower version code may replace a higher one.
        grant_all: ``-g``: every permission is granted at once.
    """

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

    def install(self, apk: bytes, options: InstallOptions) -> InstalledPackage:
        """Install or replace a package.

        Raises:
            InstallRefused: With Android's own word for what is wrong.
        """
        raise InstallRefused("INSTALL_FAILED_INVALID_APK")

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
