"""Three variants are measured, the others predicted, and how far that is right is stated."""

import numpy as np
import pytest

from engine.catalog.prediction import (
    Point,
    choose_check,
    choose_three,
    fit,
    points_of,
    verify,
)
from engine.catalog.traffic import activation_count
from engine.errors import LabError
from engine.models.graph import parse_graph

KINDS = {"float32": "float", "int8": "quant"}


def published(catalog, precision, on="Pixel 3, CPU, 4 threads"):
    return [
        Point.of(variant, precision, figure.value)
        for variant in catalog.variants
        for figure in variant.latency_ms
        if figure.on == on and figure.precision == KINDS[precision]
    ]


def of_three(catalog, points, precision):
    three = {name for name, _ in choose_three(catalog, precision)}
    return fit([p for p in points if p.name in three]), [p for p in points if p.name not in three]


@pytest.mark.parametrize(
    ("precision", "mean", "worst"), [("float32", 3.0, 7.6), ("int8", 7.6, 17.2)]
)
def test_thirteen_of_the_published_pixel_3_table_come_of_three(catalog, precision, mean, worst):
    # the leave-13-out error: 2.9 % on average and 7.5 % at worst for float, 7.5 % and 17.1 %
    # for the quantised networks; every one within its interval
    fitted, others = of_three(catalog, published(catalog, precision), precision)
    checks = [verify(fitted, each) for each in others]
    off = [100 * abs(each.error) for each in checks]
    assert len(off) == 13
    assert mean - 0.2 < np.mean(off) < mean
    assert worst - 0.2 < max(off) < worst
    assert all(each.within for each in checks)
    assert fitted.kind == "MACs and memory traffic"
    assert not fitted.doubts


@pytest.mark.parametrize("on", ["Pixel 3, GPU", "Pixel 3, NNAPI"])
def test_memory_traffic_is_left_out_where_it_earns_nothing(catalog, on):
    fitted, _ = of_three(catalog, published(catalog, "float32", on), "float32")
    assert fitted.kind == "MACs"
    assert fitted.error < fitted.error_other


def test_a_fixed_cost_and_so_much_per_mac_is_found_again(catalog):
    points = [
        Point(p.name, p.macs, p.traffic, 2 + p.macs * 5e-8) for p in points_of(catalog, "int8")
    ]
    fitted = fit(points)
    assert fitted.kind == "MACs"
    assert fitted.coefficients == pytest.approx((2, 5e-8))
    assert fitted.r2 == pytest.approx(1)
    assert max(abs(off) for _, off in fitted.residuals) < 1e-9


def test_intervals_hold_as_often_as_they_say(catalog):
    # 2,000 trials of three noisy variants, each verified with a fourth
    rng = np.random.default_rng(5)
    every = sorted(points_of(catalog, "float32"), key=lambda each: each.macs)
    chosen = [every[0], every[7], every[15], every[11]]
    inside = 0
    for _ in range(2000):
        noisy = [
            Point(p.name, p.macs, p.traffic, (1 + p.macs * 4e-8) * rng.normal(1, 0.05))
            for p in chosen
        ]
        inside += verify(fit(noisy[:3]), noisy[3]).within
    assert 0.90 < inside / 2000 <= 1


def test_more_measurements_narrow_the_interval(catalog):
    points = published(catalog, "float32")
    few, _ = of_three(catalog, points, "float32")
    target = next(p for p in points if p.name == "v1_0.75_192-float32")
    many = fit([p for p in points if p is not target])

    def width(fitted):
        low, high = fitted.predict(target).interval_ms
        return high - low

    assert width(many) < 0.6 * width(few)


def test_quantised_and_float_are_never_fitted_together(catalog):
    mixed = published(catalog, "float32")[:2] + published(catalog, "int8")[2:4]
    with pytest.raises(LabError, match="mixed"):
        fit(mixed)
    fitted, _ = of_three(catalog, published(catalog, "float32"), "float32")
    with pytest.raises(LabError, match="not predicted from float32"):
        fitted.predict(points_of(catalog, "int8")[0])


def test_two_variants_are_too_few(catalog):
    with pytest.raises(LabError, match="too few"):
        fit(published(catalog, "int8")[:2])


def test_beyond_the_measured_macs_is_said(catalog):
    points = sorted(published(catalog, "float32"), key=lambda each: each.macs)
    fitted = fit(points[3:12])
    assert fitted.predict(points[5]).doubts == ()
    for beyond in (points[0], points[15]):
        assert "outside of the measured MACs" in fitted.predict(beyond).doubts[0]


def test_latencies_that_follow_nothing_are_not_trusted(catalog):
    points = points_of(catalog, "int8")
    rng = np.random.default_rng(1)
    noise = [Point(p.name, p.macs, p.traffic, rng.uniform(1, 20)) for p in points]
    assert fit(noise).doubts
    falling = [Point(p.name, p.macs, p.traffic, 1 + 1e9 / p.macs) for p in points]
    assert "less time" in fit(falling).doubts[0]


def test_the_ends_and_the_middle_are_measured(catalog):
    plan = choose_three(catalog, "int8")
    assert [name for name, _ in plan] == [
        "v1_0.25_128-int8", "v1_0.50_160-int8", "v1_1.00_224-int8",
    ]  # fmt: skip
    assert all(why for _, why in plan)


def test_what_was_measured_between_the_ends_serves_as_the_middle(catalog):
    plan = choose_three(catalog, "int8", ["v1_0.50_192-int8", "v1_0.25_192-int8"])
    assert plan[1] == ("v1_0.50_192-int8", "110 M MACs, measured already, between the ends")


def test_the_least_certain_is_verified(catalog):
    fitted, others = of_three(catalog, published(catalog, "int8"), "int8")
    found = choose_check(fitted, others)
    shares = [
        (p.interval_ms[1] - p.interval_ms[0]) / p.latency_ms for p in map(fitted.predict, others)
    ]
    assert (found.interval_ms[1] - found.interval_ms[0]) / found.latency_ms == max(shares)


def test_a_verification_says_how_it_came_out(catalog):
    points = published(catalog, "float32")
    fitted, others = of_three(catalog, points, "float32")
    wrong = Point(others[0].name, others[0].macs, others[0].traffic, 99.0)
    assert "outside of" in verify(fitted, wrong).sentence
    assert "within" in verify(fitted, others[0]).sentence


def test_activations_are_those_of_a_real_file(shared):
    graph = parse_graph((shared / "models/mobilenet_v1_0.5_128_quant.tflite").read_bytes())
    convolved = [each for each in graph.operators if "CONV_2D" in each.name]
    results = {each.outputs[0] for each in convolved[:-1]}  # the last one is the classifier
    counted = sum(graph.tensors[index].elements for index in results)
    assert activation_count(0.5, 128) == counted + 3 * 128 * 128
