"""What of the records may be compared, and what is said about each."""

import math

import pytest

from engine.catalog.candidates import PUBLISHED, gather, survey
from engine.errors import LabError
from engine.measuring.sweep_result import block_interval
from engine.records.values import End, Flag, Judged


def judged(sha, folder="road", right=190, n=200):
    return Judged(sha, "x", folder, n, right, None, "crop", "2026-01-02T03:04:05.678Z")


def test_the_newest_valid_run_of_a_model_counts(database, keep, catalog):
    keep("v1_0.50_128-int8", 9.0)
    newest = keep("v1_0.50_128-int8", 5.0)
    keep("v1_0.50_128-int8", 2.0, flags=(Flag.THROTTLED,))
    keep("v1_0.50_128-int8", 1.0, end=End.CANCELLED)
    (found,) = gather(database, catalog)
    assert (found.latency_ms, found.run_id, found.valid) == (5.0, newest, True)
    assert found.latency_interval == pytest.approx((4.9, 5.1))
    assert found.fps == 25.0


def test_an_invalid_run_is_shown_and_says_why(database, keep, catalog):
    keep("v1_0.50_128-int8", 2.0, flags=(Flag.THROTTLED, Flag.UNTRAINED))
    (found,) = gather(database, catalog)
    assert not found.rankable
    assert found.note == "not valid: slowed down by heat"


def test_a_published_accuracy_is_marked_and_an_untrained_build_says_so(database, keep, catalog):
    keep("v1_0.50_128-int8", 5.0, untrained=True)
    keep("v1_0.50_128-float32", 5.0)
    untrained, trained = sorted(gather(database, catalog), key=lambda each: each.name)[::-1]
    assert untrained.top1 == catalog.variant("v1_0.50_128").figure("top1", "int8").value
    assert untrained.top1_origin == "published"
    assert "if it had been trained" in untrained.top1_note
    assert "trained as" not in trained.top1_note


def test_another_classifier_has_no_published_accuracy(database, keep, catalog):
    keep("v1_0.50_128-int8", 5.0, model_size_bytes=1_010_000)
    (found,) = gather(database, catalog)
    assert found.name == "v1_0.50_128-int8, own classes"
    assert found.top1 is None
    assert not found.rankable


def test_measured_and_published_accuracies_are_never_mixed(database, keep, catalog):
    keep("v1_0.50_128-int8", 5.0, model_sha256="aa")
    keep("v1_0.25_128-int8", 2.0, model_sha256="bb")
    database.record_judged(judged("aa"))
    published = survey(database, catalog)
    assert published.accuracies == (PUBLISHED, "road")
    assert {each.top1_origin for each in published.measured} == {"published"}
    own = survey(database, catalog, accuracy="road")
    tops = {each.name: each.top1 for each in own.measured}
    assert tops == {"v1_0.50_128-int8": 0.95, "v1_0.25_128-int8": None}
    assert all(each.top1 is None for each in own.predicted)
    share = next(each for each in own.measured if each.top1)
    assert share.top1_interval[0] < 0.95 < share.top1_interval[1]
    with pytest.raises(LabError, match="No model was judged"):
        survey(database, catalog, accuracy="nowhere")


def test_other_threads_or_delegates_are_another_setting(database, keep, catalog):
    keep("v1_0.50_128-int8", 5.0)
    keep("v1_0.25_128-int8", 2.0)
    keep("v1_1.00_224-int8", 99.0, threads=1)
    found = survey(database, catalog)
    assert {each.name for each in found.measured} == {"v1_0.50_128-int8", "v1_0.25_128-int8"}
    assert found.others == 1
    slow = survey(database, catalog, setting=found.settings[1])
    assert [each.latency_ms for each in slow.measured] == [99.0]


def test_made_up_times_and_others_of_one_phone_are_different_settings(database, keep, catalog):
    keep("v1_0.50_128-int8", 5.0)
    keep("v1_0.25_128-int8", 2.0)
    keep("v1_1.00_224-int8", 99.0, phone_note="simulated mi-a1 pace")
    found = survey(database, catalog)
    assert {each.name for each in found.measured} == {"v1_0.50_128-int8", "v1_0.25_128-int8"}
    assert found.settings[1].told.endswith("(simulated mi-a1 pace)")


def test_a_phone_that_measured_nothing_is_a_sentence(database, keep, catalog):
    keep("v1_0.50_128-int8", 5.0)
    with pytest.raises(LabError, match="Nothing was measured on B2"):
        gather(database, catalog, "B2")


def test_blocks_of_a_series_are_one_candidate_as_the_series_own_result_has_it(
    database, keep, catalog
):
    series = database.series.begin("sweep", "three blocks", {})
    medians = (5.0, 5.4, 5.2)
    for block, ms in enumerate(medians, 1):
        keep("v1_0.50_128-int8", ms, series_id=series, block=block, place="p1")
    (found,) = gather(database, catalog)
    assert found.latency_ms == pytest.approx(math.prod(medians) ** (1 / 3))
    assert found.latency_interval == pytest.approx(block_interval(medians))


def test_three_measured_predict_the_other_thirteen_of_their_precision(database, keep, catalog):
    for name in ("v1_0.25_128-int8", "v1_0.50_160-int8", "v1_1.00_224-int8"):
        macs = catalog.variant(name.split("-")[0]).macs[0].value
        keep(name, 1 + macs * 3e-8)
    found = survey(database, catalog)
    assert len(found.predicted) == 13
    assert {each.precision for each in found.predicted} == {"int8"}
    assert set(found.fits) == {"int8"}
    assert all(each.latency_interval for each in found.predicted)
    assert found.check_next(catalog, "int8") in {each.name for each in found.predicted}


def test_nothing_measured_leaves_the_catalog_without_latencies(database, catalog):
    found = survey(database, catalog)
    assert found.setting is None
    assert found.candidates
    assert all(each.latency_ms is None and each.model_mb for each in found.candidates)


def test_the_apk_is_the_runs_own_or_reckoned_and_says_which(database, keep, catalog):
    keep("v1_0.50_128-int8", 5.0, apk_size_bytes=5_300_000)
    keep("v1_0.25_128-int8", 5.0)
    found = {each.name: each for each in gather(database, catalog)}
    built, reckoned = found["v1_0.50_128-int8"], found["v1_0.25_128-int8"]
    assert (built.apk_mb, built.apk_reckoned) == (5.3, False)
    assert reckoned.apk_reckoned
    assert 4 < reckoned.apk_mb < 5
