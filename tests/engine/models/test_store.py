import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from engine.errors import LabError
from engine.models.store import ModelStore, Note

KEY = "ab" * 32


@pytest.fixture
def store(tmp_path):
    return ModelStore(tmp_path / "models")


def left_overs(store):
    return [path.name for path in store.root.iterdir() if path.name.startswith(".")]


def test_an_imported_model_is_kept_byte_for_byte(store, tmp_path, tiny_model, sha256_of):
    source = tmp_path / "my model.tflite"
    source.write_bytes(tiny_model())
    kept = store.add(source)
    assert kept.path.read_bytes() == tiny_model()
    assert (kept.name, kept.path.name) == ("my model", "my_model.tflite")
    assert (kept.built, kept.labels) == (False, None)
    assert kept.note == Note(task="classification", source="my model.tflite")
    assert kept.path == store.path_of(sha256_of(source))
    assert left_overs(store) == []


def test_the_same_file_twice_is_kept_once(store, tmp_path, tiny_model):
    for name in ("one", "two"):
        (tmp_path / f"{name}.tflite").write_bytes(tiny_model())
    assert store.add(tmp_path / "one.tflite") == store.add(tmp_path / "two.tflite")
    assert [model.name for model in store.list()] == ["one"]


def test_what_is_no_model_is_not_kept(store, tmp_path):
    (tmp_path / "no.tflite").write_bytes(b"no model at all")
    with pytest.raises(LabError, match="not a TensorFlow Lite model"):
        store.add(tmp_path / "no.tflite")
    assert store.list() == ()


def test_a_damaged_entry_is_forgotten_and_stored_again(store):
    path = store.put(KEY, b"model", name="v1_0.25_128-int8")
    path.write_bytes(b"m0del")  # same length, other content
    assert store.path_of(KEY) is None
    assert store.put(KEY, b"model", name="v1_0.25_128-int8").read_bytes() == b"model"
    assert store.path_of(KEY) == path


@pytest.mark.parametrize("name", ["../../evil", "/etc/passwd", "..", "", "a\0b", "x" * 500, "猫"])
def test_a_name_never_leads_out_of_the_store(store, name):
    path = store.put(KEY, b"model", name=name)
    assert path.parent == store.root / KEY
    assert store.list()[0].name == name
    assert store.path_of(KEY) == path


@pytest.mark.parametrize("key", ["", "..", "../" + "a" * 61, "A" * 64, "a" * 63, "a" * 64 + "\n"])
def test_a_key_is_64_hexadecimal_digits(store, key):
    with pytest.raises(ValueError, match="not a key"):
        store.path_of(key)


def test_an_entry_that_points_elsewhere_is_not_believed(store, tmp_path):
    path = store.put(KEY, b"model", name="mine")
    (store.root / "secret.tflite").write_bytes(b"model")
    entry = path.parent / "entry.json"
    content = json.loads(entry.read_bytes()) | {"file": "../secret.tflite"}
    entry.write_text(json.dumps(content))
    assert store.path_of(KEY) is None
    assert store.list() == ()


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff", b"[" * 100_000])
def test_a_damaged_entry_file_is_skipped(store, content):
    path = store.put(KEY, b"model", name="mine")
    (path.parent / "entry.json").write_bytes(content)
    assert store.path_of(KEY) is None
    assert store.list() == ()


def test_the_list_is_by_name_and_says_what_was_built(store):
    store.put("cd" * 32, b"two", name="zebra")
    store.put(KEY, b"one", name="ape", built=False)
    assert [(m.name, m.built, m.size_bytes, m.key) for m in store.list()] == [
        ("ape", False, 3, KEY),
        ("zebra", True, 3, "cd" * 32),
    ]


def test_a_removed_model_is_gone(store):
    store.put(KEY, b"model", name="mine")
    store.remove(KEY)
    store.remove(KEY)
    assert store.path_of(KEY) is None


def test_many_writers_of_one_key_agree(store):
    together = threading.Barrier(8)

    def put(_):
        together.wait(10)
        return store.put(KEY, b"model" * 1000, name="mine")

    with ThreadPoolExecutor(8) as pool:
        paths = set(pool.map(put, range(8)))
    assert paths == {store.path_of(KEY)}
    assert left_overs(store) == []


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(LabError, match="folder of models cannot be made"):
        ModelStore(tmp_path / "file" / "models")


def test_by_default_models_lie_where_no_cleaner_goes(tmp_path, monkeypatch):
    monkeypatch.setenv("MOBILENET_LAB_HOME", str(tmp_path))
    assert ModelStore().root == tmp_path / "data" / "models"


@pytest.fixture
def tiny(store, tmp_path, tiny_model):
    path = tmp_path / "tiny.tflite"
    path.write_bytes(tiny_model())
    return path


def test_labels_lie_beside_the_model(store, tiny):
    kept = store.add(tiny, labels=("red", "grün", "blue"))
    assert kept.labels.parent == kept.path.parent
    assert kept.labels.read_text(encoding="utf-8") == "red\ngrün\nblue\n"
    assert store.list() == (kept,)


def test_labels_of_another_model_are_refused(store, tiny):
    with pytest.raises(LabError, match="3 classes, but 2 labels"):
        store.add(tiny, labels=("red", "green"))
    assert store.list() == ()


def test_importing_again_changes_what_is_given_and_keeps_the_rest(store, tiny):
    store.add(tiny, name="first", note=Note(source="here", licence="Apache-2.0"))
    kept = store.add(tiny, labels=("r", "g", "b"), note=Note(source="there"))
    assert (kept.name, kept.labels.read_text()) == ("first", "r\ng\nb\n")
    assert kept.note == Note("classification", "there", "Apache-2.0")
    assert store.add(tiny, name="second").labels == kept.labels
    assert [model.name for model in store.list()] == ["second"]


def test_what_is_not_here_cannot_be_described(store):
    with pytest.raises(LabError, match="no longer here"):
        store.describe(KEY, name="mine")


def test_an_entry_of_an_older_lab_still_counts(store):
    path = store.put(KEY, b"model", name="mine")
    entry = path.parent / "entry.json"
    old = {key: value for key, value in json.loads(entry.read_bytes()).items() if key != "note"}
    entry.write_text(json.dumps(old))
    assert store.get(KEY).note == Note()


@pytest.mark.parametrize("note", [[], "text", None, 5])
def test_an_entry_with_a_damaged_note_is_skipped(store, note):
    path = store.put(KEY, b"model", name="mine")
    entry = path.parent / "entry.json"
    entry.write_text(json.dumps(json.loads(entry.read_bytes()) | {"note": note}))
    assert store.get(KEY) is None


def test_a_model_is_found_by_name_or_by_the_beginning_of_its_key(store):
    store.put(KEY, b"one", name="ape")
    store.put("cd" * 32, b"two", name="zebra")
    assert store.find("zebra").key == "cd" * 32
    assert store.find("ababab").name == "ape"
    assert store.find(KEY).name == "ape"


def test_a_name_that_two_models_share_asks_for_a_key(store):
    store.put(KEY, b"one", name="ape")
    store.put("cd" * 32, b"two", name="ape")
    with pytest.raises(LabError, match=r"2 models called ape\. Say abababab or cdcdcdcd"):
        store.find("ape")


@pytest.mark.parametrize("wanted", ["", "abab", "gorilla", "../ape"])
def test_a_name_that_no_model_has_is_told(store, wanted):
    store.put(KEY, b"one", name="ape")
    with pytest.raises(LabError, match=f"no model {wanted} here"):
        store.find(wanted)
    with pytest.raises(LabError, match="Perhaps ape"):
        store.find("aep")


def test_a_model_that_was_set_aside_is_gone_and_comes_back_whole(store, tmp_path, tiny_model):
    (tmp_path / "mine.tflite").write_bytes(tiny_model())
    kept = store.add(tmp_path / "mine.tflite", labels=("red", "green", "blue"))
    store.set_aside(kept.key)
    assert store.list() == ()
    assert store.get(kept.key) is None
    assert store.restore(kept.key) == kept
    assert store.list() == (kept,)


def test_a_model_set_aside_long_ago_is_forgotten_with_the_next(store):
    import os

    other = "cd" * 32
    for key in (KEY, other):
        store.put(key, b"model", name="v1_0.25_128-int8")
    store.set_aside(KEY)
    aside = next(path for path in store.root.iterdir() if KEY in path.name)
    os.utime(aside, (0, 0))
    store.set_aside(other)
    with pytest.raises(LabError, match="no longer here"):
        store.restore(KEY)
    assert store.restore(other).key == other


def test_what_is_not_there_cannot_be_set_aside(store):
    with pytest.raises(LabError, match="cannot be removed"):
        store.set_aside(KEY)
