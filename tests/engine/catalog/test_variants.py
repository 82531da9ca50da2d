import tomllib
from pathlib import Path

import pytest

from engine.catalog.variants import (
    ALPHAS,
    BASELINES,
    RESOLUTIONS,
    Catalog,
    Figure,
    ModelName,
    match_names,
)
from engine.errors import LabError
from engine.paths import ASSETS

SHARED = Path(__file__).parents[3] / ".." / "shared"


@pytest.fixture(scope="module")
def catalog():
    return Catalog.load()


def count(alpha, resolution, classes=1000):
    """MACs and parameters of MobileNet v1, batch norm folded, written from the paper's table 1."""
    side, channels = resolution // 2, int(32 * alpha)
    macs, params = side**2 * channels * 27, 28 * channels
    blocks = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)]
    for filters, stride in [*blocks, *[(512, 1)] * 5, (1024, 2), (1024, 1)]:
        side, wide = -(-side // stride), int(filters * alpha)
        macs += side**2 * channels * (9 + wide)
        params += channels * 10 + (channels + 1) * wide
        channels = wide
    return macs + channels * classes, params + (channels + 1) * classes


def test_all_sixteen_variants_are_there(catalog):
    assert {(v.alpha, v.resolution) for v in catalog.variants} == {
        (alpha, resolution) for alpha in ALPHAS for resolution in RESOLUTIONS
    }


def test_counted_figures_follow_from_the_architecture(catalog):
    for variant in catalog.variants:
        macs, params = (
            next(f.value for f in variant.figures(q) if f.source == "counted")
            for q in ("macs", "params")
        )
        assert (macs, params) == count(variant.alpha, variant.resolution), variant.name


@pytest.mark.skipif(not SHARED.exists(), reason="needs ../shared")
def test_the_reports_figures_are_the_reports(catalog):
    claims = tomllib.loads((SHARED / "seed_claims.toml").read_text())["variants"]
    for variant in catalog.variants:
        said = [
            next(f.value for f in variant.figures(q) if f.source == "report")
            for q in ("macs", "params", "top1", "top5")
        ]
        macs_m, params_m, top1, top5 = claims[variant.name]
        expected = [macs_m * 1e6, params_m * 1e6, top1 / 100, top5 / 100]
        assert said == pytest.approx(expected), variant.name


def test_both_of_two_conflicting_sources_are_kept(catalog):
    figures = catalog.variant("v1_0.50_192").figures("top1", "int8")
    assert {(f.value, f.source) for f in figures} == {(0.604, "slim"), (0.599, "hosted")}


def test_an_int8_model_is_shown_the_accuracy_of_the_8_bit_checkpoint(catalog):
    variant = catalog.variant("v1_0.50_128")
    assert variant.figure("top1", "int8").value == 0.549
    assert variant.figure("top1", "float16").value == 0.562
    assert variant.figure("latency_ms", "int8").value == 1.7
    assert variant.figure("macs", "int8").source == "counted"


def test_published_latency_is_almost_a_line_in_macs(catalog):
    """The fit is known from elsewhere: 1.27 + 0.0408 ms per million published MACs."""
    for variant in catalog.variants:
        macs_m = variant.figures("macs")[1].value / 1e6
        latency = variant.figure("latency_ms", "float32")
        assert latency.on == "Pixel 3, CPU, 4 threads"
        assert latency.value == pytest.approx(1.27 + 0.0408 * macs_m, abs=1.2)


def test_wider_and_larger_is_never_less_accurate_within_one_source(catalog):
    for source, precision in [("slim", "float"), ("slim", "quant"), ("hosted", "quant")]:
        for alpha in ALPHAS:
            top1 = [
                next(
                    f.value
                    for f in catalog.variant(f"v1_{alpha:.2f}_{r}").top1
                    if (f.source, f.precision) == (source, precision)
                )
                for r in RESOLUTIONS
            ]
            assert top1 == sorted(top1, reverse=True)


def test_a_model_name_reads_back_as_it_was_written():
    name = ModelName.parse("v1_0.50_128-int8")
    assert (name.variant, name.precision, name.alpha, name.resolution) == (
        "v1_0.50_128",
        "int8",
        0.5,
        128,
    )
    assert str(name) == "v1_0.50_128-int8"


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("v1_0.5_128-int8", "v1_0.50_128"),
        ("v1_0.50_127-int8", "v1_0.50_128"),
        ("v1_0.50_128-int", "int8"),
        ("v1_0.50_128", "v1_0.50_128-float16"),
        ("inception", "inception_v1_224"),
        ("v2_1.0_224-int8", "v2_1.00_224"),
        ("v3_small_1.00_128-int8", "v3_small_1.00_224"),
        ("", "v1_1.00_224"),
    ],
)
def test_an_unknown_name_lists_near_ones(typed, near):
    with pytest.raises(LabError, match=near):
        ModelName.parse(typed)


@pytest.mark.parametrize(
    ("name", "alpha", "resolution"),
    [
        ("v2_1.40_224-int8", 1.4, 224),
        ("v3_small_0.75_224-float16", 0.75, 224),
        ("inception_v1_224-float32", 1.0, 224),
        ("ssd_mobilenet_v2_300-int8", 1.0, 300),
    ],
)
def test_baselines_have_names_too(name, alpha, resolution):
    parsed = ModelName.parse(name)
    assert (str(parsed), parsed.alpha, parsed.resolution) == (name, alpha, resolution)


def test_patterns_choose_each_model_once():
    eights = match_names(["v1_*-int8"])
    assert len(eights) == 16
    assert {name.precision for name in eights} == {"int8"}
    assert match_names(["v1_0.50_128-int8", "v1_0.50_*-int8", "v3_small_1.00_224-int8"]) == (
        *map(ModelName.parse, ("v1_0.50_128-int8", "v1_0.50_224-int8", "v1_0.50_192-int8")),
        *map(ModelName.parse, ("v1_0.50_160-int8", "v3_small_1.00_224-int8")),
    )
    assert len(match_names(["v1_*"])) == 48
    with pytest.raises(LabError, match=r"called like 'v4\*'"):
        match_names(["v4*"])


def test_all_baselines_are_there_and_no_variant_is_one(catalog):
    assert tuple(each.name for each in catalog.baselines) == BASELINES
    assert all(each.macs[0].source == each.params[0].source == "counted"
               for each in catalog.baselines)  # fmt: skip
    assert catalog.baseline("v2_1.00_224").figure("top1", "int8").value == 0.708
    with pytest.raises(LabError, match=r"v2_1\.00_224"):
        catalog.baseline("v2_1.00_225")


def count_v2(alpha, resolution, classes=1000):
    """MACs and parameters of MobileNet v2, batch norm folded, from the paper's table 2."""

    def wide(channels):
        rounded = max(8, int(channels * alpha + 4) // 8 * 8)
        return rounded + 8 if rounded < 0.9 * channels * alpha else rounded

    side, channels = resolution // 2, wide(32)
    macs, params = side**2 * channels * 27, 28 * channels
    table = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1)]
    for growth, filters, times, stride in [*table, (6, 160, 3, 2), (6, 320, 1, 1)]:
        for step in (stride, *[1] * (times - 1)):
            inner = growth * channels
            if growth > 1:
                macs += side**2 * channels * inner
                params += (channels + 1) * inner
            side = -(-side // step)
            channels = wide(filters)
            macs += side**2 * inner * (9 + channels)
            params += 10 * inner + (inner + 1) * channels
    last = max(1280, wide(1280))
    macs += side**2 * channels * last + last * classes
    return macs, params + (channels + 1) * last + (last + 1) * classes


def test_counted_figures_of_v2_follow_from_the_architecture(catalog):
    listed = [each for each in catalog.baselines if each.name.startswith("v2_")]
    assert len(listed) == 22
    for each in listed:
        _, alpha, side = each.name.split("_")
        counted = (each.macs[0].value, each.params[0].value)
        assert counted == count_v2(float(alpha), int(side)), each.name


def test_published_counts_are_near_the_counted_but_for_those_that_are_named(catalog):
    for each in catalog.baselines:
        for quantity in ("macs", "params"):
            first, *others = each.figures(quantity)
            limit = 0.25 if each.name.startswith("v3_small") else 0.085
            for other in others:
                assert other.value == pytest.approx(first.value, rel=limit), each.name


def test_an_unknown_variant_lists_near_ones(catalog):
    with pytest.raises(LabError, match=r"v1_0\.25_128"):
        catalog.variant("v1_0.25_129")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("alpha = 0.75", "alpha = 0.8", "no MobileNet v1 0.8"),
        ("resolution = 192", "resolution = 224", "twice"),
        ('source = "hosted"', 'source = "hearsay"', "hearsay"),
        ("value = 0.707", "value = 70.7", "above 100"),
        ("value = 0.707", 'value = "0.707"', "where a number belongs"),
        ("value = 0.707", "value = -1", "impossible"),
        ("value = 0.707", "value = nan", "impossible"),
        ("top5 = [", "top6 = [", "damaged"),
        ("[[variants]]", "[[variants]", "damaged"),
        ("[sources.slim]", "[origins.slim]", "slim"),
        ('precision = "quant"', 'precision = "bits"', "bits"),
        ('name = "v2_1.40_224"', 'name = "v2_1.50_224"', "no baseline 'v2_1.50_224'"),
        ('name = "v2_1.40_224"', 'name = "v2_1.30_224"', "twice"),
        ("coco_map = [", "coco_mop = [", "damaged"),
    ],
)
def test_a_catalog_that_says_something_impossible_is_refused(tmp_path, old, new, sentence):
    text = (ASSETS / "catalog.toml").read_text()
    assert old in text
    path = tmp_path / "catalog.toml"
    path.write_text(text.replace(old, new))
    with pytest.raises(LabError, match=sentence):
        Catalog.load(path)


def test_a_missing_catalog_is_named(tmp_path):
    with pytest.raises(LabError, match=r"nothing\.toml"):
        Catalog.load(tmp_path / "nothing.toml")


def test_a_figure_of_an_unknown_quantity_is_a_bug(catalog):
    with pytest.raises(ValueError, match="speed"):
        catalog.variants[0].figures("speed")


def test_a_figure_is_a_number():
    with pytest.raises(LabError):
        Figure(True, "slim")
