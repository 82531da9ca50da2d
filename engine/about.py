"""Which lab this is."""

from importlib.metadata import PackageNotFoundError, version


def lab_version() -> str:
    """Return the lab's version; ``unknown`` in a checkout that was never installed."""
    try:
        return version("mobilenet-lab")
    except PackageNotFoundError:
        return "unknown"
