"""One table of all models: what is counted, published and measured stays apart."""

import pytest

from engine.catalog.variants import Catalog
from engine.model_table import (
    COLUMNS,
    FETCHED,
    IMPORTED,
    SAMPLE,
    TRAINED,
    UNKNOWN,
    UNTRAINED,
    TableReader,
    counted,
    differences,
    published,
    rows,
)
from engine.models.marker import Marker, add_marker
from engine.models.store import ModelStore, Note
from engine.records.values import Judged


@pytest.fixture
def store(tmp_path):
    return ModelStore(tmp_path / "models")


@pytest.fixture(scope="module")
def catalog():
    return Catalog.load()


def by_name(table):
    return {each.name: each for each in table.kept}


def test_every_variant_and_baseline_has_a_row_with_counted_and_published_figures(store):
    table = TableReader(store).read()
    assert len(table.networks) == 45
    for network in table.networks:
        assert counted(network.entry, "macs").value > 0
        assert counted(network.entry, "params").value > 0
        assert set(network.sizes) == {"float32", "float16", "int8"}
        assert all(f.source != "counted" for f in published(network.entry, "macs"))


def test_what_is_here_stands_below_its_network_with_the_state_of_its_weights(store, tiny_model):
    def put(number, name, **said):
        marker = said.pop("marker", None)
        data = add_marker(tiny_model(), marker) if marker else tiny_model()
        store.put(f"{number:064x}", data, name=name, **said)

    net = Marker("v2_1.00_224", "float32", untrained=True)
    put(1, "v2_1.00_224-float32", marker=net)
    put(2, "mine", marker=Marker("v1_0.50_128", "int8", untrained=False, weights_sha256="ab"))
    put(3, "from the net", built=False, note=Note(source="https://example.org/a.tgz"))
    put(4, "a file", built=False, note=Note(source="a.tflite"))
    put(5, "part", marker=Marker("v1_0.50_128_features", "float32", untrained=False))
    put(6, "block", marker=Marker("v1_0.50_128_conv_pw_11", "float32", untrained=False))
    store.put("7" * 64, b"no model", name="broken", built=False)
    table = TableReader(store).read()
    kept = by_name(table)
    assert {name: each.weights for name, each in kept.items()} == {
        "v2_1.00_224-float32": UNTRAINED,
        "mine": TRAINED,
        "from the net": FETCHED,
        "a file": IMPORTED,
        "broken": UNKNOWN,
        "road-or-not": SAMPLE,
    }
    assert kept["mine"].network == "v1_0.50_128"
    assert {each.name for each in table.others} == {"from the net", "a file", "broken"}


def test_a_built_models_own_size_counts(store, tiny_model):
    data = add_marker(tiny_model(), Marker("v1_0.50_128", "int8", untrained=True))
    store.put("1" * 64, data, name="v1_0.50_128-int8")
    network = next(n for n in TableReader(store).read().networks if n.name == "v1_0.50_128")
    assert network.sizes["int8"] == len(data)


@pytest.mark.parametrize("name", ["mobilenet_v1_0.25_128_quant", "v1_0.25_128-quant", "other"])
def test_an_imported_file_is_placed_by_its_name_if_its_macs_agree(store, shared, name):
    store.add(shared / "models" / "mobilenet_v1_0.25_128_quant.tflite", name=name)
    network = by_name(TableReader(store).read())[name].network
    assert network == ("" if name == "other" else "v1_0.25_128")


def test_a_name_that_its_macs_belie_is_not_believed(store, tmp_path, tiny_model):
    (tmp_path / "mobilenet_v1_0.25_128.tflite").write_bytes(tiny_model())
    kept = store.add(tmp_path / "mobilenet_v1_0.25_128.tflite")
    assert by_name(TableReader(store).read())[kept.name].network == ""


def test_a_file_is_looked_into_once(store, tmp_path, tiny_model, monkeypatch):
    (tmp_path / "mine.tflite").write_bytes(tiny_model())
    kept = store.add(tmp_path / "mine.tflite")
    reader = TableReader(store)
    facts = by_name(reader.read())["mine"].facts
    kept.path.write_bytes(b"x" * kept.size_bytes)
    assert by_name(reader.read())["mine"].facts is facts


def test_what_was_measured_is_never_in_a_published_column(store, tmp_path, tiny_model):
    (tmp_path / "mine.tflite").write_bytes(tiny_model())
    kept = store.add(tmp_path / "mine.tflite")
    judged = Judged(kept.sha256, "mine", "pictures", 40, 30, None, "crop", "2026-11-22T00:00:00Z")
    flat = {row["name"]: row for row in rows(TableReader(store).read([judged]))}
    assert (flat["mine"]["top1_measured"], flat["mine"]["pictures_measured"]) == (0.75, 40)
    assert flat["mine"]["top1_float"] is None
    assert flat["v1_0.50_128"]["top1_measured"] is None
    assert all(tuple(row) == COLUMNS for row in flat.values())


def test_differences_between_sources_are_named(catalog):
    (macs, *_rest) = differences(catalog.variant("v1_0.75_224"), catalog.sources)
    assert "317 M, 2.6 % less than the 325.4 M counted" in macs
    told = differences(catalog.variant("v1_0.50_192"), catalog.sources)
    (quant,) = (each for each in told if each.startswith("Top-1, 8-bit"))
    assert "0.5 points between TensorFlow Lite hosted models (59.9 %)" in quant
    assert differences(catalog.baseline("v2_1.40_224"), catalog.sources) == ()
