"""Commands on the phone's files."""

import hashlib
import posixpath
import stat
import time
from collections.abc import Callable

from engine.virtual_phone.shell.commands.options import split_flags
from engine.virtual_phone.shell.context import Context, Program
from engine.virtual_phone.system.file_system import Node


def each_path(name: str, work: Callable[[Context, str], None]) -> Program:
    """Make a command that does ``work`` on each path and says what failed."""

    def program(context: Context) -> int:
        _, words = split_flags(context.args)
        if not words:
            context.complain(f"{name}: Needs 1 argument")
            return 1
        code = 0
        for word in words:
            try:
                work(context, word)
            except OSError as error:
                context.complain(f"{name}: {word}: {error}")
                code = 1
        return code

    return program


def ls(context: Context) -> int:
    """``ls [-l -a -d -1 -n] [PATH...]``."""
    flags, words = split_flags(context.args)
    files = context.handset.files
    code = 0
    shown = words or [context.folder]
    for word in shown:
        path = context.path(word)
        try:
            node = files.node(path)
            folder = node.is_folder and "d" not in flags
            entries = files.children(path) if folder else [(word, node)]
        except OSError as error:
            context.complain(f"ls: {word}: {error}")
            code = 1
            continue
        if folder and len(shown) > 1:
            context.say(f"{word}:")
        if folder and "l" in flags:
            context.say(f"total {sum((entry.size + 511) // 512 for _, entry in entries)}")
        for name, entry in entries:
            if not folder or "a" in flags or not name.startswith("."):
                context.say(_long_line(name, entry) if "l" in flags else name)
    return code


def _long_line(name: str, node: Node) -> str:
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(node.modified_s))
    links = 2 if node.is_folder else 1
    return f"{stat.filemode(node.mode)} {links} shell shell {node.size:>9} {when} {name}"


def cat(context: Context) -> int:
    """``cat [FILE...]``."""
    if not context.args:
        while data := context.read(1 << 16):
            context.write(data)
        return 0
    code = 0
    for name in context.args:
        try:
            data = (
                context.read_all()
                if name == "-"
                else context.handset.files.read(context.path(name))
            )
        except OSError as error:
            context.complain(f"cat: {name}: {error}")
            code = 1
        else:
            context.write(data)
    return code


def rm(context: Context) -> int:
    """``rm [-r] [-f] PATH...``."""
    flags, words = split_flags(context.args)
    code = 0
    for word in words:
        try:
            context.handset.files.remove(context.path(word), recursive="r" in flags or "R" in flags)
        except FileNotFoundError as error:
            if "f" not in flags:
                context.complain(f"rm: {word}: {error}")
                code = 1
        except OSError as error:
            context.complain(f"rm: {word}: {error}")
            code = 1
    return code


def mkdir(context: Context) -> int:
    """``mkdir [-p] PATH...``."""
    flags, words = split_flags(context.args, with_value="m")
    code = 0
    for word in words:
        try:
            context.handset.files.make_folder(context.path(word), parents="p" in flags)
        except OSError as error:
            context.complain(f"mkdir: '{word}': {error}")
            code = 1
    return code


def move(context: Context) -> int:
    """``mv SOURCE TARGET``."""
    return _pair("mv", context, context.handset.files.move)


def copy(context: Context) -> int:
    """``cp SOURCE TARGET``."""
    files = context.handset.files

    def work(source: str, target: str) -> None:
        data = files.read(source)
        if not context.handset.storage.has_room(len(data)):
            raise OSError("No space left on device")
        files.write(files.target_of(source, target), data, mode=files.node(source).mode & 0o777)

    return _pair("cp", context, work)


def _pair(name: str, context: Context, work: Callable[[str, str], None]) -> int:
    _, words = split_flags(context.args)
    if len(words) < 2:
        context.complain(f"{name}: Need 2 arguments")
        return 1
    *sources, target = words
    code = 0
    for source in sources:
        try:
            work(context.path(source), context.path(target))
        except OSError as error:
            context.complain(f"{name}: {source}: {error}")
            code = 1
    return code


def chmod(context: Context) -> int:
    """``chmod MODE PATH...``, octal or the likes of ``+x``."""
    words = [word for word in context.args if word != "-R"]
    if len(words) < 2:
        context.complain("chmod: Needs 2 arguments")
        return 1
    mode, *paths = words
    code = 0
    for word in paths:
        path = context.path(word)
        try:
            before = context.handset.files.node(path).mode
            wanted = _mode(mode, before)
            context.handset.files.change_mode(path, wanted)
        except (ValueError, KeyError):
            context.complain(f"chmod: bad mode '{mode}'")
            return 1
        except OSError as error:
            context.complain(f"chmod: {word}: {error}")
            code = 1
    return code


def _mode(text: str, before: int) -> int:
    if text.isdecimal():
        return int(text, 8)
    for sign in "+-":
        who, found, what = text.partition(sign)
        if found:
            bits = sum({"r": 4, "w": 2, "x": 1}[letter] for letter in what if letter in "rwx")
            people = "ugo" if not who or "a" in who else who
            mask = sum(bits << {"u": 6, "g": 3, "o": 0}[person] for person in people)
            return before | mask if sign == "+" else before & ~mask
    raise ValueError(text)


def stat_command(context: Context) -> int:
    """``stat [-c FORMAT] PATH...`` with %n %s %a %f %Y %F %U %G."""
    flags, words = split_flags(context.args, with_value="c")
    code = 0
    for word in words:
        try:
            node = context.handset.files.node(context.path(word))
        except OSError as error:
            context.complain(f"stat: '{word}': {error}")
            code = 1
            continue
        kind = "directory" if node.is_folder else "regular file"
        facts = {
            "%n": word,
            "%s": str(node.size),
            "%a": f"{node.mode & 0o7777:o}",
            "%f": f"{node.mode:x}",
            "%Y": str(node.modified_s),
            "%F": kind,
            "%U": "shell",
            "%G": "shell",
            "%u": "2000",
            "%g": "2000",
        }
        default = "  File: %n\n  Size: %s\t %F\nAccess: (0%a)\tUid: ( 2000/   shell)\nModify: %Y"
        text = flags.get("c", default)
        for mark, value in facts.items():
            text = text.replace(mark, value)
        context.say(text)
    return code


def df(context: Context) -> int:
    """``df [-h -k] [PATH]``: one file system, /data."""
    flags, _ = split_flags(context.args)
    storage = context.handset.storage
    total, used = storage.size_bytes, storage.used_bytes
    percent = -(-100 * used // total)
    if "h" in flags:
        head, cells = "Size  Used Avail", [f"{n / 2**30:.1f}G" for n in (total, used, total - used)]
    else:
        head, cells = (
            "1K-blocks    Used Available",
            [str(n >> 10) for n in (total, used, total - used)],
        )
    context.say(f"Filesystem      {head} Use% Mounted on")
    context.say(f"/dev/block/dm-0 {' '.join(cells)} {percent}% /data")
    return 0


def digest(name: str) -> Program:
    """Make ``md5sum`` and its like."""

    def program(context: Context) -> int:
        flags, words = split_flags(context.args)
        code = 0
        for word in words or ["-"]:
            try:
                data = (
                    context.read_all()
                    if word == "-"
                    else context.handset.files.read(context.path(word))
                )
            except OSError as error:
                context.complain(f"{name}: {word}: {error}")
                code = 1
                continue
            value = hashlib.new(name.removesuffix("sum"), data, usedforsecurity=False).hexdigest()
            context.say(value if "b" in flags else f"{value}  {word}")
        return code

    return program


def _touch(context: Context, word: str) -> None:
    context.handset.files.touch(context.path(word))


def _rmdir(context: Context, word: str) -> None:
    context.handset.files.remove_folder(context.path(word))


def _realpath(context: Context, word: str) -> None:
    path = context.path(word)
    context.handset.files.node(path)
    context.say(path)


def pwd(context: Context) -> int:
    """``pwd``."""
    context.say(context.folder)
    return 0


def basename(context: Context) -> int:
    """``basename PATH``."""
    context.say(posixpath.basename(context.args[0]) if context.args else "")
    return 0


PROGRAMS: dict[str, Program] = {
    "ls": ls,
    "cat": cat,
    "rm": rm,
    "mkdir": mkdir,
    "mv": move,
    "cp": copy,
    "chmod": chmod,
    "stat": stat_command,
    "df": df,
    "pwd": pwd,
    "basename": basename,
    **{name: digest(name) for name in ("md5sum", "sha1sum", "sha256sum")},
    "touch": each_path("touch", _touch),
    "rmdir": each_path("rmdir", _rmdir),
    "realpath": each_path("realpath", _realpath),
    "readlink": each_path("readlink", _realpath),
}
