"""Asks a server for a file: only hosts that are named, only over TLS, and never stuck.

``urllib`` does the talking, so the environment's proxies count as they do everywhere.
"""

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import IO, Any, Final
from urllib.parse import urlsplit

from engine.about import lab_version
from engine.errors import LabError
from engine.jobs import CancelToken

OFFLINE_ADVICE: Final = (
    "Connect this computer, or import an offline pack that another one made: "
    "mobilenet-lab model import PACK.zip."
)

_POLL_S: Final = 0.1
_MAX_REDIRECTS: Final = 5
_MAY_PASS: Final = (408, 425, 429)  # besides the 5xx


class PassingError(LabError):
    """Trouble that may be gone when it is tried again."""


class OfflineError(LabError):
    """There is no way to the server at all: other files cannot be had either."""


class StaleError(PassingError):
    """The server has nothing to follow what came earlier."""


@dataclass(frozen=True, slots=True)
class Network:
    """Whom to talk to, and how patiently.

    Attributes:
        hosts: Names that may be asked and redirected to, over https on the usual port.
        loopback: Whether this computer itself may be asked, over plain http too, on any port.
        silence_s: A server that says nothing, or next to nothing, for so long is given up.
        pauses_s: One more try after each; their number bounds the tries.
        max_bytes: No file that is meant is bigger.
    """

    hosts: tuple[str, ...]
    loopback: bool = False
    silence_s: float = 20.0
    pauses_s: tuple[float, ...] = (1.0, 3.0, 9.0, 20.0)
    max_bytes: int = 1 << 30

    def check(self, url: str, *, redirected: bool = False) -> None:
        """Refuse an address that is not one of ours.

        Raises:
            LabError: Naming the host.
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            parts, host, port = urlsplit(""), "", None
        plain = parts.username is None and parts.password is None
        if plain and parts.scheme == "https" and host in self.hosts and port in (None, 443):
            return
        ours = self.loopback and parts.scheme in ("http", "https") and _is_loopback(host)
        if plain and ours:
            return
        where = f"{parts.scheme}://{host}" if host else "an address that is none"
        if redirected:
            raise LabError(
                f"The server points to {where}, where the lab does not fetch models.",
                "Perhaps this network asks for a login first; open any page in a browser.",
                detail=url,
            )
        raise LabError(
            f"The lab does not fetch models from {where}.",
            "Fetch the file yourself and import it.",
            detail=url,
        )


@contextlib.contextmanager
def ask(
    url: str, headers: dict[str, str], *, network: Network, cancel: CancelToken
) -> Iterator[http.client.HTTPResponse]:
    """Ask for a file and give the answer, a 200 or 206, while the block runs.

    Cancelling ends a wait for the server at once and a blocked read by its socket.

    Raises:
        PassingError: The server is in trouble, or the connection broke.
        LabError: There is no network, or the server refuses.
        Cancelled: If it was cancelled.
    """
    network.check(url)
    request = urllib.request.Request(url, headers={"User-Agent": _agent(), **headers})  # noqa: S310
    line = _Line()
    try:
        with cancel.closing(line.close):
            # Looking up a name cannot be interrupted: left behind on its own thread instead.
            threading.Thread(
                target=_open, args=(request, network, line), name="ask", daemon=True
            ).start()
            answer = line.answer(cancel)
            if isinstance(answer, BaseException):
                cancel.check()
                if isinstance(answer, LabError):
                    raise answer
                raise _said(answer, urlsplit(url).hostname or "") from answer
            with answer:
                yield answer
    finally:
        line.close()


def broke_off(error: Exception) -> PassingError:
    """Say that a connection broke while a file came."""
    if isinstance(error, TimeoutError):
        return PassingError(
            "The server fell silent.", "What came is kept; try again.", detail=repr(error)
        )
    return PassingError(
        "The connection broke off.", "What came is kept; try again.", detail=repr(error)
    )


class _Line:
    """One request: its socket, which any thread may cut, and what came of it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._answers: SimpleQueue[Any] = SimpleQueue()
        self._closed = False

    def hold(self, connected: socket.socket) -> None:
        """Take a fresh connection; one that comes too late is closed."""
        with self._lock:
            if not self._closed:
                self._socket = connected
                return
        connected.close()
        raise ConnectionAbortedError("cancelled")

    def deliver(self, answer: Any) -> None:
        """Hand over a response or an error; nobody waits for one that comes too late."""
        with self._lock:
            if not self._closed:
                self._answers.put(answer)
                return
        _let_go(answer)

    def answer(self, cancel: CancelToken) -> Any:
        """Wait for what is delivered."""
        while True:
            cancel.check()
            with contextlib.suppress(Empty):
                return self._answers.get(timeout=_POLL_S)

    def close(self) -> None:
        """End whatever blocks on the socket; who reads from it closes it."""
        with self._lock:
            self._closed = True
        if self._socket is not None:
            with contextlib.suppress(OSError):
                # Not SSLSocket's own: that would take the TLS state from under the reader.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
        with contextlib.suppress(Empty):
            _let_go(self._answers.get_nowait())


def _let_go(answer: Any) -> None:
    if isinstance(answer, (http.client.HTTPResponse, urllib.error.HTTPError)):
        answer.close()


def _open(request: urllib.request.Request, network: Network, line: _Line) -> None:
    try:
        line.deliver(_opener(network, line).open(request, timeout=network.silence_s))
    except BaseException as error:  # noqa: BLE001 - handed on to who waits
        line.deliver(error)


def _opener(network: Network, line: _Line) -> urllib.request.OpenerDirector:
    """Know http and https only: no files, no ftp, no cookies."""
    opener = urllib.request.OpenerDirector()
    handlers = (
        urllib.request.ProxyHandler(),
        _Http(line),
        _Https(line),
        _Redirects(network),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
    )
    for handler in handlers:
        opener.add_handler(handler)
    return opener


class _Http(urllib.request.HTTPHandler):
    def __init__(self, line: _Line) -> None:
        super().__init__()
        self._line = line

    def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        line = self._line

        class Connection(http.client.HTTPConnection):
            def connect(self) -> None:
                super().connect()
                line.hold(self.sock)

        return self.do_open(Connection, request)


class _Https(urllib.request.HTTPSHandler):
    def __init__(self, line: _Line) -> None:
        self._trust = ssl.create_default_context()
        super().__init__(context=self._trust)
        self._line = line

    def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        line = self._line

        class Connection(http.client.HTTPSConnection):
            def connect(self) -> None:
                super().connect()
                line.hold(self.sock)

        return self.do_open(Connection, request, context=self._trust)


class _Redirects(urllib.request.HTTPRedirectHandler):
    max_redirections = _MAX_REDIRECTS
    max_repeats = 2

    def __init__(self, network: Network) -> None:
        self._network = network

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        try:
            self._network.check(newurl, redirected=True)
        except LabError:
            fp.close()
            raise
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _said(error: BaseException, host: str) -> Exception:
    """Say in a sentence what went wrong before any of the file came."""
    if isinstance(error, urllib.error.HTTPError):
        with error:
            return _answered(error, host)
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return LabError(
            f"{host} could not prove who it is.",
            "Check this computer's date; a network that reads along is not trusted.",
            detail=str(cause),
        )
    broken: tuple[type[Exception], ...] = (
        ssl.SSLError,
        http.client.HTTPException,
        ConnectionResetError,
        ConnectionAbortedError,
        BrokenPipeError,
    )
    if cause is error:  # the connection stood already
        broken += (TimeoutError,)
    if isinstance(cause, broken):
        return broke_off(cause)
    if isinstance(cause, ValueError):  # urllib could not read where it is sent
        return LabError(
            f"{host} points to an address that is none.", "Try again later.", detail=repr(cause)
        )
    if isinstance(cause, (OSError, str)):  # a string says why a proxy refused
        return OfflineError(
            f"No network: {host} cannot be reached.", OFFLINE_ADVICE, detail=repr(cause)
        )
    return RuntimeError(f"asking {host} failed: {error!r}")


def _answered(error: urllib.error.HTTPError, host: str) -> LabError:
    detail = f"{error.code} {error.reason} {error.url}"
    if error.code >= 500 or error.code in _MAY_PASS:
        return PassingError(
            f"{host} is in trouble ({error.code}).", "Try again later.", detail=detail
        )
    if 300 <= error.code < 400:
        return LabError(
            f"{host} sends the lab in circles ({error.code}).", "Try again later.", detail=detail
        )
    if error.code in (404, 410):
        return LabError(
            f"{host} no longer has the file ({error.code}).",
            "Fetch the model elsewhere and import it.",
            detail=detail,
        )
    if error.code == 407:
        return LabError(
            "The proxy asks for a name and a password (407).",
            "Put them into the variable https_proxy, or use another network.",
            detail=detail,
        )
    if error.code == 416:  # what is there already does not fit the file any more
        return StaleError("What came earlier is of no use.", "Try again.", detail=detail)
    return LabError(
        f"{host} refuses to give the file ({error.code}).",
        "Fetch the model elsewhere and import it.",
        detail=detail,
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _agent() -> str:
    return f"mobilenet-lab/{lab_version()}"
