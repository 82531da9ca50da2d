"""``am``, ``input`` and ``monkey``: starting, stopping, touching."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from engine.virtual_phone.handset import SETTINGS, StartRefused
from engine.virtual_phone.shell.context import Context, Program

HOME = 3
KEYCODES = {
    "HOME": 3,
    "BACK": 4,
    "CALL": 5,
    "ENDCALL": 6,
    "STAR": 17,
    "POUND": 18,
    "DPAD_UP": 19,
    "DPAD_DOWN": 20,
    "DPAD_LEFT": 21,
    "DPAD_RIGHT": 22,
    "DPAD_CENTER": 23,
    "VOLUME_UP": 24,
    "VOLUME_DOWN": 25,
    "POWER": 26,
    "CAMERA": 27,
    "TAB": 61,
    "SPACE": 62,
    "ENTER": 66,
    "DEL": 67,
    "MENU": 82,
    "ESCAPE": 111,
    "APP_SWITCH": 187,
    "SLEEP": 223,
    "WAKEUP": 224,
    **{chr(ord("A") + index): 29 + index for index in range(26)},
    **{str(digit): 7 + digit for digit in range(10)},
}
CHARACTERS = {" ": 62, ",": 55, ".": 56, "-": 69, "=": 70, "/": 76, "@": 77, "+": 81, "\n": 66}
SWIPE_STEP_S = 0.01
SWIPE_MS = 300.0
IGNORED_VALUES = {
    **dict.fromkeys(("-c", "-f", "-t", "-d", "--user"), 1),
    **dict.fromkeys(("--es", "--ei", "--ez", "--el", "--ef"), 2),
}
"""Options of ``am start`` that change nothing here, and how many words follow them."""


def am(context: Context) -> int:
    """``am start [-W] [-n COMPONENT | -a ACTION] | force-stop | kill``."""
    verb, rest = (context.args[0], context.args[1:]) if context.args else ("", [])
    if verb in ("start", "start-activity"):
        return _start(context, rest)
    if verb in ("force-stop", "kill", "stop-app") and rest:
        context.handset.force_stop(rest[-1])
        return 0
    if verb in ("get-current-user", "broadcast"):
        context.say("0" if verb == "get-current-user" else "Broadcast completed: result=0")
        return 0
    context.complain(f"Error: unknown command '{verb}'" if verb else "usage: am [start|force-stop]")
    return 255


@dataclass(slots=True)
class StartRequest:
    """What ``am start`` was told."""

    component: str = ""
    action: str = ""
    package: str = ""
    wait: bool = False
    stop_first: bool = False


def _parse_start(args: list[str]) -> StartRequest:
    request = StartRequest()
    rest = list(args)
    while rest:
        arg = rest.pop(0)
        if arg in ("-n", "-a", "-p"):
            name = {"-n": "component", "-a": "action", "-p": "package"}[arg]
            setattr(request, name, rest.pop(0) if rest else "")
        elif arg in IGNORED_VALUES:
            del rest[: IGNORED_VALUES[arg]]
        elif arg in ("-W", "-S"):
            request.wait = request.wait or arg == "-W"
            request.stop_first = request.stop_first or arg == "-S"
        elif not arg.startswith("-"):
            name = "component" if "/" in arg else "package"
            setattr(request, name, arg)
    return request


def _start(context: Context, args: list[str]) -> int:
    request = _parse_start(args)
    component = request.component or _launcher_of(context, request.package)
    if not component and request.action.endswith("SETTINGS"):
        component = f"{SETTINGS}/.MainActivity"
    action = request.action or "android.intent.action.MAIN"
    if not component and not request.package and action.endswith("MAIN"):
        context.say(f"Starting: Intent {{ act={action} }}")
        context.handset.press_key(HOME)
        return 0
    context.say(f"Starting: Intent {{ act={action} cmp={component} }}")
    package = component.partition("/")[0]
    if request.stop_first:
        context.handset.force_stop(package)
    began = time.monotonic()
    is_cold = context.handset.processes.pid_of(package) is None
    try:
        context.handset.start_activity(component)
    except StartRefused as refusal:
        context.complain("Error type 3")
        context.complain(f"Error: {refusal}")
        return 1
    if request.wait:
        took_ms = round((time.monotonic() - began) * 1000)
        context.say(f"Status: ok\nLaunchState: {'COLD' if is_cold else 'HOT'}")
        context.say(f"Activity: {component}\nTotalTime: {took_ms}\nWaitTime: {took_ms + 1}")
        context.say("Complete")
    return 0


def _launcher_of(context: Context, name: str) -> str:
    package = context.handset.packages.find(name) if name else None
    return f"{name}/{package.activities[0]}" if package and package.activities else ""


def monkey(context: Context) -> int:
    """``monkey -p PACKAGE ... 1``: the way many tools start an app by its name only."""
    args = context.args
    name = args[args.index("-p") + 1] if "-p" in args[:-1] else ""
    component = _launcher_of(context, name)
    if not component:
        context.complain("** No activities found to run, monkey aborted.")
        return 252
    context.handset.start_activity(component)
    context.say("Events injected: 1")
    return 0


def input_command(context: Context) -> int:
    """``input tap X Y | swipe X1 Y1 X2 Y2 [MS] | keyevent KEY... | text TEXT``."""
    args = list(context.args)
    if args and args[0] in ("touchscreen", "keyboard"):
        args.pop(0)
    verb, *rest = args or [""]
    kinds: dict[str, Callable[[Context, list[str]], None]] = {
        "tap": _tap,
        "swipe": _swipe,
        "draganddrop": _swipe,
        "keyevent": _keyevent,
        "text": _text,
    }
    if verb not in kinds:
        context.complain(f"Error: Unknown command: {verb}")
        return 255
    try:
        kinds[verb](context, rest)
    except ValueError as error:
        context.complain(f"Error: Invalid arguments for command: {verb} ({error})")
        return 255
    return 0


def _tap(context: Context, args: list[str]) -> None:
    x, y = (float(arg) for arg in args)
    _touch(context, "down", x, y)
    _touch(context, "up", x, y)


def _keyevent(context: Context, args: list[str]) -> None:
    for keycode in [_keycode(arg) for arg in args if not arg.startswith("-")]:
        context.handset.press_key(keycode)


def _text(context: Context, args: list[str]) -> None:
    for char in " ".join(args).replace("%s", " "):
        keycode = CHARACTERS.get(char) or KEYCODES.get(char.upper())
        if keycode is not None:
            context.handset.press_key(keycode)


def _keycode(name: str) -> int:
    if name.isdecimal():
        return int(name)
    try:
        return KEYCODES[name.removeprefix("KEYCODE_")]
    except KeyError:
        raise ValueError(f"no key {name}") from None


def _touch(context: Context, action: str, x: float, y: float) -> None:
    if context.handset.screen is not None:
        context.handset.screen.touch(action, x, y)


def _swipe(context: Context, args: list[str]) -> None:
    x1, y1, x2, y2, duration_ms, *_ = [*(float(arg) for arg in args), SWIPE_MS]
    start, end = (x1, y1), (x2, y2)
    seconds = min(max(duration_ms / 1000, 0.0), 60.0)
    _touch(context, "down", *start)
    began = time.monotonic()
    while (passed := time.monotonic() - began) < seconds and not context.stopped.is_set():
        part = passed / seconds
        x, y = (a + (b - a) * part for a, b in zip(start, end, strict=True))
        _touch(context, "move", x, y)
        context.stopped.wait(SWIPE_STEP_S)
    _touch(context, "move", *end)
    _touch(context, "up", *end)


PROGRAMS: dict[str, Program] = {"am": am, "input": input_command, "monkey": monkey}
