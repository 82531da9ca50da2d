"""What the lab and the child process that trains say to each other, pickled.

Besides these the child sends ``Progress`` and ``Epoch`` as they are.
"""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done.

    Attributes:
        number: Of this order, for its cancel.
        what: ``scan``, ``retrain`` or ``evaluate``.
        given: The function's arguments.
    """

    number: int
    what: str
    given: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cancel:
    """An order that is to be stopped."""

    number: int


@dataclass(frozen=True, slots=True)
class Refused:
    """A ``LabError``: as it was, but for its class."""

    what: str
    advice: str
    detail: str


@dataclass(frozen=True, slots=True)
class Crashed:
    """A bug, and its trace."""

    trace: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """The order was cancelled."""


@dataclass(frozen=True, slots=True)
class Done:
    """The order was carried out."""

    result: Any
