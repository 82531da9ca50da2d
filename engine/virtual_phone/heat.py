"""How warm the phone is and what that does: temperature, thermal status, throttling."""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

THERMAL_STEPS_C = (42.0, 45.0, 50.0, 55.0, 60.0, 65.0)
"""Battery temperatures at which the thermal status grows: light 1 to shutdown 6."""
IDLE_C = 31.0
LOADED_C = 40.0
"""Where the battery ends up at rest, and while it infers without a pause. Made up."""
TIME_CONSTANT_S = 300.0
"""First order: after so long 63 % of the way is gone. Made up, in the range of small phones."""
REST_S = 1.0
"""A longer pause between two inferences is rest; a shorter one belongs to the work."""
STATUS_FACTORS = (1.0, 1.15, 1.5)
"""Throttle factors above which the thermal status is light 1, moderate 2, severe 3. Made up."""


@dataclass(frozen=True, slots=True)
class Throttle:
    """Heat makes each inference ``factor`` as long after ``after_s`` seconds of work."""

    factor: float
    after_s: float

    def __post_init__(self) -> None:
        """Reject what no phone does."""
        if not (1 < self.factor <= 20 and 0 <= self.after_s < 1e6):
            raise ValueError("throttle FACTOR AFTER_S: above 1 and up to 20; seconds from 0")


class Heat:
    """What work and rest do to the phone; safe to use from any thread.

    Without a pace the temperature stays where it was set. With one it goes towards
    ``LOADED_C`` while the app infers and towards ``IDLE_C`` while not, by a first-order model.

    Seconds of work count from when the pace was set or the app started; rest takes them back
    one for one. A throttled phone is so until half of them are gone.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start cool, without a pace."""
        self._clock = clock
        self._lock = threading.RLock()
        self._celsius = IDLE_C
        self._as_of = clock()
        self._moves = False
        self._held = False
        self._throttle: Throttle | None = None
        self._worked_s = 0.0
        self._work_ended: float | None = None
        self._throttled = False
        self._told_status: int | None = None

    @property
    def celsius(self) -> float:
        """Of the battery, to a tenth of a degree as Android tells it."""
        with self._lock:
            return round(self._at_rest(self._clock()), 1)

    @celsius.setter
    def celsius(self, celsius: float) -> None:
        with self._lock:
            self._celsius, self._as_of = celsius, self._clock()

    def hold(self, held: bool) -> None:
        """Keep the temperature where it is, as after ``dumpsys battery set``, or let it move."""
        with self._lock:
            self.celsius = self.celsius
            self._held = held

    def follow(self, *, moves: bool, throttle: Throttle | None) -> None:
        """Begin anew with a pace: whether the temperature moves, and what heat will do."""
        with self._lock:
            self.celsius = self.celsius
            self._moves, self._throttle = moves, throttle
            self.begin_anew()

    def begin_anew(self) -> None:
        """Count the seconds of work from here; the temperature stays."""
        with self._lock:
            self._worked_s, self._work_ended, self._throttled = 0.0, None, False

    def worked(self, seconds: float) -> None:
        """Hear that an inference of so many seconds has just ended."""
        now = self._clock()
        begun = now - seconds
        with self._lock:
            if self._work_ended is not None:
                pause = begun - self._work_ended
                seconds = min(seconds, now - self._work_ended)
                self._worked_s = max(0.0, self._worked_s + (-pause if pause > REST_S else pause))
            self._worked_s += seconds
            self._work_ended = now
            throttle = self._throttle
            self._throttled = throttle is not None and self._is_hot(throttle, self._worked_s)
            begun = max(begun, self._as_of)
            self._celsius = self._towards(LOADED_C, self._at_rest(begun), now - begun)
            self._as_of = now

    @property
    def working(self) -> bool:
        """Whether an inference ended within the last second: the clocks are up."""
        with self._lock:
            return self._work_ended is not None and self._clock() - self._work_ended <= REST_S

    @property
    def factor(self) -> float:
        """How many times as long an inference takes as on a cool phone; 1 or more."""
        with self._lock:
            throttle = self._throttle
            if throttle is None:
                return 1.0
            worked_s, rest = self._worked_s, 0.0
            if self._work_ended is not None:
                rest = self._clock() - self._work_ended
            if rest > REST_S:
                worked_s = max(0.0, worked_s - rest)
            return throttle.factor if self._is_hot(throttle, worked_s) else 1.0

    @property
    def status(self) -> int:
        """Android's thermal status, 0 (none) to 6 (shutdown)."""
        if self._told_status is not None:
            return self._told_status
        by_battery = sum(self.celsius >= step for step in THERMAL_STEPS_C)
        return max(by_battery, self.skin_status)

    @property
    def skin_status(self) -> int:
        """The part of the status that throttling brings."""
        factor = self.factor
        return sum(factor > step for step in STATUS_FACTORS)

    @property
    def status_is_told(self) -> bool:
        """Whether somebody overrides the status."""
        return self._told_status is not None

    def tell_status(self, status: int | None) -> None:
        """Override the thermal status; None follows the heat again."""
        self._told_status = status

    def _is_hot(self, throttle: Throttle, worked_s: float) -> bool:
        if self._throttled:
            return worked_s > throttle.after_s / 2
        return worked_s >= throttle.after_s and self._work_ended is not None

    def _at_rest(self, now: float) -> float:
        """Return the temperature at ``now`` if there was only rest since it was reckoned."""
        return self._towards(IDLE_C, self._celsius, now - self._as_of)

    def _towards(self, goal_c: float, celsius: float, seconds: float) -> float:
        if self._held or not self._moves:
            return celsius
        return goal_c + (celsius - goal_c) * math.exp(-max(0.0, seconds) / TIME_CONSTANT_S)
