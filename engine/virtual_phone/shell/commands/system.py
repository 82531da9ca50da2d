"""Properties, settings, processes, the screen, and the scrcpy server's start."""

import platform

from engine.virtual_phone.shell.commands.options import split_flags
from engine.virtual_phone.shell.context import Context, Program
from engine.virtual_phone.system.properties import may_set

DENSITY = 320
DEFAULT_SIZE = (720, 1560)
SCRCPY_CLASS = "com.genymobile.scrcpy.Server"


def getprop(context: Context) -> int:
    """``getprop [KEY [DEFAULT]]``."""
    properties = context.handset.readings()
    if context.args:
        default = context.args[1] if len(context.args) > 1 else ""
        context.say(properties.get(context.args[0], default))
        return 0
    for key in sorted(properties):
        context.say(f"[{key}]: [{properties[key]}]")
    return 0


def setprop(context: Context) -> int:
    """``setprop KEY VALUE``, for the few the shell user may set."""
    if len(context.args) != 2:
        context.complain("setprop: Needs 2 arguments")
        return 1
    key, value = context.args
    if not may_set(key, value):
        context.complain(f"setprop: failed to set property '{key}' to '{value}'")
        return 1
    context.handset.properties[key] = value
    return 0


def settings(context: Context) -> int:
    """``settings get|put|delete|list NAMESPACE [KEY [VALUE]]``."""
    words = list(context.args)
    if "--user" in words:
        at = words.index("--user")
        del words[at : at + 2]
    verb, namespace, *rest = [*words, "", ""][: max(2, len(words))]
    values = context.handset.settings.get(namespace)
    if values is None:
        context.complain(f"Invalid namespace '{namespace}'")
        return 255
    match verb, rest:
        case "get", [key]:
            context.say(values.get(key, "null"))
        case "put", [key, value, *_]:
            values[key] = value
        case "delete", [key]:
            context.say(f"Deleted {1 if values.pop(key, None) is not None else 0} rows")
        case "list", []:
            for key in sorted(values):
                context.say(f"{key}={values[key]}")
        case _:
            context.complain("Bad arguments")
            return 255
    return 0


def screen_size(context: Context) -> tuple[int, int]:
    """Return the upright screen's width and height, pixels."""
    screen = context.handset.screen
    if screen is None:
        return DEFAULT_SIZE
    width, height = screen.size
    return min(width, height), max(width, height)


def wm(context: Context) -> int:
    """``wm size`` and ``wm density``, to read only."""
    what = context.args[0] if context.args else ""
    if len(context.args) > 1:
        context.complain("Error: the virtual phone's screen has one size and density")
        return 255
    if what == "size":
        width, height = screen_size(context)
        context.say(f"Physical size: {width}x{height}")
    elif what == "density":
        context.say(f"Physical density: {DENSITY}")
    else:
        context.complain(f"Unknown command: {what}")
        return 255
    return 0


def screencap(context: Context) -> int:
    """``screencap [-p] [FILE]``: a PNG; without -p only to a file that ends in .png."""
    flags, words = split_flags(context.args, with_value="d")
    screen = context.handset.screen
    if screen is None or not ("p" in flags or (words and words[0].endswith(".png"))):
        context.complain("screencap: only PNG (-p) is supported, and only with a screen")
        return 1
    import cv2

    done, data = cv2.imencode(".png", cv2.cvtColor(screen.picture(), cv2.COLOR_RGB2BGR))
    if not done:
        return 1
    if not words:
        context.write(data.tobytes())
        return 0
    try:
        context.handset.files.write(context.path(words[0]), data.tobytes())
    except OSError as error:
        context.complain(f"Error opening file: {words[0]} ({error})")
        return 1
    return 0


def ps(context: Context) -> int:
    """``ps [-A] [-e]``: what runs; without a flag only the shell's own."""
    context.say(f"{'USER':<10} {'PID':>6} {'PPID':>6} {'NAME'}")
    rows = [("root", 1, 0, "init")]
    rows += [
        ("system" if name == "system_server" else "u0_a123", pid, 1, name)
        for name, pid in context.handset.processes.running().items()
    ]
    if context.handset.sdk >= 26 and not context.args:
        rows = []
    rows += [("shell", pid, 1, "sh") for pid in context.handset.processes.shells()]
    for user, pid, parent, name in rows:
        context.say(f"{user:<10} {pid:>6} {parent:>6} {name}")
    return 0


def pidof(context: Context) -> int:
    """``pidof [-s] NAME...``."""
    _, words = split_flags(context.args)
    found = [context.handset.processes.pid_of(word) for word in words]
    pids = [str(pid) for pid in found if pid is not None]
    if not pids:
        return 1
    context.say(" ".join(pids))
    return 0


def identity(context: Context) -> int:
    """``id [-u]``."""
    if context.args[:1] == ["-u"]:
        context.say("2000")
        return 0
    context.say("uid=2000(shell) gid=2000(shell) groups=2000(shell),1004(input),1007(log)")
    return 0


def whoami(context: Context) -> int:
    """``whoami``."""
    context.say("shell")
    return 0


def uname(context: Context) -> int:
    """``uname [-a -r -m]``."""
    flags, _ = split_flags(context.args)
    facts = {"s": "Linux", "n": "localhost", "r": "5.10.0-virtual", "m": platform.machine()}
    wanted = "snrm" if "a" in flags else "".join(flags) or "s"
    context.say(" ".join(facts[letter] for letter in "snrm" if letter in wanted))
    return 0


def svc(context: Context) -> int:
    """``svc power stayon true|false|usb``; other services are accepted and do nothing."""
    match context.args:
        case ["power", "stayon", mode]:
            value = {"true": "7", "false": "0", "usb": "2", "ac": "1"}.get(mode, "0")
            context.handset.settings["global"]["stay_on_while_plugged_in"] = value
            return 0
        case ["wifi" | "data" | "bluetooth", "enable" | "disable"]:
            return 0
    context.complain("usage: svc power stayon [true|false|usb|ac]")
    return 1


def nproc(context: Context) -> int:
    """``nproc``."""
    context.say(str(context.handset.cores))
    return 0


def uptime(context: Context) -> int:
    """``uptime``."""
    minutes = int(context.handset.uptime_s // 60)
    context.say(f" up {minutes // 60}:{minutes % 60:02d},  0 users")
    return 0


def environment(context: Context) -> int:
    """``env``."""
    for name in sorted(context.variables):
        context.say(f"{name}={context.variables[name]}")
    return 0


def reboot(context: Context) -> int:
    """``reboot``: refused."""
    context.complain("reboot: Operation not permitted")
    return 1


def app_process(context: Context) -> int:
    """``CLASSPATH=JAR app_process / CLASS ARGS``: the scrcpy server and nothing else."""
    words = [arg for arg in context.args if not arg.startswith("-")]
    jar = context.variables.get("CLASSPATH", "")
    if len(words) < 2:
        context.complain("Error: no class name or --zygote supplied.")
        return 10
    class_name = words[1]
    files = context.handset.files
    is_jar = bool(jar) and files.exists(context.path(jar))
    if class_name != SCRCPY_CLASS or not is_jar or not files.read(context.path(jar)):
        context.complain(
            f"Error: could not find class '{class_name}'"
            if context.handset.sdk < 26
            else f'java.lang.ClassNotFoundException: Didn\'t find class "{class_name}"'
        )
        context.write_error(b"Aborted\n")
        return 134
    from engine.virtual_phone.scrcpy import server as scrcpy_server

    argv = context.args[context.args.index(class_name) + 1 :]
    return scrcpy_server.run(context.handset, argv, context.say, context.stopped)


PROGRAMS: dict[str, Program] = {
    "getprop": getprop,
    "setprop": setprop,
    "settings": settings,
    "wm": wm,
    "screencap": screencap,
    "ps": ps,
    "pidof": pidof,
    "id": identity,
    "whoami": whoami,
    "uname": uname,
    "svc": svc,
    "nproc": nproc,
    "uptime": uptime,
    "env": environment,
    "printenv": environment,
    "reboot": reboot,
    "app_process": app_process,
}
