"""``pm`` and ``cmd package``: what is installed, and installing."""

from engine.virtual_phone.packages.packages import InstalledPackage
from engine.virtual_phone.packages.refusal import InstallRefused
from engine.virtual_phone.packages.rules import InstallOptions
from engine.virtual_phone.shell.context import Context, Program

VALUED = {"-i", "--user", "--abi", "--install-location", "-S", "-p", "--install-reason"}
"""Options of ``install`` that a value follows."""

APK_LIMIT = 2 << 30
INVALID_URI_SDK = 23
"""Before Android 6 an APK that is not there had a word of its own."""
UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


def pm(context: Context) -> int:
    """Run one ``pm`` command."""
    verbs: dict[str, Program] = {
        "list": _list,
        "path": _path,
        "install": _install,
        "uninstall": _uninstall,
        "grant": _grant,
        "revoke": _grant,
        "clear": _clear,
        "trim-caches": _trim_caches,
        "dump": _dump,
        "resolve-activity": _resolve,
    }
    verb = context.args[0] if context.args else ""
    program = verbs.get(verb)
    if program is None:
        context.complain(
            f"Unknown command: {verb}" if verb else "usage: pm [list|path|install|...]"
        )
        return 255 if verb else 1
    return program(context)


def _list(context: Context) -> int:
    what = context.args[1] if len(context.args) > 1 else ""
    if what == "features":
        for feature in ("android.hardware.camera", "android.hardware.touchscreen"):
            context.say(f"feature:{feature}")
        return 0
    if what not in ("packages", "package"):
        context.complain(f"Error: unknown list type '{what}'")
        return 255
    flags = {arg for arg in context.args[2:] if arg.startswith("-")}
    wanted = [arg for arg in context.args[2:] if not arg.startswith("-") and not arg.isdecimal()]
    for package in context.handset.packages.installed():
        if ("-3" in flags and package.system) or ("-s" in flags and not package.system):
            continue
        if wanted and wanted[0] not in package.name:
            continue
        line = f"{package.path}={package.name}" if "-f" in flags else package.name
        if "--show-versioncode" in flags:
            line += f" versionCode:{package.version_code}"
        context.say(f"package:{line}")
    return 0


def _named(context: Context) -> InstalledPackage | None:
    names = [
        arg
        for before, arg in zip(context.args, context.args[1:], strict=False)
        if not arg.startswith("-") and before not in VALUED
    ]
    return context.handset.packages.find(names[0]) if names else None


def _path(context: Context) -> int:
    package = _named(context)
    if package is None:
        return 1
    context.say(f"package:{package.path}")
    return 0


def _install(context: Context) -> int:
    words: list[str] = []
    flags: dict[str, str] = {}
    rest = context.args[1:]
    while rest:
        arg = rest.pop(0)
        if arg in VALUED:
            flags[arg] = rest.pop(0) if rest else ""
        elif arg.startswith("-") and arg != "-":
            flags[arg] = ""
        else:
            words.append(arg)
    try:
        apk = _apk(context, words, flags.get("-S", ""))
        options = InstallOptions(
            replace="-r" in flags,
            test_only="-t" in flags,
            downgrade="-d" in flags,
            grant_all="-g" in flags,
        )
        context.handset.install(apk, options)
    except InstallRefused as refusal:
        context.say(f"Failure {refusal}")
        return 1
    except OSError as error:
        context.complain(f"Error: failed to write; {error}")
        return 1
    context.say("Success")
    return 0


def _apk(context: Context, words: list[str], size: str) -> bytes:
    if words and words[0] != "-":
        return _pushed_apk(context, words[0])
    if not size.isdecimal() or not 0 < int(size) <= APK_LIMIT:
        raise OSError("must include -S argument when streaming")
    missing = int(size)
    context.handset.packages.prepare(missing)  # a full phone does not even take the bytes
    content = bytearray()
    while missing and (part := context.read(min(missing, 1 << 20))):
        content += part
        missing -= len(part)
    if missing:
        raise OSError(f"the stream ended {missing} bytes early")
    return bytes(content)


def _pushed_apk(context: Context, name: str) -> bytes:
    try:
        return context.handset.files.read(context.path(name))
    except FileNotFoundError as error:
        if context.handset.sdk < INVALID_URI_SDK:
            raise InstallRefused("INSTALL_FAILED_INVALID_URI") from error
        raise OSError(f"{name}: open failed: ENOENT ({error})") from error


def _trim_caches(context: Context) -> int:
    words = [word for word in context.args[1:] if not word.startswith("-")]
    text = words[0].upper() if words else ""
    number, unit = (text[:-1], UNITS[text[-1]]) if text[-1:] in UNITS else (text, 1)
    if not number.isdecimal():
        context.complain("Error: no size specified" if not words else "Error: invalid size")
        return 1
    context.handset.storage.trim(int(number) * unit)
    return 0


def _uninstall(context: Context) -> int:
    package = _named(context)
    if package is None:
        context.say("Failure [DELETE_FAILED_INTERNAL_ERROR]")
        return 1
    if package.system:
        context.say("Failure [DELETE_FAILED_USER_RESTRICTED]")
        return 1
    context.handset.uninstall(package)
    context.say("Success")
    return 0


def _grant(context: Context) -> int:
    words = [word for word in context.args[1:] if not word.startswith("-")]
    if len(words) < 2:
        context.complain("Error: no permission specified")
        return 255
    name, permission = words[0], words[1]
    package = context.handset.packages.find(name)
    if package is None:
        trouble = f"java.lang.IllegalArgumentException: Unknown package: {name}"
    elif permission not in package.permissions:
        trouble = (
            f"java.lang.SecurityException: Package {name} has not requested permission {permission}"
        )
    else:
        context.handset.packages.set_granted(name, permission, context.args[0] == "grant")
        return 0
    context.complain(f"\nException occurred while executing '{context.args[0]}':\n{trouble}")
    return 255


def _clear(context: Context) -> int:
    package = _named(context)
    if package is None:
        context.say("Failed")
        return 1
    context.handset.clear(package)
    context.say("Success")
    return 0


def _dump(context: Context) -> int:
    from engine.virtual_phone.shell.dumpsys import dumpsys

    context.args = ["package", *context.args[1:]]
    return dumpsys(context)


def _resolve(context: Context) -> int:
    package = _named(context)
    if package is None or not package.activities:
        context.say("No activity found")
        return 0
    context.say("priority=0 preferredOrder=0 match=0x108000 specificIndex=-1 isDefault=true")
    context.say(f"{package.name}/{short_name(package)}")
    return 0


def short_name(package: InstalledPackage) -> str:
    """Return the launcher activity's name, shortened as Android does."""
    activity = package.activities[0]
    inside = activity.startswith(package.name + ".")
    return activity[len(package.name) :] if inside else activity


PROGRAMS: dict[str, Program] = {"pm": pm}
