"""JSON values of plans and steps as facts for a person, with the unit that their names tell."""

from collections.abc import Mapping
from typing import Any, Final

from engine.records.document.axes import number

UNITS: Final = {
    "ms": "ms",
    "s": "s",
    "c": "°C",
    "mb": "MB",
    "bytes": "bytes",
    "fps": "FPS",
    "percent": "%",
    "ns": "ns",
    "mhz": "MHz",
    "hz": "Hz",
}
"""The last word of a name -> the unit."""
SPELT: Final = {"abi": "ABI", "abis": "ABIs", "apk": "APK", "ram": "RAM", "soc": "Chip"}
MOST: Final = 60
"""Entries of a list that are told; the JSON has them all."""


def fact_rows(values: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return names and values to show; empty ones are left out."""
    rows: list[tuple[str, str]] = []
    for name, value in values.items():
        if value is None or value in ("", [], {}):
            continue
        words, unit = _name(name)
        if isinstance(value, Mapping):
            rows += [(f"{words}: {inner}", text) for inner, text in fact_rows(value)]
        else:
            rows.append((words, _text(value, unit)))
    return tuple(rows)


def _name(name: str) -> tuple[str, str]:
    words = name.split("_")
    unit = UNITS.get(words[-1], "") if len(words) > 1 else ""
    words = words[:-1] if unit else words
    text = " ".join(SPELT.get(each, each) for each in words)
    return text[:1].upper() + text[1:], unit


def _text(value: Any, unit: str) -> str:
    if isinstance(value, list):
        told = [_text(each, "") for each in value[:MOST]]
        more = f" and {len(value) - MOST} more" if len(value) > MOST else ""
        return f"{', '.join(told)}{more}{f' {unit}' if unit else ''}"
    if isinstance(value, Mapping):
        return ", ".join(f"{name.lower()} {text}" for name, text in fact_rows(value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        text = number(value, 0 if value == round(value) else 1 if abs(value) >= 100 else 2)
    elif isinstance(value, int):
        text = number(value, 0) if unit else str(value)
    else:
        text = str(value)
    return f"{text} {unit}".rstrip()
