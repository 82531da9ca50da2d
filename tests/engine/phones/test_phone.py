"""Commands, files and sockets of a phone against a scripted server."""

import threading

import pytest

from engine.errors import Cancelled, PhoneError
from engine.jobs import CancelToken


def test_shell_separates_the_outputs_and_the_exit_code(server, phone):
    server.shell("do it", "out\n", 3, "err\n")
    result = phone.shell("do it")
    assert (result.stdout, result.stderr, result.exit_code) == ("out\n", "err\n", 3)


def test_shell_packets_may_come_in_pieces(server, phone, wire):
    data = b"OKAY" + wire.shell_v2(b"first", 0)[:-6] + wire.shell_v2(b" second", 7)

    def answer(connection):
        for byte in data:
            connection.sendall(bytes([byte]))

    server.answers["shell,v2,raw:x"] = answer
    result = phone.shell("x")
    assert (result.stdout, result.exit_code) == ("first second", 7)


def test_output_that_ends_without_an_exit_code_means_the_phone_left(server, phone):
    server.answers["shell,v2,raw:x"] = b"OKAY\x01\x05\x00\x00\x00hello"
    with pytest.raises(PhoneError, match="phone left"):
        phone.shell("x")


def test_without_shell_v2_the_exit_code_is_asked_for(server, phone, wire):
    server.answers["host-serial:phone:features"] = wire.block("cmd")
    request = "shell:false\necho mobilenet-lab-exit=$?"
    server.answers[request] = b"OKAYoops\r\nmobilenet-lab-exit=1\r\n"
    result = phone.shell("false")
    assert (result.stdout, result.exit_code) == ("oops\n", 1)


def test_without_shell_v2_a_cut_output_means_the_phone_left(server, phone, wire):
    server.answers["host-serial:phone:features"] = wire.block("cmd")
    server.answers["shell:x\necho mobilenet-lab-exit=$?"] = b"OKAYhalf"
    with pytest.raises(PhoneError, match="phone left"):
        phone.shell("x")


def test_a_command_that_hangs_is_given_up(server, phone):
    release = threading.Event()
    server.answers["shell,v2,raw:sleep"] = lambda connection: (
        connection.sendall(b"OKAY"),
        release.wait(5),
    )
    try:
        with pytest.raises(PhoneError, match=r"within 0\.1 s"):
            phone.shell("sleep", 0.1)
    finally:
        release.set()


def test_cancelling_ends_a_command(server, phone):
    cancel = CancelToken()
    server.answers["shell,v2,raw:sleep"] = lambda connection: (
        connection.sendall(b"OKAY"),
        cancel.cancel(),
        connection.recv(1),
    )
    with pytest.raises(Cancelled):
        phone.shell("sleep", 60, cancel)


def receive_file(wire, connection):
    """Take one sync SEND and return its target and its bytes."""
    assert wire.take(connection, 4) == b"SEND"
    target = wire.take(connection, int.from_bytes(wire.take(connection, 4), "little"))
    data = b""
    while (kind := wire.take(connection, 4)) == b"DATA":
        data += wire.take(connection, int.from_bytes(wire.take(connection, 4), "little"))
    assert kind == b"DONE"
    wire.take(connection, 4)
    return target, data


def test_push_sends_the_bytes_with_mode_and_progress(server, phone, wire):
    got = []

    def sync(connection):
        connection.sendall(b"OKAY")
        got.append(receive_file(wire, connection))
        connection.sendall(b"OKAY\0\0\0\0")

    server.answers["sync:"] = sync
    steps = []
    phone.push(bytes(200_000), "/data/local/tmp/x", 0o755, steps.append)
    assert got == [(b"/data/local/tmp/x,33261", bytes(200_000))]
    assert (steps[0].step, steps[0].fraction, steps[-1].fraction) == ("push", 0.0, 1.0)


def test_push_gives_the_phones_reason_for_a_refusal(server, phone, wire):
    reason = b"couldn't create file: No space left on device"

    def sync(connection):
        connection.sendall(b"OKAY")
        wire.take(connection, 4 + 4 + 17)
        connection.sendall(b"FAIL" + len(reason).to_bytes(4, "little") + reason)
        while connection.recv(65536):
            pass

    server.answers["sync:"] = sync
    with pytest.raises(PhoneError, match="No space left on device") as caught:
        phone.push(bytes(3_000_000), "/data/x")
    assert "Free some space" in caught.value.advice


def test_a_phone_that_vanishes_during_a_push_is_said_to_have_left(server, phone, wire):
    def sync(connection):
        connection.sendall(b"OKAY")
        wire.take(connection, 100_000)

    server.answers["sync:"] = sync
    with pytest.raises(PhoneError, match="phone left"):
        phone.push(bytes(50_000_000), "/data/x")


def test_cancelling_stops_a_push_that_is_stuck(server, phone, wire):
    cancel = CancelToken()
    release = threading.Event()

    def sync(connection):
        connection.sendall(b"OKAY")
        wire.take(connection, 100_000)
        cancel.cancel()
        release.wait(5)

    server.answers["sync:"] = sync
    try:
        with pytest.raises(Cancelled):
            phone.push(bytes(50_000_000), "/data/x", cancel=cancel)
    finally:
        release.set()


def test_pull_writes_the_whole_file(server, phone, wire, tmp_path):
    server.answers["sync:"] = lambda connection: (
        connection.sendall(b"OKAY"),
        wire.take(connection, 8 + 7),
        connection.sendall(b"DATA\x03\0\0\0abcDATA\x02\0\0\0deDONE\0\0\0\0"),
    )
    assert phone.pull("/data/x", tmp_path / "x") == 5
    assert (tmp_path / "x").read_bytes() == b"abcde"


def test_a_cut_pull_leaves_no_file_behind(server, phone, wire, tmp_path):
    server.answers["sync:"] = lambda connection: (
        connection.sendall(b"OKAY"),
        wire.take(connection, 8 + 7),
        connection.sendall(b"DATA\x03\0\0\0ab"),
    )
    with pytest.raises(PhoneError, match="phone left"):
        phone.pull("/data/x", tmp_path / "x")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_file_is_named(server, phone, wire, tmp_path):
    server.answers["sync:"] = lambda connection: (
        connection.sendall(b"OKAY"),
        wire.take(connection, 8 + 7),
        connection.sendall(b"FAIL\x09\0\0\0not there"),
    )
    with pytest.raises(PhoneError, match="could not read /data/x: not there"):
        phone.pull("/data/x", tmp_path / "x")


def test_facts_come_from_the_properties(server, phone):
    server.shell("getprop", "[ro.product.model]: [Mi A1]\n[ro.build.version.sdk]: [25]\n")
    facts = phone.facts()
    assert (facts.serial, facts.model, facts.sdk, facts.virtual_note) == ("phone", "Mi A1", 25, "")


def test_vitals_are_none_where_the_phone_is_silent(server, phone):
    server.shell("dumpsys battery", "  level: 82\n  temperature: 310\n  USB powered: true\n")
    server.shell("dumpsys thermalservice", "", 1, "Can't find service: thermalservice")
    server.shell("cat /sys/devices/system/cpu/cpu*/cpufreq/scaling_cur_freq", "", 1, "denied")
    vitals = phone.vitals()
    assert (vitals.battery_percent, vitals.temperature_c, vitals.charging) == (82, 31.0, True)
    assert (vitals.thermal_status, vitals.cpu_khz) == (None, ())
