"""How the app says no to a command of the lab."""


class Refused(Exception):  # noqa: N818 - an answer to the lab, not a fault
    """A command is answered with a refusal.

    Attributes:
        code: One of the protocol's codes.
    """

    def __init__(self, code: str, text: str) -> None:
        """Keep the code beside the sentence."""
        super().__init__(text)
        self.code = code
