"""What the lab may ask of the app on this phone."""

from engine.virtual_phone.app.link_server import Refused
from engine.virtual_phone.app.model import DELEGATES, MAX_THREADS, SOURCES


def check_execution(threads: object, delegate: object) -> None:
    """Raise ``Refused`` unless this phone can execute a model so."""
    whole = isinstance(threads, int) and not isinstance(threads, bool)
    if not whole or threads not in range(1, MAX_THREADS + 1):
        raise Refused("bad_value", f"threads is 1 to {MAX_THREADS} on this phone.")
    if delegate not in DELEGATES:
        raise Refused("bad_value", f"This phone has the delegates {', '.join(DELEGATES)}.")


def check_feed(source: object, paused: object) -> None:
    """Raise ``Refused`` unless these can be the source and the pause."""
    if source not in SOURCES:
        raise Refused("bad_value", f"This phone has the sources {', '.join(SOURCES)}.")
    if not isinstance(paused, bool):
        raise Refused("bad_value", "paused is true or false.")
