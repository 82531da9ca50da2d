"""Values that a person wrote, taken one by one; what is wrong is said with its place."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

MOST_TEXT = 2000
"""A longer text is no title or instruction."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong at one place.

    Attributes:
        place: ``limits.median_ms``, ``manual 2.title``; empty for the whole.
        text: What is wrong, and what it has to be.
    """

    place: str
    text: str

    def __str__(self) -> str:
        return f"{self.place}: {self.text}" if self.place else self.text


class Reader:
    """Takes values out of one table; collects what is wrong with them.

    Every method returns what stands where nothing usable is written, so that reading goes on
    and finds all that is wrong at once.
    """

    def __init__(self, table: object, place: str, complaints: list[Complaint]) -> None:
        """Begin to read.

        Args:
            table: What should be a table.
            place: Where it stands; empty for the whole file.
            complaints: Takes what is wrong.
        """
        self._place = place
        self._complaints = complaints
        self._asked: list[str] = []
        if isinstance(table, Mapping):
            self._table: Mapping[Any, Any] = table
        else:
            self._table = {}
            complaints.append(Complaint(place, f"must be a table, not {_told(table)}."))

    def complain(self, key: str, text: str) -> None:
        """Say what is wrong with a key's value."""
        self._complaints.append(Complaint(self.place(key), text))

    def place(self, key: str) -> str:
        """Return where a key stands in the whole."""
        return f"{self._place}.{key}" if self._place else key

    def get(self, key: str) -> object:
        """Return a value as it is written; None where nothing is."""
        self._asked.append(key)
        return self._table.get(key)

    def text(self, key: str, *, needed: bool = False, among: Collection[str] = ()) -> str:
        """Return a text; empty where none is written.

        Args:
            key: Its key.
            needed: Whether it must be there.
            among: What it may be; anything if empty.
        """
        value = self.get(key)
        if value is None and not needed:
            return ""
        if value is None:
            self.complain(key, "is missing.")
        elif not isinstance(value, str):
            self.complain(key, f"must be a text, not {_told(value)}.")
        elif needed and not value.strip():
            self.complain(key, "must not be empty.")
        elif len(value) > MOST_TEXT:
            self.complain(key, f"is longer than {MOST_TEXT} letters.")
        elif among and value not in among:
            self.complain(key, f"must be one of {', '.join(among)}, not {_told(value)}.")
        else:
            return value.strip()
        return ""

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts, none of them empty or there twice."""
        value = self.get(key)
        if value is None:
            return ()
        if not isinstance(value, list | tuple):
            self.complain(key, f"must be a list of texts, not {_told(value)}.")
            return ()
        found: list[str] = []
        for each in value:
            if not isinstance(each, str) or not each.strip() or len(each) > MOST_TEXT:
                self.complain(key, f"holds {_told(each)}, which is no name.")
            elif each.strip() in found:
                self.complain(key, f"has {_told(each)} twice.")
            else:
                found.append(each.strip())
        return tuple(found)

    def number(self, key: str, least: float, most: float, unit: str = "") -> float | None:
        """Return a number within bounds; None where none is written."""
        value = self.get(key)
        if value is None:
            return None
        words = f"from {least:g} to {most:g}{f' {unit}' if unit else ''}"
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.complain(key, f"must be a number {words}, not {_told(value)}.")
        elif not (math.isfinite(value) and least <= value <= most):
            self.complain(key, f"must be {words}, not {_told(value)}.")
        else:
            return float(value)
        return None

    def whole(self, key: str, least: int, most: int) -> int | None:
        """Return a whole number within bounds; None where none is written."""
        value = self.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            self.complain(key, f"must be a whole number, not {_told(value)}.")
        elif not least <= value <= most:
            self.complain(key, f"must be from {least} to {most}, not {_told(value)}.")
        else:
            return value
        return None

    def refuse_unknown(self) -> None:
        """Complain of every key that nobody asked for."""
        for key in self._table:
            if key not in self._asked:
                near = get_close_matches(str(key), self._asked, 1)
                hint = f" Did you mean {near[0]}?" if near else ""
                self._complaints.append(
                    Complaint(self.place(str(key)[:80]), f"is not known here.{hint}")
                )


def _told(value: object) -> str:
    """Return a value as a person sees it, short."""
    try:
        text = repr(value)
    except ValueError:  # a whole number of thousands of digits
        text = "a number without end"
    return text if len(text) <= 60 else f"{text[:60]}..."
