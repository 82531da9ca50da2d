"""A scripted adb server: real sockets, answers written by hand."""

import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from engine.phones.adb import Adb
from engine.phones.phone import Phone

Handler = Callable[[socket.socket], None]


def take(connection: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        part = connection.recv(count - len(data))
        if not part:
            raise EOFError
        data += part
    return data


def block(text: str) -> bytes:
    data = text.encode()
    return b"OKAY%04x" % len(data) + data


def refusal(text: str) -> bytes:
    data = text.encode()
    return b"FAIL%04x" % len(data) + data


def shell_v2(stdout: bytes, code: int, stderr: bytes = b"") -> bytes:
    packets = [(1, stdout), (2, stderr), (3, bytes([code]))]
    return b"".join(
        bytes([kind]) + len(data).to_bytes(4, "little") + data
        for kind, data in packets
        if data or kind == 3
    )


class ScriptedServer:
    """Answers each request as ``answers`` says; transports are accepted."""

    def __init__(self) -> None:
        self.answers: dict[str, bytes | Handler] = {
            "host-serial:phone:features": block("shell_v2,cmd,stat_v2"),
            "host:transport:phone": b"OKAY",
        }
        self.requests: list[str] = []
        self.open: list[socket.socket] = []
        self.asked = threading.Condition()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def shell(self, command: str, stdout: str = "", code: int = 0, stderr: str = "") -> None:
        reply = shell_v2(stdout.encode(), code, stderr.encode())
        self.answers[f"shell,v2,raw:{command}"] = b"OKAY" + reply

    def wait_for(self, request: str) -> None:
        with self.asked:
            assert self.asked.wait_for(lambda: request in self.requests, 5)

    def hang_up(self) -> None:
        """Cut all connections, as a killed server does."""
        for connection in self.open:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.hang_up()
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.open.append(connection)
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            try:
                while True:
                    request = take(connection, int(take(connection, 4), 16)).decode()
                    with self.asked:
                        self.requests.append(request)
                        self.asked.notify_all()
                    answer = self.answers.get(request, refusal(f"unknown {request}"))
                    if callable(answer):
                        answer(connection)
                        return
                    connection.sendall(answer)
                    if not request.startswith("host:transport"):
                        return
            except (EOFError, OSError):
                return


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    scripted = ScriptedServer()
    yield scripted
    scripted.close()


@pytest.fixture
def adb(server: ScriptedServer) -> Adb:
    return Adb(server.port)


@pytest.fixture
def phone(adb: Adb) -> Phone:
    return Phone(adb, "phone")


@pytest.fixture
def wire():
    """The helpers that write the server's bytes, for tests of other modules."""

    class Wire:
        pass

    for helper in (take, block, refusal, shell_v2):
        setattr(Wire, helper.__name__, staticmethod(helper))
    return Wire
