"""Serial numbers out of records, before anything is written from them."""

import re
from collections.abc import Iterable
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any, TypeVar, cast

T = TypeVar("T")
_MDNS = re.compile(r"adb-(?P<serial>[^-.]+)-[^.]+\._adb", re.IGNORECASE)
"""How adb names a phone that it found in the network: its serial is in it."""
_ADDRESS = re.compile(r"(?P<host>.+):\d+")
_BEFORE, _AFTER = "(?<![0-9A-Za-z])", "(?![0-9A-Za-z])"
"""Around a serial: it is no part of a longer word or of a hash."""
_DIGITS_BEFORE, _DIGITS_AFTER = r"(?<![0-9]\.)", r"(?!\.[0-9])"
"""Around one of digits alone: it is no part of a number."""
LEAST = 3
"""A shorter serial would be found in every other word."""


class Masker:
    """Puts ``phone A``, ``phone B``, ... where serials were; the same for the same phones."""

    def __init__(self, serials: Iterable[str]) -> None:
        """Know the serials, in the order in which they get their letters."""
        self._names: dict[str, str] = {}
        for serial in dict.fromkeys(each for each in serials if each):
            name = f"phone {_letters(len(set(self._names.values())))}"
            for text in _texts(serial):
                self._names.setdefault(text.lower(), name)
        longest_first = sorted(self._names, key=len, reverse=True)
        choices = "|".join(map(_pattern, longest_first))
        port = r"(?::\d+)?"  # the same phone may have been reached by another port
        whole = f"{_BEFORE}(?:{choices}){port}{_AFTER}"
        self._pattern = re.compile(whole, re.IGNORECASE) if choices else None

    def text(self, text: str) -> str:
        """Return a text without the serials."""
        if self._pattern is None:
            return text
        return self._pattern.sub(self._name, text)

    def deep(self, value: T) -> T:
        """Return a value with the texts in it masked: in dataclasses, lists and dictionaries.

        What holds none, such as an array of samples, is returned as it is.
        """
        return cast("T", self._deep(value))

    def _deep(self, value: Any) -> Any:
        if isinstance(value, str):
            return value if isinstance(value, Enum) else self.text(value)
        if isinstance(value, dict):
            return {self._deep(key): self._deep(each) for key, each in value.items()}
        if type(value) in (tuple, list):
            return type(value)(self._deep(each) for each in value)
        if is_dataclass(value) and not isinstance(value, type):
            changes = {
                field.name: self._deep(getattr(value, field.name))
                for field in fields(value)
                if field.init
            }
            return replace(value, **changes)
        return value

    def _name(self, found: re.Match[str]) -> str:
        text = found.group().lower()
        return self._names.get(text) or self._names[text.rpartition(":")[0]]


def _pattern(text: str) -> str:
    exact = re.escape(text)
    return f"{_DIGITS_BEFORE}{exact}{_DIGITS_AFTER}" if text.isdecimal() else exact


def _texts(serial: str) -> list[str]:
    """Return what of a serial gives the phone away: it whole, its host, the serial within."""
    texts = [serial]
    if within := _MDNS.search(serial):
        texts.append(within["serial"])
    if address := _ADDRESS.fullmatch(serial):
        texts.append(address["host"])
    return [each for each in texts if len(each) >= LEAST or each == serial]


def _letters(number: int) -> str:
    """Return A to Z, then AA, AB, ..."""
    text = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(ord("A") + rest) + text
    return text
