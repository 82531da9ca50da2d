"""Reports say what the records say, no more; the same bytes each time; no serial when masked."""

import json
import re
from dataclasses import replace
from html import unescape

import cv2
import numpy as np
import pyarrow.parquet as pq
import pytest

from engine.errors import Cancelled, LabError
from engine.jobs import CancelToken
from engine.measuring.sweep_plan import Place, SweepPlan
from engine.records.pages.series import short_names
from engine.records.pages.words import ms
from engine.records.report import KINDS, ReportOf, report_name, write_report
from engine.records.values import End, Flag, Step
from tests.engine.records.conftest import keep_run, make_facts

SERIAL = "7f3a91b20404"
PHONE = {"serial": SERIAL, "manufacturer": "Xiaomi", "model": "Mi A1", "android": "7.1.2"}
NOTE = f"<script>alert(1)</script> by Anna on {SERIAL}"


def facts(**changes):
    return replace(
        make_facts(),
        serial=SERIAL,
        phone=PHONE,
        delegate_applied="xnnpack",
        untrained=False,
        **changes,
    )


def keep(database, **changes):
    options = {"flags": (), "facts": facts()} | changes
    return keep_run(database, **options)


def read(database, what, tmp_path, **options):
    (path,) = write_report(what, database, tmp_path / "out", **options)
    return path.read_text("utf-8")


def words(page):
    """The page's text without markup, its spaces made one."""
    body = page.partition("<main>")[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def sweep(database, *, finished=True, **changes):
    series = database.series.begin("sweep", f"Three on {SERIAL}", {"phone": SERIAL, "blocks": 3})
    for block in (1, 2, 3):
        for number, (name, each) in enumerate(
            (("v1_0.25_128-int8", 10), ("v1_0.50_128-int8", 20), ("v1_0.50_160-int8", 20))
        ):
            keep(database, name=name, place=name, ms=each, seed=10 * block + number,
                 series_id=series, block=block, **changes)  # fmt: skip
    if finished:
        database.series.finish(series, "completed")
    return series


def test_a_run_leads_with_its_answer(database, tmp_path):
    run = keep(database, count=700)
    summary = database.load(run).summary
    text = words(read(database, ReportOf.run(run), tmp_path))
    median = ms(summary.median_ms, summary.interval_ms)
    low, high = (ms(end, summary.interval_ms) for end in summary.interval_ms)
    start = f"One inference takes {median} ms (95 % interval of the median {low} to {high} ms)"
    assert text.startswith(start)
    assert f"{summary.pipeline_fps:.1f} FPS" in text
    assert "Valid: it may be ranked" in text
    assert "Phone Xiaomi Mi A1" in text
    assert "ab" * 32 in text


def test_a_percentile_without_enough_samples_says_what_it_needs(database, tmp_path):
    run = keep(database, count=50, flags=(Flag.FEW_SAMPLES,))
    record = database.load(run)
    text = words(read(database, ReportOf.run(run), tmp_path))
    p99 = record.summary.percentile(0.99)
    assert not p99.earned
    assert "p99 \N{EN DASH} needs n \N{GREATER-THAN OR EQUAL TO} 299" in text
    assert ms(p99.value_ms) not in re.findall(r"p99 (\S+)", text)


def test_what_speaks_against_a_run_is_said_in_words(database, tmp_path):
    run = keep(database, flags=(Flag.HOT, Flag.MIRROR_ON), phone_note="times are simulated")
    text = words(read(database, ReportOf.run(run), tmp_path))
    assert "To be looked at, not to be ranked" in text
    assert "Phone throttling." in text
    assert "Mirror was on." in text
    assert text.index("times are simulated") < text.index("How it was measured")


def test_a_run_without_samples_is_reported_without_figures(database, tmp_path):
    run = database.begin_run(facts())
    database.finish(run, End.LINK_LOST, (Flag.CUT_SHORT,))
    paths = write_report(ReportOf.run(run), database, tmp_path, kinds=KINDS)
    assert len(paths) == 5
    assert "Nothing was measured" in paths[0].read_text("utf-8")
    assert "<svg" not in paths[0].read_text("utf-8")


def test_a_slow_down_is_shown_apart_and_never_averaged(database, tmp_path):
    run = database.begin_run(facts())
    from tests.engine.records.conftest import make_samples

    samples = make_samples(1500, ms=20)
    samples["infer_ns"][900:] = samples["infer_ns"][900:] * 1.3
    samples["finished_ns"] = samples["captured_ns"] + samples["infer_ns"] + samples["convert_ns"]
    database.append(run, samples)
    database.finish(run, End.COMPLETED, (Flag.THROTTLED,))
    steady, throttled = (part.summary.median_ms for part in database.load(run).analysis.parts)
    text = words(read(database, ReportOf.run(run), tmp_path))
    assert "Then heat slowed the phone down" in text
    assert f"{throttled:.1f}" in text
    assert steady < 21
    assert "Nothing is averaged across the two." in text


@pytest.fixture
def reports(database):
    """One of each kind: run, sweep, QA session, comparison, day."""
    run = keep(database, note=NOTE, phone_note="times are simulated")
    other = keep(database, name="v1_1.00_224-int8", ms=50, seed=1, note=NOTE)
    series = sweep(database, note=NOTE)
    session = database.series.begin("qa", f"Release on {SERIAL}", {"phones": [SERIAL]})
    step = Step(session, SERIAL, 1, "Look", "manual", "FAIL", NOTE, {SERIAL: 1}, b"", "2026-01-02")
    database.series.add_step(step)
    database.series.finish(session, "FAIL")
    return (
        ReportOf.run(run),
        ReportOf.series(series),
        ReportOf.series(session),
        ReportOf.comparison([run, other]),
        ReportOf.day("2026-01-02"),
    )


def test_the_same_records_give_the_same_files(database, reports, tmp_path):
    for what in reports:
        first = write_report(what, database, tmp_path / "a", kinds=KINDS)
        again = write_report(what, database, tmp_path / "b", kinds=KINDS)
        assert [each.name for each in first] == [each.name for each in again]
        assert {each.suffix for each in first} == {f".{kind}" for kind in KINDS}
        for one, other in zip(first, again, strict=True):
            assert one.read_bytes() == other.read_bytes(), one.name


def test_no_serial_is_left_in_any_file_when_masked(database, reports, tmp_path):
    for what in reports:
        for path in write_report(what, database, tmp_path, kinds=KINDS, mask_serials=True):
            assert SERIAL not in path.name
            if path.suffix == ".parquet":
                assert SERIAL not in str(pq.read_metadata(path).metadata)
            elif path.suffix != ".pdf":  # its text is packed: the document is the page's
                assert SERIAL not in path.read_text("utf-8")
        assert "phone A" in (tmp_path / f"{path.stem}.json").read_text("utf-8")


def test_serials_are_there_when_nobody_asked_to_mask_them(database, reports, tmp_path):
    assert SERIAL in read(database, reports[0], tmp_path)


def test_what_a_person_typed_is_never_markup(database, reports, tmp_path):
    for what in reports[:4]:
        page = read(database, what, tmp_path)
        assert page.count("<script>") == 1
        assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in read(database, reports[0], tmp_path)


def test_a_day_has_neither_names_nor_serials(database, reports, tmp_path):
    paths = write_report(reports[-1], database, tmp_path, kinds=("html", "json", "parquet"))
    for path in paths:
        assert b"Anna" not in path.read_bytes()
        assert SERIAL.encode() not in path.read_bytes()
    assert "Measured on 2026-01-02" in paths[0].read_text("utf-8")


def test_a_day_without_runs_is_said(database, tmp_path):
    with pytest.raises(LabError, match="Nothing was measured on 2030-01-01"):
        write_report(ReportOf.day("2030-01-01"), database, tmp_path)


def test_a_sweep_ranks_with_ties(database, tmp_path):
    page = read(database, ReportOf.series(sweep(database)), tmp_path)
    text = words(page)
    assert text.startswith("v1_0.25_128-int8 is the fastest")
    ranking = re.findall(r">\s*(\d)</td>\s*<td[^>]*>(v1[^<]+)</td>", page)[:3]
    assert ranking == [
        ("1", "v1_0.25_128-int8"),
        ("2", "v1_0.50_128-int8"),
        ("2", "v1_0.50_160-int8"),
    ] or ranking[1:] == [("2", "v1_0.50_160-int8"), ("2", "v1_0.50_128-int8")]


def test_who_may_not_be_ranked_has_no_place(database, tmp_path):
    good = keep(database, ms=40)
    bad = keep(database, name="v1_0.25_128-int8", ms=5, seed=1, flags=(Flag.THROTTLED,))
    text = words(read(database, ReportOf.comparison([good, bad]), tmp_path))
    assert text.startswith("v1_0.50_128-int8 takes")
    assert "1 of 2 ranked" in text
    assert "slowed down by heat" in text


def test_runs_measured_once_tie_where_their_intervals_overlap(database, tmp_path):
    one = keep(database, ms=40, seed=1)
    same = keep(database, ms=40, seed=2, threads=2)
    page = words(read(database, ReportOf.comparison([one, same]), tmp_path))
    assert page.startswith("No difference was shown among the 2")
    assert "v1_0.50_128-int8, 2 threads" in page
    assert "Each was measured once" in page


def test_times_that_were_made_up_differently_are_not_repeats_of_one_thing(database, tmp_path):
    notes = ("simulated mi-a1 pace", "simulated pixel-3 pace")
    runs = [
        keep(database, ms=40 - 10 * number, seed=number, phone_note=note)
        for number, note in enumerate(notes)
    ]
    page = words(read(database, ReportOf.comparison(runs), tmp_path))
    assert page.startswith("v1_0.50_128-int8, simulated pixel-3 pace is the fastest")
    assert "2 of 2 ranked" in page


def test_repeats_of_one_thing_are_never_said_to_be_measured_once(database, tmp_path):
    runs = [keep(database, ms=40, seed=seed) for seed in (1, 2)]
    runs.append(keep(database, ms=20, seed=3, threads=2))
    page = words(read(database, ReportOf.comparison(runs), tmp_path))
    assert "Each was measured once" not in page
    assert "Repeats are compared" in page


def test_an_unfinished_series_says_so(database, tmp_path):
    text = words(read(database, ReportOf.series(sweep(database, finished=False)), tmp_path))
    assert "not finished; it can be resumed" in text


@pytest.mark.parametrize("kind", ["sweep", "ab", "mirror-cost", "qa"])
def test_a_series_without_runs_is_no_trouble(database, tmp_path, kind):
    series = database.series.begin(kind, "Empty", {})
    paths = write_report(ReportOf.series(series), database, tmp_path, kinds=KINDS)
    assert all(each.stat().st_size for each in paths)


def pair(database, kind, places, times, *, plan=None, **changes):
    series = database.series.begin(kind, "Two", plan or {})
    for block in (1, 2, 3, 4):
        for number, (place, each) in enumerate(zip(places, times, strict=True)):
            keep(database, ms=each, seed=10 * block + number, series_id=series, block=block,
                 place=place, **changes)  # fmt: skip
    database.series.finish(series, "completed")
    return series


def test_an_ab_test_tells_the_difference_or_that_there_is_none(database, tmp_path):
    apart = pair(database, "ab", ("cpu", "xnnpack"), (40, 30))
    text = words(read(database, ReportOf.series(apart), tmp_path))
    assert re.match(r"xnnpack is 2\d\.\d % faster than cpu \(95 % interval", text)
    assert "A difference was found" in text
    alike = pair(database, "ab", ("cpu", "xnnpack"), (40, 40))
    text = words(read(database, ReportOf.series(alike), tmp_path))
    assert text.startswith("No detectable change")


def test_an_ab_test_compares_in_the_order_of_its_plan(database, tmp_path):
    places = (Place("v1_0.50_128-int8", 4, "xnnpack"), Place("v1_0.50_128-int8", 4, "cpu"))
    plan = SweepPlan(places).as_json()
    series = pair(database, "ab", [each.name for each in places], (40, 30), plan=plan)
    text = words(read(database, ReportOf.series(series), tmp_path))
    assert re.match(
        r"v1_0.50_128-int8, cpu is 2\d\.\d % faster than v1_0.50_128-int8, xnnpack", text
    )


def test_a_block_that_was_repeated_counts_once(database, tmp_path):
    series = sweep(database)
    first = next(row for row in reversed(database.runs(series_id=series)) if row.valid)
    keep(database, name=first.facts.name, place=first.facts.place, ms=10, seed=99,
         series_id=series, block=first.facts.block)  # fmt: skip
    page = read(database, ReportOf.series(series), tmp_path)
    spread = page.partition("<caption>Spread</caption>")[2].partition("</table>")[0]
    assert re.findall(r'class="number none" data-value="(\d)">', spread) == ["3", "3", "3"]


def test_what_of_a_plan_is_missing_is_said(database, tmp_path):
    places = (Place("v1_0.25_128-int8", 4), Place("v1_0.50_128-int8", 4, "gpu"))
    series = database.series.begin("sweep", "Two", SweepPlan(places).as_json())
    keep(database, place=places[0].name, series_id=series, block=1)
    step = Step(series, SERIAL, 1, places[1].name, "measure", "ERROR", "There is no GPU.",
                {"place": places[1].name, "block": 1}, b"", "2026-01-02")  # fmt: skip
    database.series.add_step(step)
    text = words(read(database, ReportOf.series(series), tmp_path))
    assert "1 of 6 planned runs were completed." in text
    assert f"{places[1].name}: There is no GPU." in text


def test_places_are_named_by_what_tells_them_apart():
    names = [
        each.name for each in (Place("a", 4, "gpu"), Place("a", 2, "gpu"), Place("b", 4, "gpu"))
    ]
    assert list(short_names(names).values()) == ["a, 4 threads", "a, 2 threads", "b, 4 threads"]
    assert short_names(["a"]) == {"a": "a"}
    assert list(short_names(["a, x", "b, x"]).values()) == ["a", "b"]
    assert short_names([]) == {}


def test_the_mirrors_cost_counts_runs_with_the_mirror_on(database, tmp_path):
    series = pair(
        database, "mirror-cost", ("mirror on", "mirror paused"), (44, 40), flags=(Flag.MIRROR_ON,)
    )
    text = words(read(database, ReportOf.series(series), tmp_path))
    assert re.match(r"mirror on is (9|10)\.\d % slower than mirror paused", text)


def test_a_session_shows_the_last_word_on_each_step(database, tmp_path):
    png = cv2.imencode(".png", np.zeros((2400, 1080, 3), np.uint8))[1].tobytes()
    series = database.series.begin("qa", "Release 1.4", {"start_c": 31.0})
    steps = (("Latency", "FAIL", ""), ("Latency", "PASS", ""), ("Turn it", "ERROR", "unstable"))
    for at, (title, outcome, comment) in enumerate(steps):
        number = 1 if title == "Latency" else 2
        values = {"median_ms": 41.25, "limits": {"median_ms": 60}}
        step = Step(series, SERIAL, number, title, "measure", outcome, comment, values, png,
                    f"2026-01-02T00:00:0{at}Z")  # fmt: skip
        database.series.add_step(step)
    database.series.finish(series, "ERROR")
    page = read(database, ReportOf.series(series), tmp_path)
    text = words(page)
    assert text.startswith("2 steps: 1 ERROR, 1 PASS.")
    assert "Step 2, Turn it: ERROR - unstable" in text
    assert "Median 41.25 ms" in text
    assert "Limits: Median 60 ms" in text
    assert "Start 31 °C" in text
    assert page.count("data:image/png;base64,") == 3


def test_a_session_tells_verdicts_and_what_the_phone_is(database, tmp_path):
    series = database.series.begin("qa", "Release", {"limits": {"p90_ms": 9}, "folder": "/anna"})
    about = {"phone": "Xiaomi Mi A1", "serial": SERIAL, "ram_mb": 3840, "models": {"a": "ab" * 32}}
    verdict = {"title": "Median latency", "outcome": "PASS", "sentence": "8 ms, allowed is 9 ms."}
    facts = {"runs": [1, 2], "decided": True, "verdicts": [verdict]}
    for number, kind, outcome, values in (
        (0, "fingerprint", "", about),
        (1, "measure", "PASS", facts),
    ):
        database.series.add_step(
            Step(series, SERIAL, number, kind, kind, outcome, "", values, b"", "2026-01-02")
        )
    database.series.finish(series, "PASS")
    text = words(read(database, ReportOf.series(series), tmp_path))
    assert text.startswith("1 step: 1 PASS.")
    assert f"Steps on Xiaomi Mi A1 ({SERIAL})" in text
    assert "Median latency PASS: 8 ms, allowed is 9 ms." in text
    assert "RAM 3 840 MB" in text
    assert "Limits: P90 9 ms" in text
    assert "anna" not in text


def test_a_deleted_run_is_said_to_be_deleted(database, tmp_path):
    run = keep(database)
    database.history.delete_runs([run])
    with pytest.raises(LabError, match="was deleted"):
        write_report(ReportOf.run(run), database, tmp_path)


def test_names_of_files_follow_from_the_record(database):
    run = keep(database)
    assert report_name(ReportOf.run(run), database) == (
        f"mobilenet-lab-run-{run}-v1_0.50_128-int8-mi-a1"
    )
    many = [keep(database, seed=each, count=20) for each in range(7)]
    name = report_name(ReportOf.comparison(many), database)
    assert re.fullmatch(r"mobilenet-lab-comparison-2-3-4-5-6-and-2-[0-9a-f]{8}", name)
    assert report_name(ReportOf.day("2026-01-02"), database) == "mobilenet-lab-day-2026-01-02"
    series = database.series.begin("sweep", f"../All 16: {SERIAL}/", {})
    name = report_name(ReportOf.series(series), database)
    assert name == f"mobilenet-lab-sweep-{series}-all-16-{SERIAL}"


def test_the_json_of_several_runs_has_their_figures_but_not_their_samples(database, tmp_path):
    one, other = keep(database), keep(database, ms=50, seed=1)
    whole = json.loads(read(database, ReportOf.comparison([one, other]), tmp_path, kinds=("json",)))
    assert [each["run"]["id"] for each in whole["runs"]] == [one, other]
    assert all(each["summary"]["median_ms"] > 30 for each in whole["runs"])
    assert all(each["samples"] is None for each in whole["runs"])


@pytest.mark.parametrize(
    ("output", "kinds", "names"),
    [
        ("new/folder", None, ["html"]),
        ("new", ("pdf", "csv", "pdf"), ["pdf", "csv"]),
        ("my.pdf", None, ["pdf"]),
        ("my.PDF", ("pdf",), ["pdf"]),
        ("release 1.4", None, ["html"]),
    ],
)
def test_an_output_is_a_folder_or_one_file(database, tmp_path, output, kinds, names):
    paths = write_report(ReportOf.run(keep(database)), database, tmp_path / output, kinds=kinds)
    assert [each.suffix.removeprefix(".").lower() for each in paths] == names
    assert all(each.is_file() for each in paths)


@pytest.mark.parametrize(
    ("output", "kinds", "what"),
    [
        ("out", ("docx",), "docx"),
        ("my.pdf", ("html",), "my.pdf is one file"),
        ("no/x.pdf", None, "no folder"),
    ],
)
def test_what_cannot_be_written_is_said(database, tmp_path, output, kinds, what):
    with pytest.raises(LabError, match=what):
        write_report(ReportOf.run(keep(database)), database, tmp_path / output, kinds=kinds)


def test_records_that_are_not_there_are_said(database, tmp_path):
    for what in (ReportOf.run(7), ReportOf.series(7), ReportOf.comparison([7, 8])):
        with pytest.raises(LabError, match="no"):
            write_report(what, database, tmp_path)
    with pytest.raises(LabError, match="is no day"):
        ReportOf.day("yesterday")
    with pytest.raises(LabError, match="no run to compare"):
        ReportOf.comparison([])


def test_a_cancel_ends_it_before_the_next_file(database, tmp_path):
    cancel, told = CancelToken(), []

    def report(progress):
        told.append(progress)
        if progress.step == "write":
            cancel.cancel()

    with pytest.raises(Cancelled):
        write_report(ReportOf.run(keep(database)), database, tmp_path, kinds=("html", "csv"),
                     report=report, cancel=cancel)  # fmt: skip
    assert [each.suffix for each in tmp_path.glob("mobilenet*")] == [".html"]
    assert all(0 <= each.fraction <= 1 for each in told)
