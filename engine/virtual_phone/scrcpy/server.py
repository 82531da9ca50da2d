"""What runs on this phone when a client starts scrcpy's server on it: video out, input in."""

import contextlib
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.virtual_phone.abstract_sockets import Listener
from engine.virtual_phone.handset import Handset
from engine.virtual_phone.scrcpy.input import MirrorInput
from engine.virtual_phone.scrcpy.messages import (
    STREAM_DISABLED,
    ControlError,
    device_name,
    read_control,
)
from engine.virtual_phone.scrcpy.options import Options, parse_options
from engine.virtual_phone.scrcpy.video_stream import VideoStream
from engine.virtual_phone.screen.screen import KEY_SLEEP, KEY_WAKEUP, Screen
from engine.virtual_phone.streams import Stream

logger = logging.getLogger(__name__)

JAR = "/data/local/tmp/scrcpy-server.jar"
POLL_S = 0.2

Output = Callable[[str], object]


def run(handset: Handset, argv: Sequence[str], output: Output, stopped: threading.Event) -> int:
    """Serve one client until it leaves.

    Args:
        handset: The phone.
        argv: The server's arguments.
        output: Writes one line for the client's console.
        stopped: Set when the server's process is to end.

    Returns:
        The exit code.
    """
    try:
        options = parse_options(argv)
    except ValueError as error:
        output(f"[server] ERROR: {error}")
        return 1
    screen = handset.screen
    if not isinstance(screen, Screen):
        output("[server] ERROR: This phone has no screen")
        return 1
    properties = handset.properties
    output(
        f"[server] INFO: Device: [{properties['ro.product.manufacturer']}] "
        f"{properties['ro.product.brand']} {handset.name} (Android {handset.android})"
    )
    if options.listing:
        output(_list(options.listing, handset, screen))
        return 0
    if options.cleanup:
        with contextlib.suppress(OSError):
            handset.files.remove(JAR)
    try:
        sockets = _open_sockets(handset, options, stopped)
    except (OSError, EOFError) as error:
        output(f"[server] ERROR: {error}")
        return 1
    if sockets is None:
        return 0
    Session(handset, screen, options, sockets, output).serve(stopped)
    return 0


def _list(what: str, handset: Handset, screen: Screen) -> str:
    if what == "encoders":
        return "[server] INFO: List of video encoders:\n    --video-codec=h264"
    if what == "displays":
        width, height = screen.size
        return f"[server] INFO: List of displays:\n    --display-id=0    ({width}x{height})"
    if what == "apps":
        names = "\n".join(
            f"    - {one.label:30} {one.name}" for one in handset.packages.installed()
        )
        return f"[server] INFO: List of apps:\n{names}"
    return f"[server] INFO: List of {what}: none"


@dataclass(frozen=True, slots=True)
class Sockets:
    """The connections to the client, in the order in which they were made."""

    video: Stream | None
    audio: Stream | None
    control: Stream | None

    @property
    def opened(self) -> list[Stream]:
        """Those there are."""
        return [one for one in (self.video, self.audio, self.control) if one is not None]


def _open_sockets(handset: Handset, options: Options, stopped: threading.Event) -> Sockets | None:
    """Meet the client; None if the server was stopped while nobody came.

    Raises:
        OSError: If nobody can be met.
    """
    wanted = (options.video, options.audio, options.control)
    name, dummy = options.socket_name, options.send_dummy_byte
    opened: list[Stream | None] = []
    with contextlib.ExitStack() as on_error:
        if options.tunnel_forward:
            with contextlib.closing(handset.sockets.listen(name)) as listener:
                for want in wanted:
                    stream = _accept(listener, stopped) if want else None
                    if want and stream is None:
                        return None
                    if stream is not None:
                        on_error.callback(stream.close)
                        if dummy and not any(opened):
                            stream.write(b"\0")
                    opened.append(stream)
        else:
            for want in wanted:
                opened.append(handset.connect_out(name) if want else None)
                if opened[-1] is not None:
                    on_error.callback(opened[-1].close)
        on_error.pop_all()
    return Sockets(*opened)


def _accept(listener: Listener, stopped: threading.Event) -> Stream | None:
    while not stopped.is_set():
        with contextlib.suppress(TimeoutError):
            return listener.accept(POLL_S)
    return None


class Session:
    """One client being served: a thread per socket."""

    def __init__(
        self,
        handset: Handset,
        screen: Screen,
        options: Options,
        sockets: Sockets,
        output: Output,
    ) -> None:
        """Take over the sockets."""
        self._handset = handset
        self._screen = screen
        self._options = options
        self._sockets = sockets
        self._output = output
        self._ended = threading.Event()
        self._reset = threading.Event()

    def serve(self, stopped: threading.Event) -> None:
        """Serve until the client leaves or the process is to end, then close the sockets."""
        threads: list[threading.Thread] = []
        try:
            self._greet()
            threads += self._start_threads()
            while threads and not self._ended.wait(POLL_S):
                if stopped.is_set():
                    break
        except OSError as error:
            logger.info("The mirror's client left: %s", error)
        self._ended.set()
        for one in self._sockets.opened:
            one.close()
        for thread in threads:
            thread.join()
        if self._options.power_off_on_close:
            self._screen.key(KEY_SLEEP)

    def _greet(self) -> None:
        if self._options.send_device_meta and self._sockets.opened:
            self._sockets.opened[0].write(device_name(self._handset.name))
        if self._options.control and self._options.power_on and not self._screen.on:
            self._screen.key(KEY_WAKEUP)
        if self._sockets.audio is not None:
            self._output("[server] WARN: Audio disabled: this phone makes no sound")
            self._sockets.audio.write(STREAM_DISABLED)

    def _start_threads(self) -> list[threading.Thread]:
        threads = []
        for socket, work in (
            (self._sockets.video, self._send_video),
            (self._sockets.control, self._obey_all),
        ):
            if socket is not None:
                thread = threading.Thread(target=work, args=(socket,), daemon=True)
                thread.name = "mirror-video" if socket is self._sockets.video else "mirror-input"
                thread.start()
                threads.append(thread)
        return threads

    def _send_video(self, stream: Stream) -> None:
        try:
            video = self._options.video_options
            VideoStream(stream, self._screen, video, self._ended, self._reset).run()
        except (OSError, EOFError) as error:
            logger.info("The mirror's video ended: %s", error)
        finally:
            self._ended.set()

    def _obey_all(self, stream: Stream) -> None:
        hands = MirrorInput(
            self._handset, self._screen, self._options.max_size, self._reset, self._output
        )
        try:
            while True:
                message = read_control(stream.read_exactly, self._options.major)
                reply = hands.obey(message)
                if reply:
                    stream.write(reply)
        except ControlError as error:
            self._output(f"[server] ERROR: {error}")
        except (OSError, EOFError) as error:
            logger.info("The mirror's control ended: %s", error)
        finally:
            stream.close()
            self._ended.set()
