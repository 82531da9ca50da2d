"""The data partition: what is on it, and how much of it an app may still take."""

from engine.virtual_phone.packages.refusal import InstallRefused
from engine.virtual_phone.system.file_system import FileSystem

SIZE_BYTES = 24 * 10**9
OTHERS_BYTES = 6 * 10**9
"""The apps, photos and music of whoever owns the phone."""
CACHES_BYTES = 300 * 10**6
"""What other apps could do without."""
LOW_SHARE, LOW_MOST_BYTES = 0.05, 500 << 20
"""Android keeps this share of the partition, at most so much, away from new apps:
``sys_storage_threshold_percentage`` and ``sys_storage_threshold_max_bytes``."""
TRIMS_ITSELF_SDK = 26
"""From Android 8 on an install may push other apps' caches out."""


class Storage:
    """The partition ``/data``. Its plain fields are set from outside; files count by themselves.

    Attributes:
        size_bytes: The whole partition.
        others_bytes: What is on it beside files that can be seen, and caches.
        caches_bytes: Other apps' caches.
    """

    def __init__(self, files: FileSystem, sdk: int) -> None:
        """Start with room for many apps."""
        self._files = files
        self._sdk = sdk
        self.size_bytes = SIZE_BYTES
        self.others_bytes = OTHERS_BYTES
        self.caches_bytes = CACHES_BYTES

    @property
    def used_bytes(self) -> int:
        """Bytes in use, caches included."""
        used = self.others_bytes + self.caches_bytes + self._files.used_bytes()
        return min(used, self.size_bytes)

    @property
    def free_bytes(self) -> int:
        """Bytes that ``df`` calls available."""
        return self.size_bytes - self.used_bytes

    @property
    def allocatable_bytes(self) -> int:
        """Bytes that an app may take: a reserve stays free, caches may go from Android 8 on."""
        reserve = min(int(LOW_SHARE * self.size_bytes), LOW_MOST_BYTES)
        caches = self.caches_bytes if self._sdk >= TRIMS_ITSELF_SDK else 0
        return max(0, self.free_bytes + caches - reserve)

    def has_room(self, size_bytes: int) -> bool:
        """Whether a plain file of this size still fits."""
        return size_bytes <= self.free_bytes

    def reserve_app(self, size_bytes: int) -> None:
        """Make room for an app that is about to be written.

        Raises:
            InstallRefused: If there is too little.
        """
        allocatable = self.allocatable_bytes
        if size_bytes > allocatable:
            raise InstallRefused(
                "INSTALL_FAILED_INSUFFICIENT_STORAGE",
                f"Failed to allocate {size_bytes} because only {allocatable} allocatable",
            )
        if self._sdk >= TRIMS_ITSELF_SDK:
            self.trim(size_bytes + min(int(LOW_SHARE * self.size_bytes), LOW_MOST_BYTES))

    def trim(self, wanted_bytes: int) -> None:
        """Drop caches until so much is free, or none is left."""
        missing = max(0, wanted_bytes - self.free_bytes)
        self.caches_bytes -= min(missing, self.caches_bytes)

    def leave(self, free_bytes: int, caches_bytes: int = 0) -> None:
        """Let the owner fill the phone until so much is free, beside so much of caches."""
        self.caches_bytes = caches_bytes
        seen = self._files.used_bytes() + caches_bytes
        self.others_bytes = max(0, self.size_bytes - seen - free_bytes)

    def tidy(self) -> None:
        """Let the owner make room again."""
        self.others_bytes, self.caches_bytes = OTHERS_BYTES, CACHES_BYTES
