"""The list of published models, and fetching one of them from a server on this computer."""

import hashlib
import io
import itertools
import tarfile
import threading
import tomllib
import zipfile

import pytest

from engine.catalog.variants import ALPHAS, RESOLUTIONS
from engine.errors import Cancelled, LabError
from engine.jobs import CancelToken
from engine.models.store import ModelStore, Note
from engine.paths import ASSETS
from engine.sources.archives import safe_name, take_member
from engine.sources.download import Expected
from engine.sources.official import LabelsSource, Official, OfficialModels, Place, fetch
from engine.sources.transport import Network, PassingError

NETWORK = Network((), loopback=True, silence_s=10, pauses_s=(0,))
PLACE = Place("here", "This computer", "https://example.com", "2018", "Apache-2.0")
LABELS = b"background\nred\ngreen\n"
MEMBER = "tiny.tflite"


def tgz(*members, kind=tarfile.REGTYPE):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, data in members:
            member = tarfile.TarInfo(name)
            member.size, member.type, member.linkname = len(data), kind, "/etc/passwd"
            tar.addfile(member, io.BytesIO(data))
    return packed.getvalue()


def zipped(*members):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as opened:
        for name, data in members:
            opened.writestr(name, data)
    return packed.getvalue()


@pytest.fixture
def store(tmp_path):
    return ModelStore(tmp_path / "models")


@pytest.fixture
def publish(file_server):
    """Put something on the server and describe it as an official model."""

    def publish(content, *, path="/tiny.tgz", member=MEMBER, labels=None, sha256=None):
        file_server.files[path] = content
        sha256 = hashlib.sha256(content).hexdigest() if sha256 is None else sha256
        expect = Expected(sha256=sha256)
        return Official("tiny-quant", file_server.url(path), member, expect, PLACE, labels)

    return publish


@pytest.fixture
def get(store, tmp_path):
    def get(model, **options):
        return fetch(model, store=store, network=NETWORK, folder=tmp_path / "downloads", **options)

    return get


def test_the_list_holds_every_v1_float_and_8_bit():
    names = {model.name for model in OfficialModels.load().models}
    for alpha, resolution in itertools.product(ALPHAS, RESOLUTIONS):
        for kind in ("float", "quant", "keras"):
            assert f"v1_{alpha:.2f}_{resolution}-{kind}" in names
    assert {"v2_1.00_224-quant", "v3_small_1.00_224-float", "ssd_mobilenet_v1_300-quant"} <= names


def test_each_listed_model_says_where_it_is_from_and_how_it_is_checked():
    official = OfficialModels.load()
    for model in official.models:
        assert model.url.startswith("https://storage.googleapis.com/"), model.name
        assert "{" not in model.url + model.member
        assert model.place.page.startswith("https://")
        assert model.place.date
        assert model.place.licence
        assert model.checked_by in ("sha256", "published md5", "the server's md5")
        assert model.labels is not None


def test_an_archive_has_the_name_of_the_model_inside():
    for model in OfficialModels.load().models:
        if model.file_name.endswith(".tgz"):
            assert model.file_name.startswith(model.member.removesuffix(".tflite"))
        assert bool(model.member) != model.file_name.endswith(".h5")


def test_the_address_of_a_known_model_is_the_published_one():
    (model,) = OfficialModels.load().choose(["v1_0.5_128-quant"])
    assert model.url == (
        "https://storage.googleapis.com/download.tensorflow.org/models/"
        "mobilenet_v1_2018_08_02/mobilenet_v1_0.5_128_quant.tgz"
    )
    assert model.member == "mobilenet_v1_0.5_128_quant.tflite"


def test_every_printed_hash_names_who_printed_it():
    raw = tomllib.loads((ASSETS / "official.toml").read_text(encoding="utf-8"))
    for place in raw["places"]:
        hashed = any("sha256" in model or "md5" in model for model in place["models"])
        assert hashed == ("hashes" in place), place["id"]
        assert place.get("hashes", "keras") in raw["hashes"]


@pytest.mark.parametrize(
    ("wanted", "count"),
    [(["all"], 105), (["v1_*-quant"], 16), (["v1_0.50_128"], 3), (["v1_1.0_224-float"], 1),
     (["v1_0.50_128-float", "v1_0.50_128"], 3), (["ssd_*", "inception_*"], 2)],
)  # fmt: skip
def test_models_are_chosen_by_name_or_pattern(wanted, count):
    assert len(OfficialModels.load().choose(wanted)) == count


@pytest.mark.parametrize("wanted", ["v1_0.51_128-quant", "*-int4", "", "v9"])
def test_a_name_that_is_not_listed_is_told(wanted):
    with pytest.raises(LabError, match="No official model is called"):
        OfficialModels.load().choose([wanted])


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "", lambda text: text[:-40], lambda text: text.replace("hosts =", "host ="),
        lambda text: text.replace('"storage.googleapis.com"', '"example.com"', 1),
        lambda text: text.replace("sha256 = \"1", "sha256 = \"x", 1),
        lambda text: text.replace("-float", "-double"),
        lambda text: text.replace("v1_1.00_192-float", "v1_1.00_224-float"),
        lambda text: text.replace('hashes = "keras"', 'hashes = "nobody"'),
    ],
)  # fmt: skip
def test_a_damaged_list_is_told(tmp_path, damage):
    text = (ASSETS / "official.toml").read_text(encoding="utf-8")
    assert damage(text) != text
    (tmp_path / "official.toml").write_text(damage(text), encoding="utf-8")
    with pytest.raises(LabError):
        OfficialModels.load(tmp_path / "official.toml")


def test_a_model_comes_out_of_its_archive(publish, get, store, tiny_model, tmp_path):
    model = publish(tgz(("./tiny.ckpt", b"x" * 99), (f"./{MEMBER}", tiny_model())))
    kept = get(model)
    assert kept.path.read_bytes() == tiny_model()
    assert (kept.name, kept.built, kept.key) == ("tiny-quant", False, kept.sha256)
    assert kept.note == Note("classification", model.url, "Apache-2.0", "sha256")
    assert store.list() == (kept,)
    assert list((tmp_path / "downloads").iterdir()) == []


def test_a_model_in_a_folder_of_a_zip_brings_its_labels(publish, get, tiny_model):
    content = zipped(("a/labelmap.txt", b"red\ngreen\nblue\n"), (f"a/{MEMBER}", tiny_model()))
    kept = get(publish(content, labels="labelmap.txt"))
    assert kept.labels.read_text() == "red\ngreen\nblue\n"


@pytest.mark.parametrize(
    ("published", "kept"),
    [(b"r\ng\nb\n", "r\ng\nb\n"), (b"background\nr\ng\nb\n", "r\ng\nb\n"), (b"r\ng\n", None)],
)
def test_labels_that_are_published_apart_are_fitted(
    file_server, publish, get, tiny_model, published, kept
):
    file_server.files["/labels.txt"] = published
    labels = LabelsSource(file_server.url("/labels.txt"), Expected())
    model = get(publish(tgz((MEMBER, tiny_model())), labels=labels))
    assert (model.labels.read_text() if model.labels else None) == kept


def test_labels_are_fetched_once_for_all_models(file_server, publish, get, tiny_model):
    file_server.files["/labels.txt"] = b"r\ng\nb\n"
    labels = LabelsSource(file_server.url("/labels.txt"), Expected())
    get(publish(tgz((MEMBER, tiny_model())), labels=labels))
    other = tgz((MEMBER, tiny_model(softmax=False)))
    get(publish(other, path="/other.tgz", labels=labels))
    assert [path for path, _ in file_server.asked].count("/labels.txt") == 1


def test_a_model_that_is_here_is_not_fetched_again(file_server, publish, get, tiny_model):
    model = publish(tgz((MEMBER, tiny_model())))
    first = get(model)
    seen = []
    assert get(model, report=seen.append) == first
    assert [progress.detail for progress in seen] == ["already here"]
    assert len(file_server.asked) == 1


def test_a_model_that_was_damaged_here_is_fetched_again(publish, get, tiny_model):
    model = publish(tgz((MEMBER, tiny_model())))
    kept = get(model)
    kept.path.write_bytes(b"x" * kept.size_bytes)
    assert get(model).path.read_bytes() == tiny_model()


def test_a_model_that_was_imported_before_gets_its_official_name(
    publish, get, store, tiny_model, tmp_path
):
    (tmp_path / "mine.tflite").write_bytes(tiny_model())
    store.add(tmp_path / "mine.tflite", labels=("r", "g", "b"))
    kept = get(publish(tgz((MEMBER, tiny_model()))))
    assert (kept.name, kept.labels.read_text()) == ("tiny-quant", "r\ng\nb\n")
    assert store.list() == (kept,)


BROKEN = [
    (b"<html>not found</html>", "no archive"),
    (b"", "no archive"),
    (b"\x1f\x8bno gzip at all", "broken"),
    (tgz((MEMBER, b"x" * 5000))[:-40], "broken|not a TensorFlow Lite model"),
    (tgz(("other.tflite", b"x")), "does not hold tiny.tflite"),
    (tgz(("../tiny.tflite", b"x")), "outside its folder"),
    (tgz(("/etc/tiny.tflite", b"x")), "outside its folder"),
    (tgz((MEMBER, b""), kind=tarfile.SYMTYPE), "is a link"),
    (tgz((MEMBER, b""), kind=tarfile.FIFOTYPE), "is a link"),
    (tgz((MEMBER, b""), kind=tarfile.DIRTYPE), "does not hold"),
    (tgz((MEMBER, b"no model")), "not a TensorFlow Lite model"),
    (zipped((MEMBER, b"x" * 500))[:-30], "broken"),
    (zipped(("../tiny.tflite", b"x")), "outside its folder"),
    (zipped(("a\\..\\tiny.tflite", b"x")), "outside its folder"),
    (zipped(("x", b"x")), "does not hold"),
]


@pytest.mark.parametrize(("content", "said"), BROKEN)
def test_an_archive_that_is_not_right_is_told(publish, get, store, tmp_path, content, said):
    with pytest.raises(LabError, match=said):
        get(publish(content))
    assert store.list() == ()
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_locked_zip_is_told(publish, get):
    content = bytearray(zipped((MEMBER, b"x" * 50)))
    content[6] |= 1
    content[content.index(b"PK\1\2") + 8] |= 1  # the flag "encrypted", in both headers
    with pytest.raises(LabError, match="broken"):
        get(publish(bytes(content)))


def test_a_member_bigger_than_any_model_is_refused(tmp_path):
    for content in (tgz((MEMBER, b"x" * 1000)), zipped((MEMBER, b"x" * 1000))):
        (tmp_path / "archive").write_bytes(content)
        with pytest.raises(LabError, match="unpacks to more than"):
            take_member(tmp_path / "archive", MEMBER, most=999, cancel=CancelToken())


def test_a_zip_that_lies_about_a_size_is_broken(tmp_path):
    content = bytearray(zipped((MEMBER, b"x" * 1000)))
    at = content.index(b"PK\1\2") + 24
    content[at : at + 4] = (10).to_bytes(4, "little")
    (tmp_path / "archive").write_bytes(bytes(content))
    with pytest.raises(LabError, match="broken"):
        take_member(tmp_path / "archive", MEMBER, most=2000, cancel=CancelToken())


@pytest.mark.parametrize("name", ["", "..", "../a", "a/../b", "/a", "a\\b", "C:/a", "a\0b", "c:a"])
def test_names_that_lead_out_are_known(name):
    assert not safe_name(name)


@pytest.mark.parametrize("name", ["a", "./a", "a/b.tflite", "..a/b", "a..b"])
def test_names_that_stay_inside_are_fine(name):
    assert safe_name(name)


def test_unpacking_obeys_a_cancel(tmp_path):
    cancel = CancelToken()
    cancel.cancel()
    for content in (tgz((MEMBER, b"x" * 1000)), zipped((MEMBER, b"x" * 1000))):
        (tmp_path / "archive").write_bytes(content)
        with pytest.raises(Cancelled):
            take_member(tmp_path / "archive", MEMBER, most=2000, cancel=cancel)


def test_a_cancelled_fetch_goes_on_where_it_was(file_server, publish, get, tiny_model, tmp_path):
    content = tgz((MEMBER, tiny_model()), ("filler", bytes(range(256)) * 40))
    model, half = publish(content), len(content) // 2
    cancel, sent = CancelToken(), threading.Event()

    def half_of_it(handler):
        etag = f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'
        headers = {"Content-Length": str(len(content)), "ETag": etag}
        file_server.answer(handler, 200, headers, content[:half], length=False)
        sent.set()
        file_server.over.wait(30)

    def cancel_when_on_disk():
        part = tmp_path / "downloads" / "tiny.tgz.part"
        while not (part.exists() and part.stat().st_size):
            file_server.over.wait(0.01)
        cancel.cancel()

    file_server.answers.append(half_of_it)
    waiting = threading.Thread(target=cancel_when_on_disk)
    waiting.start()
    with pytest.raises(Cancelled):
        get(model, cancel=cancel)
    waiting.join()
    assert get(model).path.read_bytes() == tiny_model()
    assert file_server.asked[-1][1]["Range"].startswith("bytes=")


def test_a_server_in_trouble_leaves_nothing_in_the_store(file_server, publish, get, store):
    model = publish(tgz((MEMBER, b"")))
    file_server.answers.extend([lambda handler: file_server.answer(handler, 500, {})] * 2)
    with pytest.raises(PassingError):
        get(model)
    assert store.list() == ()


def test_a_keras_file_that_is_none_is_told(publish, get, store, tmp_path):
    model = publish(b"\x89HDF\r\n\x1a\n" + b"x" * 100, path="/mobilenet_2_5_128_tf.h5", member="")
    with pytest.raises(LabError):
        get(model)
    assert store.list() == ()
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == []
