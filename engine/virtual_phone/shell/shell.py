"""The phone's shell: runs command lines against the handset, never against the host."""

import logging
import threading
from collections.abc import Mapping

from engine.virtual_phone.handset import Handset
from engine.virtual_phone.shell.arithmetic import evaluate
from engine.virtual_phone.shell.builtins import BUILTINS, Leave, LeaveLoop
from engine.virtual_phone.shell.context import Context, Interrupted, Program, Read, Write
from engine.virtual_phone.shell.expansion import expand, expand_one
from engine.virtual_phone.shell.parser import BadSyntax, parse
from engine.virtual_phone.shell.script import Script
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
from engine.virtual_phone.system.processes import ShellProcess

logger = logging.getLogger(__name__)

NOT_FOUND = 127
DEPTH_LIMIT = 8


class Shell:
    """One shell process: variables, working folder, last exit code."""

    def __init__(
        self,
        handset: Handset,
        programs: Mapping[str, Program],
        stopped: threading.Event,
        parent: "Shell | None" = None,
    ) -> None:
        """Know exactly ``programs``; anything else is "not found".

        With a ``parent`` it is a part of that one's process, as ``( )`` and ``$( )`` are.
        """
        self.handset = handset
        self._programs = programs
        self._stopped = stopped
        self._process: ShellProcess = (
            handset.processes.make_shell(handset.uptime_s) if parent is None else parent._process
        )
        self._depth = 0
        self.loops = 0
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
        with self.handset.run_shell(self._process):
            return self._run(line, context)

    def run_script(self, read: Read, write: Write, write_error: Write) -> int:
        """Run each command that ``read`` brings as soon as it is whole, until ``exit`` or the end.

        Raises:
            Interrupted: If the computer closes the stream meanwhile.
        """
        script = Script(read)
        context = self._context(script.read, write, write_error)
        with self.handset.run_shell(self._process):
            try:
                while (tree := script.command()) is not None:
                    self._list(tree, context)
            except BadSyntax as error:  # a script ends there
                context.complain(f"/system/bin/sh: {error}")
                self.code = 2
            except Leave as leaving:
                self.code = leaving.code
        return self.code

    def run_words(self, words: list[str], read: Read, write: Write, write_error: Write) -> int:
        """Run one command given as words, without any shell syntax."""
        context = self._context(read, write, write_error)
        with self.handset.run_shell(self._process):
            try:
                self.code = self._program(words, context)
            except Leave as leaving:
                self.code = leaving.code
        return self.code

    def _run(self, line: str, context: Context) -> int:
        try:
            self._list(parse(line), context)
        except BadSyntax as error:
            context.complain(f"/system/bin/sh: {error}")
            self.code = 2
        except Leave as leaving:
            self.code = leaving.code
        return self.code

    def _context(self, read: Read, write: Write, write_error: Write) -> Context:
        return Context(
            *(self.handset, [], read, write, write_error, self._stopped),
            variables=self.variables,
            folder=self.folder,
            pid=self._process.pid,
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
                with self._process.command():
                    child._command(command, inner)
            except (OSError, Interrupted, Leave, BadSyntax) as error:
                logger.debug("a stage of a pipeline ended: %r", error)
            finally:
                pipe.end()

        thread = threading.Thread(target=work, name="shell pipeline", daemon=True)
        thread.start()
        return thread, pipe

    def _child(self) -> "Shell":
        if self._depth >= DEPTH_LIMIT:
            raise BadSyntax("nested too deep")
        child = Shell(self.handset, self._programs, self._stopped, self)
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
        shell = self._child() if command.apart else self
        try:
            shell._list(command.body, inner)
        except Leave as leaving:
            if not command.apart:
                raise
            return leaving.code
        return shell.code

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
            if not self._turn(command.body, context):
                return 0
            code = self.code

    def _for(self, command: For, context: Context) -> int:
        self.code = 0
        for value in self._expand_all(command.words, context):
            self.variables[command.name] = value
            if not self._turn(command.body, context):
                return 0
        return self.code

    def _turn(self, body: List, context: Context) -> bool:
        """Run a loop's body once; return whether the loop goes on."""
        self.loops += 1
        try:
            self._list(body, context)
        except LeaveLoop as leaving:
            if leaving.levels > 1:
                raise LeaveLoop(leaving.levels - 1, again=leaving.again) from leaving
            self.code = 0
            return leaving.again
        finally:
            self.loops -= 1
        return True

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
        if name in BUILTINS:
            return BUILTINS[name](self, args, context)
        if name == "exec":
            if args:
                raise Leave(self._program(args, context))
            return 0
        program = self._programs.get(name.removeprefix("/system/bin/"))
        if name in ("sh", "/system/bin/sh"):
            program = self._new_shell
        if program is None or (name.startswith("/") and not name.startswith("/system/bin/")):
            return self._not_found(name, context)
        context.args = args
        with self._process.command():
            code = program(context)
        if self._stopped.is_set():
            raise Interrupted
        return code

    def _new_shell(self, context: Context) -> int:
        """``sh``, ``sh -c LINE`` and ``sh FILE``: a shell of its own; the first runs its input."""
        flags, words = [arg for arg in context.args if arg.startswith("-")], context.args
        words = [arg for arg in words if not arg.startswith("-")]
        if self._depth >= DEPTH_LIMIT:
            context.complain("/system/bin/sh: nested too deep")
            return 1
        shell = Shell(self.handset, self._programs, self._stopped)
        shell.variables, shell.folder = dict(context.variables), self.folder
        shell._depth = self._depth + 1
        if "-c" in flags:
            if not words:
                context.complain("/system/bin/sh: -c: option requires an argument")
                return 1
            return shell.run(words[0], context.read, context.write, context.write_error)
        read: Read | None = context.read
        if words:
            read = self._open_for_reading(words[0], context)
        if read is None:
            return NOT_FOUND
        return shell.run_script(read, context.write, context.write_error)

    def _not_found(self, name: str, context: Context) -> int:
        if "/" in name and self.handset.files.exists(context.path(name)):
            context.complain(f"/system/bin/sh: {name}: can't execute: Permission denied")
            return 126
        what = "not found" if self.handset.sdk < 31 else "inaccessible or not found"
        context.complain(f"/system/bin/sh: {name}: {what}")
        return NOT_FOUND

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
        path = context.path(name)
        try:
            data = b"" if path == "/dev/null" else self.handset.files.read(path)
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
        path = self.handset.files.resolve(name, self.folder)
        if path == "/dev/null":
            return lambda _data: None
        files = self.handset.files
        try:
            if not append or not files.exists(path):
                files.write(path, b"")
        except OSError as error:
            context.complain(f"/system/bin/sh: can't create {name}: {error}")
            return None

        def write(data: bytes) -> None:
            if self.handset.storage.has_room(len(data)):
                files.append(path, data)

        return write

    def _expand_all(self, words: tuple[Word, ...], context: Context) -> list[str]:
        def value(part: Part) -> str:
            return self._value(part, context)

        files = self.handset.files
        return [field for word in words for field in expand(word, value, files, self.folder)]

    def _expand_one(self, word: Word, context: Context) -> str:
        return expand_one(word, lambda part: self._value(part, context))

    def _value(self, part: Part, context: Context) -> str:
        if part.kind == "text":
            return part.text
        if part.kind == "variable":
            if part.text == "?":
                return str(self.code)
            if part.text == "$":
                return str(self._process.pid)
            name, separator, default = part.text.partition(":-")
            value = self.variables.get(name, "")
            return value or default if separator else value
        if part.kind == "arithmetic":
            return str(evaluate(part.text, self.variables))
        output = bytearray()
        self.code = self._child()._run(part.text, _with(context, write=output.extend))
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
        pid=context.pid,
    )
