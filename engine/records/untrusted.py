"""JSON values from another computer into frozen dataclasses, each checked against its type."""

import dataclasses
import types
import typing
from collections.abc import Hashable
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")
_LARGEST = 2**63  # SQLite's numbers have 64 bits with a sign


def build(kind: type[T], values: object) -> T:
    """Return the dataclass of those values; fields with a default may be missing.

    Lists become tuples, objects become the dataclass that the field asks for.

    Raises:
        ValueError: A value is missing, unknown, or not of its field's type.
    """
    if not isinstance(values, dict):
        raise ValueError(f"{kind.__name__} is no object")  # noqa: TRY004 - the file's fault
    hints = _hints_of(typing.cast("Hashable", kind))
    if unknown := values.keys() - hints.keys():
        raise ValueError(f"{kind.__name__} has no {min(unknown)!r}")
    given = {name: _value(hints[name], value, name) for name, value in values.items()}
    try:
        return kind(**given)
    except TypeError as error:
        raise ValueError(str(error)) from error


@cache
def _hints_of(kind: Hashable) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    return {each.name: hints[each.name] for each in dataclasses.fields(typing.cast("Any", kind))}


def _value(hint: Any, value: object, name: str) -> object:
    origin = typing.get_origin(hint)
    if origin in (types.UnionType, typing.Union):
        choices = typing.get_args(hint)
        if value is None and type(None) in choices:
            return None
        (hint,) = (each for each in choices if each is not type(None))
        return _value(hint, value, name)
    if origin is tuple and isinstance(value, list):
        (each_hint, _) = typing.get_args(hint)  # all of ours are tuple[X, ...]
        return tuple(_value(each_hint, each, name) for each in value)
    if dataclasses.is_dataclass(hint):
        return build(typing.cast("type[Any]", hint), value)
    if hint is float and type(value) is int:
        return float(value)
    if type(value) is not (origin or hint):
        raise ValueError(f"{name} is {str(value)[:40]!r}")
    if isinstance(value, int) and not -_LARGEST <= value < _LARGEST:
        raise ValueError(f"{name} is too large")
    return value
