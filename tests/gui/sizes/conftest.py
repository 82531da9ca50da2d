"""APK sizes as the engine tells them, without its files."""

from types import SimpleNamespace

import pytest


def make_sizes(**parts: int) -> SimpleNamespace:
    """An ``ApkSizes``: its parts, in no order that anybody relies on."""
    named = {name.replace("native_", "native ").replace("__", "-"): n for name, n in parts.items()}
    return SimpleNamespace(parts=tuple(reversed(named.items())), total_bytes=sum(named.values()))


@pytest.fixture
def small() -> SimpleNamespace:
    return make_sizes(
        model=1_502_720,
        native_arm64__v8a=3_471_234,
        dex=61_484,
        resources=9_120,
        pictures=380_000,
        signature=4_096,
        rest=24_111,
    )


@pytest.fixture
def large() -> SimpleNamespace:
    return make_sizes(
        model=80_000_000, native_arm64__v8a=9_000_000, native_x86=9_500_000, dex=1_000_000
    )
