"""What phones of several releases say of themselves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.qa.fingerprint import parse_ram_mb, parse_refresh_hz, parse_switch


def test_memory_is_read_in_megabytes():
    assert parse_ram_mb("MemTotal:        3809000 kB\nMemFree: 1 kB") == 3900
    assert parse_ram_mb("") is None


@pytest.mark.parametrize(("text", "value"), [("0\n", False), ("1", True), ("null", None)])
def test_a_setting_that_a_phone_has_not_is_not_known(text, value):
    assert parse_switch(text) is value


@pytest.mark.parametrize(
    ("text", "hz"),
    [
        ("  mActiveRenderFrameRate=120.00001", 120.0),
        ("DisplayInfo{..., renderFrameRate 90.0, ...", 90.0),
        ("DisplayDeviceInfo{..., 60.000004 fps, ...", 60.0),
        ("mRefreshRate=59.94", 59.9),
        ("fps", None),
        ("... fps", None),
    ],
)
def test_the_refresh_rate_is_read_as_each_release_words_it(text, hz):
    assert parse_refresh_hz(text) == hz


@given(st.text(max_size=200))
def test_any_text_is_read_without_a_fault(text):
    parse_ram_mb(text)
    parse_refresh_hz(text)
    assert parse_switch(text) in (None, True, False)
