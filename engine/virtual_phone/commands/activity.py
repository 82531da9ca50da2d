"""``am``, ``input`` and ``monkey``: starting, stopping, touching."""

import time

from engine.virtual_phone.handset import StartRefused
from engine.virtual_phone.shell import Context, Program

HOME, BACK = 3, 4
KEYCODES = {
    **{"HOME": 3, "BACK": 4, "CALL": 5, "ENDCALL": 6, "STAR": 17, "POUND": 18},
    **{"DPAD_UP": 19, "DPAD_DOWN": 20, "DPAD_LEFT": 21, "DPAD_RIGHT": 22, "DPAD_CENTER": 23},
    **{"VOLUME_UP": 24, "VOLUME_DOWN": 25, "POWER": 26, "CAMERA": 27, "TAB": 61, "SPACE": 62},
    **{"ENTER": 66, "DEL": 67, "MENU": 82, "ESCAPE": 111, "APP_SWITCH": 187},
    **{"SLEEP": 223, "WAKEUP": 224},
    **{chr(ord("A") + index): 29 + index for index in range(26)},
    **{str(digit): 7 + digit for digit in range(10)},
}
CHARACTERS = {" ": 62, ",": 55, ".": 56, "-": 69, "=": 70, "/": 76, "@": 77, "+": 81, "\n": 66}
SWIPE_STEP_S = 0.01


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


def _start(context: Context, args: list[str]) -> int:
    component, action, target, wait, stop_first = "", "", "", False, False
    rest = list(args)
    while rest:
        arg = rest.pop(0)
        if arg == "-n":
            component = rest.pop(0) if rest else ""
        elif arg == "-a":
            action = rest.pop(0) if rest else ""
        elif arg in ("-c", "-f", "-t", "-d", "--user", "--es", "--ei", "--ez"):
            del rest[: 2 if arg in ("--es", "--ei", "--ez") else 1]
        elif arg == "-W":
            wait = True
        elif arg == "-S":
            stop_first = True
        elif not arg.startswith("-"):
            target = arg
    component = component or (target if "/" in target else _launcher_of(context, target))
    if not component and action.endswith("SETTINGS"):
        component = "com.android.settings/.MainActivity"
    if not component and ("MAIN" in action or not action):
        context.say("Starting: Intent { act=android.intent.action.MAIN }")
        context.handset.press_key(HOME)
        return 0
    context.say(
        f"Starting: Intent {{ act={action or 'android.intent.action.MAIN'} cmp={component} }}"
    )
    if stop_first:
        context.handset.force_stop(component.partition("/")[0])
    began = time.monotonic()
    cold = context.handset.processes.pid_of(component.partition("/")[0]) is None
    try:
        context.handset.start_activity(component)
    except StartRefused as refusal:
        context.complain("Error type 3")
        context.complain(f"Error: {refusal}")
        return 1
    if wait:
        took_ms = round((time.monotonic() - began) * 1000)
        context.say("Status: ok")
        context.say(f"LaunchState: {'COLD' if cold else 'HOT'}")
        context.say(f"Activity: {component}")
        context.say(f"TotalTime: {took_ms}")
        context.say(f"WaitTime: {took_ms + 1}")
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
    try:
        if verb == "tap":
            x, y = map(float, rest[:2])
            _touch(context, "down", x, y)
            _touch(context, "up", x, y)
        elif verb in ("swipe", "draganddrop"):
            x1, y1, x2, y2 = map(float, rest[:4])
            _swipe(context, (x1, y1), (x2, y2), float(rest[4]) / 1000 if len(rest) > 4 else 0.3)
        elif verb == "keyevent":
            for name in rest:
                if not name.startswith("-"):
                    context.handset.press_key(_keycode(name))
        elif verb == "text":
            for char in " ".join(rest).replace("%s", " "):
                code = CHARACTERS.get(char) or KEYCODES.get(char.upper())
                if code is not None:
                    context.handset.press_key(code)
        else:
            raise ValueError(f"Unknown command: {verb}")
    except (ValueError, TypeError) as error:
        context.complain(f"Error: Invalid arguments for command: {verb} ({error})")
        return 255
    return 0


def _keycode(name: str) -> int:
    if name.isdigit():
        return int(name)
    try:
        return KEYCODES[name.removeprefix("KEYCODE_")]
    except KeyError:
        raise ValueError(f"no key {name}") from None


def _touch(context: Context, action: str, x: float, y: float) -> None:
    if context.handset.screen is not None:
        context.handset.screen.touch(action, x, y)


def _swipe(
    context: Context, start: tuple[float, float], end: tuple[float, float], seconds: float
) -> None:
    seconds = min(max(seconds, 0.0), 60.0)
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
