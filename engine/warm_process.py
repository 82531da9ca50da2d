"""A child process that is started when it is needed and stays warm for the next time.

It is replaced when it broke, ended when nothing was asked of it for some minutes, and ends
itself when the lab is gone: its standard input ends then.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Final

import engine
from engine.errors import LabError

_DETAIL_BYTES: Final = 6_000
_BELOW_NORMAL: Final[int] = getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0)  # Windows has it


class WarmProcess:
    """One child process, or none yet; one thread uses it at a time.

    Attributes:
        module: What it runs, as ``python -m`` does. It must end itself when its standard
            input ends.
    """

    def __init__(
        self,
        module: str,
        idle_s: float,
        environment: Mapping[str, str] | None = None,
        *,
        background: bool = False,
    ) -> None:
        """Start nothing yet.

        Args:
            module: What to run.
            idle_s: After how many seconds without work it is ended.
            environment: Added to the lab's own.
            background: Whether other programs come first; elsewhere than on Windows the
                module sees to that itself (``os.nice``).
        """
        self.module = module
        self._idle_s = idle_s
        self._environment = dict(environment or {})
        self._flags = _BELOW_NORMAL if background else 0
        self._process: subprocess.Popen[bytes] | None = None
        self._noise: IO[bytes] | None = None
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()

    @property
    def warm(self) -> bool:
        """Whether its process runs."""
        process = self._process
        return process is not None and process.poll() is None

    @property
    def pid(self) -> int:
        """Its process's number; 0 while there is none."""
        process = self._process
        return process.pid if process is not None else 0

    def take(self) -> "subprocess.Popen[bytes]":
        """Return a process that runs, with pipes: the warm one or a new one.

        Raises:
            LabError: If it cannot be started.
        """
        with self._lock:
            self._stop_timer()
            warm = self._process if self.warm else None
            if warm is not None and self._noise is not None:
                self._noise.seek(0)  # the child shares the position: it writes from here
                self._noise.truncate()
                return warm
        self.close()
        with _said():
            noise = tempfile.TemporaryFile(prefix="mobilenet-lab-", buffering=0)  # noqa: SIM115
            try:
                process = self._start(noise)
            except OSError:
                noise.close()
                raise
        with self._lock:
            self._process, self._noise = process, noise
        return process

    def rest(self) -> None:
        """Let the process wait for the next time, until it was idle for too long."""
        with self._lock:
            timer = threading.Timer(self._idle_s, lambda: self._end_idle(timer))
            timer.daemon = True
            self._timer = timer
            timer.start()

    def close(self) -> None:
        """End the process if there is one, at once."""
        with self._lock:
            self._stop_timer()
            process, self._process = self._process, None
            noise, self._noise = self._noise, None
        if process is not None:
            _end(process)
        if noise is not None:
            noise.close()

    def said(self) -> str:
        """Return the end of what it wrote to standard error; for the log."""
        noise = self._noise
        if noise is None:
            return ""
        size = noise.seek(0, os.SEEK_END)
        noise.seek(max(0, size - _DETAIL_BYTES))
        return noise.read().decode("utf-8", "replace")

    def _start(self, noise: IO[bytes]) -> "subprocess.Popen[bytes]":
        root = str(Path(engine.__file__).resolve().parents[1])
        return subprocess.Popen(
            [sys.executable, "-m", self.module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=noise,
            env=os.environ | {"PYTHONPATH": root} | self._environment,
            creationflags=self._flags,
        )

    def _end_idle(self, timer: threading.Timer) -> None:
        with self._lock:
            if self._timer is not timer:  # taken again at the last moment
                return
            process, self._process = self._process, None
        if process is not None:
            _end(process)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                pipe.close()


@contextlib.contextmanager
def _said() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise LabError(
            "A process that the lab works with cannot be started.", detail=str(error)
        ) from error
