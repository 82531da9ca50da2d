"""``logcat`` and ``log``."""

from engine.virtual_phone.shell.commands.options import split_flags
from engine.virtual_phone.shell.context import Context, Program
from engine.virtual_phone.shell.logcat import PRIORITIES, LogEntry, LogFilter, format_entry

POLL_S = 0.25
"""How soon a following ``logcat`` sees that the computer hung up."""


def logcat(context: Context) -> int:
    """``logcat [-d] [-c] [-t N] [-s] [-v STYLE] [--pid=N] [TAG:PRIORITY...]``."""
    flags, words = split_flags(context.args, with_value="vtTbem")
    log = context.handset.log
    if "c" in flags:
        log.clear()
        return 0
    pid = next((word[6:] for word in words if word.startswith("--pid=")), "")
    lets = _filter([word for word in words if not word.startswith("--")], silent="s" in flags)
    style = flags.get("v", "threadtime" if context.handset.sdk >= 24 else "brief")
    if style not in ("threadtime", "time", "brief", "tag", "raw"):
        context.complain(f'Invalid parameter "{style}" to -v')
        return 1

    def show(entries: tuple[LogEntry, ...]) -> None:
        shown = [entry for entry in lets.of(entries) if not pid or str(entry.pid) == pid]
        last = flags.get("t") or flags.get("T")
        if last and last.isdecimal():
            shown = shown[-int(last) :]
        if shown:
            text = "".join(format_entry(entry, style) + "\n" for entry in shown)
            context.write(text.encode())

    entries = log.entries()
    if entries:
        context.write(b"--------- beginning of main\n")
    show(entries)
    if "d" in flags or "t" in flags:
        return 0
    flags.pop("T", None)
    number = entries[-1].number if entries else 0
    while not context.stopped.is_set():
        entries = log.after(number, POLL_S)
        if entries:
            number = entries[-1].number
            show(entries)
    return 130


def _filter(words: list[str], *, silent: bool) -> LogFilter:
    tags: dict[str, str] = {}
    default = "S" if silent else "V"
    for word in words:
        tag, _, priority = word.partition(":")
        letter = priority[:1].upper() or "V"
        if letter not in PRIORITIES:
            letter = "V"
        if tag == "*":
            default = letter
        else:
            tags[tag] = letter
    return LogFilter(tags, default)


def log(context: Context) -> int:
    """``log [-p PRIORITY] [-t TAG] MESSAGE``."""
    flags, words = split_flags(context.args, with_value="pt")
    priority = (flags.get("p") or "i").upper()[:1]
    if priority not in PRIORITIES:
        context.complain("log: bad priority")
        return 1
    context.handset.log.write(priority, flags.get("t", "log"), " ".join(words), pid=context.pid)
    return 0


PROGRAMS: dict[str, Program] = {"logcat": logcat, "log": log}
