"""What a phone says of itself."""

from hypothesis import given
from hypothesis import strategies as st

from engine.phones.readings import (
    parse_battery,
    parse_clocks,
    parse_properties,
    parse_thermal_status,
    read_facts,
)

BATTERY = """Current Battery Service state:
  AC powered: false
  USB powered: true
  Wireless powered: false
  Max charging current: 500000
  status: 2
  health: 2
  present: true
  level: 41
  scale: 50
  voltage: 4123
  temperature: 287
  technology: Li-ion
"""


def test_properties_may_span_lines():
    text = "[a]: [1]\r\n[long]: [x\ny]\n[empty]: []\n"
    assert parse_properties(text) == {"a": "1", "long": "x\ny", "empty": ""}


@given(
    st.dictionaries(st.text("abc.-_0", min_size=1), st.text("xyz 0:,/").map(str.strip), max_size=5)
)
def test_properties_survive_being_written_and_read(properties):
    text = "".join(f"[{key}]: [{value}]\n" for key, value in properties.items())
    assert parse_properties(text) == properties


def test_facts_fall_back_to_older_properties():
    facts = read_facts(
        "s",
        {
            "ro.product.manufacturer": "Xiaomi",
            "ro.product.model": "Mi A1",
            "ro.build.version.release": "7.1.2",
            "ro.build.version.sdk": "25",
            "ro.product.cpu.abilist": "arm64-v8a,armeabi-v7a,armeabi",
            "ro.board.platform": "msm8953",
            "ro.build.fingerprint": "xiaomi/tissot/x",
        },
    )
    assert facts.abis == ("arm64-v8a", "armeabi-v7a", "armeabi")
    assert facts.soc == "msm8953"
    assert facts.name == "Xiaomi Mi A1"


def test_a_makers_name_is_not_said_twice():
    facts = read_facts(
        "s", {"ro.product.manufacturer": "Nokia", "ro.product.model": "Nokia 7 plus"}
    )
    assert facts.name == "Nokia 7 plus"


def test_the_note_is_passed_on_as_text():
    facts = read_facts("s", {"ro.mobilenetlab.note": "virtual phone: this computer's speed"})
    assert facts.virtual_note == "virtual phone: this computer's speed"


def test_the_battery_level_counts_in_its_own_scale():
    battery = parse_battery(BATTERY)
    assert (battery.percent, battery.temperature_c, battery.charging) == (82, 28.7, True)


def test_nothing_is_made_up_about_a_silent_battery():
    battery = parse_battery("Can't find service: battery\n")
    assert (battery.percent, battery.temperature_c, battery.charging) == (None, None, None)


def test_thermal_status_is_read_from_its_own_line():
    text = "IsStatusOverride: false\nThermal Status: 3\nCached temperatures:\n mStatus=0\n"
    assert parse_thermal_status(text) == 3
    assert parse_thermal_status("Can't find service") is None


def test_clocks_leave_out_what_is_no_number():
    assert parse_clocks("1401600\ncat: cpu3: Permission denied\n2016000\n") == (1401600, 2016000)
