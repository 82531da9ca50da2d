"""Offline packs: written whole, read whole, and nothing that was changed gets in."""

import hashlib
import json
import shutil
import stat
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import Cancelled, LabError
from engine.jobs import CancelToken
from engine.models.marker import Marker, add_marker
from engine.models.store import ModelStore, Note
from engine.sources.importing import import_model
from engine.sources.manifest import Manifest
from engine.sources.pack import read_pack, write_pack
from engine.sources.packed_files import is_pack

BUILT_KEY = "5e" * 32


@pytest.fixture
def here(tmp_path, tiny_model):
    """A store with an imported, a labelled and a built model."""
    store = ModelStore(tmp_path / "here")
    plain, labelled = tmp_path / "plain.tflite", tmp_path / "labelled.tflite"
    plain.write_bytes(tiny_model())
    labelled.write_bytes(tiny_model(softmax=False))
    store.add(plain, note=Note(source="https://example.com/plain", licence="Apache-2.0"))
    store.add(labelled, labels=("rot", "grün", "blau"))
    built = add_marker(tiny_model(), Marker("v1_0.25_128", "float32", untrained=True))
    store.put(BUILT_KEY, built, name="v1_0.25_128-float32")
    return store


@pytest.fixture
def there(tmp_path):
    return ModelStore(tmp_path / "there")


@pytest.fixture(params=["pack.zip", "pack"])
def pack(here, tmp_path, request):
    write_pack(here.list(), tmp_path / request.param)
    return tmp_path / request.param


@pytest.fixture
def folder(here, tmp_path):
    write_pack(here.list(), tmp_path / "pack")
    return tmp_path / "pack"


def told(model):
    return (model.name, model.key, model.sha256, model.built, model.note.source)


def test_a_pack_brings_everything_to_another_computer(here, there, pack):
    kept = read_pack(pack, store=there)
    assert [told(model) for model in kept] == [told(model) for model in here.list()]
    assert [told(model) for model in there.list()] == [told(model) for model in here.list()]
    labelled = there.find("labelled")
    assert labelled.labels.read_text(encoding="utf-8") == "rot\ngrün\nblau\n"
    assert there.path_of(BUILT_KEY) is not None  # so it is not built again
    assert there.find("plain").note.licence == "Apache-2.0"


def test_a_pack_says_what_it_holds(here, tmp_path):
    packed = write_pack([here.find("plain")], tmp_path / "one.zip")
    with zipfile.ZipFile(packed.path) as opened:
        (model,) = json.loads(opened.read("manifest.json"))["models"]
        data = opened.read(model["path"])
    assert hashlib.sha256(data).hexdigest() == model["sha256"]
    assert (model["name"], model["size_bytes"], model["task"]) == (
        "plain", len(data), "classification",
    )  # fmt: skip
    assert (model["source"], model["licence"]) == ("https://example.com/plain", "Apache-2.0")
    assert (packed.models, packed.size_bytes) == (1, len(data))


def test_what_is_here_already_stays(here, there, pack, tmp_path):
    there.add(tmp_path / "plain.tflite", name="mine")
    read_pack(pack, store=there)
    assert [model.name for model in there.list()] == ["labelled", "mine", "v1_0.25_128-float32"]


def test_progress_is_told(here, there, tmp_path):
    seen = []
    write_pack(here.list(), tmp_path / "pack.zip", report=seen.append)
    read_pack(tmp_path / "pack.zip", store=there, report=seen.append)
    assert list(dict.fromkeys(each.step for each in seen)) == ["pack", "check", "keep"]
    assert seen[-1].fraction == 1.0


def test_an_empty_pack_is_not_written(tmp_path):
    with pytest.raises(LabError, match="nothing to pack"):
        write_pack([], tmp_path / "pack.zip")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["pack.zip", "pack"])
def test_a_cancelled_pack_leaves_nothing(here, tmp_path, name):
    cancel = CancelToken()
    before = sorted(tmp_path.iterdir())
    with pytest.raises(Cancelled):
        write_pack(here.list(), tmp_path / name, cancel=cancel, report=lambda _: cancel.cancel())
    assert sorted(tmp_path.iterdir()) == before


def test_a_damaged_model_is_not_packed(here, tmp_path):
    model = here.find("plain")
    model.path.write_bytes(b"x" * model.size_bytes)
    with pytest.raises(LabError, match="plain is damaged"):
        write_pack([model], tmp_path / "pack.zip")
    assert not (tmp_path / "pack.zip").exists()


def test_a_folder_with_something_in_it_is_left_alone(here, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "photo.jpg").write_bytes(b"mine")
    with pytest.raises(LabError, match="is there already"):
        write_pack(here.list(), tmp_path / "full")
    with pytest.raises(LabError, match="no folder"):
        write_pack(here.list(), tmp_path / "none" / "pack")
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["photo.jpg"]


def test_an_empty_folder_is_filled(here, there, tmp_path):
    (tmp_path / "empty").mkdir()
    write_pack(here.list(), tmp_path / "empty")
    assert len(read_pack(tmp_path / "empty", store=there)) == 3


def test_a_cancelled_import_keeps_nothing(there, pack):
    cancel = CancelToken()

    def cancel_late(progress):
        if progress.step == "keep" and progress.fraction:
            cancel.cancel()

    with pytest.raises(Cancelled):
        read_pack(pack, store=there, cancel=cancel, report=cancel_late)
    assert there.list() == ()


def test_what_was_there_before_a_cancelled_import_stays(there, pack, tmp_path):
    there.add(tmp_path / "plain.tflite", name="mine")
    cancel = CancelToken()
    with pytest.raises(Cancelled):
        read_pack(
            pack, store=there, cancel=cancel,
            report=lambda progress: cancel.cancel() if progress.step == "keep" else None,
        )  # fmt: skip
    assert [model.name for model in there.list()] == ["mine"]


def manifest_of(folder):
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


def with_manifest(folder, **changes):
    told = manifest_of(folder)
    told["models"][0] |= changes
    (folder / "manifest.json").write_text(json.dumps(told))


def refused(folder, there, said, tmp_path):
    """The pack is refused as a folder and as a zip, and nothing of it is kept."""
    shutil.make_archive(str(tmp_path / "again"), "zip", folder)
    for source in (folder, tmp_path / "again.zip"):
        with pytest.raises(LabError, match=said):
            read_pack(source, store=there)
        assert there.list() == ()


def test_a_changed_model_is_refused(folder, there, tmp_path):
    last = max((folder / "models").glob("*.tflite"))
    data = bytearray(last.read_bytes())
    data[-1] ^= 1
    last.write_bytes(data)
    refused(folder, there, "was changed since it was packed", tmp_path)


def test_changed_labels_are_refused(folder, there, tmp_path):
    (labels,) = (folder / "models").glob("*.labels.txt")
    labels.write_text("rot\ngrün\nbraun\n"[: labels.stat().st_size], encoding="utf-8")
    refused(folder, there, "was changed|has .* bytes instead of", tmp_path)


def test_a_shorter_file_is_refused(folder, there, tmp_path):
    first = min((folder / "models").glob("*.tflite"))
    first.write_bytes(first.read_bytes()[:-1])
    refused(folder, there, "bytes instead of", tmp_path)


def test_a_missing_file_is_refused(folder, there, tmp_path):
    min((folder / "models").glob("*.tflite")).unlink()
    refused(folder, there, "lacks models/", tmp_path)


@pytest.mark.parametrize(
    "path", ["../secret.tflite", "/etc/passwd", "models/../../x", "models/a/b", "models\\x", "", 5]
)
def test_a_manifest_that_leads_out_is_refused(folder, there, tmp_path, path):
    (tmp_path / "secret.tflite").write_bytes(b"x")
    with_manifest(folder, path=path)
    refused(folder, there, "list inside .* is damaged", tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        {"size_bytes": -1}, {"size_bytes": 1 << 40}, {"size_bytes": "9"}, {"size_bytes": True},
        {"sha256": "00"}, {"sha256": None}, {"key": "../../x"}, {"key": ""}, {"name": ""},
        {"name": "x" * 2000}, {"name": None}, {"labels": {}}, {"labels": []}, {"source": 5},
        {"labels": {"path": "../x", "size_bytes": 1, "sha256": "00" * 32}},
    ],
)  # fmt: skip
def test_a_manifest_with_odd_fields_is_refused(folder, there, tmp_path, change):
    with_manifest(folder, **change)
    refused(folder, there, "list inside .* is damaged", tmp_path)


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b"null", b"\xff", b"[" * 99_999, b'{"format": "other"}']
)
def test_a_manifest_that_is_none_is_refused(folder, there, tmp_path, content):
    (folder / "manifest.json").write_bytes(content)
    refused(folder, there, "list inside .* is damaged", tmp_path)


def test_a_model_listed_twice_is_refused(folder, there, tmp_path):
    told = manifest_of(folder)
    told["models"].append(told["models"][0])
    (folder / "manifest.json").write_text(json.dumps(told))
    refused(folder, there, "list inside .* is damaged", tmp_path)


def test_a_pack_of_a_newer_lab_is_told(folder, there, tmp_path):
    told = manifest_of(folder) | {"version": 2, "models": "something new"}
    (folder / "manifest.json").write_text(json.dumps(told))
    refused(folder, there, "newer MobileNet Lab", tmp_path)


def test_a_model_under_another_models_key_is_refused(folder, there, tmp_path):
    with_manifest(folder, key="ab" * 32)
    refused(folder, there, "is another model", tmp_path)


def test_a_strangers_model_cannot_pass_for_a_built_one(folder, there, tmp_path):
    told = manifest_of(folder)["models"]
    number = next(i for i, model in enumerate(told) if model["name"] == "plain")
    told[number] |= {"built": True, "key": BUILT_KEY}
    others = [model for model in told if model["key"] != BUILT_KEY or model is told[number]]
    whole = manifest_of(folder) | {"models": others}
    (folder / "manifest.json").write_text(json.dumps(whole))
    refused(folder, there, "is another model", tmp_path)


def test_what_is_no_model_is_refused(folder, there, tmp_path):
    first = manifest_of(folder)["models"][0]
    (folder / first["path"]).write_bytes(b"no model")
    digest = hashlib.sha256(b"no model").hexdigest()
    with_manifest(folder, size_bytes=8, sha256=digest)
    refused(folder, there, "not a TensorFlow Lite model", tmp_path)


def test_labels_of_another_model_are_refused(folder, there, tmp_path):
    told = manifest_of(folder)
    model = next(each for each in told["models"] if each["labels"])
    (folder / model["labels"]["path"]).write_bytes(b"one\n")
    digest = hashlib.sha256(b"one\n").hexdigest()
    model["labels"] |= {"size_bytes": 4, "sha256": digest}
    (folder / "manifest.json").write_text(json.dumps(told))
    refused(folder, there, "1 labels were given", tmp_path)


def test_a_link_in_a_folder_is_not_followed(folder, there, tmp_path):
    first = min((folder / "models").glob("*.tflite"))
    first.rename(tmp_path / "outside.tflite")
    first.symlink_to(tmp_path / "outside.tflite")
    with pytest.raises(LabError, match="outside its folder"):
        read_pack(folder, store=there)
    assert there.list() == ()


def rezipped(pack, target, *extra):
    """Copy a zip and add entries to it."""
    shutil.copyfile(pack, target)
    with zipfile.ZipFile(target, "a") as opened:
        for name, mode in extra:
            entry = zipfile.ZipInfo(name)
            entry.external_attr = mode << 16
            opened.writestr(entry, b"x")
    return target


@pytest.mark.parametrize(
    "extra",
    [("../evil", 0o644), ("/evil", 0o644), ("a\\..\\evil", 0o644), ("c:evil", 0o644),
     ("models/evil.tflite", stat.S_IFLNK | 0o777)],
)  # fmt: skip
def test_a_zip_with_a_trick_in_it_is_refused(here, there, tmp_path, extra):
    write_pack(here.list(), tmp_path / "pack.zip")
    evil = rezipped(tmp_path / "pack.zip", tmp_path / "evil.zip", extra)
    with pytest.raises(LabError, match="outside its folder"):
        read_pack(evil, store=there)
    assert there.list() == ()


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_zip_with_a_name_twice_is_refused(here, there, tmp_path):
    write_pack(here.list(), tmp_path / "pack.zip")
    evil = rezipped(tmp_path / "pack.zip", tmp_path / "evil.zip", ("manifest.json", 0o644))
    with pytest.raises(LabError, match="outside its folder"):
        read_pack(evil, store=there)


def test_a_zip_that_a_file_manager_made_of_the_folder_is_read(folder, there, tmp_path):
    (folder / ".DS_Store").write_bytes(b"x")
    shutil.make_archive(str(tmp_path / "by hand"), "zip", tmp_path, "pack")
    by_hand = rezipped(tmp_path / "by hand.zip", tmp_path / "c.zip", ("__MACOSX/x", 0o644))
    assert len(read_pack(by_hand, store=there)) == 3


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_zip_that_was_cut_off_is_refused(here, there, tmp_path, share):
    whole = write_pack(here.list(), tmp_path / "pack.zip").path.read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(LabError, match="damaged or cut off"):
        read_pack(tmp_path / "cut.zip", store=there)
    assert there.list() == ()


def test_a_locked_zip_is_told(here, there, tmp_path):
    content = bytearray(write_pack(here.list(), tmp_path / "pack.zip").path.read_bytes())
    content[content.index(b"PK\1\2") + 8] |= 1  # the flag "encrypted"
    (tmp_path / "locked.zip").write_bytes(content)
    with pytest.raises(LabError, match="locked"):
        read_pack(tmp_path / "locked.zip", store=there)


def test_what_is_no_pack_is_told(there, tmp_path):
    (tmp_path / "photos").mkdir()
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as opened:
        opened.writestr("photo.jpg", b"x")
    for source in (tmp_path / "photos", tmp_path / "photos.zip"):
        with pytest.raises(LabError, match="is no offline pack"):
            read_pack(source, store=there)
    with pytest.raises(LabError, match="cannot be read"):
        read_pack(tmp_path / "none.zip", store=there)


def test_packs_and_models_are_told_apart(here, folder, tmp_path, shared):
    write_pack(here.list(), tmp_path / "pack.zip")
    assert is_pack(folder)
    assert is_pack(tmp_path / "pack.zip")
    with_labels_inside = shared / "models/mobilenet_v2_1.0_224_quant.tflite"
    assert zipfile.is_zipfile(with_labels_inside)
    assert not is_pack(with_labels_inside)
    assert not is_pack(tmp_path / "plain.tflite")
    assert not is_pack(tmp_path / "none")


@given(flips=st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 255)), max_size=3))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_flipped_bits_never_bring_in_another_model(here, tmp_path, flips):
    write_pack([here.find("plain")], tmp_path / "pack.zip")
    content = bytearray((tmp_path / "pack.zip").read_bytes())
    for at, value in flips:
        content[at % len(content)] ^= value
    (tmp_path / "flipped.zip").write_bytes(content)
    there = ModelStore(tmp_path / "there")
    try:
        kept = read_pack(tmp_path / "flipped.zip", store=there)
    except LabError:
        assert there.list() == ()
    else:
        assert [model.sha256 for model in kept] == [here.find("plain").sha256]
        there.remove(kept[0].key)


@given(st.binary(max_size=300))
def test_a_manifest_of_any_bytes_is_read_or_refused(raw):
    with pytest.raises(LabError):
        Manifest.from_json(raw, "pack")


def test_an_imported_file_is_listed_with_its_labels(here, there, tmp_path):
    kept = import_model(tmp_path / "plain.tflite", ("a", "b", "c"), "mine", store=there)
    assert (kept.name, kept.labels.read_text()) == ("mine", "a\nb\nc\n")
    assert there.list() == (kept,)


@pytest.mark.parametrize("name", ["no.tflite", "no.h5", "no.keras", "no", "no.txt"])
def test_what_is_no_model_file_is_not_imported(there, tmp_path, name):
    (tmp_path / name).write_bytes(b"no model")
    with pytest.raises(LabError):
        import_model(tmp_path / name, store=there)
    with pytest.raises(LabError):
        import_model(tmp_path / f"missing-{name}", store=there)
    with pytest.raises(LabError, match="is a folder"):
        import_model(tmp_path, store=there)
    assert there.list() == ()


def test_every_real_model_is_imported(there, shared):
    for path in sorted((shared / "models").glob("*.tflite")):
        kept = import_model(path, store=there)
        assert kept.path.read_bytes() == path.read_bytes()
        assert kept.note.task in ("classification", "detection", "embedding")
