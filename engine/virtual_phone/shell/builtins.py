"""The shell's own commands: those that change the shell itself."""

from collections.abc import Callable
from typing import Protocol

from engine.virtual_phone.handset import Handset
from engine.virtual_phone.shell.context import Context


class Leave(Exception):  # noqa: N818 - it is the `exit` command
    """The shell ends with ``code``."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class LeaveLoop(Exception):  # noqa: N818 - it is `break` and `continue`
    """Leave ``levels`` loops, or go on with the last of them if ``again``."""

    def __init__(self, levels: int, *, again: bool) -> None:
        super().__init__(levels)
        self.levels = levels
        self.again = again


class ShellState(Protocol):
    """What the commands change; ``loops`` is how many loops run around the command."""

    handset: Handset
    variables: dict[str, str]
    folder: str
    code: int
    loops: int


Builtin = Callable[[ShellState, list[str], Context], int]


def _cd(shell: ShellState, args: list[str], context: Context) -> int:
    files = shell.handset.files
    path = files.resolve(args[0] if args else "/", shell.folder)
    try:
        if not files.node(path).is_folder:
            raise NotADirectoryError("Not a directory")
    except OSError as error:
        context.complain(f"/system/bin/sh: cd: {args[0] if args else '/'}: {error}")
        return 2
    shell.folder = path
    return 0


def _exit(shell: ShellState, args: list[str], _context: Context) -> int:
    raise Leave(int(args[0]) & 255 if _is_number(args) else shell.code)


def _export(shell: ShellState, args: list[str], _context: Context) -> int:
    for arg in args:
        name, equals, value = arg.partition("=")
        if equals:
            shell.variables[name] = value
    return 0


def _unset(shell: ShellState, args: list[str], _context: Context) -> int:
    for name in args:
        shell.variables.pop(name, None)
    return 0


def _break(shell: ShellState, args: list[str], _context: Context) -> int:
    return _leave_loops(shell, args, again=False)


def _continue(shell: ShellState, args: list[str], _context: Context) -> int:
    return _leave_loops(shell, args, again=True)


def _leave_loops(shell: ShellState, args: list[str], *, again: bool) -> int:
    levels = min(int(args[0]) if _is_number(args) else 1, shell.loops)
    if levels:
        raise LeaveLoop(levels, again=again)
    return 0


def _read(shell: ShellState, args: list[str], context: Context) -> int:
    """Take one line of standard input apart: ``read [-r] NAME...``."""
    names = [arg for arg in args if not arg.startswith("-")] or ["REPLY"]
    line = bytearray()
    while (byte := context.read(1)) not in (b"", b"\n"):
        line += byte
    text = line.decode("utf-8", "surrogateescape")
    if context.variables.get("IFS") == "":
        fields = [text]
    else:
        fields = text.strip().split(None, len(names) - 1)
    shell.variables.update(zip(names, fields + [""] * len(names), strict=False))
    return 0 if byte else 1


def _is_number(args: list[str]) -> bool:
    return bool(args) and args[0].isascii() and args[0].isdecimal() and len(args[0]) < 10


BUILTINS: dict[str, Builtin] = {
    "break": _break,
    "cd": _cd,
    "continue": _continue,
    "exit": _exit,
    "export": _export,
    "read": _read,
    "unset": _unset,
}
