"""Reads the JSON objects of the link, each field checked; what is wrong is named."""

import math
from typing import TypeGuard

import orjson

from engine.errors import LinkError


def broken(what: str) -> LinkError:
    """Return the error for a peer that broke a rule of the protocol."""
    return LinkError(
        f"The phone app broke the link's rules: {what}.",
        "Deploy again; if it comes back, update the lab.",
    )


def _is_whole(value: object) -> TypeGuard[int]:
    """Whether it is a whole number of 64 bits with a sign, as Java's and SQLite's are."""
    return isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63


class Fields:
    """One JSON object of a message; every wrong field is a broken peer, named.

    All methods but ``absent`` raise ``LinkError`` for a field that is missing or wrong.
    """

    def __init__(self, message: str, value: object) -> None:
        if not isinstance(value, dict):
            raise broken(f"{message} is not a JSON object")
        self._message = message
        self._values: dict[str, object] = value

    def _wrong(self, key: str, wanted: str) -> LinkError:
        state = "is not" if key in self._values else "is missing, not"
        return broken(f"{key} of {self._message} {state} {wanted}")

    def text(self, key: str) -> str:
        """Return a text."""
        value = self._values.get(key)
        if not isinstance(value, str):
            raise self._wrong(key, "a text")
        return value

    def flag(self, key: str) -> bool:
        """Return true or false."""
        value = self._values.get(key)
        if not isinstance(value, bool):
            raise self._wrong(key, "true or false")
        return value

    def whole(self, key: str) -> int:
        """Return a whole number of 64 bits."""
        value = self._values.get(key)
        if not _is_whole(value):
            raise self._wrong(key, "a whole number")
        return value

    def number(self, key: str) -> float:
        """Return a finite number."""
        value = self._values.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._wrong(key, "a number")
        if not math.isfinite(value):
            raise self._wrong(key, "a finite number")
        return float(value)

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts."""
        value = self._values.get(key)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self._wrong(key, "a list of texts")
        return tuple(value)

    def wholes(self, key: str) -> tuple[int, ...]:
        """Return a list of whole numbers."""
        value = self._values.get(key)
        if not isinstance(value, list) or not all(_is_whole(item) for item in value):
            raise self._wrong(key, "a list of whole numbers")
        return tuple(value)

    def inner(self, key: str) -> "Fields":
        """Return an object within this one."""
        return Fields(f"{key} of {self._message}", self._values.get(key))

    def absent(self, key: str) -> bool:
        """Return whether the field is not there, or null."""
        return self._values.get(key) is None


def read_json(payload: bytes, message: str) -> Fields:
    """Read a payload that is one JSON object; ``message`` is its name for errors.

    Raises:
        LinkError: It is not.
    """
    try:
        return Fields(message, orjson.loads(payload))
    except orjson.JSONDecodeError as error:
        raise broken(f"{message} is not JSON ({error})") from error
