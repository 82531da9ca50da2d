"""Lets the lab's app take the time of the phone's pace, if it has one."""

import time
from collections import deque

from engine.virtual_phone.app.model import PACKAGE
from engine.virtual_phone.app.opened import Opened
from engine.virtual_phone.handset import Handset
from engine.virtual_phone.pace import Times

WATCHED = 200
LATE_SHARE = 0.05


class Pacing:
    """Tells how long each inference takes, and waits until it would have; one thread uses it.

    Without a pace that is how long it took. With one it is the made-up time, always: a real
    inference that takes longer than that does not change what is told, as it says nothing of
    the phone that is made up. What it took longer stands in the sample as time between the
    stages, so that results per second stay true; and if it happens often, the phone's note
    says that this computer is too slow.
    """

    def __init__(self, handset: Handset) -> None:
        """Follow the phone's pace."""
        self._handset = handset
        self._changes = -1
        self._times: Times | None = None
        self._late: deque[bool] = deque(maxlen=WATCHED)

    @property
    def stale(self) -> bool:
        """Whether the phone's pace became another one since a model was taken on."""
        return self._changes != self._handset.pace_changes

    @property
    def paced(self) -> bool:
        """Whether the time is made up: then nobody needs to run a model only to time it."""
        return self._times is not None

    def take_on(self, opened: Opened, generation: int) -> int:
        """Begin with a model that was opened and has run once; return nanoseconds of that run."""
        handset = self._handset
        self._changes, pace = handset.pace_changes, handset.pace
        self._late.clear()
        if pace is None:
            self._times = None
            return opened.first_ns
        facts = opened.host.facts
        nominal = pace.nominal_ms(facts.macs, facts.precision, opened.threads, opened.applied)
        seed = (
            *(pace.name, opened.model.sha256, generation),
            *(handset.properties["ro.serialno"], handset.processes.pid_of(PACKAGE)),
        )
        self._times = Times(nominal, repr(seed))
        return self.spend(opened.first_ns)

    def spend(self, real_ns: int) -> int:
        """Hear how long an inference really took; return what it took, after the rest of it."""
        if self._times is None:
            return real_ns
        heat = self._handset.heat
        told_ns = round(self._times.next_ns() * heat.factor)
        if told_ns > real_ns:
            time.sleep((told_ns - real_ns) / 1e9)
        heat.worked(max(told_ns, real_ns) / 1e9)
        self._late.append(real_ns > told_ns)
        if len(self._late) == WATCHED:
            self._handset.tell_lag(sum(self._late) > LATE_SHARE * WATCHED)
            self._late.clear()
        return told_ns
