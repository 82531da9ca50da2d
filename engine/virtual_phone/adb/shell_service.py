"""``adb shell`` and ``adb exec-out``: the shell's streams on one ADB stream."""

import threading

from engine.virtual_phone.handset import Handset
from engine.virtual_phone.shell.commands import PROGRAMS
from engine.virtual_phone.shell.context import Interrupted, Read, Write
from engine.virtual_phone.shell.shell import Shell
from engine.virtual_phone.streams import Pipe, Stream

STDIN, STDOUT, STDERR, EXIT, CLOSE_STDIN, WINDOW_SIZE = range(6)
"""Packet ids of shell protocol v2: u8 id, u32 little-endian length, data."""

PACKET_LIMIT = 1 << 20


def serve_shell(handset: Handset, stream: Stream, command: str, options: list[bytes]) -> None:
    """Serve ``shell:`` and ``shell,v2,...:``.

    An empty command is an interactive shell, or with ``raw`` one that runs its input as a script.
    """
    stopped = threading.Event()
    stdin = Pipe()
    terminal = b"raw" not in options and (not command or b"pty" in options)
    framed = b"v2" in options
    feeder = threading.Thread(
        target=_feed,
        args=(stream, stdin, stopped, framed),
        name="shell stdin",
        daemon=True,
    )
    feeder.start()
    lock = threading.Lock()

    def send(packet_id: int, data: bytes) -> None:
        if not framed:
            stream.write(data)
            return
        with lock:
            stream.write(bytes([packet_id]) + len(data).to_bytes(4, "little") + data)

    def write(data: bytes) -> None:
        send(STDOUT, data.replace(b"\n", b"\r\n") if terminal and not command else data)

    def write_error(data: bytes) -> None:
        if terminal and not command:
            write(data)
        else:
            send(STDERR, data)

    shell = Shell(handset, PROGRAMS, stopped)
    try:
        if command:
            code = shell.run(command, lambda n: stdin.get(n, None), write, write_error)
        elif terminal:
            code = _interact(handset, shell, stdin, write)
        else:
            code = shell.run_script(lambda n: stdin.get(n, None), write, write_error)
        if framed:
            send(EXIT, bytes([code & 255]))
    except Interrupted:
        return
    finally:
        stopped.set()
        stdin.abandon()


def serve_exec(handset: Handset, stream: Stream, command: str | list[str]) -> None:
    """Serve ``exec:`` (a command line) and ``abb_exec:`` (words): raw bytes both ways."""
    stopped = threading.Event()
    shell = Shell(handset, PROGRAMS, stopped)
    try:
        if isinstance(command, str):
            shell.run(command, stream.read, stream.write, stream.write)
        else:
            shell.run_words(command, stream.read, stream.write, stream.write)
    except Interrupted:
        return
    finally:
        stopped.set()


def _feed(stream: Stream, stdin: Pipe, stopped: threading.Event, framed: bool) -> None:
    """Lead what the computer sends to standard input, until it closes the stream."""
    try:
        while True:
            if not framed:
                data = stream.read(1 << 16)
                if not data:
                    return
                stdin.put(data, None)
                continue
            head = stream.read_exactly(5)
            length = int.from_bytes(head[1:], "little")
            if length > PACKET_LIMIT:
                return
            data = stream.read_exactly(length)
            if head[0] == STDIN:
                stdin.put(data, None)
            elif head[0] == CLOSE_STDIN:
                stdin.end()
    except (EOFError, OSError):
        return
    finally:
        stopped.set()
        stdin.end()


def _interact(handset: Handset, shell: Shell, stdin: Pipe, write: Write) -> int:
    """Read lines and run them until ``exit`` or the end of input."""
    device = handset.properties["ro.product.device"]
    lines = _Lines(lambda n: stdin.get(n, None), write)
    while True:
        write(f"{device}:{shell.folder} $ ".encode())
        line = lines.next()
        if line is None:
            return shell.code
        words = line.split()
        if words[:1] == ["exit"]:
            return int(words[1]) & 255 if words[1:] and words[1].isdecimal() else shell.code
        shell.run(line, lambda n: stdin.get(n, None), write, write)


class _Lines:
    """Splits input into lines, echoing it as a terminal does."""

    def __init__(self, read: Read, echo: Write) -> None:
        self._read = read
        self._echo = echo
        self._held = b""

    def next(self) -> str | None:
        while True:
            for mark in (b"\n", b"\r"):
                line, found, rest = self._held.partition(mark)
                if found:
                    self._held = rest
                    return line.rstrip(b"\r").decode("utf-8", "replace")
            data = self._read(4096)
            if not data or b"\x04" in data:  # Ctrl+D
                return None
            self._echo(data.replace(b"\r", b"\n"))
            self._held += data
