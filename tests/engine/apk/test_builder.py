"""Base, model, labels and config become one APK."""

import hashlib
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from engine.apk.archive import ArchiveReader, native_abi
from engine.apk.builder import build_apk
from engine.apk.ingredients import BASE_APK, GPU_LIBRARIES, GPU_LIBRARY
from engine.apk.inspector import CONFIG, LABELS, MODEL, PICTURES, inspect_apk
from engine.apk.pictures import shipped_pictures
from engine.apk.signing import SigningKey, verify_apk
from engine.errors import Cancelled, LabError
from engine.jobs import CancelToken

SHARED = Path(__file__).parents[4] / "shared"


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


class TestPictures:
    """An APK brings pictures for the app's own source."""

    def test_the_labs_own_come_along_unless_none_are_wanted(self, build, tmp_path):
        with_pictures = build(tmp_path / "a.apk", pictures=None)
        without = build(tmp_path / "b.apk", pictures=())

        shipped = [path.read_bytes() for path in shipped_pictures()]
        apk = zipfile.ZipFile(tmp_path / "a.apk")
        names = [name for name in apk.namelist() if name.startswith(PICTURES)]
        assert names == [f"assets/lab/pictures/{number:02}.png" for number in range(1, 7)]
        assert [apk.read(name) for name in names] == shipped
        assert (with_pictures.pictures, without.pictures) == (6, 0)
        verify_apk(tmp_path / "a.apk")

    def test_they_come_in_the_order_they_were_given(self, build, tmp_path):
        backwards = shipped_pictures()[::-1]

        build(tmp_path / "a.apk", pictures=backwards)

        apk = zipfile.ZipFile(tmp_path / "a.apk")
        assert apk.read("assets/lab/pictures/01.png") == backwards[0].read_bytes()

    def test_one_that_cannot_be_shown_is_refused(self, build, tmp_path):
        with pytest.raises(LabError, match="is not a PNG"):
            build(tmp_path / "a.apk", pictures=[Path(__file__)])
        assert list(tmp_path.iterdir()) == []


class TestGpu:
    """The delegate gpu brings a library, and nothing else does."""

    @pytest.fixture
    def libraries(self, tmp_path):
        path = tmp_path / "gpu.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for abi in ("arm64-v8a", "x86_64"):
                archive.writestr(f"lib/{abi}/{GPU_LIBRARY}", abi.encode() * 9000)
        return path

    def test_its_library_is_added_for_each_abi(self, build, libraries, tmp_path, zipalign):
        abis = ["arm64-v8a", "x86_64"]

        facts = build(tmp_path / "a.apk", delegate="gpu", gpu=libraries, abis=abis)

        apk = zipfile.ZipFile(tmp_path / "a.apk")
        for abi in abis:
            assert apk.read(f"lib/{abi}/{GPU_LIBRARY}") == abi.encode() * 9000
        assert facts.model.delegate == "gpu"
        assert zipalign("-c", "-p", "-v", 4, tmp_path / "a.apk").returncode == 0
        verify_apk(tmp_path / "a.apk")

    def test_an_apk_with_it_can_be_the_base_of_one_without(self, build, libraries, tmp_path):
        build(tmp_path / "gpu.apk", delegate="gpu", gpu=libraries, abis=["x86_64"])

        build(tmp_path / "again.apk", base=tmp_path / "gpu.apk")

        assert GPU_LIBRARY not in str(zipfile.ZipFile(tmp_path / "again.apk").namelist())

    def test_an_abi_that_it_lacks_is_named(self, build, libraries, tmp_path):
        with pytest.raises(LabError, match="gpu has no code for armeabi-v7a") as refused:
            build(tmp_path / "a.apk", delegate="gpu", gpu=libraries)
        assert "arm64-v8a, x86_64" in refused.value.advice

    def test_a_lab_without_it_says_so(self, build, tmp_path):
        with pytest.raises(LabError, match="no library for the delegate gpu"):
            build(tmp_path / "a.apk", delegate="gpu", gpu=tmp_path / "none.zip")
        assert list(tmp_path.iterdir()) == []

    def test_the_shipped_one_fits_the_shipped_app(self, model, key, tmp_path):
        if not GPU_LIBRARIES.exists():
            pytest.skip("this checkout has no phone-app-gpu.zip")
        path = tmp_path / "a.apk"

        build_apk(model, (), path, name="x", untrained=True, key=key, delegate="gpu")

        with ArchiveReader(path) as apk:
            added = [entry for entry in apk.entries if entry.name.endswith(GPU_LIBRARY)]
        assert [native_abi(entry.name) for entry in added] == list(inspect_apk(BASE_APK).abis)
        assert all(entry.data_offset % 16384 == 0 for entry in added)


def test_the_fit_is_the_tasks_own_unless_asked(build, tmp_path):
    assert build(tmp_path / "a.apk").model.fit == "crop"
    assert build(tmp_path / "b.apk", fit="letterbox").model.fit == "letterbox"


@pytest.mark.skipif(not SHARED.exists(), reason="needs ../shared")
@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("mobilenet_v1_0.25_128_quant", ("classification", "crop", "probabilities")),
        ("mobilenet_v1_1.0_224_quant_embedding_extractor", ("embedding", "crop", "")),
        ("coco_ssd_mobilenet_v1_1.0_quant_2018_06_29", ("detection", "stretch", "")),
    ],
)
def test_the_config_says_what_the_graph_says(build, tmp_path, file, told):
    facts = build(tmp_path / "a.apk", model=SHARED / "models" / f"{file}.tflite", labels=())

    assert (facts.model.task, facts.model.fit, facts.model.scores) == told
    config = json.loads(zipfile.ZipFile(tmp_path / "a.apk").read(CONFIG))
    assert ("scores" in config) == bool(told[2])


def test_a_model_that_changes_while_it_is_packed_is_described_as_it_was_packed(
    build, make_model, tmp_path
):
    """The file is overwritten once its copy is complete, before it is inspected."""
    path = make_model(tmp_path / "m.tflite", classes=3000)
    data = path.read_bytes()

    def spoil(progress) -> None:
        if progress.step == "build" and progress.fraction == 1.0:
            path.write_bytes(b"gone")

    facts = build(tmp_path / "a.apk", model=path, report=spoil)

    assert path.read_bytes() == b"gone"
    assert facts.model.sha256 == hashlib.sha256(data).hexdigest()
    assert zipfile.ZipFile(tmp_path / "a.apk").read(MODEL) == data


def test_a_model_that_becomes_shorter_is_noticed(build, make_model, tmp_path):
    path = make_model(tmp_path / "m.tflite", classes=3000)

    def cut(progress) -> None:
        if progress.step == "build":
            with path.open("r+b") as file:
                file.truncate(1000)

    with pytest.raises(LabError, match=r"m\.tflite became shorter"):
        build(tmp_path / "a.apk", model=path, report=cut)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads Linux's own account")
def test_a_large_model_is_not_held_in_memory(base, model, key, tmp_path):
    """A child that may take 100 MB more builds, and checks, an APK with a model of 400 MB."""
    code = """
import re, resource, sys
from pathlib import Path
from engine.apk.builder import build_apk
from engine.apk.signing import SigningKey, verify_apk
key = SigningKey.from_pem(sys.stdin.buffer.read(), "key")
base, small, large, output = map(Path, sys.argv[1:])
def build(model):
    build_apk(model, [], output, name="x", untrained=True, key=key, base=base)
    return verify_apk(output).schemes
build(small)
data = int(re.search(r"VmData:\\s*(\\d+) kB", Path("/proc/self/status").read_text())[1]) << 10
resource.setrlimit(resource.RLIMIT_DATA, (data + (100 << 20), resource.RLIM_INFINITY))
print(*build(large))
"""
    large = tmp_path / "large.tflite"
    large.write_bytes(model.read_bytes())
    with large.open("r+b") as file:
        file.truncate(400 << 20)  # a model may be followed by anything; this takes no room
    done = subprocess.run(
        [sys.executable, "-c", code, base, model, large, tmp_path / "a.apk"],
        input=key.to_pem(),
        capture_output=True,
        check=False,
        cwd=Path(__file__).parents[3],
    )

    assert done.stdout.split() == [b"v2", b"v3"], done.stderr.decode()
