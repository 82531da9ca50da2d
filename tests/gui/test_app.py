"""The command line of the window."""

import sys

import pytest

from gui.app import main, parse_options, with_sample


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a display")
def test_without_a_display_a_sentence_is_said(monkeypatch, capfd):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert main([]) == 2
    assert "--headless OUT" in capfd.readouterr().err


def test_a_variant_that_does_not_exist_is_refused_before_anything_starts(capfd):
    assert main(["--variant", "v1_0.5_128-int8"]) == 2
    assert "v1_0.50_128" in capfd.readouterr().err


def test_help_names_every_command(capfd):
    from engine.cli import app

    with pytest.raises(SystemExit):
        main(["--help"])
    said = capfd.readouterr().out
    names = [each.name or each.callback.__name__ for each in app.registered_commands]
    names += [each.name for each in app.registered_groups]
    assert len(names) > 8
    for name in names:
        assert name.replace("_", "-") in said


def test_a_demo_shows_the_trained_sample_unless_asked_otherwise():
    def model(*words):
        return with_sample(parse_options([*words])).model

    assert model("--demo").name == "road-or-not.tflite"
    assert model("--demo").is_file()
    assert model() is None
    assert model("--demo", "--variant", "v1_0.50_128-int8") is None
    assert model("--demo", "--model", "own.tflite").name == "own.tflite"
