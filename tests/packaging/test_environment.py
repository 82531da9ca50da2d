"""The environment maker says what is missing and the one command that mends it."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def environment():
    spec = importlib.util.spec_from_file_location("environment", ROOT / "packaging/environment.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_missing_libraries_are_named_as_debian_packages(environment, monkeypatch):
    libraries = {"libc.so.6": "libc6", "libnosuch.so.9": "libnosuch9"}
    monkeypatch.setattr(environment, "LIBRARIES", libraries)
    assert environment.missing_libraries() == ["libnosuch9"]


def test_without_root_one_sudo_command_is_said(environment, monkeypatch):
    monkeypatch.setattr(environment.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(environment.shutil, "which", lambda _name: "/usr/bin/apt-get")
    with pytest.raises(environment.SetupError) as raised:
        environment.ensure_packages(["libegl1", "libgl1"], "The window needs these")
    said = "sudo apt-get install -y --no-install-recommends libegl1 libgl1"
    assert said in str(raised.value)


def test_without_apt_the_packages_are_named(environment, monkeypatch):
    monkeypatch.setattr(environment.shutil, "which", lambda _name: None)
    with pytest.raises(environment.SetupError, match="libegl1"):
        environment.ensure_packages(["libegl1"], "The window needs these")


def test_nothing_missing_runs_nothing(environment, monkeypatch):
    monkeypatch.setattr(environment.shutil, "which", lambda _name: None)
    environment.ensure_packages([], "Nothing")


def test_a_changed_dependency_file_is_another_environment(environment, monkeypatch, tmp_path):
    before = environment._fingerprint()
    for name in ("pyproject.toml", "packaging/constraints.txt", "packaging/mirror_server.txt"):
        copy = tmp_path / name
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes((ROOT / name).read_bytes())
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    elsewhere = environment._fingerprint()
    (tmp_path / "packaging/constraints.txt").write_text("numpy==1.0\n")
    assert len({before, elsewhere, environment._fingerprint()}) == 3
