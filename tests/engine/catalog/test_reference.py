"""Published latencies stay apart from what is measured."""

from engine.catalog.reference import REPORT, reference_series, shown_series


def test_every_reference_says_why_it_is_not_comparable(catalog):
    for series in reference_series(catalog):
        assert series.why
        for point in series.points:
            assert point.latency_origin == "reference"
            assert not point.rankable
            assert "not comparable: another phone" in point.note


def test_pixel_3_pixel_4_and_the_report_are_shown(catalog):
    shown = {series.title: series for series in shown_series(catalog)}
    assert set(shown) == {"Pixel 3, CPU, 4 threads", "Pixel 4, CPU, 4 threads", REPORT}
    four = {point.name: point.latency_ms for point in shown["Pixel 4, CPU, 4 threads"].points}
    assert four == {"v1_1.00_224-float32": 14.0, "v1_1.00_224-int8": 5.0}
    report = {point.name: point.latency_ms for point in shown[REPORT].points}
    assert report["v1_0.50_128-float32"] == 60.0
