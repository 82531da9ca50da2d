"""How the package manager says no."""


class InstallRefused(Exception):  # noqa: N818 - it is the phone's answer, not a fault of ours
    """The package manager refuses.

    Attributes:
        reason: Android's own word, for instance ``INSTALL_FAILED_INVALID_APK``.
        text: What Android says after it; may be empty.
    """

    def __init__(self, reason: str, text: str = "") -> None:
        """Compose the text as ``pm`` prints it, without ``Failure``."""
        super().__init__(f"[{reason}: {text}]" if text else f"[{reason}]")
        self.reason = reason
        self.text = text
