"""The virtual phone's state, shared by its ADB half and its screen half."""

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.virtual_phone.abstract_sockets import AbstractSockets
from engine.virtual_phone.heat import Heat, Throttle
from engine.virtual_phone.pace import Pace
from engine.virtual_phone.packages.guards import VERIFY_USB, Guards
from engine.virtual_phone.packages.packages import InstalledPackage, Packages
from engine.virtual_phone.packages.refusal import InstallRefused
from engine.virtual_phone.packages.rules import InstallOptions
from engine.virtual_phone.packages.storage import Storage
from engine.virtual_phone.shell.logcat import LogBuffer
from engine.virtual_phone.streams import Stream
from engine.virtual_phone.system.file_system import FileSystem, data_folder
from engine.virtual_phone.system.host_clocks import known_clocks_khz
from engine.virtual_phone.system.processes import Processes, ShellProcess
from engine.virtual_phone.system.properties import (
    ANDROID_SDK,
    NOTE,
    NOTE_PROPERTY,
    SCENE_TRUTH,
    make_properties,
    speed_properties,
)

LAUNCHER = "com.android.launcher3"
SETTINGS = "com.android.settings"

LAGS = ", this computer is too slow"
"""Follows a pace's note where real inferences often take longer than the made-up ones."""

IDLE_CLOCK = 0.4
"""With a pace: what is left of the cores' clocks while nothing is inferred. Made up."""

BOOTED_BEFORE_S = 3600.0
"""How long the phone claims to have run before the program started."""


class ScreenHalf(Protocol):
    """What the ADB half asks of the screen; ``engine.virtual_phone.screen.screen.Screen`` is it."""

    @property
    def foreground(self) -> str | None:
        """The package in front; None is the launcher."""

    @property
    def on(self) -> bool:
        """Whether the screen is on."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels, as the phone is held now."""

    @property
    def sees(self) -> str:
        """The class of what the running camera sees; empty where none runs or nobody knows."""

    def launch(self, package: str) -> None:
        """Bring the package's activity to the front."""

    def stop(self, package: str) -> None:
        """End the package's activity and process, if it runs."""

    def touch(self, action: str, x: float, y: float) -> None:
        """Feed one touch: ``down``, ``move`` or ``up``, in pixels of the screen."""

    def key(self, keycode: int, down: bool) -> None:
        """Feed one Android key code."""

    def rotate(self) -> None:
        """Turn the phone by 90 degrees and back."""

    def picture(self) -> NDArray[np.uint8]:
        """Return what the screen shows, shape (h, w, 3), RGB."""

    def close(self) -> None:
        """Stop drawing and end what runs."""


class StartRefused(Exception):  # noqa: N818 - it is the phone's answer, not a fault of ours
    """``am start`` cannot start what it was asked for; the text is Android's own."""


class Battery:
    """What the battery says; the owner changes it from outside.

    Attributes:
        percent: 0 to 100.
        charging: Whether power comes in.
        heat: How warm the phone is.
    """

    def __init__(self, heat: Heat | None = None) -> None:
        """Be well charged, on a cable."""
        self.percent = 82
        self.charging = True
        self.heat = heat or Heat()

    @property
    def celsius(self) -> float:
        """Degrees; also what the thermal zones and the link's HEALTH follow."""
        return self.heat.celsius

    @celsius.setter
    def celsius(self, celsius: float) -> None:
        self.heat.celsius = celsius


class Handset:
    """One phone's state. Its parts lock themselves; plain fields are written by one owner.

    Attributes:
        name: The model name people see (``ro.product.model``).
        android: Release, ``"7.1.2"`` or ``"14"``.
        sdk: API level of it.
        properties: The system's; ``readings`` is what ``getprop`` shows.
        sockets: The phone's abstract sockets; ``localabstract:`` services connect to them.
        files: The phone's file system; nothing of it is on the host.
        storage: The data partition, which files and apps share.
        guards: Who may refuse an app beside the package manager.
        packages: What is installed.
        processes: Which packages and shells run.
        heat: How warm it is and what that does.
        pace: Whose speed it makes up; None is this computer's own.
        pace_changes: How often that became another one.
        settings: Namespace (``system``, ``secure``, ``global``) -> key -> value.
        screen: Set by the program once there is one.
        camera_busy: Another app holds the camera.
    """

    def __init__(self, name: str = "Virtual phone", android: str = "14") -> None:
        """Make a phone that has just booted, without a screen yet."""
        self.name = name
        self.android = android
        self.sdk = ANDROID_SDK[android]
        self.properties = make_properties(name, android)
        self.heat = Heat()
        self.battery = Battery(self.heat)
        self.pace: Pace | None = None
        self.pace_changes = 0
        self.log = LogBuffer()
        self.sockets = AbstractSockets()
        self.files = FileSystem()
        self.settings = default_settings()
        self.storage = Storage(self.files, self.sdk)
        self.guards = Guards(self.properties, self.settings)
        self.packages = Packages(self.sdk, self.abis, self.storage, self.guards)
        self.processes = Processes()
        self.screen: ScreenHalf | None = None
        self.camera_busy = False
        self._booted = time.monotonic() - BOOTED_BEFORE_S
        self._tunnels_lock = threading.Lock()
        self._tunnels: dict[str, Callable[[], Stream]] = {}
        self.packages.add_system(LAUNCHER, "Launcher")
        self.packages.add_system(SETTINGS, "Settings")
        self.processes.start("system_server")
        self.processes.start(LAUNCHER)

    @property
    def abis(self) -> tuple[str, ...]:
        """What the phone runs, best first."""
        return tuple(self.properties["ro.product.cpu.abilist"].split(","))

    @property
    def locale(self) -> str:
        """The person's language, ``en-US`` or ``de-DE`` for instance."""
        return self.properties.get("persist.sys.locale", "en-US")

    def readings(self) -> dict[str, str]:
        """Return what ``getprop`` shows: the properties, and the truth about the camera's scene."""
        truth = self.screen.sees if self.screen is not None else ""
        return self.properties | ({SCENE_TRUTH: truth} if truth else {})

    def set_pace(self, pace: Pace | None, throttle: Throttle | None = None) -> None:
        """Take on a pace, or None for this computer's own speed; properties and files say so."""
        if pace is not self.pace:
            self.pace = pace
            self.pace_changes += 1
            self.properties |= speed_properties(self.android, pace.name if pace else "")
            self._set_note(pace.note if pace is not None else NOTE)
        self.heat.follow(moves=pace is not None, throttle=throttle)

    def tell_lag(self, lags: bool) -> None:
        """Say, or no longer say, that this computer is too slow for the pace."""
        if self.pace is not None:
            self._set_note(self.pace.note + (LAGS if lags else ""))

    def _set_note(self, note: str) -> None:
        if self.properties[NOTE_PROPERTY] != note:
            self.properties[NOTE_PROPERTY] = note
            self.log.write("I", "MobileNetLab", note)

    @property
    def cores(self) -> int:
        """How many cores the phone has."""
        return len(self.pace.cores_khz) if self.pace is not None else os.cpu_count() or 1

    @property
    def clocks_khz(self) -> tuple[int, ...] | None:
        """The present clock of each core, kHz; None where this computer does not tell its own."""
        pace = self.pace
        if pace is None:
            return tuple(known_clocks_khz()) or None
        share = 1.0 if self.heat.working else IDLE_CLOCK
        return tuple(round(khz * share) for khz in self.max_clocks_khz)

    @property
    def max_clocks_khz(self) -> tuple[int, ...]:
        """The clock that each core may have now, kHz: heat lowers it."""
        pace = self.pace
        if pace is None:
            return tuple(known_clocks_khz())
        factor = self.heat.factor
        return tuple(round(khz / factor) for khz in pace.cores_khz)

    @property
    def nominal_clocks_khz(self) -> tuple[int, ...]:
        """The highest clock of each core, kHz."""
        return self.pace.cores_khz if self.pace is not None else tuple(known_clocks_khz())

    @property
    def uptime_s(self) -> float:
        """Seconds since the phone booted."""
        return time.monotonic() - self._booted

    def connect_out(self, name: str) -> Stream:
        """Connect from the phone to the abstract socket ``name``.

        Through ``adb reverse`` where such a tunnel stands, else to who listens here.

        Raises:
            ConnectionRefusedError: If there is neither, or the host refuses.
        """
        with self._tunnels_lock:
            opener = self._tunnels.get(name)
        return opener() if opener else self.sockets.connect(name)

    def set_tunnel(self, name: str, opener: Callable[[], Stream] | None) -> None:
        """Lead ``connect_out(name)`` through ``opener``; None ends that."""
        with self._tunnels_lock:
            self._tunnels.pop(name, None)
            if opener is not None:
                self._tunnels[name] = opener

    def install(self, apk: bytes, options: InstallOptions) -> InstalledPackage:
        """Install or replace a package; it is stopped if it runs.

        Raises:
            InstallRefused: With Android's own word for what is wrong.
        """
        try:
            package, before = self.packages.install(apk, options)
        except InstallRefused as refusal:
            self.log.write("W", "PackageManager", f"Install refused: {refusal}")
            raise
        self.force_stop(package.name)
        if before is not None:
            self.files.displace(before.folder)
        self.files.place(package.path, package.apk)
        self.log.write("I", "PackageManager", f"Installed {package.name}")
        return package

    def uninstall(self, package: InstalledPackage) -> None:
        """Stop and remove a package."""
        self.force_stop(package.name)
        self.packages.remove(package.name)
        self.files.displace(package.folder)
        self.files.displace(data_folder(package.name))
        self.log.write("I", "PackageManager", f"Removed {package.name}")

    def clear(self, package: InstalledPackage) -> None:
        """Stop a package and forget its data and permissions, as ``pm clear`` does."""
        self.force_stop(package.name)
        self.packages.clear(package.name)
        self.files.displace(data_folder(package.name))

    def start_activity(self, component: str) -> None:
        """Bring ``package/.Activity`` to the front, as ``am start -n`` and icons do.

        Raises:
            StartRefused: If it is not installed or has no such activity.
        """
        package_name, _, activity = component.partition("/")
        package = self.packages.find(package_name)
        full_name = package_name + activity if activity.startswith(".") else activity
        if package is None or full_name not in package.activities:
            raise StartRefused(f"Activity class {{{package_name}/{full_name}}} does not exist.")
        pid = self.processes.start(package_name)
        self.log.write("I", "ActivityManager", f"Start proc {pid}:{package_name}/u0a for activity")
        if self.screen is not None:
            self.screen.launch(package_name)

    def force_stop(self, package: str) -> None:
        """End the package's process and activity; nothing happens if it does not run."""
        if self.screen is not None:
            self.screen.stop(package)
        pid = self.processes.end(package)
        if pid is not None:
            self.log.write("I", "ActivityManager", f"Force stopping {package} pid={pid}")

    @contextlib.contextmanager
    def run_shell(self, shell: ShellProcess) -> Iterator[None]:
        """Let the caller's thread be that shell for a while; ``/proc`` shows it meanwhile."""
        folder = f"/proc/{shell.pid}"
        self.files.place(f"{folder}/stat", lambda: shell.stat().encode(), 0o444)
        try:
            with self.processes.run_shell(shell):
                yield
        finally:
            self.files.displace(folder)

    def press_key(self, keycode: int) -> None:
        """Press and release one Android key code (3 Home, 4 Back, 26 Power, ...)."""
        if self.screen is not None:
            self.screen.key(keycode, True)
            self.screen.key(keycode, False)


def default_settings() -> dict[str, dict[str, str]]:
    """Return the settings of a phone that nobody has changed."""
    return {
        "system": {
            "screen_brightness": "128",
            "screen_brightness_mode": "0",
            "screen_off_timeout": "60000",
            "accelerometer_rotation": "1",
            "user_rotation": "0",
        },
        "secure": {"bluetooth_name": "phone", "install_non_market_apps": "1"},
        "global": {
            "adb_enabled": "1",
            "airplane_mode_on": "0",
            "development_settings_enabled": "1",
            "low_power": "0",
            "stay_on_while_plugged_in": "0",
            VERIFY_USB: "1",
            "window_animation_scale": "1.0",
            "transition_animation_scale": "1.0",
            "animator_duration_scale": "1.0",
        },
    }
