"""The adb server, spoken to as the adb program does.

The server's own protocol (four hexadecimal digits of length, then a request; ``OKAY`` or
``FAIL`` back) is spoken here on plain sockets. The calls of the library ``adbutils`` would
start a server on the wrong port, time out per read instead of in total, lose the reason of a
failed push and sleep 10 ms at each close.
"""

import logging
import os
import re
import select
import socket
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from engine.errors import LabError, PhoneError
from engine.jobs import CancelToken
from engine.phones.adb_program import START_TIMEOUT_S, start_server
from engine.phones.faults import explain_adb

logger = logging.getLogger(__name__)

HOST = "127.0.0.1"
DEFAULT_PORT = 5037
REFRESH_S = 1.0
BACK_OFF_S = (0.2, 0.5, 1.0, 2.0)


@dataclass(frozen=True, slots=True)
class AdbPhone:
    """One line of ``adb devices -l``.

    Attributes:
        serial: How adb names it; for a phone on TCP its address.
        state: adb's word: ``device``, ``unauthorized``, ``offline``, ``no permissions``, ...
        facts: What stands behind the state: ``model``, ``product``, ``transport_id``, ...
    """

    serial: str
    state: str
    facts: dict[str, str]


class Deadline:
    """How much is left of a total time."""

    def __init__(self, timeout_s: float) -> None:
        """Start now."""
        self._end = time.monotonic() + timeout_s

    def left(self) -> float:
        """Return the seconds left.

        Raises:
            TimeoutError: If none is left.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        return left


def hang_up(connection: socket.socket) -> None:
    """End a socket so that a blocked reader or writer on another thread wakes up."""
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        logger.debug("the socket was closed already")


def ended_by(cancel: CancelToken | None, connection: socket.socket) -> AbstractContextManager[None]:
    """Hang up the connection when the token is cancelled while the block runs."""
    if cancel is None:
        return nullcontext()
    return cancel.closing(lambda: hang_up(connection))


def receive_exactly(connection: socket.socket, count: int, deadline: Deadline | None) -> bytes:
    """Read ``count`` bytes.

    Raises:
        EOFError: If the stream ends before.
        TimeoutError: If the deadline passes before.
    """
    parts = bytearray()
    while len(parts) < count:
        if deadline is not None:
            connection.settimeout(deadline.left())
        part = connection.recv(min(count - len(parts), 1 << 20))
        if not part:
            raise EOFError(f"the stream ended after {len(parts)} of {count} bytes")
        parts += part
    return bytes(parts)


def parse_phones(text: str) -> tuple[AdbPhone, ...]:
    """Read what ``host:devices-l`` or ``host:devices`` answers, in the server's order."""
    phones = []
    for line in text.splitlines():
        found = re.match(r"(\S+)\s+(no permissions.*?(?=\s+usb:|\s*$)|\S+)(.*)$", line)
        if found is None:
            continue
        serial, state, rest = found.groups()
        facts = dict(word.split(":", 1) for word in rest.split() if ":" in word)
        state = "no permissions" if state.startswith("no permissions") else state
        phones.append(AdbPhone(serial, state, facts))
    return tuple(phones)


class Adb:
    """The adb server on one port of this computer; safe to use from any thread.

    A server that runs already is adopted, whatever its version; where none runs, the one
    that adbutils bundles is started on the asked port. It is never killed.
    """

    def __init__(self, port: int | None = None) -> None:
        """Remember the port; nothing is started or asked yet.

        Args:
            port: The server's port; ``ANDROID_ADB_SERVER_PORT`` or 5037 if None.

        Raises:
            LabError: If the environment variable is not a port.
        """
        if port is None:
            text = os.environ.get("ANDROID_ADB_SERVER_PORT", str(DEFAULT_PORT))
            if not text.isdecimal() or not 0 < int(text) < 65536:
                raise LabError(
                    f"ANDROID_ADB_SERVER_PORT is {text!r}, which is no port.",
                    "Set it to a number between 1 and 65535, or unset it.",
                )
            port = int(text)
        self.port = port
        self._starting = threading.Lock()

    def version(self) -> int:
        """Return the server's version, for instance 41; starts a server if none runs.

        Raises:
            PhoneError: If there is no server and none starts, or the port's owner is no adb.
        """
        answer = self.ask("host:version")
        try:
            return int(answer, 16)
        except ValueError:
            raise self._stranger(answer) from None

    def phones(self) -> tuple[AdbPhone, ...]:
        """Return which phones the server sees now, in its order."""
        return parse_phones(self.ask("host:devices-l"))

    def connect(self, address: str, timeout_s: float = 10.0) -> None:
        """Connect a phone on TCP, ``host:port``; its serial is then that address.

        One that left is connected anew: the server keeps it as ``offline``.

        Raises:
            PhoneError: If nothing answers there.
        """
        answer = self.ask(f"host:connect:{address}", timeout_s=timeout_s)
        if answer.startswith("already") and self._is_offline(address):
            self.disconnect(address)
            answer = self.ask(f"host:connect:{address}", timeout_s=timeout_s)
        if not answer.startswith(("connected to", "already connected to")):
            raise PhoneError(
                f"No phone answers at {address}.",
                "Check the address, that the phone is on the same network, and that debugging "
                "over the network is on.",
                detail=answer,
            )

    def _is_offline(self, serial: str) -> bool:
        return any(phone.serial == serial and phone.state == "offline" for phone in self.phones())

    def disconnect(self, address: str) -> None:
        """Forget a phone on TCP; one that is not connected is no error."""
        try:
            self.ask(f"host:disconnect:{address}")
        except PhoneError as error:
            logger.debug("disconnect %s: %s", address, error.detail)

    def reconnect(self, serial: str) -> None:
        """Drop the phone's connection so that it is made anew; asks again to be allowed."""
        self.ask(f"host-serial:{serial}:reconnect")

    def features(self, serial: str) -> frozenset[str]:
        """Return what the phone and the server both know: ``shell_v2``, ``cmd``, ..."""
        return frozenset(self.ask(f"host-serial:{serial}:features").split(","))

    def ask(self, request: str, *, timeout_s: float = 5.0) -> str:
        """Ask the server one question.

        Args:
            request: For instance ``host:version``.
            timeout_s: Seconds in total.

        Raises:
            PhoneError: If the server refuses, falls silent, or there is none.
        """
        for pause in (*BACK_OFF_S[:1], None):
            deadline = Deadline(timeout_s)
            try:
                with self._open(deadline) as connection:
                    self._request(connection, request, deadline)
                    return _block(connection, deadline)
            except (EOFError, ConnectionError) as error:
                # the server was restarted under us: once more, after a moment
                if pause is not None:
                    time.sleep(pause)
                elif isinstance(error, ConnectionRefusedError):
                    raise explain_adb(error) from error
                else:
                    raise self._hung_up(str(error)) from error
            except TimeoutError as error:
                raise PhoneError(
                    f"The adb server on port {self.port} does not answer.",
                    "Another program may hold the port, or adb hangs: end it, or choose another "
                    "port with ANDROID_ADB_SERVER_PORT.",
                    detail=f"{request}: {error}",
                ) from error
            except OSError as error:
                raise explain_adb(error) from error
        raise AssertionError("unreachable")

    def socket_to(
        self,
        serial: str,
        service: str,
        *,
        timeout_s: float = 10.0,
        cancel: CancelToken | None = None,
    ) -> socket.socket:
        """Open a service of the phone.

        Args:
            serial: The phone.
            service: For instance ``shell:getprop`` or ``localabstract:mobilenet_lab``.
            timeout_s: Seconds in total until the phone has accepted.
            cancel: Ends the wait.

        Returns:
            A connected socket without a timeout, to be closed by the caller.

        Raises:
            PhoneError: If the phone or the service is not there.
            Cancelled: If the token was cancelled.
        """
        deadline = Deadline(timeout_s)
        try:
            connection = self._open(deadline)
        except OSError as error:
            raise explain_adb(error, serial) from error
        try:
            with ended_by(cancel, connection):
                self._request(connection, f"host:transport:{serial}", deadline)
                self._request(connection, service, deadline)
            connection.settimeout(None)
        except (OSError, EOFError) as error:
            connection.close()
            gone = isinstance(error, EOFError)
            raise explain_adb("closed" if gone else error, serial) from error
        except BaseException:
            connection.close()
            raise
        return connection

    def track(self, put: Callable[[tuple[AdbPhone, ...]], None], cancel: CancelToken) -> None:
        """Report the list of phones now, at each change and each second.

        Blocks until cancelled or cut off. ``put`` is called on this thread.

        Raises:
            Cancelled: When the token is cancelled.
            PhoneError: If the server goes away or refuses.
        """
        try:
            with self._open(Deadline(5.0)) as connection, ended_by(cancel, connection):
                self._request(connection, "host:track-devices-l", Deadline(5.0))
                connection.settimeout(None)
                while True:
                    if select.select([connection], [], [], REFRESH_S)[0]:
                        put(parse_phones(_block(connection, Deadline(5.0))))
                    else:  # adb 29 does not tell of each change, e.g. to unauthorized
                        put(self.phones())
        except (OSError, EOFError) as error:
            cancel.check()
            raise explain_adb(ConnectionError(str(error))) from error

    def ensure_server(self) -> None:
        """Start the bundled adb server on this port if nothing listens there.

        Raises:
            PhoneError: If it does not start.
        """
        with self._starting:
            try:
                self._connect(1.0).close()
            except OSError:
                start_server(self.port)

    def _open(self, deadline: Deadline) -> socket.socket:
        try:
            return self._connect(deadline.left())
        except (ConnectionRefusedError, TimeoutError):
            self.ensure_server()
            return self._connect(START_TIMEOUT_S)

    def _connect(self, timeout_s: float) -> socket.socket:
        connection = socket.create_connection((HOST, self.port), timeout=timeout_s)
        if connection.getsockname() == connection.getpeername():
            # Linux may pick the target port itself as the source and connect to itself
            connection.close()
            raise ConnectionRefusedError(f"nothing listens on port {self.port}")
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def _hung_up(self, said: str) -> PhoneError:
        return PhoneError(
            f"What listens on port {self.port} hung up twice instead of answering as adb does.",
            "Try again if adb was being restarted. Else another program holds the port: end it, "
            "or choose another port with ANDROID_ADB_SERVER_PORT.",
            detail=said,
        )

    def _stranger(self, said: str) -> PhoneError:
        return PhoneError(
            f"Port {self.port} is taken by a program that is not an adb server.",
            "End that program, or choose another port with ANDROID_ADB_SERVER_PORT.",
            detail=said,
        )

    def _request(self, connection: socket.socket, request: str, deadline: Deadline) -> None:
        data = request.encode()
        connection.settimeout(deadline.left())
        connection.sendall(b"%04x" % len(data) + data)
        status = receive_exactly(connection, 4, deadline)
        if status == b"OKAY":
            return
        if status != b"FAIL":
            raise self._stranger(repr(status))
        raise explain_adb(_block(connection, deadline))


def _block(connection: socket.socket, deadline: Deadline | None) -> str:
    """Read a length of four hexadecimal digits and that many bytes of text."""
    digits = receive_exactly(connection, 4, deadline)
    try:
        length = int(digits, 16)
    except ValueError:
        raise explain_adb(f"protocol fault: {digits!r} is no length") from None
    return receive_exactly(connection, length, deadline).decode(errors="replace")
