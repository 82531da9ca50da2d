"""Turns the shell's words into fields: splitting, and names of files for patterns."""

import fnmatch
import posixpath
from collections.abc import Callable

from engine.virtual_phone.shell.tree import Part, Word
from engine.virtual_phone.system.file_system import FileSystem

Value = Callable[[Part], str]
"""Says what a part of a word stands for."""


def expand_one(word: Word, value: Value) -> str:
    """Return a word as one field, as after ``=`` and ``>``."""
    return "".join(value(part) for part in word)


def expand(word: Word, value: Value, files: FileSystem, folder: str) -> list[str]:
    """Return a word's fields; patterns become the names that fit, seen from ``folder``."""
    fields: list[tuple[str, bool]] = []  # text, may be a pattern
    current, started, globs = "", False, False
    for part in word:
        text = value(part)
        if part.kind == "text" or part.quoted:
            globs = globs or (not part.quoted and any(mark in text for mark in "*?["))
            current += text
            started = started or part.quoted or bool(text)
            continue
        pieces = text.split()
        if text[:1].isspace() and started:
            fields.append((current, globs))
            current, started, globs = "", False, False
        for index, piece in enumerate(pieces):
            if index:
                fields.append((current, globs))
                current, globs = "", False
            current += piece
            started = True
        if pieces and text[-1:].isspace():
            fields.append((current, globs))
            current, started, globs = "", False, False
    if started:
        fields.append((current, globs))
    return [
        name
        for text, glob in fields
        for name in (_matching(text, files, folder) if glob else [text])
    ]


def _matching(pattern: str, files: FileSystem, folder: str) -> list[str]:
    found = ["/" if pattern.startswith("/") else ""]
    for segment in filter(None, pattern.split("/")):
        found = [
            posixpath.join(shown, name)
            for shown in found
            for name in _names(files, files.resolve(shown, folder), segment)
        ]
    return found or [pattern]


def _names(files: FileSystem, base: str, segment: str) -> list[str]:
    if not any(mark in segment for mark in "*?["):
        return [segment] if files.exists(posixpath.join(base, segment)) else []
    try:
        names = [name for name, _ in files.children(base)]
    except OSError:
        return []
    hidden = segment.startswith(".")
    return [
        name
        for name in names
        if fnmatch.fnmatchcase(name, segment) and (hidden or not name.startswith("."))
    ]
