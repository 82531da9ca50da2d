"""What a computer may open on the phone: shell, sync, sockets, reverse tunnels."""

import itertools
import logging
import threading
from collections.abc import Callable

from engine.virtual_phone.adb.shell_service import serve_exec, serve_shell
from engine.virtual_phone.adb.sync_service import SyncService
from engine.virtual_phone.adb.transport import Service, Transport
from engine.virtual_phone.handset import Handset
from engine.virtual_phone.streams import Stream

logger = logging.getLogger(__name__)

ABSTRACT = "localabstract:"

REFUSALS = {
    "reboot": "The virtual phone does not reboot; end its program and start it again.\n",
    "root": "adbd cannot run as root in production builds\n",
    "unroot": "adbd not running as root\n",
    "remount": 'Not running as root. Try "adb root" first.\n',
    "disable-verity": "disable-verity only works for userdebug builds\n",
    "enable-verity": "enable-verity only works for userdebug builds\n",
}


class Services:
    """Finds the service that a computer asks for."""

    def __init__(self, handset: Handset) -> None:
        """Serve this phone."""
        self._handset = handset
        self._tunnels = ReverseTunnels(handset)

    def open(self, name: bytes, transport: Transport) -> Service | None:
        """Return the service called ``name``, or None if the phone has no such thing."""
        kind, _, rest = name.partition(b":")
        kind, *options = kind.split(b",")
        handset = self._handset
        if kind == b"localabstract":
            return self._socket(_text(rest))
        known: dict[bytes, Callable[[Stream], None]] = {
            b"shell": lambda stream: serve_shell(handset, stream, _text(rest), options),
            b"exec": lambda stream: serve_exec(handset, stream, _text(rest)),
            b"abb_exec": lambda stream: serve_exec(handset, stream, _command_words(rest)),
            b"sync": lambda stream: SyncService(handset, stream).serve(),
            b"reverse": lambda stream: self._tunnels.serve(stream, _text(rest), transport),
        }
        serve = known.get(kind)
        if serve is not None:
            return Service(serve)
        refusal = REFUSALS.get(_text(kind))
        if refusal is None:
            logger.info("refused the service %r", name)
            return None
        return Service(lambda stream: stream.write(refusal.encode()))

    def _socket(self, name: str) -> Service | None:
        sockets = self._handset.sockets
        if name not in sockets.names():
            return None

        def connect(stream: Stream) -> None:
            try:
                sockets.offer(name, stream)
            except ConnectionRefusedError:
                stream.close()

        return Service(connect, hands_over=True)


class ReverseTunnels:
    """``adb reverse``: sockets of the phone that lead to a computer."""

    def __init__(self, handset: Handset) -> None:
        """Start with none."""
        self._handset = handset
        self._lock = threading.Lock()
        self._tunnels: dict[str, tuple[str, Transport]] = {}
        self._ports = itertools.count(40001)

    def serve(self, stream: Stream, request: str, transport: Transport) -> None:
        """Answer one ``reverse:`` request as the daemon does."""
        verb, _, rest = request.partition(":")
        if verb == "list-forward":
            stream.write(_counted(self._list()))
        elif verb == "killforward-all":
            self._remove_all(transport)
            stream.write(b"OKAY")
        elif verb == "killforward":
            found = self._remove(rest, transport)
            stream.write(b"OKAY" if found else _fail(f"listener '{rest}' not found"))
        elif verb == "forward":
            stream.write(self._add(rest, transport))
        else:
            stream.write(_fail("bad reverse request"))

    def _add(self, request: str, transport: Transport) -> bytes:
        may_replace = not request.startswith("norebind:")
        local, separator, remote = request.removeprefix("norebind:").partition(";")
        if not separator or not local.startswith((ABSTRACT, "tcp:")) or not remote:
            return _fail(f"bad forward: {request}")
        answer = b"OKAY"
        if local == "tcp:0":
            port = str(next(self._ports))
            local = f"tcp:{port}"
            answer += _counted(port)
        with self._lock:
            if local in self._tunnels and not may_replace:
                return _fail("cannot rebind existing socket")
            self._tunnels[local] = (remote, transport)
        if local.startswith(ABSTRACT):
            self._handset.set_tunnel(local[len(ABSTRACT) :], lambda: transport.open(remote))
        transport.on_close.append(lambda: self._forget(local, transport))
        return answer

    def _remove(self, local: str, transport: Transport) -> bool:
        with self._lock:
            found = self._tunnels.get(local)
            if found is None or found[1] is not transport:
                return False
            del self._tunnels[local]
        if local.startswith(ABSTRACT):
            self._handset.set_tunnel(local[len(ABSTRACT) :], None)
        return True

    def _forget(self, local: str, transport: Transport) -> None:
        self._remove(local, transport)

    def _remove_all(self, transport: Transport) -> None:
        with self._lock:
            mine = [local for local, (_, owner) in self._tunnels.items() if owner is transport]
        for local in mine:
            self._remove(local, transport)

    def _list(self) -> str:
        with self._lock:
            return "".join(f"host {local} {far}\n" for local, (far, _) in self._tunnels.items())


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _command_words(data: bytes) -> list[str]:
    return ["cmd", *(_text(word) for word in data.split(b"\0"))]


def _counted(text: str) -> bytes:
    data = text.encode()
    return b"%04x" % len(data) + data


def _fail(text: str) -> bytes:
    return b"FAIL" + _counted(text)
