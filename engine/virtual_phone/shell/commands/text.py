"""Commands on text, and the small ones every shell has."""

import re
import time
from collections.abc import Iterator

from engine.virtual_phone.shell.commands.options import split_flags
from engine.virtual_phone.shell.context import Context, Program

ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "0": "\0", "a": "\a"}


def echo(context: Context) -> int:
    """``echo [-n] [-e] WORDS``."""
    words, options = list(context.args), ""
    while words and re.fullmatch(r"-[neE]+", words[0]):
        options += words.pop(0)[1:]
    text = " ".join(words)
    if "e" in options:
        text = unescape(text)
    context.write((text + ("" if "n" in options else "\n")).encode("utf-8", "surrogateescape"))
    return 0


def unescape(text: str) -> str:
    r"""Resolve ``\n`` and its like."""
    return re.sub(r"\\(.)", lambda found: ESCAPES.get(found[1], found[0]), text)


def printf(context: Context) -> int:
    """``printf FORMAT WORDS`` with %s %d %%."""
    if not context.args:
        return 1
    form, *words = context.args

    def fill(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%"
        word = words.pop(0) if words else ""
        return word if found[0] == "%s" else str(int(word) if word.lstrip("-").isdecimal() else 0)

    context.write(re.sub(r"%[sd%]", fill, unescape(form)).encode("utf-8", "surrogateescape"))
    return 0


def _input(context: Context, names: list[str], program: str) -> bytes | None:
    if not names:
        return context.read_all()
    parts = []
    for name in names:
        try:
            parts.append(context.handset.files.read(context.path(name)))
        except OSError as error:
            context.complain(f"{program}: {name}: {error}")
            return None
    return b"".join(parts)


def grep(context: Context) -> int:
    """``grep [-i -v -c -q -o -E -F -m N] PATTERN [FILE...]``; line by line from a pipe."""
    flags, words = split_flags(context.args, with_value="em")
    pattern = flags.get("e") or (words.pop(0) if words else "")
    if "F" in flags:
        pattern = re.escape(pattern)
    elif "E" not in flags:
        pattern = re.sub(r"\\([|+?(){}])|([|+?(){}])", _basic_to_extended, pattern)
    try:
        matcher = re.compile(pattern.encode(), re.IGNORECASE if "i" in flags else 0)
    except re.error:
        context.complain(f"grep: bad regex '{pattern}'")
        return 2
    limit = int(flags["m"]) if flags.get("m", "").isdecimal() else None
    count = 0
    for line in _lines(context, words, "grep"):
        found = matcher.search(line)
        if bool(found) is ("v" in flags):
            continue
        count += 1
        if "q" in flags:
            return 0
        if "c" not in flags:
            context.write((found[0] if found and "o" in flags else line) + b"\n")
        if limit is not None and count >= limit:
            break
    if "c" in flags:
        context.say(str(count))
    return 0 if count else 1


def _basic_to_extended(found: re.Match[str]) -> str:
    return found[1] or "\\" + found[2]


def _lines(context: Context, names: list[str], program: str) -> Iterator[bytes]:
    if names:
        yield from (_input(context, names, program) or b"").splitlines()
        return
    held = b""
    while data := context.read(1 << 16):
        *lines, held = (held + data).split(b"\n")
        yield from lines
    if held:
        yield held


def head(context: Context) -> int:
    """``head [-n N] [-c N] [FILE...]``."""
    return _ends(context, "head")


def tail(context: Context) -> int:
    """``tail [-n N] [-c N] [FILE...]``."""
    return _ends(context, "tail")


def _ends(context: Context, program: str) -> int:
    first_arg = [re.sub(r"^-(\d+)$", r"-n\1", arg) for arg in context.args[:1]]
    flags, words = split_flags(first_arg + context.args[1:], with_value="nc")
    first = program == "head"
    for value in filter(None, flags.values()):
        if not re.fullmatch(r"[-+]?\d+", value):
            context.complain(f"{program}: not integer: {value}")
            return 1
    if first and not words and "c" not in flags:
        left = int(flags.get("n") or 10)
        for line in _lines(context, [], program):
            if left <= 0:
                break
            context.write(line + b"\n")
            left -= 1
            if not left:
                break
        return 0
    data = _input(context, words, program)
    if data is None:
        return 1
    if "c" in flags:
        count = int(flags["c"] or 0)
        context.write(data[:count] if first else data[max(0, len(data) - abs(count)) :])
        return 0
    lines = data.splitlines(keepends=True)
    if not first and flags.get("n", "").startswith("+"):
        context.write(b"".join(lines[int(flags["n"]) - 1 :]))
        return 0
    count = int(flags.get("n") or 10)
    context.write(b"".join(lines[:count] if first else lines[max(0, len(lines) - abs(count)) :]))
    return 0


def wc(context: Context) -> int:
    """``wc [-l -w -c] [FILE...]``."""
    flags, words = split_flags(context.args)
    data = _input(context, words, "wc")
    if data is None:
        return 1
    counts = {"l": data.count(b"\n"), "w": len(data.split()), "c": len(data)}
    shown = [str(counts[letter]) for letter in "lwc" if letter in flags] or list(
        map(str, counts.values())
    )
    context.say(" ".join([*shown, *words[:1]]))
    return 0


def sort(context: Context) -> int:
    """``sort [-r -n -u] [FILE...]``."""
    flags, words = split_flags(context.args)
    data = _input(context, words, "sort")
    if data is None:
        return 1
    lines = data.splitlines()

    def number(line: bytes) -> float:
        found = re.match(rb"\s*-?\d+(\.\d+)?", line)
        return float(found[0]) if found else 0.0

    lines.sort(key=number if "n" in flags else None, reverse="r" in flags)
    if "u" in flags:
        lines = list(dict.fromkeys(lines))
    context.write(b"".join(line + b"\n" for line in lines))
    return 0


def cut(context: Context) -> int:
    """``cut -d C -f N[,N]``."""
    flags, words = split_flags(context.args, with_value="df")
    delimiter = (flags.get("d") or "\t").encode()
    wanted = [int(item) - 1 for item in flags.get("f", "1").split(",") if item.isdecimal()]
    for line in _lines(context, words, "cut"):
        fields = line.split(delimiter)
        context.write(delimiter.join(fields[at] for at in wanted if at < len(fields)) + b"\n")
    return 0


def trim(context: Context) -> int:
    """``tr -d SET`` and ``tr A B``."""
    flags, words = split_flags(context.args)
    data = context.read_all().decode("utf-8", "surrogateescape")
    if "d" in flags and words:
        data = data.translate({ord(char): None for char in unescape(words[0])})
    elif len(words) == 2 and words[1]:
        source, target = unescape(words[0]), unescape(words[1])
        target = target.ljust(len(source), target[-1])
        data = data.translate(dict(zip(map(ord, source), target, strict=False)))
    else:
        context.complain("tr: Needs 2 arguments")
        return 1
    context.write(data.encode("utf-8", "surrogateescape"))
    return 0


def sleep(context: Context) -> int:
    """``sleep SECONDS``; ends at once when the computer hangs up."""
    try:
        seconds = float(context.args[0])
    except (IndexError, ValueError):
        context.complain("sleep: Needs 1 argument")
        return 1
    context.stopped.wait(min(seconds, 3600.0))
    return 0


def date(context: Context) -> int:
    """``date [+FORMAT]``; the time zone is UTC as the property says."""
    form = next(
        (arg[1:] for arg in context.args if arg.startswith("+")), "%a %b %e %H:%M:%S UTC %Y"
    )
    now = time.time()
    form = form.replace("%N", f"{int(now % 1 * 1e9):09d}").replace("%s", str(int(now)))
    context.say(time.strftime(form, time.gmtime(now)))
    return 0


def test(context: Context) -> int:
    """``test``: -f -d -e -n -z, = != and the integer comparisons, a leading !."""
    words = context.args[:]
    negated = words[:1] == ["!"]
    result = _holds(context, words[1:] if negated else words)
    return 1 if result is negated else 0


def bracket(context: Context) -> int:
    """``[ ... ]``."""
    if context.args[-1:] != ["]"]:
        context.complain("[: missing ]")
        return 2
    context.args = context.args[:-1]
    return test(context)


def _holds(context: Context, words: list[str]) -> bool:
    files = context.handset.files
    holds = False
    match words:
        case ["-n", text] | [text]:
            holds = bool(text)
        case ["-z", text]:
            holds = not text
        case [operator, name]:
            path = context.path(name)
            if files.exists(path):
                node = files.node(path)
                wanted = {"-f": not node.is_folder, "-d": node.is_folder, "-s": node.size > 0}
                holds = wanted.get(operator, operator in ("-e", "-r", "-x"))
        case [left, operator, right]:
            holds = _compare(left, operator, right)
    return holds


def _compare(left: str, operator: str, right: str) -> bool:
    if operator in ("=", "==", "!="):
        return (left == right) is not (operator == "!=")
    try:
        a, b = int(left), int(right)
    except ValueError:
        return False
    results = {
        "-eq": a == b,
        "-ne": a != b,
        "-lt": a < b,
        "-le": a <= b,
        "-gt": a > b,
        "-ge": a >= b,
    }
    return results.get(operator, False)


def _true(_context: Context) -> int:
    return 0


def _false(_context: Context) -> int:
    return 1


PROGRAMS: dict[str, Program] = {
    "echo": echo,
    "printf": printf,
    "grep": grep,
    "head": head,
    "tail": tail,
    "wc": wc,
    "sort": sort,
    "cut": cut,
    "tr": trim,
    "sleep": sleep,
    "date": date,
    "test": test,
    "[": bracket,
    "true": _true,
    "false": _false,
    ":": _true,
}
