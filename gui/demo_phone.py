"""The virtual phone as a child process, ended with the lab."""

import contextlib
import json
import subprocess
import sys
from pathlib import Path

from engine.errors import LabError
from engine.jobs import CancelToken

END_PATIENCE_S = 1.0


class DemoPhone:
    """One virtual phone; ``start`` and ``end`` block and belong on a job's thread."""

    def __init__(self, camera: Path | None = None) -> None:
        """Prepare it.

        Args:
            camera: A folder of pictures that it sees; its own samples if None.
        """
        self._camera = camera
        self._child: subprocess.Popen[str] | None = None

    def start(self, cancel: CancelToken) -> str:
        """Start the program and return the serial that adb can connect to.

        Raises:
            LabError: If the program does not start; its own words are the detail.
            Cancelled: If the token was cancelled.
        """
        program = "engine.virtual_phone.program"
        command = [sys.executable, "-m", program, "--until-stdin-closes"]
        if self._camera is not None:
            command += ["--camera", str(self._camera)]
        self._child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        with cancel.closing(self._child.kill):
            line = self._child.stdout.readline() if self._child.stdout else ""
        try:
            return str(json.loads(line)["serial"])
        except (ValueError, KeyError, TypeError) as error:
            self.end()
            raise LabError(
                "The virtual phone did not start.",
                "Start it in a terminal to see why: mobilenet-lab virtual-phone.",
                detail=line,
            ) from error

    @property
    def running(self) -> bool:
        """Whether the program runs."""
        return self._child is not None and self._child.poll() is None

    def end(self) -> None:
        """End the program: ask by closing its input, then insist. Takes 2 s at most."""
        child, self._child = self._child, None
        if child is None:
            return
        if child.stdin is not None:
            with contextlib.suppress(OSError):
                child.stdin.close()
        try:
            child.wait(END_PATIENCE_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait(END_PATIENCE_S)
        finally:
            if child.stdout is not None:
                child.stdout.close()
