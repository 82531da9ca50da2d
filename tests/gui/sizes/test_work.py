"""What the view asks of the engine is what a deploy would really build."""

from pathlib import Path

import pytest

from engine.apk.builder import build_apk
from engine.apk.signing import SigningKey
from engine.errors import InstallError, LabError
from engine.models.inspector import inspect_model
from gui.shelf import OwnModel
from gui.sizes.what_if import Wish
from gui.sizes.work import Known, find_out, measure, packed_abi

MODEL = Path(__file__).parents[4] / "shared" / "models" / "mobilenet_v1_0.25_128_quant.tflite"
PRESENT = Wish("v1_0.50_128", "int8", abi="arm64-v8a")

NOTHING = Known({}, {})


def test_every_switch_makes_a_difference():
    found = find_out(PRESENT, PRESENT, NOTHING)
    assert found.wished == found.present
    words = [switch for switch, _more in found.alone]
    assert words[:2] == ["float32", "float16"]
    assert {"all ABIs", "TensorFlow Mobile"} <= set(words)
    assert all(more > 0 for _switch, more in found.alone)


def test_two_models_weigh_what_both_weigh():
    one = find_out(PRESENT, PRESENT, NOTHING).wished
    two = find_out(PRESENT._replace(second="v1_0.50_160"), PRESENT, NOTHING).wished
    assert two.model_bytes == 2 * one.model_bytes


def test_what_was_built_counts_as_it_is():
    known = Known({}, {"v1_0.50_128-int8": 1_500_001})
    assert find_out(PRESENT, PRESENT, known).present.model_bytes == 1_500_001


def test_the_floor_has_no_model():
    found = find_out(PRESENT, PRESENT, NOTHING)
    assert found.floor.model_bytes == 0
    assert found.floor.total_bytes < found.present.total_bytes


def test_the_reports_apps_stand_beside_what_they_said():
    apps = find_out(PRESENT, PRESENT, NOTHING).report
    assert len(apps) == 2
    for app in apps:
        assert app.why
        assert 0.7 < app.sizes.total_bytes / app.claimed_bytes < 1.4


@pytest.mark.skipif(not MODEL.is_file(), reason="the shared model is not here")
def test_an_own_model_comes_to_what_is_built_of_it(tmp_path):
    facts = inspect_model(MODEL)
    labels = tuple(f"label {number}" for number in range(1001))
    wish = Wish(MODEL.stem, facts.precision, abi="x86_64")
    found = find_out(wish, wish, Known({MODEL.stem: OwnModel(facts, labels)}, {}))
    key = SigningKey.load_or_create(tmp_path / "key.pem")
    apk = tmp_path / "lab.apk"
    build_apk(
        MODEL, labels, apk, name=MODEL.stem, untrained=facts.untrained, abis=["x86_64"], key=key
    )
    assert found.present == measure(apk)
    assert "float32" not in [switch for switch, _more in found.alone]


def test_what_the_engine_does_not_know_is_a_sentence():
    with pytest.raises(LabError):
        find_out(PRESENT._replace(model="v9_0.50_128"), PRESENT, NOTHING)


def test_the_abi_is_the_phones_best_that_the_app_has_code_for():
    assert packed_abi(("mips", "x86_64", "arm64-v8a")) == "x86_64"
    with pytest.raises(InstallError):
        packed_abi(("mips",))


def test_a_library_that_is_not_there_takes_only_its_own_row(monkeypatch):
    from engine.apk import sizes

    honest = sizes.what_if

    def without_gpu(choice):
        if choice.gpu:
            raise LabError("There is no GPU library here.")
        return honest(choice)

    monkeypatch.setattr(sizes, "what_if", without_gpu)
    found = find_out(PRESENT, PRESENT, NOTHING)
    assert "GPU library" not in [switch for switch, _more in found.alone]
    assert found.wished.total_bytes > 0
