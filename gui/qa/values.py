"""What the QA view shows, as plain values."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from gui.theme import NO_VALUE


class LimitRow(NamedTuple):
    """A limit that a plan can set: its key, its words, its unit, and whether it is the most."""

    name: str
    title: str
    unit: str
    most: bool


LIMITS: Final = (
    LimitRow("median_ms", "Median latency", "ms", most=True),
    LimitRow("p90_ms", "p90 latency", "ms", most=True),
    LimitRow("p95_ms", "p95 latency", "ms", most=True),
    LimitRow("first_ms", "First inference", "ms", most=True),
    LimitRow("load_ms", "Loading the model", "ms", most=True),
    LimitRow("pipeline_fps", "Pipeline rate", "FPS", most=False),
    LimitRow("apk_mb", "APK", "MB", most=True),
    LimitRow("model_mb", "Model", "MB", most=True),
    LimitRow("top1_percent", "Top-1", "%", most=False),
)
"""As the engine has them; its module is too heavy for the window's first paint."""

PRESETS: Final = ("quick", "lab", "mlperf", "sustained")
DELEGATES: Final = ("xnnpack", "cpu", "nnapi", "gpu")
SOURCES: Final = ("loop", "camera", "pictures")
STATES: Final = {
    "PASS": "ok",
    "WARNING": "warn",
    "FAIL": "fail",
    "ERROR": "fail",
    "ABORTED": "none",
}
"""The shape beside each outcome's word."""
FIRST_PLAN: Final[Mapping[str, Any]] = {
    "title": "Release",
    "models": [],
    "preset": "lab",
    "blocks": 3,
    "limits": {"median_ms": 60},
}
"""What the editor begins with."""


class PhoneChoice(NamedTuple):
    """A phone that can take part."""

    serial: str
    name: str


class VerdictLine(NamedTuple):
    """A value held to its limit.

    Attributes:
        outcome: Empty where nothing was asked.
        limit: None where nothing was asked.
    """

    title: str
    unit: str
    outcome: str
    limit: float | None
    most: bool
    value: float | None
    low: float | None
    high: float | None
    sentence: str


class StepLine(NamedTuple):
    """One step on one phone.

    Attributes:
        state: ``waiting``, ``measuring``, ``asking`` or ``done``.
        outcome: Of a step that is done.
        text: How far it is, or why the outcome is what it is.
        verdicts: Of a measured step whose record is known.
    """

    number: int
    title: str
    state: str = "waiting"
    outcome: str = ""
    text: str = ""
    verdicts: tuple[VerdictLine, ...] = ()


class PhoneLine(NamedTuple):
    """One phone of a session.

    Attributes:
        outcome: Empty while it is under way.
        share: 0..1 of its steps.
        text: What it does.
        about: Its fingerprint for a person, in one line.
    """

    serial: str
    name: str
    steps: tuple[StepLine, ...]
    outcome: str = ""
    share: float = 0.0
    text: str = ""
    about: str = ""


class SessionShown(NamedTuple):
    """A session as the page shows it.

    Attributes:
        series_id: 0 while it is not begun.
        outcome: Empty while it is under way or unfinished.
        running: Whether it goes on now.
        resumable: Whether it can be gone on with.
        gated: Whether runs wait for a start temperature.
    """

    series_id: int
    title: str
    phones: tuple[PhoneLine, ...]
    outcome: str = ""
    sentence: str = ""
    running: bool = False
    resumable: bool = False
    gated: bool = False


class PastSession(NamedTuple):
    """A line of the list of sessions."""

    series_id: int
    title: str
    when: str
    phones: str
    outcome: str
    resumable: bool


class QuestionShown(NamedTuple):
    """A manual step that waits.

    Attributes:
        picture: A file's name; empty without one.
        screen: PNG of the phone's screen; may be empty.
        waiting: How many more questions wait behind it.
    """

    serial: str
    phone: str
    number: int
    title: str
    instruction: str
    expects: str
    picture: str
    screen: bytes
    waiting: int = 0


def verdict_line(told: Mapping[str, Any]) -> VerdictLine:
    """Read a verdict out of a step's facts."""

    def number(key: str) -> float | None:
        value = told.get(key)
        return float(value) if isinstance(value, int | float) else None

    return VerdictLine(
        title=str(told.get("title", "")),
        unit=str(told.get("unit", "")),
        outcome=str(told.get("outcome", "")) if told.get("limit") is not None else "",
        limit=number("limit"),
        most=bool(told.get("most", True)),
        value=number("value"),
        low=number("low"),
        high=number("high"),
        sentence=str(told.get("sentence", "")),
    )


def figure(value: float | None, apart: float | None = None) -> str:
    """Write a figure with two digits behind the point where it has them.

    Args:
        value: The figure.
        apart: How far its neighbours are: near ones get another digit.
    """
    if value is None:
        return NO_VALUE
    if value == round(value):
        return f"{value:.0f}"
    near = apart is not None and apart < 0.02
    return f"{value:.1f}" if abs(value) >= 100 else f"{value:.{3 if near else 2}f}"


def about_phone(fingerprint: Mapping[str, Any]) -> str:
    """Say a fingerprint in one line."""
    parts: Sequence[tuple[str, str]] = (
        ("soc", "{}"),
        ("android", "Android {}"),
        ("abi", "{}"),
        ("ram_mb", "{:,} MB RAM"),
        ("battery_percent", "battery {} %"),
        ("battery_c", "{} \N{DEGREE SIGN}C"),
    )
    told = [form.format(fingerprint[key]) for key, form in parts if key in fingerprint]
    words = {"charging": "charging", "battery_saver": "battery saver", "airplane_mode": "airplane"}
    told += [word for key, word in words.items() if fingerprint.get(key) is True]
    note = str(fingerprint.get("note", ""))
    return ", ".join([*told, *([note] if note else [])])
