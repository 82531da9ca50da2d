"""Base, model, labels and config become one APK."""

import hashlib
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from engine.apk.inspector import CONFIG, LABELS, MODEL, inspect_apk
from engine.apk.signing import SigningKey, verify_apk
from engine.errors import Cancelled, LabError
from engine.jobs import CancelToken


def test_the_app_finds_model_labels_and_config(build, model, tmp_path):
    build(tmp_path / "a.apk", threads=2, delegate="cpu", source="loop")

    apk = zipfile.ZipFile(tmp_path / "a.apk")
    data = model.read_bytes()
    assert apk.read(MODEL) == data
    assert apk.getinfo(MODEL).compress_type == zipfile.ZIP_STORED
    assert apk.read(LABELS).decode() == "background\nroad\nnot road\nStraße\n"
    assert json.loads(apk.read(CONFIG)) == {
        "name": "v1_0.25_128-float32",
        "sha256": hashlib.sha256(data).hexdigest(),
        "size_bytes": len(data),
        "untrained": True,
        "threads": 2,
        "delegate": "cpu",
        "source": "loop",
        "task": "classification",
        "fit": "crop",
        "scores": "logits",
    }


def test_everything_of_the_base_is_kept(build, base, tmp_path):
    build(tmp_path / "a.apk")

    before, after = zipfile.ZipFile(base), zipfile.ZipFile(tmp_path / "a.apk")
    assert after.namelist() == [*sorted(before.namelist()), MODEL, LABELS, CONFIG]
    for info in before.infolist():
        kept = after.getinfo(info.filename)
        assert after.read(info.filename) == before.read(info.filename)
        assert kept.compress_type == info.compress_type
        assert kept.compress_size == info.compress_size


def test_the_facts_are_those_of_the_file(build, tmp_path):
    path = tmp_path / "a.apk"

    facts = build(path)

    data = path.read_bytes()
    assert facts == inspect_apk(path)
    assert (facts.path, facts.size_bytes) == (path, len(data))
    assert facts.sha256 == hashlib.sha256(data).hexdigest()
    assert facts.package == "org.mobilenetlab.phone"
    assert (facts.version_code, facts.version_name) == (7, "0.1.0")
    assert facts.abis == ("arm64-v8a", "armeabi-v7a", "x86_64")
    assert not facts.manifest.debuggable
    assert facts.model.name == "v1_0.25_128-float32"


def test_the_same_again_is_the_same_bytes(build, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    build(tmp_path / "a.apk")
    build(tmp_path / "elsewhere" / "b.apk")

    one, two = (tmp_path / "a.apk").read_bytes(), (tmp_path / "elsewhere" / "b.apk").read_bytes()
    assert one == two


def test_only_the_wanted_abis_are_kept(build, tmp_path):
    facts = build(tmp_path / "a.apk", abis=["arm64-v8a"])

    names = zipfile.ZipFile(tmp_path / "a.apk").namelist()
    assert facts.abis == ("arm64-v8a",)
    assert [name for name in names if name.startswith("lib/")] == [
        "lib/arm64-v8a/libtensorflowlite_jni.so"
    ]
    verify_apk(tmp_path / "a.apk")


@pytest.mark.parametrize(
    ("abis", "named"), [(["mips"], "no code for mips"), ([], "no code for no ABI")]
)
def test_an_abi_that_the_base_lacks_is_named_with_those_it_has(build, tmp_path, abis, named):
    with pytest.raises(LabError, match=named) as refused:
        build(tmp_path / "a.apk", abis=abis)
    assert "arm64-v8a, armeabi-v7a, x86_64" in refused.value.advice
    assert list(tmp_path.iterdir()) == []


def test_a_built_apk_can_be_the_base_of_another(build, make_model, tmp_path):
    build(tmp_path / "first.apk")
    other = make_model(tmp_path / "other.tflite", classes=9)

    build(tmp_path / "again.apk", model=other, base=tmp_path / "first.apk")
    build(tmp_path / "direct.apk", model=other)

    assert (tmp_path / "again.apk").read_bytes() == (tmp_path / "direct.apk").read_bytes()


def test_signatures_of_the_old_kind_do_not_come_along(build, base, tmp_path):
    signed = tmp_path / "signed.apk"
    signed.write_bytes(base.read_bytes())
    with zipfile.ZipFile(signed, "a") as apk:
        for name in ("MANIFEST.MF", "CERT.SF", "CERT.RSA", "services/a.B"):
            apk.writestr(f"META-INF/{name}", b"1")

    build(tmp_path / "a.apk", base=signed)

    names = zipfile.ZipFile(tmp_path / "a.apk").namelist()
    assert [name for name in names if name.startswith("META-INF")] == ["META-INF/services/a.B"]


def test_a_model_without_labels_gets_an_empty_file(build, tmp_path):
    build(tmp_path / "a.apk", labels=())

    assert zipfile.ZipFile(tmp_path / "a.apk").read(LABELS) == b""


def test_both_steps_are_told_from_nothing_to_all(build, make_model, tmp_path):
    told = []

    big = make_model(tmp_path / "big.tflite", classes=4000)
    build(tmp_path / "a.apk", model=big, report=told.append)

    assert [progress.step for progress in told] == sorted(progress.step for progress in told)
    for step in ("build", "sign"):
        fractions = [progress.fraction for progress in told if progress.step == step]
        assert fractions == sorted(fractions)
        assert fractions[-1] == 1.0
        assert len(fractions) > 2
    assert told[-1].detail.endswith(" MB")


@pytest.mark.parametrize("when", [0, 3, -3, -1])
def test_cancelling_at_any_point_leaves_no_half_file(build, make_model, tmp_path, when):
    big = make_model(tmp_path / "big.tflite", classes=4000)
    output = tmp_path / "a.apk"
    told = []
    build(output, model=big, report=told.append)
    output.write_bytes(b"old")
    token = CancelToken()
    moment = told[when]

    def cancel_then(progress) -> None:
        if progress == moment:
            token.cancel()

    with pytest.raises(Cancelled):
        build(output, model=big, report=cancel_then, cancel=token)
    assert output.read_bytes() == b"old"
    assert sorted(tmp_path.iterdir()) == [output, big]


def test_a_token_cancelled_before_writes_nothing(build, tmp_path):
    token = CancelToken()
    token.cancel()

    with pytest.raises(Cancelled):
        build(tmp_path / "a.apk", cancel=token)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"threads": 0}, "0 threads"),
        ({"delegate": "tpu"}, "does not know tpu"),
        ({"fit": "squash"}, "does not know squash"),
        ({"source": "radio"}, "does not know radio"),
        ({"name": " "}, "has no name"),
        ({"name": "two\nlines"}, "has no name"),
        ({"labels": ["fine", "not\nfine", "", ""]}, "Label 2 has a line break"),
        ({"labels": ["ends so\r", "", "", ""]}, "Label 1 has a line break"),
        ({"labels": ["\ud800", "", "", ""]}, "not proper text"),
        ({"labels": ["road", "not road"]}, "4 classes, but 2 labels"),
    ],
)
def test_what_the_app_could_not_read_is_refused(build, tmp_path, changed, why):
    with pytest.raises(LabError, match=why):
        build(tmp_path / "a.apk", **changed)
    assert list(tmp_path.iterdir()) == []


def test_a_truncated_model_is_refused(build, model, tmp_path):
    cut = tmp_path / "cut.tflite"
    cut.write_bytes(model.read_bytes()[:900])

    with pytest.raises(LabError):
        build(tmp_path / "a.apk", model=cut)
    assert list(tmp_path.iterdir()) == [cut]


def test_a_model_that_takes_no_picture_is_refused(build, make_model, tmp_path):
    odd = make_model(tmp_path / "odd.tflite", shape=(1, 8, 8, 4))

    with pytest.raises(LabError, match="input"):
        build(tmp_path / "a.apk", model=odd)


def test_a_missing_base_says_how_to_build_it(build, tmp_path):
    with pytest.raises(LabError, match=r"packaging/android/build\.py"):
        build(tmp_path / "a.apk", base=tmp_path / "none.apk")


def test_a_broken_base_is_named(build, base, tmp_path):
    broken = tmp_path / "broken.apk"
    broken.write_bytes(base.read_bytes()[:-30])

    with pytest.raises(LabError, match=r"broken\.apk is not a sound APK"):
        build(tmp_path / "a.apk", base=broken)
    assert list(tmp_path.iterdir()) == [broken]


@pytest.mark.parametrize("which", ["model", "base"])
def test_what_the_apk_is_made_from_is_never_replaced(build, model, base, tmp_path, which):
    mine = {"model": tmp_path / "m.tflite", "base": tmp_path / "b.apk"}
    mine["model"].write_bytes(model.read_bytes())
    mine["base"].write_bytes(base.read_bytes())
    before = mine[which].read_bytes()

    with pytest.raises(LabError, match="would replace"):
        build(mine[which], **mine)
    assert mine[which].read_bytes() == before


def test_a_full_disk_leaves_no_half_file(base, model, key, tmp_path):
    """A limit on the size of files stands for the disk: both end a write half-way."""
    resource = pytest.importorskip("resource")
    code = """
import resource, sys
from pathlib import Path
from engine.apk.builder import build_apk
from engine.apk.signing import SigningKey
from engine.errors import LabError
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
key = SigningKey.from_pem(sys.stdin.buffer.read(), "key")
base, model, output = map(Path, sys.argv[2:])
try:
    build_apk(model, [], output, name="x", untrained=True, key=key, base=base)
except LabError as error:
    sys.exit(error.what)
"""
    assert resource.RLIM_INFINITY
    whole = base.stat().st_size
    for limit in (10_000, whole - 30_000):
        done = subprocess.run(
            [sys.executable, "-c", code, str(limit), base, model, tmp_path / "a.apk"],
            input=key.to_pem(),
            capture_output=True,
            check=False,
            cwd=Path(__file__).parents[3],
        )
        assert b"There is no room left to write a.apk" in done.stderr, done.stderr.decode()
        assert list(tmp_path.iterdir()) == []


def test_two_users_sign_differently_but_pack_alike(build, tmp_path):
    build(tmp_path / "a.apk")
    build(tmp_path / "b.apk", key=SigningKey.generate())

    one, two = (tmp_path / "a.apk").read_bytes(), (tmp_path / "b.apk").read_bytes()
    assert one != two
    assert len(one) == len(two)
