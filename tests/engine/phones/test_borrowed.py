"""Settings are given back as they were, also after a lab that was killed."""

import pytest

from engine.errors import LabError, PhoneError
from engine.phones.borrowed import borrow, give_back, keep_awake

KEY = "stay_on_while_plugged_in"


class Settings:
    """A phone's ``settings`` command, as far as it is asked."""

    def __init__(self, server, values):
        self.values = dict(values)
        self.asked = []
        self.forbidden = False
        self._server = server
        server.answers = Answers(self, server.answers)
        server.shell("getprop ro.serialno", "ABC 1\n")

    def run(self, words):
        self.asked.append(words)
        verb, _, key, *rest = words.split()
        if verb == "get":
            return self.values.get(key, "null"), 0
        if self.forbidden:
            return "java.lang.SecurityException: no WRITE_SECURE_SETTINGS", 255
        if verb == "put":
            self.values[key] = rest[0]
        else:
            self.values.pop(key, None)
        return "", 0


class Answers(dict):
    """Answers ``settings ...`` from the phone's values and all else as it is scripted."""

    def __init__(self, settings, scripted):
        super().__init__(scripted)
        self._settings = settings

    def get(self, request, default=None):
        prefix = "shell,v2,raw:settings "
        if not request.startswith(prefix):
            return super().get(request, default)
        text, code = self._settings.run(request.removeprefix(prefix))
        out = text.encode() + b"\n"
        packet = b"\x01" + len(out).to_bytes(4, "little") + out
        return b"OKAY" + packet + b"\x03\x01\0\0\0" + bytes([code])


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("MOBILENET_LAB_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def settings(server):
    return Settings(server, {KEY: "0"})


def kept(home):
    return list((home / "data" / "borrowed").glob("*"))


def test_a_setting_is_given_back_as_it_was(phone, settings, home):
    keep_awake(phone)
    assert settings.values == {KEY: "7"}
    assert [file.name for file in kept(home)] == ["ABC_1.json"]
    assert give_back(phone) == (f"global {KEY} = 0",)
    assert settings.values == {KEY: "0"}
    assert kept(home) == []
    assert give_back(phone) == ()


def test_a_setting_that_was_not_set_is_deleted_again(phone, settings):
    borrow(phone, "system", "user_rotation", "1")
    assert give_back(phone) == ("system user_rotation = not set",)
    assert settings.values == {KEY: "0"}


def test_the_first_old_value_is_kept_when_a_killed_lab_borrowed_before(phone, settings):
    keep_awake(phone)
    keep_awake(phone)  # the next lab finds the file of the one that was killed
    give_back(phone)
    assert settings.values == {KEY: "0"}


def test_what_is_so_already_is_not_borrowed(phone, settings, home):
    settings.values[KEY] = "7"
    keep_awake(phone)
    assert kept(home) == []
    assert give_back(phone) == ()
    assert settings.values == {KEY: "7"}


def test_what_a_person_changed_meanwhile_stays(phone, settings, home):
    keep_awake(phone)
    settings.values[KEY] = "3"
    assert give_back(phone) == ()
    assert settings.values == {KEY: "3"}
    assert kept(home) == []


def test_several_settings_are_kept_in_one_file(phone, settings, home):
    keep_awake(phone)
    borrow(phone, "system", "screen_off_timeout", "100")
    assert len(kept(home)) == 1
    assert len(give_back(phone)) == 2


def test_a_phone_that_forbids_it_is_named_and_nothing_is_kept(phone, settings, home):
    settings.forbidden = True
    with pytest.raises(PhoneError, match="does not let this computer change its settings"):
        keep_awake(phone)
    assert kept(home) == []


def test_what_could_not_be_given_back_is_kept_for_the_next_try(phone, settings, home):
    keep_awake(phone)
    settings.forbidden = True
    with pytest.raises(PhoneError):
        give_back(phone)
    assert len(kept(home)) == 1
    settings.forbidden = False
    assert give_back(phone) == (f"global {KEY} = 0",)


def test_nothing_is_changed_when_the_old_value_cannot_be_kept(phone, settings, home):
    (home / "data").mkdir()
    (home / "data" / "borrowed").write_text("a file where a folder should be")
    with pytest.raises(LabError):
        keep_awake(phone)
    assert settings.values == {KEY: "0"}


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b'[{"key": 1}]', b"\xff"])
def test_a_broken_file_says_nothing(phone, settings, home, content):
    keep_awake(phone)
    kept(home)[0].write_bytes(content)
    assert give_back(phone) == ()
    keep_awake(phone)
