"""``find``: files by name and kind."""

import fnmatch
import posixpath
from dataclasses import dataclass

from engine.virtual_phone.shell.context import Context, Program
from engine.virtual_phone.system.file_system import Node


@dataclass(slots=True)
class Search:
    """What ``find`` was told.

    Attributes:
        kind: ``f``, ``d`` or empty for both.
        name: A pattern of the last part of the path; empty for any.
        depth: How many folders deep to go.
    """

    roots: list[str]
    kind: str = ""
    name: str = ""
    depth: int = 1000


def find(context: Context) -> int:
    """``find [PATH...] [-type f|d] [-name PATTERN] [-maxdepth N]``."""
    try:
        search = _parse(context.args)
    except ValueError as error:
        context.complain(f"find: bad arg '{error}'")
        return 1
    codes = [_walk(context, search, root, 0) for root in search.roots]
    return max(codes)


def _parse(args: list[str]) -> Search:
    rest = list(args)
    roots = []
    while rest and not rest[0].startswith("-"):
        roots.append(rest.pop(0))
    search = Search(roots or ["."])
    while rest:
        test, value = rest.pop(0), rest.pop(0) if rest else ""
        if test == "-type" and value in ("f", "d"):
            search.kind = value
        elif test == "-name" and value:
            search.name = value
        elif test == "-maxdepth" and value.isdecimal():
            search.depth = int(value)
        else:
            raise ValueError(test)
    return search


def _walk(context: Context, search: Search, shown: str, depth: int) -> int:
    files = context.handset.files
    path = context.path(shown)
    try:
        node = files.node(path)
        if _matches(search, posixpath.basename(shown), node):
            context.say(shown)
        if not node.is_folder or depth >= search.depth:
            return 0
        names = [name for name, _ in files.children(path)]
    except OSError as error:
        context.complain(f"find: {shown}: {error}")
        return 1
    codes = [_walk(context, search, posixpath.join(shown, name), depth + 1) for name in names]
    return max(codes, default=0)


def _matches(search: Search, name: str, node: Node) -> bool:
    if search.kind and (search.kind == "d") is not node.is_folder:
        return False
    return not search.name or fnmatch.fnmatchcase(name, search.name)


PROGRAMS: dict[str, Program] = {"find": find}
