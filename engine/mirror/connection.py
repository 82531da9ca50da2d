"""One run of the screen server: pushed, started, connected, and closed again."""

import logging
import secrets
import selectors
import socket
from contextlib import ExitStack

from engine.errors import LabError, PhoneError
from engine.jobs import CancelToken
from engine.mirror.server import (
    REMOTE_PATH,
    ServerFile,
    StreamOptions,
    complains,
    explain_server,
    start_command,
)
from engine.phones.adb import Deadline, hang_up
from engine.phones.faults import NothingListensError
from engine.phones.phone import Phone

logger = logging.getLogger(__name__)

CONNECT_S = 8.0
RETRY_S = 0.05
_KEPT_OUTPUT = 20_000  # characters of the server's words, enough for a Java trace


class ServerOutput:
    """What the server prints, read whenever its socket has something."""

    def __init__(self, connection: socket.socket) -> None:
        """Take over the socket."""
        self.connection = connection
        self.text = ""
        self.ended = False

    def read(self) -> str:
        """Read what is there now and return it; call it only when there is something."""
        try:
            data = self.connection.recv(65536)
        except OSError:
            data = b""
        self.ended = self.ended or not data
        text = data.decode(errors="replace")
        self.text = (self.text + text)[-_KEPT_OUTPUT:]
        for line in text.splitlines():
            logger.debug("screen server: %s", line)
        return text


class ServerConnection:
    """The sockets of one running server.

    Attributes:
        video: From here come pictures, beginning after the dummy byte.
        control: Input goes here, device messages come back.
        output: The server's words.
    """

    def __init__(
        self, phone: Phone, server: ServerFile, options: StreamOptions, cancel: CancelToken
    ) -> None:
        """Push and start; ``connect`` follows.

        Raises:
            LabError: If the phone does not take it.
            Cancelled: If the token is cancelled meanwhile.
        """
        self._phone, self._cancel = phone, cancel
        self._deadline = Deadline(CONNECT_S)
        self._closing = ExitStack()
        phone.push(server.data, REMOTE_PATH, cancel=cancel)
        scid = secrets.randbits(31)
        self._name = f"scrcpy_{scid:08x}"
        command = start_command(server.version, scid, options)
        stream = phone.open_shell_stream(command, cancel=cancel)
        self._open = [self._closing.enter_context(stream)]
        self.output = ServerOutput(stream)

    def connect(self) -> None:
        """Wait until the server listens and connect its sockets.

        Raises:
            LabError: If it does not within 8 s since the start, or at once where it ends.
            Cancelled: If the token is cancelled meanwhile.
        """
        try:
            self.video = self._first_socket()
            self.control = self._connect()
        except TimeoutError as error:
            raise self._too_late() from error

    def hang_up(self) -> None:
        """Wake whoever reads or writes one of the sockets; they see the end of the stream."""
        for connection in tuple(self._open):
            hang_up(connection)

    def close(self) -> None:
        """Close all sockets; the server ends by itself then."""
        self.hang_up()
        self._closing.close()

    def _connect(self) -> socket.socket:
        left = self._deadline.left()
        connection = self._phone.open_abstract(self._name, left, self._cancel)
        self._open.append(self._closing.enter_context(connection))
        return connection

    def _first_socket(self) -> socket.socket:
        """Connect until the dummy byte says that the server really listens."""
        while True:
            try:
                connection = self._connect()
            except NothingListensError:
                logger.debug("the screen server does not listen yet")
            else:
                if self._sends_dummy_byte(connection):
                    return connection
                self._open.remove(connection)
                connection.close()
            self._listen(RETRY_S)

    def _sends_dummy_byte(self, connection: socket.socket) -> bool:
        """Wait for the byte, for the socket's end, or for the server's end."""
        while not self._listen(self._deadline.left(), connection):
            logger.debug("the screen server has not accepted yet")
        try:
            return connection.recv(1) != b""
        except OSError:
            return False

    def _listen(self, timeout_s: float, connection: socket.socket | None = None) -> bool:
        """Hear the server until the connection has something; whether it has.

        Returns early, with False, when the server said something.

        Raises:
            LabError: If the server ended.
            Cancelled: If the token was cancelled.
            TimeoutError: If the time to connect is over.
        """
        with selectors.DefaultSelector() as selector:
            selector.register(self.output.connection, selectors.EVENT_READ)
            if connection is not None:
                selector.register(connection, selectors.EVENT_READ)
            ready = [key.fileobj for key, _ in selector.select(timeout_s)]
        self._cancel.check()
        self._deadline.left()
        if self.output.connection in ready:
            self.output.read()
            if self.output.ended:
                raise explain_server(self.output.text)
        return connection in ready

    def _too_late(self) -> LabError:
        said = self.output.text
        if complains(said):
            return explain_server(said)
        return PhoneError(
            f"The phone's screen did not answer within {CONNECT_S:g} s.",
            "Wake the phone and check the cable, then try again.",
            detail=said,
        )
