"""The window at work on a virtual phone, through the real adb: the whole line, and its ends."""

import hashlib
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtWidgets import QApplication

from engine.jobs import Ended, Outcome
from engine.measuring.presets import PRESETS, Preset
from engine.settings import Settings
from gui.app import Parts, compose
from gui.options import Options

SHARED = Path(__file__).parents[2] / ".." / "shared"
MODEL = SHARED / "models" / "mobilenet_v1_0.5_160_quant.tflite"
PHOTOS = SHARED / "pictures" / "photos"

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(not MODEL.is_file(), reason="the shared model is not here"),
]


@pytest.fixture(scope="module")
def adb_port() -> int:
    from adbutils import adb_path

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    yield port
    subprocess.run([adb_path(), "-P", str(port), "kill-server"], check=False, capture_output=True)


@pytest.fixture
def open_lab(qtbot, qapp: QApplication, adb_port, tmp_path, monkeypatch):
    monkeypatch.setenv("MOBILENET_LAB_HOME", str(tmp_path))
    opened: list[Parts] = []

    def build(**options) -> Parts:
        parts = compose(qapp, Options(theme="light", **options), Settings(adb_port=adb_port))
        opened.append(parts)
        qtbot.addWidget(parts.window)
        parts.window.show()
        parts.lab.start()
        return parts

    yield build
    for parts in opened:
        parts.controller.stop()


def ended_well(args: list) -> bool:
    return isinstance(args[0], Ended) and args[0].outcome is Outcome.COMPLETED


def test_the_whole_line_from_a_model_to_a_run(qtbot, open_lab, tmp_path):
    parts = open_lab(demo=True, model=MODEL, camera=PHOTOS)
    window, lab = parts.window, parts.lab
    qtbot.waitUntil(window.deploy_panel.deploy_button.isEnabled, timeout=30_000)
    qtbot.waitUntil(lambda: window.mirror_view.picture() is not None, timeout=30_000)
    assert window.variant_list.choice().path == MODEL
    assert "this computer" in window.banner.text
    with qtbot.waitSignal(lab.deployed, timeout=60_000) as told:
        window.deploy_panel.deploy_button.click()
    assert ended_well(told.args), told.args
    qtbot.waitUntil(lambda: window.digits.texts()[0] != "\N{EN DASH} ms", timeout=20_000)
    assert window.digits.texts()[2] != "\N{EN DASH} MB"
    qtbot.waitUntil(lambda: bool(window.recognised.bars.rows), timeout=20_000)
    with qtbot.waitSignal(lab.measured, timeout=60_000) as told:
        lab.measure(2.0)
        qtbot.waitUntil(lambda: window.mirror_view.state == "measuring", timeout=20_000)
    assert ended_well(told.args), told.args
    qtbot.waitUntil(lambda: window.mirror_view.state == "live", timeout=20_000)
    qtbot.waitUntil(window.run_result.isVisible, timeout=20_000)
    assert window.run_result.view.run_id == told.args[0].result.row.id
    window.digits.back.click()
    assert window.charts.isVisible()
    parts.controller.runs.export(tmp_path / "run.json")
    qtbot.waitUntil((tmp_path / "run.json").is_file, timeout=20_000)
    begin = time.monotonic()
    parts.controller.stop()
    assert time.monotonic() - begin < 5  # 2 s are promised; this guards against a hang


def tell(parts: Parts, line: str) -> None:
    """Do something to the virtual phone, as a hand would: pull the cable, close the app."""
    pipe = parts.controller.demo.program.child.stdin
    pipe.write(line + "\n")
    pipe.flush()


def deploy(qtbot, parts: Parts) -> None:
    button = parts.window.deploy_panel.deploy_button
    qtbot.waitUntil(button.isEnabled, timeout=30_000)
    qtbot.waitUntil(lambda: parts.window.variant_list.choice().path == MODEL, timeout=30_000)
    with qtbot.waitSignal(parts.lab.deployed, timeout=60_000) as told:
        button.click()
    assert ended_well(told.args), told.args
    qtbot.waitUntil(parts.window.run_panel.measure_button.isEnabled, timeout=20_000)


def test_a_retrained_model_is_deployed_from_where_it_was_made(qtbot, open_lab):
    parts = open_lab(demo=True)
    window, training = parts.window, parts.lab.training
    panel = window.train_view.deploy_panel
    window.side_bar.choose("train")
    evaluation = SimpleNamespace(model_sha256=hashlib.sha256(MODEL.read_bytes()).hexdigest())
    training.done = SimpleNamespace(
        models={"int8": MODEL}, result=SimpleNamespace(evaluations=(evaluation,))
    )
    qtbot.waitUntil(window.deploy_panel.deploy_button.isEnabled, timeout=30_000)
    assert panel.deploy_button.isEnabled()
    with qtbot.waitSignal(parts.lab.deployed, timeout=60_000) as told:
        panel.deploy_button.click()
    assert ended_well(told.args), told.args
    assert window.variant_list.choice().path == MODEL
    assert panel.shape.state == "ok"
    qtbot.waitUntil(window.train_view.on_phone.isVisible, timeout=20_000)
    qtbot.waitUntil(lambda: "%" in window.train_view.on_phone.figure.text(), timeout=20_000)


def test_a_cable_pulled_in_mid_run_loses_nothing(qtbot, open_lab):
    parts = open_lab(demo=True, model=MODEL)
    window, lab = parts.window, parts.lab
    deploy(qtbot, parts)
    qtbot.waitUntil(lambda: window.mirror_view.state == "live", timeout=20_000)
    with qtbot.waitSignal(lab.measured, timeout=60_000) as told:
        lab.measure(60.0)
        qtbot.waitUntil(lambda: "left out" in window.run_panel.said.text(), timeout=20_000)
        tell(parts, "unplug")
    assert ended_well(told.args), told.args
    record = told.args[0].result
    assert record.row.end == "link lost"
    assert record.row.sample_count > 0
    qtbot.waitUntil(lambda: window.mirror_view.state == "left", timeout=20_000)
    assert "kept" in window.run_panel.said.text()
    assert window.digits.chip.text.startswith(f"run {record.row.id}")
    assert window.digits.chip.text.endswith(record.row.facts.phone_note)
    assert window.run_panel.export_button.isEnabled()


def test_a_sweep_outlives_a_pulled_cable_and_keeps_what_was_measured(qtbot, open_lab, monkeypatch):
    monkeypatch.setitem(PRESETS, "quick", Preset("quick", 0.5, 6.0, 50, 0.5))
    parts = open_lab(demo=True, model=MODEL)
    window, sweep = parts.window, parts.lab.sweep
    page = window.compare_view.sweep
    qtbot.waitUntil(
        lambda: (row := window.variant_list.choice()) is not None and row.path == MODEL,
        timeout=30_000,
    )
    window.run_panel.sweep_requested.emit()
    assert page.isVisible()
    qtbot.waitUntil(lambda: page.models.ticked() == (str(MODEL),), timeout=30_000)
    qtbot.waitUntil(page.start_button.isEnabled, timeout=30_000)
    with qtbot.waitSignal(sweep.told, timeout=60_000, check_params_cb=lambda s: s.measured == 1):
        page.start_button.click()  # puts the app on the phone first
    assert not window.deploy_panel.deploy_button.isEnabled()
    tell(parts, "unplug")
    qtbot.waitUntil(lambda: "the phone left" in page.standing.said.what.text(), timeout=20_000)
    tell(parts, "replug")
    with qtbot.waitSignal(sweep.ended, timeout=60_000) as ended:
        with qtbot.waitSignal(
            sweep.told, timeout=60_000, check_params_cb=lambda s: s.measured == 2
        ):
            pass
        begin = time.monotonic()
        page.standing.cancel_button.click()
    assert ended.args[0].outcome is Outcome.CANCELLED
    assert time.monotonic() - begin < 5  # 1 s is promised; this guards against a hang
    qtbot.waitUntil(page.unfinished.isVisible, timeout=20_000)
    assert "2 of 3 measured" in page.unfinished.rows[0].series.sentence
    qtbot.waitUntil(page.unfinished.rows[0].resume_button.isEnabled, timeout=30_000)  # it is back


def test_a_mirror_that_stopped_comes_back_at_a_click(qtbot, open_lab):
    parts = open_lab(demo=True)
    mirror = parts.window.mirror_view
    qtbot.waitUntil(lambda: mirror.state == "live", timeout=30_000)
    parts.controller.session.mirror.stop()
    qtbot.waitUntil(mirror.again.isVisible, timeout=20_000)
    mirror.again.click()
    qtbot.waitUntil(lambda: mirror.state == "live", timeout=30_000)
    assert not mirror.again.isVisible()


def test_an_app_that_is_opened_on_the_phone_is_found(qtbot, open_lab):
    parts = open_lab(demo=True, model=MODEL)
    deploy(qtbot, parts)
    tell(parts, "kill-app")
    qtbot.waitUntil(lambda: not parts.lab.right.linked, timeout=20_000)
    with qtbot.waitSignal(parts.lab.model_runs, timeout=30_000):
        parts.controller.session.phone.shell("am start -n org.mobilenetlab.phone/.MainActivity")
    qtbot.waitUntil(parts.window.run_panel.measure_button.isEnabled, timeout=20_000)


def test_an_app_of_another_signer_is_replaced_at_a_click(qtbot, open_lab, tmp_path):
    from engine.apk.builder import build_apk
    from engine.apk.signing import SigningKey
    from engine.phones import installer

    parts = open_lab(demo=True, model=MODEL)
    panel, lab = parts.window.deploy_panel, parts.lab
    qtbot.waitUntil(panel.deploy_button.isEnabled, timeout=30_000)
    qtbot.waitUntil(lambda: parts.window.variant_list.choice().path == MODEL, timeout=30_000)
    other = tmp_path / "other.apk"
    key = SigningKey.load_or_create(tmp_path / "other.pem")
    build_apk(MODEL, (), other, name="x", untrained=False, abis=["x86_64"], key=key)
    installer.install(parts.controller.session.phone, other)
    with qtbot.waitSignal(lab.deployed, timeout=60_000) as told:
        panel.deploy_button.click()
    assert told.args[0].outcome is Outcome.FAILED
    assert panel.remedy_button.isVisible()
    panel.remedy_button.click()
    with qtbot.waitSignal(lab.deployed, timeout=60_000) as told:
        panel.confirm.yes.click()
    assert ended_well(told.args), told.args


def test_closing_in_mid_run_keeps_what_was_measured(qtbot, open_lab, tmp_path):
    from engine.records.database import Database

    parts = open_lab(demo=True, model=MODEL)
    deploy(qtbot, parts)
    parts.lab.measure(60.0)
    said = parts.window.run_panel.said
    qtbot.waitUntil(lambda: "left out" in said.text(), timeout=20_000)
    parts.controller.stop()
    database = Database(tmp_path / "data" / "lab.sqlite")
    (row,) = database.runs()
    database.close()
    assert row.end == "cancelled"
    assert row.sample_count > 0


def test_a_phone_that_leaves_is_told_and_taken_again(qtbot, open_lab):
    parts = open_lab(demo=True)
    window = parts.window
    qtbot.waitUntil(lambda: window.mirror_view.state == "live", timeout=30_000)
    serial = window.phone_card.serial()
    adb = parts.controller._adb
    adb.disconnect(serial)
    qtbot.waitUntil(lambda: not window.empty_state.isHidden(), timeout=20_000)
    assert not window.deploy_panel.deploy_button.isEnabled()
    assert window.banner.text == ""
    adb.connect(serial)
    qtbot.waitUntil(lambda: window.mirror_view.state == "live", timeout=30_000)
    assert window.phone_card.serial() == serial


def test_a_model_that_is_none_is_refused_where_it_was_dropped(qtbot, open_lab, tmp_path):
    bad = tmp_path / "bad.tflite"
    bad.write_bytes(b"no model")
    parts = open_lab()
    with qtbot.waitSignal(parts.controller.shelf.model_refused, timeout=20_000):
        parts.window.variant_list.model_dropped.emit(bad)
    assert parts.window.variant_list.trouble.isVisible()
    assert "bad.tflite" in parts.window.variant_list.trouble.text()


def test_the_virtual_phone_ends_with_the_lab(qtbot, open_lab):
    parts = open_lab(demo=True)
    with qtbot.waitSignal(parts.controller.demo.ready, timeout=30_000):
        pass
    child = parts.controller.demo.program.child
    parts.controller.stop()
    assert child.poll() is not None


def test_a_command_does_not_open_the_window():
    done = subprocess.run(
        [sys.executable, "-m", "gui", "variants", "--json"],
        check=False,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "QT_QPA_PLATFORM": "none"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "v1_0.50_128" in done.stdout


def test_help_names_the_options_and_the_commands():
    done = subprocess.run(
        [sys.executable, "-m", "gui", "--help"],
        check=False,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0
    for word in ("--demo", "--headless", "--variant", "doctor", "virtual-phone"):
        assert word in done.stdout


def test_a_swap_changes_the_model_and_not_the_apk(qtbot, open_lab):
    parts = open_lab(demo=True, model=MODEL)
    window, lab = parts.window, parts.lab
    assert not window.deploy_panel.swap_button.isEnabled()
    deploy(qtbot, parts)
    qtbot.waitUntil(lambda: window.digits.texts()[2] != "\N{EN DASH} MB", timeout=20_000)
    apk = window.digits.texts()[2]
    qtbot.waitUntil(window.deploy_panel.swap_button.isEnabled, timeout=20_000)
    window.variant_card.fits.choose("letterbox")
    with (
        qtbot.waitSignal(lab.model_runs, timeout=30_000) as runs,
        qtbot.waitSignal(lab.swapped, timeout=30_000) as told,
    ):
        window.deploy_panel.swap_button.click()
    assert ended_well(told.args), told.args
    assert runs.args[0].fit == "letterbox"
    assert "APK on the phone is not changed" in window.deploy_panel.what.text()
    qtbot.waitUntil(lambda: "swapped in" in window.digits._values[2][3], timeout=20_000)
    assert window.digits.texts()[2] == apk


def test_how_it_runs_is_changed_while_it_runs(qtbot, open_lab):
    parts = open_lab(demo=True, model=MODEL)
    deploy(qtbot, parts)
    options = parts.window.run_options
    for changes, said in (
        ({"source": "loop"}, "engine loop"),
        ({"source": "camera", "camera": "front"}, "camera, front"),
        ({"threads": 1}, "1 thread "),
        ({"delegate": "cpu"}, " cpu"),
    ):
        parts.controller.runs.change(changes)
        qtbot.waitUntil(lambda said=said: said in options.fold.said + " ", timeout=20_000)
    parts.controller.runs.change({"delegate": "nnapi"})
    qtbot.waitUntil(lambda: "nnapi was refused" in options.trouble.text(), timeout=20_000)


def test_a_phone_that_was_left_clean_stays_so_until_it_is_used_again(qtbot, open_lab):
    parts = open_lab(demo=True, model=MODEL)
    window, controller = parts.window, parts.controller
    deploy(qtbot, parts)
    serial = controller.serial
    window.phone_card.clean_action.trigger()
    with qtbot.waitSignal(controller.cleaner.ended, timeout=30_000) as told:
        window.cleaning_page.confirm.yes.click()
    assert ended_well(told.args), told.args
    assert "org.mobilenetlab.phone" in told.args[0].result.removed
    assert any("stay_on_while_plugged_in" in each for each in told.args[0].result.restored)
    controller.choose_phone(window.phone_card.entry())  # news of phones do not wake it
    assert controller.session is None
    assert window.deploy_panel.deploy_button.isEnabled()
    with qtbot.waitSignal(parts.lab.deployed, timeout=60_000) as told:
        window.cleaning_page.deploy_button.click()
    assert ended_well(told.args), told.args
    assert controller.serial == serial
    assert window.mirror_view.isVisible()


def test_a_virtual_phone_that_ended_is_started_again_at_a_click(qtbot, open_lab):
    parts = open_lab(demo=True)
    window, demo = parts.window, parts.controller.demo
    qtbot.waitUntil(lambda: window.mirror_view.state == "live", timeout=30_000)
    demo.program.child.kill()
    qtbot.waitUntil(window.empty_state.isVisible, timeout=30_000)
    qtbot.waitUntil(lambda: "ended" in window.empty_state.note.text(), timeout=20_000)
    with qtbot.waitSignal(demo.ready, timeout=30_000):
        window.empty_state.try_button.click()
    qtbot.waitUntil(lambda: window.mirror_view.state == "live", timeout=30_000)
