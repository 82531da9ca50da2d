"""The phone's shell: runs command lines against the handset, never against the host."""

import fnmatch
import logging
import posixpath
import threading
from collections.abc import Callable, Mapping

from engine.virtual_phone.handset import Handset
from engine.virtual_phone.shell.context import Context, Interrupted, Program, Read, Write
from engine.virtual_phone.shell.parser import BadSyntax, parse
from engine.virtual_phone.shell.tree import (
    Command,
    For,
    Group,
    If,
    List,
    Part,
    Pipeline,
    Redirect,
    Simple,
    While,
    Word,
)
from engine.virtual_phone.streams import Pipe

logger = logging.getLogger(__name__)

NOT_FOUND = 127
DEPTH_LIMIT = 8


class _Exit(Exception):  # noqa: N818 - it is the `exit` command
    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Shell:
    """One shell process: variables, working folder, last exit code."""

    def __init__(
        self, handset: Handset, programs: Mapping[str, Program], stopped: threading.Event
    ) -> None:
        """Know exactly ``programs``; anything else is "not found"."""
        self._handset = handset
        self._programs = programs
        self._stopped = stopped
        self._depth = 0
        self.code = 0
        self.folder = "/"
        self.variables = {
            "HOME": "/",
            "PATH": "/product/bin:/system/bin:/vendor/bin",
            "TMPDIR": "/data/local/tmp",
            "USER": "shell",
            "HOSTNAME": handset.properties["ro.product.device"],
        }

    def run(self, line: str, read: Read, write: Write, write_error: Write) -> int:
        """Run a command line and return its exit code.

        Raises:
            Interrupted: If the computer closes the stream meanwhile.
        """
        context = self._context(read, write, write_error)
        try:
            self._list(parse(line), context)
        except BadSyntax as error:
            context.complain(f"/system/bin/sh: {error}")
            self.code = 2
        except _Exit as leaving:
            self.code = leaving.code
        return self.code

    def run_words(self, words: list[str], read: Read, write: Write, write_error: Write) -> int:
        """Run one command given as words, without any shell syntax."""
        self.code = self._program(words, self._context(read, write, write_error))
        return self.code

    def _context(self, read: Read, write: Write, write_error: Write) -> Context:
        return Context(
            *(self._handset, [], read, write, write_error, self._stopped),
            variables=self.variables,
            folder=self.folder,
        )

    def _list(self, tree: List, context: Context) -> None:
        for joint, pipeline in tree.items:
            if self._stopped.is_set():
                raise Interrupted
            if (joint == "&&" and self.code) or (joint == "||" and not self.code):
                continue
            self._pipeline(pipeline, context)

    def _pipeline(self, pipeline: Pipeline, context: Context) -> None:
        *before, last = pipeline.commands
        stages: list[tuple[threading.Thread, Pipe]] = []
        for command in before:
            stage = self._start_stage(command, context)
            stages.append(stage)
            context = _with(context, read=_reader(stage[1]))
        try:
            self.code = self._command(last, context)
        finally:
            for _, pipe in reversed(stages):
                pipe.abandon()  # whoever still writes has written enough
        for thread, _ in stages:
            thread.join()
        if pipeline.negated:
            self.code = 0 if self.code else 1

    def _start_stage(self, command: Command, context: Context) -> tuple[threading.Thread, Pipe]:
        pipe = Pipe()
        child = self._child()
        inner = _with(context, write=lambda data: pipe.put(data, None))

        def work() -> None:
            try:
                child._command(command, inner)
            except (OSError, Interrupted, _Exit, BadSyntax) as error:
                logger.debug("a stage of a pipeline ended: %r", error)
            finally:
                pipe.end()

        thread = threading.Thread(target=work, name="shell pipeline", daemon=True)
        thread.start()
        return thread, pipe

    def _child(self) -> "Shell":
        if self._depth >= DEPTH_LIMIT:
            raise BadSyntax("nested too deep")
        child = Shell(self._handset, self._programs, self._stopped)
        child.variables = dict(self.variables)
        child.folder, child.code, child._depth = self.folder, self.code, self._depth + 1
        return child

    def _command(self, command: Command, context: Context) -> int:
        if isinstance(command, Simple):
            return self._simple(command, context)
        if isinstance(command, Group):
            return self._group(command, context)
        if isinstance(command, If):
            return self._if(command, context)
        if isinstance(command, While):
            return self._while(command, context)
        return self._for(command, context)

    def _group(self, command: Group, context: Context) -> int:
        inner = self._redirected(command.redirects, context)
        if inner is None:
            return 1
        child = self._child()
        try:
            child._list(command.body, inner)
        except _Exit as leaving:
            return leaving.code
        return child.code

    def _if(self, command: If, context: Context) -> int:
        for condition, body in command.branches:
            self._list(condition, context)
            if not self.code:
                self._list(body, context)
                return self.code
        self.code = 0
        self._list(command.otherwise, context)
        return self.code

    def _while(self, command: While, context: Context) -> int:
        code = 0
        while True:
            self._list(command.condition, context)
            if (self.code == 0) is not command.wanted:
                return code
            self._list(command.body, context)
            code = self.code

    def _for(self, command: For, context: Context) -> int:
        self.code = 0
        for value in self._expand_all(command.words, context):
            self.variables[command.name] = value
            self._list(command.body, context)
        return self.code

    def _simple(self, command: Simple, context: Context) -> int:
        words = self._expand_all(command.words, context)
        values = {name: self._expand_one(word, context) for name, word in command.assignments}
        inner = self._redirected(command.redirects, context)
        if inner is None:
            return 1
        if not words:
            self.variables |= values
            return 0
        inner.variables = self.variables | values
        inner.folder = self.folder
        return self._program(words, inner)

    def _program(self, words: list[str], context: Context) -> int:
        name, *args = words
        builtins: dict[str, Callable[[list[str], Context], int]] = {
            "cd": self._cd,
            "exec": self._exec,
            "exit": self._exit,
            "export": self._export,
            "unset": self._unset,
        }
        builtin = builtins.get(name)
        if builtin is not None:
            return builtin(args, context)
        program = self._programs.get(name.removeprefix("/system/bin/"))
        if program is None or (name.startswith("/") and not name.startswith("/system/bin/")):
            return self._not_found(name, context)
        context.args = args
        code = program(context)
        if self._stopped.is_set():
            raise Interrupted
        return code

    def _not_found(self, name: str, context: Context) -> int:
        if "/" in name and self._handset.files.exists(context.path(name)):
            context.complain(f"/system/bin/sh: {name}: can't execute: Permission denied")
            return 126
        what = "not found" if self._handset.sdk < 31 else "inaccessible or not found"
        context.complain(f"/system/bin/sh: {name}: {what}")
        return NOT_FOUND

    def _cd(self, args: list[str], context: Context) -> int:
        path = self._handset.files.resolve(args[0] if args else "/", self.folder)
        try:
            if not self._handset.files.node(path).is_folder:
                raise NotADirectoryError("Not a directory")
        except OSError as error:
            context.complain(f"/system/bin/sh: cd: {args[0] if args else '/'}: {error}")
            return 2
        self.folder = path
        return 0

    def _exec(self, args: list[str], context: Context) -> int:
        if not args:
            return 0
        raise _Exit(self._program(args, context))

    def _unset(self, args: list[str], _context: Context) -> int:
        for name in args:
            self.variables.pop(name, None)
        return 0

    def _exit(self, args: list[str], _context: Context) -> int:
        raise _Exit(int(args[0]) & 255 if args and args[0].isdecimal() else self.code)

    def _export(self, args: list[str], _context: Context) -> int:
        for arg in args:
            name, equals, value = arg.partition("=")
            if equals:
                self.variables[name] = value
        return 0

    def _redirected(self, redirects: tuple[Redirect, ...], context: Context) -> Context | None:
        """Return the context with its streams led elsewhere; None if that failed."""
        changed = _with(context)
        for redirect in redirects:
            target = self._expand_one(redirect.target, context)
            if redirect.mode == ">&":
                write = changed.write_error if target == "2" else changed.write
            elif redirect.mode == "<":
                source = self._open_for_reading(target, context)
                if source is None:
                    return None
                changed.read = source
                continue
            else:
                opened = self._open_for_writing(target, redirect.mode == ">>", context)
                if opened is None:
                    return None
                write = opened
            if redirect.number == 2:
                changed.write_error = write
            else:
                changed.write = write
        return changed

    def _open_for_reading(self, name: str, context: Context) -> Read | None:
        path = self._handset.files.resolve(name, self.folder)
        try:
            data = b"" if path == "/dev/null" else self._handset.files.read(path)
        except OSError as error:
            context.complain(f"/system/bin/sh: can't open {name}: {error}")
            return None
        position = 0

        def read(size: int) -> bytes:
            nonlocal position
            part = data[position : position + size]
            position += len(part)
            return part

        return read

    def _open_for_writing(self, name: str, append: bool, context: Context) -> Write | None:
        path = self._handset.files.resolve(name, self.folder)
        if path == "/dev/null":
            return lambda _data: None
        files = self._handset.files
        try:
            if not append or not files.exists(path):
                files.write(path, b"")
        except OSError as error:
            context.complain(f"/system/bin/sh: can't create {name}: {error}")
            return None

        def write(data: bytes) -> None:
            if self._handset.storage.has_room(len(data)):
                files.append(path, data)

        return write

    def _expand_all(self, words: tuple[Word, ...], context: Context) -> list[str]:
        return [field for word in words for field in self._expand(word, context)]

    def _expand_one(self, word: Word, context: Context) -> str:
        return "".join(self._value(part, context) for part in word)

    def _expand(self, word: Word, context: Context) -> list[str]:
        fields: list[tuple[str, bool]] = []  # text, may be a glob
        current, started, globs = "", False, False
        for part in word:
            value = self._value(part, context)
            if part.kind == "text" or part.quoted:
                globs = globs or (not part.quoted and any(mark in value for mark in "*?["))
                current += value
                started = started or part.quoted or bool(value)
                continue
            pieces = value.split()
            if value[:1].isspace() and started:
                fields.append((current, globs))
                current, started, globs = "", False, False
            for index, piece in enumerate(pieces):
                if index:
                    fields.append((current, globs))
                    current, globs = "", False
                current += piece
                started = True
            if pieces and value[-1:].isspace():
                fields.append((current, globs))
                current, started, globs = "", False, False
        if started:
            fields.append((current, globs))
        return [name for text, glob in fields for name in (self._glob(text) if glob else [text])]

    def _glob(self, pattern: str) -> list[str]:
        found = [("/" if pattern.startswith("/") else "", "")]
        for segment in filter(None, pattern.split("/")):
            found = [
                (posixpath.join(shown, name), "")
                for shown, _ in found
                for name in self._names(shown, segment)
            ]
        return [shown for shown, _ in found] or [pattern]

    def _names(self, folder: str, segment: str) -> list[str]:
        files = self._handset.files
        base = files.resolve(folder, self.folder)
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

    def _value(self, part: Part, context: Context) -> str:
        if part.kind == "text":
            return part.text
        if part.kind == "variable":
            if part.text == "?":
                return str(self.code)
            if part.text == "$":
                return "4100"
            name, separator, default = part.text.partition(":-")
            value = self.variables.get(name, "")
            return value or default if separator else value
        output = bytearray()
        child = self._child()
        self.code = child.run(part.text, context.read, output.extend, context.write_error)
        return output.decode("utf-8", "surrogateescape").rstrip("\n")


def _reader(pipe: Pipe) -> Read:
    return lambda size: pipe.get(size, None)


def _with(context: Context, *, read: Read | None = None, write: Write | None = None) -> Context:
    return Context(
        handset=context.handset,
        args=[],
        read=read or context.read,
        write=write or context.write,
        write_error=context.write_error,
        stopped=context.stopped,
        variables=context.variables,
        folder=context.folder,
    )
