"""Where bytes would go is told to the byte, and every figure has a source."""

from dataclasses import replace

import pytest

from engine.apk.builder import build_apk
from engine.apk.ingredients import GPU_LIBRARIES
from engine.apk.published import Published
from engine.apk.sizes import (
    REPORT_APPS,
    SizeChoice,
    SizedModel,
    measure_sizes,
    model_size,
    what_if,
)
from engine.apk.writer import Planned, lay_out
from engine.catalog.variants import (
    ALPHAS,
    BASELINES,
    PRECISIONS,
    RESOLUTIONS,
    Catalog,
    ModelName,
)
from engine.errors import LabError
from engine.jobs import CancelToken, ignore_progress
from engine.models.converter import build_model
from engine.models.store import ModelStore
from engine.paths import ASSETS

ROAD = SizedModel("v1_0.50_128-int8", 1_526_128)


@pytest.mark.parametrize(
    ("abis", "classes", "labels", "name"),
    [
        (("arm64-v8a",), 4, (), "a"),
        (("armeabi-v7a",), 1000, tuple(f"label {number}" for number in range(1000)), "v1_0.50_128"),
        ((), 37, (), "a model with a long name " * 40),
        (("x86_64", "arm64-v8a"), 2, ("road", "Straße"), "ü"),
    ],
)
def test_what_if_is_the_byte_count_of_the_built_apk(
    make_model, key, tmp_path, abis, classes, labels, name
):
    model = make_model(tmp_path / "m.tflite", classes=classes)
    path = tmp_path / "a.apk"
    build_apk(model, labels, path, name=name, untrained=True, key=key, abis=abis or None)

    sized = SizedModel(name, model.stat().st_size, labels, scores="logits")

    assert what_if(SizeChoice((sized,), abis)) == measure_sizes(path)


@pytest.mark.skipif(not GPU_LIBRARIES.exists(), reason="this checkout has no GPU library")
def test_what_if_knows_what_the_gpu_weighs(make_model, key, tmp_path):
    model, path = make_model(tmp_path / "m.tflite"), tmp_path / "a.apk"
    abis = ("arm64-v8a",)
    build_apk(model, (), path, name="a", untrained=True, key=key, abis=abis, delegate="gpu")

    sized = SizedModel("a", model.stat().st_size, scores="logits")

    assert what_if(SizeChoice((sized,), abis, gpu=True)) == measure_sizes(path)


def test_parts_sum_to_the_whole_whatever_is_chosen():
    for runtime in ("lite", "mobile"):
        for models in ((), (ROAD,), (ROAD, replace(ROAD, name="b"))):
            found = what_if(SizeChoice(models, runtime=runtime))
            assert sum(count for _, count in found.parts) == found.total_bytes
            assert (found.model_bytes > 0) == bool(models)


def test_a_second_model_weighs_what_it_weighs():
    one, two = (what_if(SizeChoice(models)) for models in ((ROAD,), (ROAD, ROAD)))

    assert two.model_bytes == 2 * one.model_bytes
    assert 0 <= two.total_bytes - one.total_bytes - ROAD.size_bytes < 40_000


@pytest.mark.parametrize("abi", ["arm64-v8a", "armeabi-v7a"])
def test_an_app_of_one_abi_with_the_small_int8_model_is_under_6_mb(abi):
    """The goal; for x86_64, whose library is 4.5 MB, it is missed by 0.4 MB."""
    model = SizedModel("v1_0.50_128-int8", model_size("v1_0.50_128", "int8"))

    assert what_if(SizeChoice((model,), (abi,))).total_bytes <= 6_000_000


def test_of_the_mobile_releases_the_nearest_to_the_report_comes_first(monkeypatch):
    """Judged by the worse of the two apps."""
    known = Published.load()
    worst = []
    for release in known.mobile:
        alone = replace(known, mobile=(release,))
        monkeypatch.setattr(Published, "load", lambda alone=alone: alone)
        off = [abs(what_if(app.choice).total_bytes / app.claimed_bytes - 1) for app in REPORT_APPS]
        worst.append(max(off))
    assert worst == sorted(worst)


def test_the_reports_apps_are_rebuilt_to_within_15_percent():
    """What else was in them is not known; the figures are in ARCHITECTURE.md."""
    found = {app.claimed_bytes: what_if(app.choice) for app in REPORT_APPS}

    assert sorted(found) == [round(33.5 * (1 << 20)), 105 << 20]
    for claimed, rebuilt in found.items():
        assert abs(rebuilt.total_bytes / claimed - 1) < 0.15
        assert len(rebuilt.native_bytes) == 4


def test_an_abi_that_nobody_has_is_named():
    with pytest.raises(LabError, match="no code for mips"):
        what_if(SizeChoice((ROAD,), ("mips",)))
    with pytest.raises(LabError, match="TensorFlow Mobile has no code for mips"):
        what_if(SizeChoice((ROAD,), ("mips",), "mobile"))


def test_every_variant_has_a_size_and_smaller_ones_are_smaller():
    for precision in PRECISIONS:
        found = [model_size(f"v1_{alpha:.2f}_128", precision) for alpha in ALPHAS]
        assert found == sorted(found, reverse=True)
    for alpha in ALPHAS:
        found = [model_size(f"v1_{alpha:.2f}_224", precision) for precision in PRECISIONS]
        assert found == sorted(found, reverse=True)
        same = {model_size(f"v1_{alpha:.2f}_{pixels}", "int8") for pixels in RESOLUTIONS}
        assert len(same) == 1


def test_a_variants_size_is_that_of_the_file_the_lab_builds(tmp_path):
    name = "v1_0.25_160-int8"
    path = build_model(
        ModelName.parse(name),
        store=ModelStore(tmp_path),
        report=ignore_progress,
        cancel=CancelToken(),
    )

    assert path.stat().st_size == model_size(*name.split("-"))


def test_a_baseline_has_a_size_of_its_own():
    """Of MobileNet v2 and others the width alone does not tell the size."""
    assert model_size("v2_1.00_224", "int8") == 4009680
    assert model_size("v2_0.35_96", "float32") < model_size("v2_1.40_224", "float32")


def test_every_network_that_can_be_built_has_a_size():
    names = [*BASELINES, *(variant.name for variant in Catalog.load().variants)]
    assert all(model_size(name, each) > 0 for name in names for each in PRECISIONS)


def test_an_unknown_variant_is_named():
    with pytest.raises(LabError, match=r"v1_0\.50_129"):
        model_size("v1_0.50_129", "int8")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[[mobile]]", "[[mobile]"),
        ("claimed = 110100480", "claimed = -1"),
        ("claimed = 110100480", "claimed = true"),
        ('source = "report"', 'source = "hearsay"'),
        ("int8 = 4569616", "int4 = 4569616"),
        ("[sources.central]", "[origins.central]"),
    ],
)
def test_sizes_that_cannot_be_are_refused(tmp_path, old, new):
    text = (ASSETS / "sizes.toml").read_text("utf-8")
    assert old in text
    path = tmp_path / "sizes.toml"
    path.write_text(text.replace(old, new), "utf-8")

    with pytest.raises(LabError, match="are damaged"):
        Published.load(path)


def test_missing_sizes_are_named(tmp_path):
    with pytest.raises(LabError, match=r"none\.toml cannot be read"):
        Published.load(tmp_path / "none.toml")


def test_an_archive_is_laid_out_as_it_is_written(lab_apk):
    """What is reckoned and what is written come from one rule; this is the witness."""
    from engine.apk.archive import ArchiveReader

    with ArchiveReader(lab_apk) as apk:
        planned = [Planned(each.name, each.method, each.packed_bytes) for each in apk.entries]
        layout = lay_out(planned)
        assert layout.contents_end == apk.entries[-1].data_end
        assert layout.directory_bytes == apk.size_bytes - apk.directory_offset
