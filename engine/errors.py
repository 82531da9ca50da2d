"""What a person can act on; anything else that is raised is a bug."""

from enum import StrEnum


class Remedy(StrEnum):
    """What a click can do about a refused app; ``label`` is the button's text.

    ``engine.phones.remedies.apply`` does on the phone what the label says; afterwards the
    caller deploys again.
    """

    REMOVE_OLD = "remove-old"
    FREE_SPACE = "free-space"
    OPEN_SETTINGS = "open-settings"
    BUILD_FOR_PHONE = "build-for-phone"
    TRY_AGAIN = "try-again"

    @property
    def label(self) -> str:
        """The button's text."""
        return _LABELS[self]

    @property
    def needs_person(self) -> bool:
        """Whether somebody has to tap on the phone before another try can work."""
        return self is Remedy.OPEN_SETTINGS


_LABELS = {
    Remedy.REMOVE_OLD: "Remove the old app and install",
    Remedy.FREE_SPACE: "Free space and try again",
    Remedy.OPEN_SETTINGS: "Open the phone's settings",
    Remedy.BUILD_FOR_PHONE: "Build for this phone",
    Remedy.TRY_AGAIN: "Try again",
}


class LabError(Exception):
    """Base of every error a person can act on.

    ``str(error)`` is shown as it stands in the window and in the terminal (exit code 2).

    Attributes:
        what: One sentence: what happened.
        advice: One or two sentences: what to do about it; may be empty.
        detail: Raw text from the phone, the server or the file, for the log; may be empty.
    """

    def __init__(self, what: str, advice: str = "", *, detail: str = "") -> None:
        """Keep the sentence, the advice and the raw text apart."""
        super().__init__(f"{what} {advice}".strip())
        self.what = what
        self.advice = advice
        self.detail = detail


class PhoneError(LabError):
    """The phone is not there, not ready, or left in the middle of something."""


class InstallError(LabError):
    """The phone's package manager refused the APK.

    Attributes:
        reason: Android's own word, for instance ``INSTALL_FAILED_OLDER_SDK``.
        remedy: What a click can do about it; None where no click can.
    """

    def __init__(
        self,
        reason: str,
        what: str,
        advice: str,
        *,
        detail: str = "",
        remedy: Remedy | None = None,
    ) -> None:
        """Add Android's own word and the remedy to the sentence."""
        super().__init__(what, advice, detail=detail)
        self.reason = reason
        self.remedy = remedy


class LinkError(LabError):
    """The conversation with the phone app broke or never began."""


class Cancelled(Exception):  # noqa: N818 - cancelling is not an error
    """Raised inside long work once its token was cancelled; never shown as an error."""
