"""APKs from a terminal: built, checked, looked into, and their bytes accounted for."""

import json
import zipfile

import pytest

from engine.apk.pictures import shipped_pictures
from engine.apk.sizes import SizeChoice, SizedModel, measure_sizes, model_size, what_if
from engine.cli import run_cli
from tests.engine.apk.handmade import write_model


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Keep settings and key in a home of its own."""
    monkeypatch.setenv("MOBILENET_LAB_HOME", str(tmp_path / "home"))


@pytest.fixture
def model(tmp_path):
    return write_model(tmp_path / "small.tflite")


@pytest.fixture
def built(model, tmp_path, capsys):
    """Return an APK that the command built."""
    path = tmp_path / "a.apk"
    assert run_cli(["apk", "build", str(model), "--abi", "arm64-v8a", "-o", str(path)]) == 0
    capsys.readouterr()
    return path


def run_json(capsys, *arguments):
    assert run_cli([*map(str, arguments), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_what_is_built_holds_what_was_asked_for(model, tmp_path, capsys):
    path, labels = tmp_path / "b.apk", tmp_path / "labels.txt"
    labels.write_text("a\nb\nc\nd\n")
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "one.png").write_bytes(shipped_pictures()[0].read_bytes())

    found = run_json(
        capsys, "apk", "build", model, "--labels", labels, "--abi", "x86_64", "--abi", "arm64-v8a",
        "--fit", "letterbox", "--pictures", folder, "--threads", "2", "--delegate", "cpu",
        "--source", "pictures", "--name", "mine", "-o", path,
    )  # fmt: skip

    assert found["abis"] == ["arm64-v8a", "x86_64"]
    apk = zipfile.ZipFile(path)
    config = json.loads(apk.read("assets/lab/config.json"))
    assert {key: config[key] for key in ("name", "fit", "threads", "delegate", "source")} == {
        "name": "mine", "fit": "letterbox", "threads": 2, "delegate": "cpu", "source": "pictures",
    }  # fmt: skip
    assert apk.read("assets/lab/labels.txt") == b"a\nb\nc\nd\n"
    assert apk.namelist().count("assets/lab/pictures/01.png") == 1
    assert "assets/lab/pictures/02.png" not in apk.namelist()


@pytest.mark.parametrize("abis", [[], ["--abi", "all"], ["--abi", "x86_64", "--abi", "all"]])
def test_all_abis_are_kept_unless_one_is_named(model, tmp_path, capsys, abis):
    found = run_json(capsys, "apk", "build", model, *abis, "-o", tmp_path / "b.apk")

    assert found["abis"] == ["arm64-v8a", "armeabi-v7a", "x86_64"]


def test_pictures_can_be_left_out(model, tmp_path, capsys):
    run_json(capsys, "apk", "build", model, "--pictures", "none", "-o", tmp_path / "b.apk")

    assert not [n for n in zipfile.ZipFile(tmp_path / "b.apk").namelist() if n.endswith(".png")]


def test_a_whole_apk_is_said_to_be_whole(built, capsys):
    assert run_cli(["apk", "verify", str(built)]) == 0

    said = capsys.readouterr().out
    assert "a.apk is as it was signed (scheme v2 and v3, API 24 on)." in said
    found = run_json(capsys, "apk", "verify", built)
    assert found["schemes"] == ["v2", "v3"]
    assert f"signer {found['certificate_sha256']}" in said


def test_a_changed_apk_ends_in_2(built, capsys):
    data = bytearray(built.read_bytes())
    data[data.index(b"TFL3")] ^= 1
    built.write_bytes(data)

    assert run_cli(["apk", "verify", str(built)]) == 2
    out = capsys.readouterr()
    assert not out.out
    assert "must not be installed" in out.err


def test_what_is_in_an_apk_is_told(built, model, capsys):
    assert run_cli(["apk", "inspect", str(built)]) == 0

    said = capsys.readouterr().out
    found = run_json(capsys, "apk", "inspect", built)
    signer = run_json(capsys, "apk", "verify", built)["certificate_sha256"]
    assert found["package"] == "org.mobilenetlab.phone"
    assert found["abis"] == ["arm64-v8a"]
    assert found["signer"] == signer
    assert (found["model"]["task"], found["pictures"]) == ("classification", 6)
    for text in (found["package"], found["model"]["sha256"], signer, "arm64-v8a"):
        assert text in said


def test_an_unsigned_apk_is_told_to_be_unsigned(base_apk, capsys):
    found = run_json(capsys, "apk", "inspect", base_apk)

    assert (found["signer"], found["model"]) == ("", None)
    assert "is not signed" in found["unsigned"]
    assert run_cli(["apk", "inspect", str(base_apk)]) == 0
    assert "is not signed" in capsys.readouterr().out


@pytest.fixture
def base_apk():
    from engine.apk.ingredients import BASE_APK

    return BASE_APK


def test_the_bytes_of_an_apk_are_accounted_for(built, capsys):
    found = run_json(capsys, "apk", "sizes", built)

    assert found["total_bytes"] == built.stat().st_size == sum(found["parts"].values())
    assert found["parts"] == dict(measure_sizes(built).parts)
    assert run_cli(["apk", "sizes", str(built)]) == 0
    said = capsys.readouterr().out
    assert f"{built.stat().st_size:,}" in said
    assert "█" in said


def test_a_file_is_weighed_as_what_would_be_built_of_it(built, model, capsys):
    found = run_json(capsys, "apk", "sizes", model)

    assert found["total_bytes"] == built.stat().st_size


def test_what_if_names_what_could_be_chosen_instead(capsys):
    found = run_json(capsys, "apk", "sizes", "v1_0.50_128", "--precision", "int8")

    one = SizeChoice((SizedModel("v1_0.50_128-int8", model_size("v1_0.50_128", "int8")),),
                     ("arm64-v8a",))  # fmt: skip
    assert found["total_bytes"] == what_if(one).total_bytes
    other = {each["what"]: each["total_bytes"] for each in found["what_if"]}
    assert {"all ABIs", "x86_64 alone", "float32", "float16", "TensorFlow Mobile"} <= set(other)
    assert (
        other["float16"]
        < other["float32"]
        < other["all ABIs"]
        < other["TensorFlow Mobile, all ABIs"]
    )
    assert [each["claimed_bytes"] for each in found["report"]] == [110_100_480, 35_127_296]


def test_the_comparison_is_readable(capsys):
    assert run_cli(["apk", "sizes", "v1_0.50_128-float32", "v1_0.25_128", "--abi", "all"]) == 0

    out = capsys.readouterr()
    assert out.out.startswith("v1_0.50_128-float32 and v1_0.25_128-int8, all ABIs\n")
    for text in ("what if", "TensorFlow Mobile", "the report's apps", "105 MB", "this one"):
        assert text in out.out
    assert "2^20" in out.err


def test_the_table_has_4_variants_3_precisions_3_abis(capsys):
    found = run_json(capsys, "apk", "sizes", "--table")

    assert len(found) == 12
    assert {len(row) for row in found.values()} == {3}
    assert run_cli(["apk", "sizes", "--table"]) == 0
    assert "v1_0.25_128-int8" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["sizes", "v1_0.50_129"], "v1_0.50_128"),
        (["sizes", "v1_0.50_128", "--abi", "mips"], "no code for mips"),
        (["sizes", "v1_0.50_128", "--precision", "int4"], "int8"),
        (["sizes", "none.apk"], "is not there"),
        (["inspect", "none.apk"], "is not there"),
        (["verify", "none.apk"], "is not there"),
        (["build", "v1_0.25_128-int8", "--pictures", "/none", "-o", "x.apk"], "no folder /none"),
        (["build", "v1_0.25_128-int8"], "--output"),
    ],
)  # fmt: skip
def test_bad_input_is_one_sentence_and_ends_in_2(arguments, why, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert run_cli(["apk", *arguments]) == 2
    out = capsys.readouterr()
    assert not out.out
    assert why in out.err
    assert "Traceback" not in out.err
