"""The adb server's protocol against a scripted server."""

import socket
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Cancelled, LabError, PhoneError
from engine.jobs import CancelToken
from engine.phones.adb import Adb, AdbPhone, parse_phones
from engine.phones.faults import NothingListensError


def test_version_is_hexadecimal(server, adb, wire):
    server.answers["host:version"] = wire.block("0029")
    assert adb.version() == 41


def test_the_environment_names_the_port(monkeypatch):
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", "15037")
    assert Adb().port == 15037


def test_a_bad_port_in_the_environment_is_named(monkeypatch):
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", "many")
    with pytest.raises(LabError, match="'many', which is no port"):
        Adb()


def test_a_refusal_carries_the_servers_words(server, adb, wire):
    server.answers["host:devices-l"] = wire.refusal("device 'x' not found")
    with pytest.raises(PhoneError, match="not connected") as caught:
        adb.phones()
    assert "device 'x' not found" in caught.value.detail


def test_a_phone_on_the_network_that_left_is_connected_anew(server, adb, wire):
    asked = []

    def answer(request, text):
        def say(connection):
            asked.append(request)
            connection.sendall(wire.block(text))

        server.answers[request] = say

    answer("host:connect:10.0.0.2:5000", "already connected to 10.0.0.2:5000")
    answer("host:devices-l", "10.0.0.2:5000 offline transport_id:1\n")
    answer("host:disconnect:10.0.0.2:5000", "disconnected 10.0.0.2:5000")
    adb.connect("10.0.0.2:5000")
    verbs = [request.split(":")[1] for request in asked]
    assert verbs == ["connect", "devices-l", "disconnect", "connect"]


def test_a_program_that_hangs_up_on_everybody_is_not_called_a_phone(server, adb):
    server.answers["host:version"] = b""
    with pytest.raises(PhoneError, match="hung up twice") as caught:
        adb.version()
    assert "ANDROID_ADB_SERVER_PORT" in caught.value.advice


def test_an_adb_program_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setenv("ADBUTILS_ADB_PATH", "/no/such/adb")
    with socket.socket() as held:  # bound, but nobody listens
        held.bind(("127.0.0.1", 0))
        with pytest.raises(PhoneError, match="/no/such/adb cannot be started") as caught:
            Adb(held.getsockname()[1]).phones()
    assert "ADBUTILS_ADB_PATH" in caught.value.advice


def test_a_port_with_another_program_is_named(server, adb):
    server.answers["host:version"] = b"HTTP/1.1 400 Bad Request\r\n\r\n"
    with pytest.raises(PhoneError, match="is taken by a program that is not an adb server"):
        adb.version()


def test_a_silent_server_is_given_up(server, adb):
    release = threading.Event()
    server.answers["host:version"] = lambda _connection: release.wait(5)
    try:
        with pytest.raises(PhoneError, match="does not answer"):
            adb.ask("host:version", timeout_s=0.1)
    finally:
        release.set()


def test_a_trickling_answer_does_not_stretch_the_total_time(server, adb):
    stop = threading.Event()

    def trickle(connection):
        connection.sendall(b"OKAYffff")
        while not stop.wait(0.02):
            connection.sendall(b".")

    server.answers["host:devices-l"] = trickle
    try:
        with pytest.raises(PhoneError, match="does not answer"):
            adb.ask("host:devices-l", timeout_s=0.2)
    finally:
        stop.set()


def test_a_server_that_was_restarted_is_asked_once_more(server, adb, wire):
    def cut(connection):
        server.answers["host:version"] = wire.block("0029")

    server.answers["host:version"] = cut
    assert adb.version() == 41
    assert server.requests == ["host:version", "host:version"]


def test_phones_are_listed_with_state_and_facts():
    text = (
        "0123456789ABCDEF       device usb:1-2 product:tissot model:Mi_A1 device:tissot_sprout "
        "transport_id:3\n"
        "127.0.0.1:6001         offline transport_id:4\n"
        "abc                    no permissions (missing udev rules? user is in the plugdev group); "
        "see [http://developer.android.com/tools/device.html] usb:1-4 transport_id:5\n"
        "xyz                    unauthorized usb:1-3 transport_id:6\n"
    )
    phones = parse_phones(text)
    assert [(p.serial, p.state) for p in phones] == [
        ("0123456789ABCDEF", "device"),
        ("127.0.0.1:6001", "offline"),
        ("abc", "no permissions"),
        ("xyz", "unauthorized"),
    ]
    assert phones[0].facts["model"] == "Mi_A1"
    assert phones[2].facts["usb"] == "1-4"


def test_the_short_list_is_read_too():
    assert parse_phones("a\tdevice\nb\toffline\n") == (
        AdbPhone("a", "device", {}),
        AdbPhone("b", "offline", {}),
    )


@given(st.text())
def test_any_list_is_read_without_a_crash(text):
    for phone in parse_phones(text):
        assert phone.serial
        assert phone.state


def test_a_service_gets_a_socket_without_a_timeout(server, adb):
    server.answers["localabstract:there"] = b"OKAYhello"
    with adb.socket_to("phone", "localabstract:there") as connection:
        assert connection.gettimeout() is None
        assert connection.recv(5) == b"hello"


def test_a_service_where_nobody_listens_has_an_error_of_its_own(server, adb, wire):
    server.answers["localabstract:nobody"] = wire.refusal("closed")
    with pytest.raises(NothingListensError):
        adb.socket_to("phone", "localabstract:nobody")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("device unauthorized.\nThis adb server's $ADB_VENDOR_KEYS is not set", "not allowed"),
        ("device offline", "does not answer"),
        ("device 'phone' not found", "not connected"),
    ],
)
def test_a_phone_that_is_not_ready_is_explained(server, adb, wire, said, sentence):
    server.answers["host:transport:phone"] = wire.refusal(said)
    with pytest.raises(PhoneError, match=sentence):
        adb.socket_to("phone", "shell:true")


def test_cancelling_ends_the_wait_for_a_service(server, adb):
    release = threading.Event()
    server.answers["shell:slow"] = lambda _connection: release.wait(5)
    cancel = CancelToken()

    def cancel_when_asked():
        server.wait_for("shell:slow")
        cancel.cancel()

    thread = threading.Thread(target=cancel_when_asked)
    thread.start()
    try:
        with pytest.raises(Cancelled):
            adb.socket_to("phone", "shell:slow", timeout_s=60, cancel=cancel)
    finally:
        release.set()
        thread.join()


def test_tracking_reports_each_list_until_it_is_cancelled(server, adb, wire):
    lists = [wire.block("")[4:], wire.block("a device model:One\n")[4:]]
    server.answers["host:track-devices-l"] = lambda connection: (
        connection.sendall(b"OKAY" + b"".join(lists)),
        connection.recv(1),
    )
    cancel = CancelToken()
    seen = []

    def put(phones):
        seen.append(phones)
        if len(seen) == 2:
            cancel.cancel()

    with pytest.raises(Cancelled):
        adb.track(put, cancel)
    assert seen == [(), (AdbPhone("a", "device", {"model": "One"}),)]


def test_tracking_says_when_the_server_goes(server, adb, wire):
    server.answers["host:track-devices-l"] = wire.block("")
    with pytest.raises(PhoneError, match="adb server went away"):
        adb.track(lambda _phones: None, CancelToken())


def test_connecting_to_nobody_is_explained(server, adb, wire):
    server.answers["host:connect:10.0.0.9:5555"] = wire.block("failed to connect to 10.0.0.9:5555")
    with pytest.raises(PhoneError, match=r"No phone answers at 10\.0\.0\.9:5555"):
        adb.connect("10.0.0.9:5555")


def test_a_server_that_cannot_be_started_is_named(monkeypatch, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    program = tmp_path / "adb"
    program.write_text("#!/bin/sh\necho cannot bind; exit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("ADBUTILS_ADB_PATH", str(program))
    with pytest.raises(PhoneError, match=f"No adb server runs on port {port}") as caught:
        Adb(port).version()
    assert "cannot bind" in caught.value.detail
