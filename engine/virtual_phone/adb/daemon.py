"""The phone's ADB daemon: listens on a loopback port, one thread per computer."""

import logging
import socket
import sys
import threading

from engine.errors import LabError
from engine.virtual_phone.adb.auth import TrustedKeys
from engine.virtual_phone.adb.services import Services
from engine.virtual_phone.adb.transport import Faults, Transport
from engine.virtual_phone.handset import Handset

logger = logging.getLogger(__name__)

EMULATOR_PORTS = range(5555, 5586)
"""Ports on which every starting adb server looks for emulators."""

FEATURES = {
    "7.1.2": "shell_v2,cmd",
    "14": "shell_v2,cmd,stat_v2,ls_v2,fixed_push_mkdir,abb_exec,sendrecv_v2",
}
"""What ADB of that Android release can do, as far as this phone can, too."""


class AdbDaemon:
    """Lets computers in; ``unplug`` and ``replug`` are the cable.

    Attributes:
        bytes_per_s: What the cable brings to the phone; None is as fast as it goes.
        garbage: What the next service begins with whose stream carries noise; None for none.
    """

    def __init__(self, handset: Handset, *, port: int = 0, ask: bool = False) -> None:
        """Listen on 127.0.0.1 at once.

        Args:
            handset: The phone.
            port: 0 for a free one.
            ask: Whether computers must prove who they are, and new ones wait for
                ``keys.allow()``.

        Raises:
            LabError: If the port is taken or is one of adb's emulator ports.
        """
        if not 0 <= port < 65536:
            raise LabError(f"{port} is no port.", "Choose one up to 65535, or 0 for a free one.")
        if port in EMULATOR_PORTS:
            raise LabError(
                f"Port {port} cannot be the virtual phone's: adb takes 5555 to 5585 for emulators.",
                "Choose another port, or 0 for a free one.",
            )
        self.keys = TrustedKeys(ask=ask)
        self.bytes_per_s: float | None = None
        self.garbage: bytes | None = None
        self._silent = False
        handset.properties["ro.adb.secure"] = "1" if ask else "0"
        self._services = Services(handset)
        self._banner = make_banner(handset)
        self._lock = threading.Lock()
        self._transports: set[Transport] = set()
        self._listener: socket.socket | None = None
        self.port = port
        self.replug()

    @property
    def serial(self) -> str:
        """What ``adb connect`` is given and ``adb devices`` shows."""
        return f"127.0.0.1:{self.port}"

    def replug(self) -> None:
        """Listen again on the same port; nothing happens if it does already."""
        with self._lock:
            if self._listener is not None:
                return
            self._listener = _listen(self.port)
            self.port = self._listener.getsockname()[1]
            listener = self._listener
        threading.Thread(
            target=self._accept, args=(listener,), name="adb listener", daemon=True
        ).start()

    def unplug(self) -> None:
        """Drop every connection and stop listening, as a pulled cable does."""
        with self._lock:
            listener, self._listener = self._listener, None
            transports = list(self._transports)
        if listener is not None:
            try:
                listener.shutdown(socket.SHUT_RDWR)  # wakes accept
            except OSError:
                logger.debug("the listener was closed already")
            listener.close()
        for transport in transports:
            transport.close()

    def go_silent(self, silent: bool) -> None:
        """Drop every connection; let new ones in but answer nothing, or be well again."""
        with self._lock:
            self._silent = silent
            transports = list(self._transports)
        for transport in transports:
            transport.close()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return  # unplugged
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            transport = Transport(
                connection,
                banner=self._banner,
                keys=self.keys,
                open_service=self._services.open,
                faults=Faults(self._seconds_for, lambda: self._silent, self._garbles),
            )
            with self._lock:
                if self._listener is not listener:
                    connection.close()
                    return
                self._transports.add(transport)
            threading.Thread(
                target=self._serve, args=(transport,), name="adb transport", daemon=True
            ).start()

    def _seconds_for(self, count: int) -> float:
        return count / self.bytes_per_s if self.bytes_per_s else 0.0

    def _garbles(self, service: bytes) -> bool:
        if self.garbage is None or not service.startswith(self.garbage):
            return False
        self.garbage = None
        return True

    def _serve(self, transport: Transport) -> None:
        try:
            transport.serve()
        finally:
            with self._lock:
                self._transports.discard(transport)


def make_banner(handset: Handset) -> bytes:
    """Return what introduces the phone to a computer."""
    facts = {
        key: handset.properties[key].replace(";", " ").replace("=", " ")
        for key in ("ro.product.name", "ro.product.model", "ro.product.device")
    }
    facts["features"] = FEATURES[handset.android]
    return ("device::" + ";".join(f"{key}={value}" for key, value in facts.items())).encode()


def _listen(port: int) -> socket.socket:
    refused: list[socket.socket] = []
    try:
        while True:
            listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            if sys.platform == "win32":  # there SO_REUSEADDR shares a port that is in use
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
            else:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(("127.0.0.1", port))
                listener.listen(64)
            except OSError as error:
                listener.close()
                why = "may not be used" if isinstance(error, PermissionError) else "is in use"
                raise LabError(
                    f"Port {port} {why}.", "Choose another port, or 0 for a free one."
                ) from error
            if listener.getsockname()[1] not in EMULATOR_PORTS:
                return listener
            refused.append(listener)  # hold it, so that the next free port is another
    finally:
        for listener in refused:
            listener.close()
