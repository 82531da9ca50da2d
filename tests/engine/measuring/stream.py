"""An app that measures by the clock: 100 results per second until it is stopped.

As a program (``python -m tests.engine.measuring.stream DATABASE``) it measures itself for
a minute and prints each sequence that it has sent, until it is killed.
"""

import json
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

from engine.link.client import Link
from engine.measuring.run import MeasureOptions, measure
from engine.phones.readings import PhoneFacts
from engine.records.database import Database
from tests.engine.link.scripted import ScriptedApp
from tests.engine.measuring.shell import NoShell

PERIOD_S = 0.01


class Stream:
    """Sends five samples of 10 ms each 50 ms, on a thread."""

    def __init__(self, app, *, generation=1, on_sent=lambda sequence: None):
        self._app = app
        self._generation = generation
        self._on_sent = on_sent
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self):
        self._stop.set()
        self._thread.join(10)

    def _run(self):
        sequence = 0
        while not self._stop.wait(5 * PERIOD_S):
            try:
                self._app.say_samples(sequence, 5, generation=self._generation)
            except OSError:
                return
            sequence += 5
            self._on_sent(sequence - 1)


class FakeMirror:
    """Remembers what it was told; it is live unless it is paused."""

    def __init__(self):
        self.told = []
        self.live = True

    def pause(self):
        self.told.append("pause")
        self.live = False

    def resume(self):
        self.told.append("resume")
        self.live = True


def session_of(link, mirror=None, phone=None):
    """All that ``measure`` asks of a session; its phone lets nobody start a shell by default."""
    facts = PhoneFacts("0123", "Xiaomi", "Mi A1", "7.1.2", 25, ("arm64-v8a",), "msm8953", "f", "n")
    return SimpleNamespace(
        serial="0123",
        facts=facts,
        phone=phone or NoShell(),
        need_link=lambda: link,
        mirror=mirror,
    )


def main():
    app = ScriptedApp().ready()
    link = Link.open(app)
    Stream(app, on_sent=lambda sequence: print(sequence, flush=True))  # noqa: T201
    database = Database(Path(sys.argv[1]))
    measure(session_of(link), MeasureOptions(seconds=60), database=database)


def asked(app):
    """What the app was asked to change, one object for each SET so far."""
    found = []
    while not app.commands.empty():
        kind, payload = app.commands.get()
        assert kind == 65
        found.append(json.loads(payload))
    return found


if __name__ == "__main__":
    main()
