"""How reports write numbers and facts: always with a unit, the same everywhere."""

import math
from collections.abc import Mapping
from typing import Any, Final

from engine.records.document.axes import number
from engine.records.telling import ENDED, EXPLAINED
from engine.records.values import End, RunFacts, RunRow

NONE: Final = "\N{EN DASH}"
PLUS_MINUS: Final = "\N{PLUS-MINUS SIGN}"
DOT: Final = " \N{MIDDLE DOT} "
AT_LEAST: Final = "\N{GREATER-THAN OR EQUAL TO}"


def ms(value: float, interval: tuple[float, float] | None = None) -> str:
    """Write milliseconds without their unit, to the digit that the interval leaves standing."""
    return number(value, _decimals(value, interval))


def interval_ms(interval: tuple[float, float] | None) -> str:
    """Write an interval in milliseconds without the unit."""
    if interval is None:
        return NONE
    decimals = _decimals(interval[1], interval)
    return " to ".join(number(end, decimals) for end in interval)


def half_ms(interval: tuple[float, float]) -> str:
    """Write half an interval's width in milliseconds without the unit."""
    return number((interval[1] - interval[0]) / 2, _decimals(interval[1], interval))


def _decimals(value: float, interval: tuple[float, float] | None) -> int:
    least = 2 if abs(value) < 9.995 else 1 if abs(value) < 999.95 else 0
    half = (interval[1] - interval[0]) / 2 if interval else 0.0
    return max(least, min(3, -math.floor(math.log10(half)))) if half > 0 else least


def with_unit(value: float | None, unit: str, decimals: int = 1) -> str:
    """Write a number with its unit, or a dash where there is none."""
    return NONE if value is None else f"{number(value, decimals)} {unit}"


def megabytes(size_bytes: int | None) -> str:
    """Write a size; 1 MB is 10^6 bytes."""
    return "not known" if size_bytes is None else f"{number(size_bytes / 1e6, 2)} MB"


def seconds(value: float) -> str:
    """Write a duration."""
    return f"{number(value, 0 if value >= 100 or value == round(value) else 1)} s"


def count(value: int) -> str:
    """Write how many."""
    return number(value, 0)


def moment(utc: str) -> str:
    """Write a time of day to the second."""
    return f"{utc[:19].replace('T', ' ')} UTC" if utc else NONE


def phone_name(phone: Mapping[str, Any], fallback: str = "phone") -> str:
    """Return maker and model without repeating the maker."""
    maker, model = str(phone.get("manufacturer") or ""), str(phone.get("model") or "")
    if model.lower().startswith(maker.lower()):
        return model or fallback
    return f"{maker} {model}".strip() or fallback


def source_words(facts: RunFacts) -> str:
    """Say where pictures came from."""
    words = {
        "camera": f"{facts.camera} camera".strip(),
        "pictures": "the pictures in the app, in turn",
        "loop": "none: the same input over and over (engine loop)",
    }.get(facts.source, facts.source)
    return f"{words}, fitted by {facts.fit}" if facts.fit and facts.source != "loop" else words


def delegate_words(facts: RunFacts) -> str:
    """Say what executed the graph, and what was asked for."""
    if facts.delegate == facts.delegate_applied:
        return f"{facts.delegate_applied}, as asked"
    why = f" ({facts.delegate_note})" if facts.delegate_note else ""
    return f"{facts.delegate_applied}; {facts.delegate} was asked for{why}"


def thread_words(facts: RunFacts) -> str:
    """Say how many threads executed the graph, and how many were asked for."""
    if facts.threads_asked in (None, facts.threads):
        return f"{facts.threads}" + (", as asked" if facts.threads_asked else "")
    return f"{facts.threads}; {facts.threads_asked} were asked for"


def flag_sentences(row: RunRow) -> tuple[str, ...]:
    """Return in words what a reader must know before believing a run."""
    ended = () if row.end is End.COMPLETED else (f"Not to its end: {ENDED[row.end]}.",)
    grave_first = sorted(row.flags, key=lambda flag: not flag.invalidates)
    return (*ended, *(f"{flag.capitalize()}. {EXPLAINED[flag]}" for flag in grave_first))


def verdict(row: RunRow) -> tuple[str, str]:
    """Return the state of a run and its word."""
    if row.end is End.RUNNING:
        return "warn", "Not finished"
    if row.valid:
        return "ok", "Valid: it may be ranked against other runs"
    return "fail", "To be looked at, not to be ranked"
