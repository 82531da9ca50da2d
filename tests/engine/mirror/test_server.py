"""The server's file, its command line and its complaints."""

import hashlib
import sys

import pytest

from engine.errors import LabError
from engine.mirror.server import (
    BUNDLED_SHA256,
    StreamOptions,
    complains,
    explain_server,
    load_server,
    start_command,
    taps_are_ignored,
)


def test_the_bundled_server_is_the_checked_one_and_its_package_is_not_run():
    server = load_server()
    assert hashlib.sha256(server.data).hexdigest() == BUNDLED_SHA256
    assert (server.version, server.major) == ("3.3.4", 3)
    assert not any(name.startswith("py_scrcpy") for name in sys.modules)


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("scrcpy-server-v4.1", "4.1"),
        ("scrcpy-server-3.3.4.jar", "3.3.4"),
        ("server-v12.0.1", "12.0.1"),
    ],
)
def test_a_server_of_ones_own_is_known_by_its_name(tmp_path, name, version):
    path = tmp_path / name
    path.write_bytes(b"x")
    assert load_server(path).version == version


def test_a_server_without_a_version_is_refused(tmp_path):
    with pytest.raises(LabError, match="version of the screen server scrcpy-server is not known"):
        load_server(tmp_path / "scrcpy-server")


def test_a_crash_that_is_no_matter_of_the_file_is_not_blamed_on_it():
    said = explain_server("java.lang.ArrayIndexOutOfBoundsException: length=1; indexOf=1")
    assert "file" not in said.what


def test_a_missing_server_is_named(tmp_path):
    with pytest.raises(LabError, match="cannot be read"):
        load_server(tmp_path / "scrcpy-server-v4.1")


def test_the_command_asks_for_what_was_chosen():
    command = start_command("3.3.4", 0xABC, StreamOptions(max_size=1280, max_fps=30))
    assert command.startswith(
        "CLASSPATH=/data/local/tmp/scrcpy-server.jar "
        "app_process / com.genymobile.scrcpy.Server 3.3.4 "
    )
    for word in (
        "scid=00000abc",
        "audio=false",
        "tunnel_forward=true",
        "max_size=1280",
        "max_fps=30",
    ):
        assert word in command.split()


def test_no_limit_is_not_sent():
    assert "max_size" not in start_command("3.3.4", 1, StreamOptions(max_size=0))


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (
            "IllegalArgumentException: The server version (3.3.4) does not match the client (4.1)",
            "another version",
        ),
        (
            "[server] ERROR: Exception\nandroid.media.MediaCodec$CodecException: Error 0xfffffff4",
            "encoder failed",
        ),
        ("java.lang.ClassNotFoundException: com.genymobile.scrcpy.Server", "cannot run"),
        ("", "did not start"),
    ],
)
def test_complaints_are_explained_with_advice(said, sentence):
    error = explain_server(said)
    assert sentence in str(error)
    assert error.advice
    assert error.detail == said


def test_ordinary_words_are_no_complaint():
    assert not complains("[server] INFO: Device: [Xiaomi] Xiaomi Mi A1 (Android 7.1.2)\n")
    assert complains("[server] ERROR: Could not open display")


def test_forbidden_taps_are_noticed():
    assert taps_are_ignored("SecurityException: Injecting requires INJECT_EVENTS permission")
