"""Serials leave no trace, and nothing else changes."""

import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from engine.records.masking import Masker
from engine.records.values import Flag
from tests.engine.records.conftest import keep_run

SERIALS = st.text("0123456789abcdefABCDEF", min_size=6, max_size=20)


def test_each_phone_has_a_letter_of_its_own():
    masker = Masker(["7f3a91b20404", "ZY22", "7f3a91b20404", ""])
    assert masker.text("7F3A91B20404, (ZY22), ZY22_log") == "phone A, (phone B), phone B_log"
    assert Masker([]).text("7f3a91b20404") == "7f3a91b20404"


def test_a_network_phone_is_masked_by_its_host_on_any_port():
    masker = Masker(["192.168.1.7:5555"])
    assert masker.text("at 192.168.1.7:5555 and 192.168.1.7:37099, 192.168.1.7.") == (
        "at phone A and phone A, phone A."
    )
    assert masker.text("192.168.1.70 and 1.192.168.1.77") == "192.168.1.70 and 1.192.168.1.77"


def test_a_phone_found_in_the_network_is_masked_by_the_serial_within():
    masker = Masker(["adb-ZY22ABCDEF-x7Kq1p._adb-tls-connect._tcp"])
    text = "adb-ZY22ABCDEF-x7Kq1p._adb-tls-connect._tcp is ZY22ABCDEF"
    assert masker.text(text) == "phone A is phone A"


def test_a_serial_inside_a_hash_or_a_number_is_none():
    masker = Masker(["0123"])
    assert masker.text("ab0123cd 50123 0.0123") == "ab0123cd 50123 0.0123"


@given(SERIALS, st.text(max_size=20), st.text(max_size=20))
def test_no_text_around_a_serial_hides_it(serial, before, after):
    masked = Masker([serial]).text(f"{before} {serial} {after}")
    assert not re.search(rf"(?<![0-9A-Za-z]){serial}(?![0-9A-Za-z])", masked, re.IGNORECASE)


@given(
    SERIALS,
    st.recursive(
        st.text(max_size=5) | st.integers() | st.none(),
        lambda each: (
            st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=3), each, max_size=3)
        ),
    ),
)
def test_values_keep_their_shape(serial, value):
    holding = {"a": [serial, (serial, value)], serial: {"deep": f"x {serial}"}}
    masked = Masker([serial]).deep(holding)
    assert masked["a"][0] == "phone A"
    assert masked["a"][1][0] == "phone A"
    assert masked["phone A"] == {"deep": "x phone A"}
    assert isinstance(masked["a"][1], tuple)


def test_a_row_is_masked_wherever_it_has_text(database):
    serial = "7f3a91b20404"
    run = keep_run(
        database, serial=serial, note=f"on {serial}", phone={"serial": serial, "model": "Mi A1"},
        place=f"{serial}, cpu", phone_note=f"{serial} says",
    )  # fmt: skip
    row = replace(database.load(run).row, tags=(serial,), origin=f"from {serial}")
    masked = Masker([serial]).deep(row)
    assert serial not in repr(masked)
    assert masked.flags == (Flag.UNTRAINED,)
    assert (masked.id, masked.digest, masked.facts.name) == (row.id, row.digest, row.facts.name)
