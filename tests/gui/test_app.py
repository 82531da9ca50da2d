"""The command line of the window."""

import sys

import pytest

from gui.app import main


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
