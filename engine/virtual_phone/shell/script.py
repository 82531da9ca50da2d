"""A shell's input as lines of a script, shared with the commands that run from it."""

from engine.virtual_phone.shell.context import Read
from engine.virtual_phone.shell.parser import BadSyntax, Unfinished, parse
from engine.virtual_phone.shell.tree import List

LONGEST = 1 << 20
"""Bytes that one command of a script may have."""


class Script:
    """Reads one command after the other; what follows a command is its standard input.

    So ``read NAME`` in a script takes the script's next line, as with a real ``sh``.
    """

    def __init__(self, read: Read) -> None:
        """Take the text from ``read``, which waits for more and gives ``b""`` at the end."""
        self._read = read
        self._held = bytearray()
        self._ended = False

    def read(self, size: int) -> bytes:
        """Take up to ``size`` bytes, as a command does."""
        if not self._held:
            return b"" if self._ended else self._read(size)
        part = bytes(self._held[:size])
        del self._held[:size]
        return part

    def command(self) -> List | None:
        """Return the next command, waiting for as many lines as it has; None at the end.

        Raises:
            BadSyntax: If it is none, or the script ends within it.
        """
        text = ""
        while True:
            line = self._line()
            if line is None:
                return parse(text) if text else None
            text += line.decode("utf-8", "surrogateescape")
            if len(text) > LONGEST:
                raise BadSyntax("syntax error: the command is too long")
            if text.endswith("\\\n"):
                continue
            try:
                return parse(text)
            except Unfinished:
                continue

    def _line(self) -> bytes | None:
        searched = 0
        while True:
            end = self._held.find(b"\n", searched)
            if end >= 0:
                return self.read(end + 1)
            searched = len(self._held)
            data = b"" if self._ended or searched > LONGEST else self._read(1 << 16)
            if not data:
                self._ended = True
                return self.read(searched) or None
            self._held += data
