"""What is installed on the phone, and the order in which Android decides to install."""

import hashlib
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.virtual_phone.packages import rules
from engine.virtual_phone.packages.apk_file import ApkFacts, BadApk, read_apk
from engine.virtual_phone.packages.apk_signature import BadSignature, check_signature
from engine.virtual_phone.packages.guards import Guards
from engine.virtual_phone.packages.refusal import InstallRefused
from engine.virtual_phone.packages.rules import InstallOptions
from engine.virtual_phone.packages.storage import Storage

SCRAMBLED_PATH_SDK = 30


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
        certificate_hash: What Java's ``hashCode`` makes of it, as ``dumpsys`` shows.
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
    certificate_hash: int = 0
    native_abi: str = ""
    debuggable: bool = False
    system: bool = False
    granted: set[str] = field(default_factory=set)
    installed_s: float = field(default_factory=time.time)

    @property
    def folder(self) -> str:
        """The folder below /data/app that goes when the package goes; empty if it has none."""
        return "/".join(self.path.split("/")[:4])


class Packages:
    """The package manager; safe to use from any thread."""

    def __init__(
        self,
        sdk: int,
        abis: Sequence[str],
        storage: Storage | None = None,
        guards: Guards | None = None,
    ) -> None:
        """Start with nothing installed.

        Args:
            sdk: The phone's API level.
            abis: What it runs, best first.
            storage: Where apps are put; without one there is always room.
            guards: Who else may refuse; nobody if None.
        """
        self._sdk = sdk
        self._abis = tuple(abis)
        self._storage = storage
        self._guards = guards
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

    def prepare(self, size_bytes: int) -> None:
        """Begin an installation of which only the size is known.

        Raises:
            InstallRefused: If there is no room for it.
        """
        if self._storage is not None:
            self._storage.reserve_app(size_bytes)

    def install(
        self, apk: bytes, options: InstallOptions
    ) -> tuple[InstalledPackage, InstalledPackage | None]:
        """Install or replace a package; return it and what it replaced.

        The order is Android's: what the session sees of the file, then who may install,
        then the version, the verifier, the whole manifest, and what is there already.

        Args:
            apk: The whole file.
            options: What ``pm install`` was told.

        Raises:
            InstallRefused: With Android's own word for what is wrong.
        """
        self.prepare(len(apk))
        try:
            facts = read_apk(apk)
        except BadApk as error:
            raise InstallRefused(error.reason, str(error)) from error
        signer = self._signer_of(apk)
        certificate = hashlib.sha256(signer).hexdigest()
        native_abi = rules.choose_abi(facts, self._abis, self._sdk)
        if self._guards is not None:
            self._guards.check_sender()
        with self._lock:
            before = self._installed.get(facts.package)
            if before is not None:
                rules.check_version(before, facts, options)
            if self._guards is not None:
                self._guards.check_app()
            rules.check_platform(facts, self._sdk, options)
            if before is not None:
                rules.check_update(before, facts, certificate, self._sdk, options)
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
                certificate_hash=java_hash(signer),
                native_abi=native_abi,
                debuggable=facts.debuggable,
                granted=_granted(before, facts, options),
            )
        return package, before

    def _signer_of(self, apk: bytes) -> bytes:
        try:
            return check_signature(apk, self._sdk)
        except BadSignature as error:
            raise InstallRefused(
                "INSTALL_PARSE_FAILED_NO_CERTIFICATES",
                f"Failed collecting certificates for base.apk: {error}",
            ) from error

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


def java_hash(data: bytes) -> int:
    """Return ``Arrays.hashCode`` of Java's signed bytes, as 32 unsigned bits."""
    value = 1
    for byte in data:
        value = (31 * value + (byte - 256 if byte > 127 else byte)) & 0xFFFFFFFF
    return value
