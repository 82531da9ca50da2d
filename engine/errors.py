"""What a person can act on; anything else that is raised is a bug."""

IN_THE_WAY = (
    "INSTALL_FAILED_UPDATE_INCOMPATIBLE",
    "INSTALL_FAILED_SHARED_USER_INCOMPATIBLE",
    "INSTALL_FAILED_VERSION_DOWNGRADE",
)
"""Why a phone refuses an app for the sake of the one it has: another signer's, or a newer one."""


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
    """

    def __init__(self, reason: str, what: str, advice: str, *, detail: str = "") -> None:
        """Add Android's own word to the sentence."""
        super().__init__(what, advice, detail=detail)
        self.reason = reason

    @property
    def removal_mends(self) -> bool:
        """Whether an app on the phone is in the way, and taking it off helps."""
        return self.reason in IN_THE_WAY


class LinkError(LabError):
    """The conversation with the phone app broke or never began."""


class Cancelled(Exception):  # noqa: N818 - cancelling is not an error
    """Raised inside long work once its token was cancelled; never shown as an error."""
