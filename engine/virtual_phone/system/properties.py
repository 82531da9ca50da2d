"""What ``getprop`` shows: the properties of a phone of the chosen Android version."""

import hashlib

ANDROID_SDK = {"7.1.2": 25, "14": 34}
"""The Android releases that the virtual phone can be, and their API levels."""

NOTE_PROPERTY = "ro.mobilenetlab.note"
NOTE = "virtual phone: this computer's speed"
"""What the lab shows wherever this phone's numbers show."""

SCENE_TRUTH = "mobilenetlab.scene.truth"
"""While a camera runs and it is known what it sees: the class of it."""

_BUILDS = {
    "7.1.2": ("N2G47H", "2018-01-05", "REL"),
    "14": ("UP1A.231005.007", "2024-01-05", "REL"),
}


def make_properties(name: str, android: str) -> dict[str, str]:
    """Return the properties of a booted phone called ``name``.

    Args:
        name: The model name; its serial number follows from it.
        android: A key of ``ANDROID_SDK``.
    """
    build, patch, codename = _BUILDS[android]
    device = "virtual_phone"
    serial = "MNL" + hashlib.sha256(name.encode()).hexdigest()[:9].upper()
    fingerprint = f"mobilenetlab/{device}/{device}:{android}/{build}/1:user/release-keys"
    properties = {
        "ro.product.manufacturer": "MobileNet Lab",
        "ro.product.brand": "mobilenetlab",
        "ro.product.model": name,
        "ro.product.name": device,
        "ro.product.device": device,
        "ro.product.board": device,
        "ro.product.cpu.abi": "x86_64",
        "ro.product.cpu.abilist": "x86_64,arm64-v8a",
        "ro.product.cpu.abilist64": "x86_64,arm64-v8a",
        "ro.product.cpu.abilist32": "",
        "ro.product.locale": "en-US",
        "ro.hardware": "virtual",
        "ro.build.id": build,
        "ro.build.display.id": f"{build} release-keys",
        "ro.build.version.release": android,
        "ro.build.version.sdk": str(ANDROID_SDK[android]),
        "ro.build.version.codename": codename,
        "ro.build.version.incremental": "1",
        "ro.build.version.security_patch": patch,
        "ro.build.characteristics": "nosdcard",
        "ro.build.type": "user",
        "ro.build.tags": "release-keys",
        "ro.build.fingerprint": fingerprint,
        "ro.build.product": device,
        "ro.bootmode": "unknown",
        "ro.debuggable": "0",
        "ro.secure": "1",
        "ro.adb.secure": "1",
        "ro.serialno": serial,
        "ro.boot.serialno": serial,
        "ro.sf.lcd_density": "320",
        "ro.treble.enabled": "true" if android == "14" else "false",
        NOTE_PROPERTY: NOTE,
        "sys.boot_completed": "1",
        "dev.bootcomplete": "1",
        "init.svc.adbd": "running",
        "init.svc.bootanim": "stopped",
        "persist.sys.usb.config": "adb",
        "persist.sys.timezone": "UTC",
        "persist.sys.locale": "en-US",
        "sys.usb.state": "adb",
    }
    if android == "14":
        properties |= {
            "ro.build.version.release_or_codename": android,
            "ro.soc.manufacturer": "MobileNet Lab",
            "ro.vendor.build.security_patch": patch,
        }
    return properties | speed_properties(android, "")


def speed_properties(android: str, pace: str) -> dict[str, str]:
    """Return the properties that name the chip: whose speed the phone has."""
    chip = f"simulated {pace}" if pace else "host"
    properties = {"ro.board.platform": chip}
    return properties | ({"ro.soc.model": chip} if android == "14" else {})


def may_set(key: str, value: str) -> bool:
    """Whether the shell user may set this property to this value, as on a phone."""
    return key.startswith(("debug.", "log.", "persist.log.")) and len(value) < 92
