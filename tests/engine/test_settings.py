"""Settings come back as they were saved, and a broken file is never lost."""

import dataclasses

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from engine.errors import LabError
from engine.settings import Settings, load_settings, save_settings


@pytest.fixture
def path(tmp_path):
    return tmp_path / "settings.toml"


def test_no_file_means_the_defaults(path):
    loaded = load_settings(path)
    assert loaded.settings == Settings()
    assert loaded.notice == ""


def test_what_was_saved_comes_back(path):
    chosen = Settings(adb_port=6000, theme="dark", last_phone="ä b", window_geometry="AAEC=")
    save_settings(chosen, path)
    assert load_settings(path).settings == chosen
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_field_of_a_newer_lab_is_ignored(path):
    path.write_text('theme = "light"\nnew_thing = 3\n')
    loaded = load_settings(path)
    assert loaded.settings == Settings(theme="light")
    assert loaded.notice == ""


@pytest.mark.parametrize(
    "content",
    [
        b"this is not TOML",
        b"\xff\xfe\x00",
        b'theme = "pink"',
        b'adb_port = "5037"',
        b"adb_port = 70000",
        b"adb_port = true",
        b"mirror_max_fps = 0",
        b"mirror_max_size = -1",
    ],
)
def test_a_file_that_makes_no_sense_is_kept_aside_and_said(path, content):
    path.write_bytes(content)
    loaded = load_settings(path)
    assert loaded.settings == Settings()
    (aside,) = path.parent.glob("*.broken-*")
    assert aside.read_bytes() == content
    assert str(aside) in loaded.notice
    save_settings(Settings(), path)
    assert aside.read_bytes() == content


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path):
    with pytest.raises(LabError, match="There is no folder"):
        save_settings(Settings(), tmp_path / "no" / "settings.toml")


def test_the_servers_path_is_none_unless_chosen():
    assert Settings().server is None
    assert Settings(scrcpy_server="/x/server-v4").server.name == "server-v4"


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(), st.text(), st.integers(0, 65535), st.integers(1, 240))
def test_any_settings_survive_the_file(path, phone, geometry, port, fps):
    chosen = dataclasses.replace(
        Settings(), last_phone=phone, window_geometry=geometry, adb_port=port, mirror_max_fps=fps
    )
    save_settings(chosen, path)
    assert load_settings(path).settings == chosen
