"""What may refuse an app beside the package manager: the maker, a person, a verifier."""

from collections.abc import Mapping, MutableMapping

from engine.virtual_phone.packages.refusal import InstallRefused

MIUI_VERSION = "ro.miui.ui.version.name"
"""The property by which Xiaomi's Android is told from others."""
MIUI_USB_INSTALL = "persist.security.adbinstall"
"""The property behind MIUI's switch 'Install via USB'; only its settings page may set it."""
VERIFY_USB = "verifier_verify_adb_installs"
"""The global setting behind the developer options' 'Verify apps over USB'; on by default."""

USB_INSTALL = ("on", "off", "cancel")
PLAY_PROTECT = ("allow", "block", "timeout")


class Guards:
    """The guards of one phone; fields are set by whoever owns it, from outside.

    Attributes:
        cancels: Whether the person taps Cancel where the maker asks before an install.
        verdict: Of ``PLAY_PROTECT``: what the verifier says of every app.
        broken: Whether the package manager itself fails.
    """

    def __init__(
        self,
        properties: MutableMapping[str, str],
        settings: Mapping[str, Mapping[str, str]],
    ) -> None:
        """Let everything through, as a phone does that nobody has set up."""
        self._properties = properties
        self._settings = settings
        self.cancels = False
        self.verdict = "allow"
        self.broken = False

    def set_usb_install(self, state: str) -> None:
        """Be a phone with MIUI whose switch is ``on`` or ``off``, or whose owner cancels.

        Raises:
            ValueError: If the state is none of ``USB_INSTALL``.
        """
        if state not in USB_INSTALL:
            raise ValueError(f"usb-install {'|'.join(USB_INSTALL)}")
        self._properties[MIUI_VERSION] = "V140"
        self._properties[MIUI_USB_INSTALL] = "0" if state == "off" else "1"
        self.cancels = state == "cancel"

    def set_play_protect(self, verdict: str) -> None:
        """Let the verifier say this of every app from now on.

        Raises:
            ValueError: If the verdict is none of ``PLAY_PROTECT``.
        """
        if verdict not in PLAY_PROTECT:
            raise ValueError(f"play-protect {'|'.join(PLAY_PROTECT)}")
        self.verdict = verdict

    def check_sender(self) -> None:
        """Ask the maker's switch and the person whether this computer may install at all.

        Raises:
            InstallRefused: If not.
        """
        if self.broken:
            raise InstallRefused("INSTALL_FAILED_INTERNAL_ERROR", "Failed to prepare session dir")
        is_miui = MIUI_VERSION in self._properties
        if is_miui and self._properties.get(MIUI_USB_INSTALL) != "1":
            raise InstallRefused("INSTALL_FAILED_USER_RESTRICTED", "Install canceled by user")
        if self.cancels:
            raise InstallRefused("INSTALL_FAILED_ABORTED", "User rejected permissions")

    def check_app(self) -> None:
        """Ask the verifier, unless the developer options leave it out.

        Raises:
            InstallRefused: If it objects, or does not answer.
        """
        if self._settings["global"].get(VERIFY_USB) == "0":
            return
        if self.verdict == "block":
            raise InstallRefused("INSTALL_FAILED_VERIFICATION_FAILURE", "Install not allowed")
        if self.verdict == "timeout":
            raise InstallRefused("INSTALL_FAILED_VERIFICATION_TIMEOUT", "Verification timed out")
