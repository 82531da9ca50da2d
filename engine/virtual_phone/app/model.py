"""A model as the lab's app on this phone has it, from its APK or over the link."""

from collections.abc import Sequence
from dataclasses import dataclass

PACKAGE = "org.mobilenetlab.phone"
ACTIVITY = f"{PACKAGE}/.MainActivity"


@dataclass(frozen=True, slots=True)
class Reading:
    """How a model is to be read, in the protocol's words; an empty one is for the app to find.

    Attributes:
        task: What it is for.
        fit: How a picture is laid into its input.
        scores: Whether a classifier gives ``probabilities`` or ``logits``.
    """

    task: str = ""
    fit: str = ""
    scores: str = ""


@dataclass(frozen=True, slots=True)
class LabModel:
    """A model's bytes with what belongs to them.

    Attributes:
        sent: Whether it came over the link, not in the APK.
    """

    data: bytes
    name: str
    sha256: str
    labels: tuple[str, ...] = ()
    untrained: bool = False
    reading: Reading = Reading()
    sent: bool = False


def label_of(labels: Sequence[str], index: int) -> str:
    """Return the label of a class; empty if it has none."""
    return labels[index] if 0 <= index < len(labels) else ""
