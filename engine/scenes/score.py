"""How often a model is right while it runs, before a camera whose scene's truth is known."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from engine.accuracy.shares import Share

if TYPE_CHECKING:
    from engine.phones.phone import Phone

TRUTH_PROPERTY: Final = "mobilenetlab.scene.truth"
"""A phone whose camera sees something known tells its class in this property."""


def ask_truth(phone: "Phone") -> str:
    """Return the class of what the phone's camera sees now; empty where nobody knows.

    Raises:
        PhoneError: If the phone left.
    """
    return phone.shell(f"getprop {TRUTH_PROPERTY}").stdout.strip()


class DriveScore:
    """Counts right answers: one for each look at the truth, so that a second is a second.

    The truth is asked for now and then. Where it is the same as at the look before, the newest
    answer in between belongs to it; where it changed, nobody knows, and nothing is counted.
    """

    def __init__(self, labels: Sequence[str]) -> None:
        """Begin for a model with these classes."""
        self._known = {_folded(label) for label in labels}
        self._truth = self._said = ""
        self._right = self._looks = 0

    @property
    def share(self) -> Share | None:
        """How often it was right; None before the first look that counts."""
        return Share(self._right, self._looks) if self._looks else None

    def hear(self, label: str) -> None:
        """Take the model's newest answer."""
        self._said = _folded(label)

    def look(self, truth: str) -> None:
        """Take what the camera sees now; of a class that the model does not know nothing counts."""
        now = _folded(truth)
        if now and now == self._truth and now in self._known and self._said:
            self._looks += 1
            self._right += self._said == now
        self._truth, self._said = now, ""


def _folded(name: str) -> str:
    return name.replace("_", " ").replace("-", " ").strip().casefold()
