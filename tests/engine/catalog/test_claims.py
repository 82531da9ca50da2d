"""The report's claims against arithmetic and what was measured."""

import tomllib

import pytest

from engine.catalog.claims import Verdict, check_claims, load_claims
from engine.errors import LabError


def rows(database, catalog):
    return {row.id: row for row in check_claims(database, catalog)}


def test_every_claim_of_the_report_is_there(shared):
    seed = tomllib.loads((shared / "seed_claims.toml").read_text("utf-8"))
    assert [(each["id"], each["text"]) for each in seed["claims"]] == [
        (each.id, each.text) for each in load_claims()[1]
    ]


def test_40_ms_is_not_30_frames_per_second(catalog):
    row = rows(None, catalog)["native-30-fps"]
    assert row.verdict is Verdict.FAILS
    assert "40 ms is 25 FPS. 30 FPS needs 33.3 ms." in row.arithmetic


def test_about_allows_for_rounding(catalog):
    found = rows(None, catalog)
    assert "700 ms is 1.43 FPS" in found["ssd-detection"].arithmetic
    assert found["ssd-detection"].verdict is Verdict.OPEN


def test_an_accuracy_has_the_interval_of_its_pictures(catalog):
    text = rows(None, catalog)["road-not-road"].arithmetic
    assert "n = 300: 91.9 to 96.9 %" in text
    assert "n = 600: 93.0 to 96.5 %" in text
    assert "n = 6000: 94.4 to 95.5 %" in text


def test_1_6_mb_is_the_float16_file(catalog):
    assert "1.6 MB is the float16 file" in rows(None, catalog)["road-not-road"].arithmetic


def test_the_ratio_is_a_quotient_of_rounded_sizes(catalog):
    row = rows(None, catalog)["size-ratio"]
    assert "51.1 / 1.6 = 31.94" in row.arithmetic
    assert row.verdict is Verdict.HOLDS


def test_what_was_not_measured_is_said_with_what_to_do(catalog, database):
    row = rows(database, catalog)["inception-classification"]
    assert row.verdict is Verdict.OPEN
    assert row.measured == "Not measured yet: deploy inception_v1_224-float32 and measure."


def test_another_phone_tells_its_figure_but_no_verdict(catalog, database, keep):
    keep("inception_v1_224-float32", 40.0, fps=20.0)
    row = rows(database, catalog)["inception-classification"]
    assert "inception_v1_224-float32 on Pixel 6a: 40.0 ms, 20.0 FPS." in row.measured
    assert row.verdict is Verdict.OPEN
    assert "Mi A1" in row.why


@pytest.mark.parametrize(("fps", "verdict"), [(3.1, Verdict.HOLDS), (12.0, Verdict.FAILS)])
def test_the_same_phone_gives_a_verdict(catalog, database, keep, fps, verdict):
    keep("inception_v1_224-float32", 50.0, fps=fps, phone={"model": "Mi A1"})
    assert rows(database, catalog)["inception-classification"].verdict is verdict


def test_a_phone_of_that_name_with_made_up_times_gives_no_verdict(catalog, database, keep):
    note = "virtual phone: simulated mi-a1 pace"
    keep("inception_v1_224-float32", 50.0, fps=3.1, phone={"model": "Mi A1"}, phone_note=note)
    row = rows(database, catalog)["inception-classification"]
    assert row.verdict is Verdict.OPEN
    assert note in row.measured


def test_what_a_phone_says_of_its_times_stands_beside_what_follows_from_them(
    catalog, database, keep
):
    for variant in catalog.variants[::5]:
        ms = 1 + variant.macs[0].value * 3e-8
        keep(f"{variant.name}-int8", ms, phone_note="simulated mi-a1 pace")
    assert "(simulated mi-a1 pace)" in rows(database, catalog)["scales-with-macs"].measured


def test_latency_against_macs_is_told_of_this_phone(catalog, database, keep):
    for variant in catalog.variants[::5]:
        keep(f"{variant.name}-int8", 1 + variant.macs[0].value * 3e-8)
    row = rows(database, catalog)["scales-with-macs"]
    assert "R2 1.000 of 4 int8 variants" in row.measured
    assert "0.998 float, 0.992 quantised" in row.arithmetic


def test_latencies_that_macs_do_not_explain_refute_it(catalog, database, keep):
    for variant, ms in zip(catalog.variants[::4], (3.0, 30.0, 2.0, 25.0), strict=True):
        keep(f"{variant.name}-int8", ms)
    assert rows(database, catalog)["scales-with-macs"].verdict is Verdict.FAILS


def test_a_damaged_file_is_a_sentence(tmp_path):
    file = tmp_path / "claims.toml"
    file.write_text('[phone]\nmodel = "x"\n[[claims]]\nid = "a"\nunknown = 3\n')
    with pytest.raises(LabError, match="damaged"):
        load_claims(file)
    with pytest.raises(LabError, match="cannot be read"):
        load_claims(tmp_path / "none.toml")
