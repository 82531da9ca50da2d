"""One phone at the other end of ADB: commands, files, sockets and facts."""

import logging
import re
import select
import socket
import stat
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from engine.errors import PhoneError
from engine.jobs import CancelToken, Progress, Report, ignore_progress
from engine.phones.adb import Adb, Deadline, ended_by, receive_exactly
from engine.phones.faults import LEFT, explain_adb
from engine.phones.readings import (
    NOTE_PROPERTY,
    PhoneFacts,
    Vitals,
    parse_battery,
    parse_clocks,
    parse_properties,
    parse_thermal_status,
    read_facts,
)

logger = logging.getLogger(__name__)

SYNC_CHUNK = 65536  # the largest DATA that adbd takes
STALL_S = 30.0  # a transfer that moves nothing for so long is given up
SEND_AHEAD = 1 << 17
"""Bytes that may wait in this computer's socket; Linux would take 4 MB, and the bar with them."""
_EXIT_MARK = "mobilenet-lab-exit"


@dataclass(frozen=True, slots=True)
class ShellResult:
    """What a command on the phone left behind.

    Attributes:
        stdout: Its output; with ``stderr`` mixed in on a phone without ``shell_v2``.
        stderr: Its complaints; empty on a phone without ``shell_v2``.
        exit_code: 0 to 255.
    """

    stdout: str
    stderr: str
    exit_code: int

    @property
    def output(self) -> str:
        """Both outputs in one text, for messages and logs."""
        return "\n".join(part for part in (self.stdout.strip(), self.stderr.strip()) if part)


class Phone:
    """One phone; safe to use from any thread, each call has a socket of its own.

    Every method raises ``PhoneError`` when the phone is not there, not ready, or leaves in
    the middle, and ``Cancelled`` when its token is cancelled.
    """

    def __init__(self, adb: Adb, serial: str) -> None:
        """Remember which phone; nothing is asked yet."""
        self.adb = adb
        self.serial = serial
        self._features: frozenset[str] | None = None

    def has(self, feature: str) -> bool:
        """Whether the phone and the adb server both know a feature, e.g. ``shell_v2``."""
        if self._features is None:
            self._features = self.adb.features(self.serial)
        return feature in self._features

    def shell(
        self, command: str, timeout_s: float = 10.0, cancel: CancelToken | None = None
    ) -> ShellResult:
        """Run a command in the phone's shell and wait for its end.

        Args:
            command: One line for the phone's ``sh``; quoting is the caller's.
            timeout_s: Seconds in total.
            cancel: Ends the wait; the command on the phone loses its pipes.
        """
        deadline = Deadline(timeout_s)
        modern = self.has("shell_v2")
        plain = f"shell:{command}\necho {_EXIT_MARK}=$?"
        service = f"shell,v2,raw:{command}" if modern else plain
        with self._open(service, timeout_s, cancel) as connection:
            try:
                with ended_by(cancel, connection):
                    if modern:
                        return _read_shell_v2(connection, deadline)
                    return _read_marked_shell(connection, deadline)
            except TimeoutError as error:
                raise PhoneError(
                    f"The phone did not finish a command within {timeout_s:g} s.",
                    "Wake it up and check the cable.",
                    detail=f"{self.serial}: {command}",
                ) from error
            except (EOFError, OSError) as error:
                raise self._left(command, error) from error

    def push(
        self,
        data: Path | bytes,
        remote: str,
        mode: int = 0o644,
        report: Report = ignore_progress,
        cancel: CancelToken | None = None,
    ) -> None:
        """Copy a file or bytes to the phone.

        Args:
            data: A file here, or the bytes themselves.
            remote: Full path on the phone; its folder must exist or be makeable by adbd.
            mode: Permission bits on the phone.
            report: Gets ``Progress("push", fraction)``.
            cancel: Stops within one chunk; an unfinished file may stay on the phone.
        """
        if isinstance(data, bytes):
            with BytesIO(data) as source:
                self._push(source, len(data), remote, mode, report, cancel)
        else:
            with data.open("rb") as file:
                self._push(file, data.stat().st_size, remote, mode, report, cancel)

    def pull(self, remote: str, local: Path, cancel: CancelToken | None = None) -> int:
        """Copy a file from the phone and return its size in bytes.

        The local file appears only once it is whole.
        """
        part = local.with_name(local.name + ".part")
        try:
            with part.open("wb") as file:
                size = self._pull(remote, file, cancel)
            part.replace(local)
        finally:
            part.unlink(missing_ok=True)
        return size

    def open_abstract(
        self, name: str, timeout_s: float = 10.0, cancel: CancelToken | None = None
    ) -> socket.socket:
        """Connect to an abstract local socket of the phone, for instance the app's link.

        Being accepted does not mean that anybody listens: some phones accept first and
        close at once.
        """
        return self._open(f"localabstract:{name}", timeout_s, cancel)

    def open_shell_stream(
        self, command: str, timeout_s: float = 10.0, cancel: CancelToken | None = None
    ) -> socket.socket:
        """Start a command and return the socket of its mixed output; closing ends it."""
        return self._open(f"shell:{command}", timeout_s, cancel)

    def open_exec(
        self, command: str, timeout_s: float = 10.0, cancel: CancelToken | None = None
    ) -> socket.socket:
        """Start a command with the socket as its input and output, byte for byte."""
        return self._open(f"exec:{command}", timeout_s, cancel)

    def facts(self, cancel: CancelToken | None = None) -> PhoneFacts:
        """Ask the phone what it is."""
        properties = parse_properties(self.shell("getprop", cancel=cancel).stdout)
        return read_facts(self.serial, properties)

    def note(self, cancel: CancelToken | None = None) -> str:
        """Ask the phone what it says of itself now; empty on most."""
        return self.shell(f"getprop {NOTE_PROPERTY}", cancel=cancel).stdout.strip()

    def vitals(self) -> Vitals:
        """Ask the phone how it is: battery, heat, clocks. What cannot be read is None."""
        battery = parse_battery(self.shell("dumpsys battery").stdout)
        thermal = self.shell("dumpsys thermalservice")
        clocks = self.shell("cat /sys/devices/system/cpu/cpu*/cpufreq/scaling_cur_freq")
        return Vitals(
            battery_percent=battery.percent,
            temperature_c=battery.temperature_c,
            charging=battery.charging,
            thermal_status=parse_thermal_status(thermal.stdout),
            cpu_khz=parse_clocks(clocks.stdout),
        )

    def _open(self, service: str, timeout_s: float, cancel: CancelToken | None) -> socket.socket:
        return self.adb.socket_to(self.serial, service, timeout_s=timeout_s, cancel=cancel)

    def _left(self, doing: str, error: BaseException) -> PhoneError:
        return PhoneError(LEFT.what, LEFT.advice, detail=f"{self.serial}: {doing}: {error}")

    def _push(
        self,
        source: BinaryIO,
        size: int,
        remote: str,
        mode: int,
        report: Report,
        cancel: CancelToken | None,
    ) -> None:
        with self._open("sync:", 10.0, cancel) as connection:
            connection.settimeout(STALL_S)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_AHEAD)
            target = f"{remote},{stat.S_IFREG | mode}".encode()
            try:
                with ended_by(cancel, connection):
                    connection.sendall(b"SEND" + struct.pack("<I", len(target)) + target)
                    copy_with_progress(
                        source,
                        size,
                        lambda chunk: _send_sync_data(connection, chunk),
                        SYNC_CHUNK,
                        report,
                    )
                    connection.sendall(b"DONE" + struct.pack("<I", int(time.time())))
                    _check_sync_status(connection, remote)
            except TimeoutError as error:
                raise explain_adb(error, self.serial) from error
            except (EOFError, OSError) as error:
                raise self._left(f"push {remote}", error) from error

    def _pull(self, remote: str, file: BinaryIO, cancel: CancelToken | None) -> int:
        size = 0
        with self._open("sync:", 10.0, cancel) as connection:
            path = remote.encode()
            try:
                with ended_by(cancel, connection):
                    connection.sendall(b"RECV" + struct.pack("<I", len(path)) + path)
                    while True:
                        head = receive_exactly(connection, 8, Deadline(STALL_S))
                        kind, length = head[:4], int.from_bytes(head[4:], "little")
                        if kind == b"DONE":
                            return size
                        body = receive_exactly(connection, length, Deadline(STALL_S))
                        if kind != b"DATA":
                            raise _refused(f"read {remote}", body)
                        size += file.write(body)
            except TimeoutError as error:
                raise explain_adb(error, self.serial) from error
            except (EOFError, OSError) as error:
                raise self._left(f"pull {remote}", error) from error


def copy_with_progress(
    source: BinaryIO, size: int, send: Callable[[bytes], None], chunk: int, report: Report
) -> None:
    """Feed a file to ``send`` in chunks, reporting the step ``push`` at most every 50 ms."""
    sent, reported = 0, 0.0
    report(Progress("push", 0.0))
    while part := source.read(chunk):
        send(part)
        sent += len(part)
        now = time.monotonic()
        if now - reported >= 0.05:
            reported = now
            detail = f"{sent / 1e6:.1f} of {size / 1e6:.1f} MB"
            report(Progress("push", min(1.0, sent / max(size, 1)), detail))
    report(Progress("push", 1.0, f"{size / 1e6:.1f} MB"))


def _send_sync_data(connection: socket.socket, chunk: bytes) -> None:
    if select.select([connection], [], [], 0)[0]:
        # the phone speaks before the end only to refuse: its reason would be lost later
        _check_sync_status(connection, "")
    connection.sendall(b"DATA" + struct.pack("<I", len(chunk)) + chunk)


def _check_sync_status(connection: socket.socket, remote: str) -> None:
    status = receive_exactly(connection, 8, Deadline(STALL_S))
    if status[:4] == b"OKAY":
        return
    length = int.from_bytes(status[4:], "little")
    raise _refused(f"write {remote}".strip(), receive_exactly(connection, length, Deadline(5.0)))


def _refused(doing: str, reason: bytes) -> PhoneError:
    text = reason.decode(errors="replace").strip()
    full = "no space left" in text.lower()
    return PhoneError(
        f"The phone could not {doing}: {text}.",
        "Free some space on the phone and try again." if full else "",
        detail=text,
    )


def _read_shell_v2(connection: socket.socket, deadline: Deadline) -> ShellResult:
    """Read packets (stream u8, length u32 little-endian, data) up to the exit code."""
    streams = {1: bytearray(), 2: bytearray()}
    while True:
        head = receive_exactly(connection, 5, deadline)
        body = receive_exactly(connection, int.from_bytes(head[1:], "little"), deadline)
        if head[0] == 3:
            out, err = (streams[n].decode(errors="replace") for n in (1, 2))
            return ShellResult(out, err, body[0] if body else 0)
        if head[0] in streams:
            streams[head[0]] += body


def _read_marked_shell(connection: socket.socket, deadline: Deadline) -> ShellResult:
    """Read to the end of the stream, where the exit code was written as a last line."""
    data = bytearray()
    while True:
        connection.settimeout(deadline.left())
        part = connection.recv(65536)
        if not part:
            break
        data += part
    text = data.decode(errors="replace").replace("\r\n", "\n")
    found = re.search(rf"{_EXIT_MARK}=(\d+)\s*$", text)
    if found is None:
        raise EOFError("the command's output ended without an exit code")
    return ShellResult(text[: found.start()], "", int(found.group(1)))
