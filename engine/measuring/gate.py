"""Let a phone cool down before a run begins."""

import threading
import time
from collections import deque
from collections.abc import Callable

import numpy as np

from engine.errors import LabError
from engine.jobs import CancelToken, Progress, Report, ignore_progress

MET = "met"
SKIPPED = "skipped"
LOOK_S = 0.25
"""How often it looks; the phone is read once per second, but a person is heard at once."""
UNTOLD_S = 10.0
"""How long a phone may take to tell its temperature at all."""
MOST_S = 1800.0
"""A phone that is not cool by then is in a place too warm for it: measured and marked."""
WINDOW_S = 120.0
"""The cooling of the last so many seconds says how long the rest takes."""
EARLY_S = 15.0
"""Nothing is said of the rest before so many seconds: sensors tell steps of 0.1 to 1 degree."""


def wait_until_cool(
    start_c: float,
    temperature: Callable[[], float | None],
    *,
    skip: threading.Event | None = None,
    report: Report = ignore_progress,
    cancel: CancelToken | None = None,
    now: Callable[[], float] = time.monotonic,
    wait: Callable[[float], None] | None = None,
) -> str:
    """Wait until the battery is no warmer than ``start_c`` degrees (step ``cool down``).

    Args:
        start_c: Degrees Celsius.
        temperature: Tells the battery's at the moment; None while it is not known.
        skip: Set from any thread to wait no longer; a run that begins so is marked.
        report: Told the temperature, and about how long it takes yet.
        cancel: Gives the whole run up.
        now: Seconds of a monotonic clock.
        wait: Sleeps for so many seconds; None is the token's own way.

    Returns:
        ``met``, or ``skipped`` when it was warmer and somebody would not wait, or half an
        hour did not do.

    Raises:
        LabError: The phone does not tell its battery's temperature.
        Cancelled: ``cancel`` was cancelled.
    """
    cancel = cancel or CancelToken()
    wait = wait or cancel.wait
    begin = now()
    course: deque[tuple[float, float]] = deque()
    first_c: float | None = None
    while True:
        cancel.check()
        elapsed, celsius = now() - begin, temperature()
        if celsius is None:
            if elapsed >= UNTOLD_S and skip is not None and skip.is_set():
                return SKIPPED
            if elapsed >= UNTOLD_S:
                raise LabError(
                    "The phone does not tell its battery's temperature, "
                    "so there is nothing to wait for.",
                    "Measure without a start temperature.",
                )
            report(Progress("cool down", None, "asking for the temperature"))
        elif celsius <= start_c:
            return MET
        elif elapsed >= MOST_S or (skip is not None and skip.is_set()):
            return SKIPPED
        else:
            first_c = first_c or celsius
            course.append((elapsed, celsius))
            while course[0][0] < elapsed - WINDOW_S:
                course.popleft()
            share = max(0.0, (first_c - celsius) / (first_c - start_c))
            detail = f"{celsius:.1f} °C, waits for {start_c:g} °C{_rest(course, start_c)}"
            report(Progress("cool down", share, detail))
        wait(LOOK_S)


def _rest(course: "deque[tuple[float, float]]", start_c: float) -> str:
    """Say about how long the rest takes, by the cooling so far; empty while nobody can know."""
    times, warmth = np.array(course).T
    if times[-1] - times[0] < EARLY_S:
        return ""
    per_second = float(np.polyfit(times - times[0], warmth, 1)[0])
    if per_second >= 0:
        return ", does not cool down" if times[-1] - times[0] >= 0.9 * WINDOW_S else ""
    left_s = (float(warmth[-1]) - start_c) / -per_second
    if left_s > MOST_S:
        return ", more than half an hour"
    return f", about {left_s / 60:.0f} min" if left_s >= 90 else f", about {left_s:.0f} s"
