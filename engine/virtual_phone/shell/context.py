"""What a command of the phone's shell runs with."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from engine.virtual_phone.handset import Handset

Write = Callable[[bytes], None]
Read = Callable[[int], bytes]


PROC_SELF = "/proc/self"


class Interrupted(Exception):  # noqa: N818 - it is no error that the computer hung up
    """The computer closed the stream."""


@dataclass(slots=True)
class Context:
    """What a command runs with.

    Attributes:
        handset: The phone.
        args: The words after the command's name.
        read: Takes up to n bytes of standard input, ``b""`` at its end.
        write: Standard output.
        write_error: Standard error.
        stopped: Set once the computer closed the stream; long commands must end then.
        variables: The shell's variables; a command sees the ones set before it.
        folder: The working folder.
        pid: Of the shell: a command is no process of its own here.
    """

    handset: Handset
    args: list[str]
    read: Read
    write: Write
    write_error: Write
    stopped: threading.Event
    variables: dict[str, str] = field(default_factory=dict)
    folder: str = "/"
    pid: int = 0

    def say(self, text: str) -> None:
        """Write a line to standard output."""
        self.write(text.encode("utf-8", "surrogateescape") + b"\n")

    def complain(self, text: str) -> None:
        """Write a line to standard error."""
        self.write_error(text.encode("utf-8", "surrogateescape") + b"\n")

    def path(self, name: str) -> str:
        """Return the absolute path of a name that the user gave; ``/proc/self`` is the shell's."""
        path = self.handset.files.resolve(name, self.folder)
        if path == PROC_SELF or path.startswith(PROC_SELF + "/"):
            return f"/proc/{self.pid}{path.removeprefix(PROC_SELF)}"
        return path

    def read_all(self) -> bytes:
        """Return standard input until its end."""
        parts = []
        while part := self.read(1 << 16):
            parts.append(part)
        return b"".join(parts)


Program = Callable[[Context], int]
"""A command: runs, returns its exit code."""
