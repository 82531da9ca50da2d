"""What all tests need."""

import signal


def pytest_configure() -> None:
    """Let Ctrl+C reach what the tests start, also where they run in a shell's background.

    Such a shell has its children ignore SIGINT, and they hand that on to theirs.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
