"""A run in words."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.measuring.statistics import Percentile, Summary
    from engine.records.values import RunFacts, RunRecord, RunRow


def run_lines(record: "RunRecord") -> Iterator[str]:
    """Say what a run came to, a line for each thing a reader asks."""
    facts, summary = record.row.facts, record.summary
    yield f"run {record.row.id}: {facts.name} on {facts.phone.get('model') or facts.serial}"
    if facts.phone_note:
        yield facts.phone_note
    if summary is None:
        yield "no samples"
        return
    yield from _figures(summary)
    yield f"load {facts.load_ms:.1f} ms, first inference {facts.first_ms:.1f} ms"
    yield _warm_up(record)
    yield from _gap(summary)
    yield _how(facts)
    if facts.delegate != facts.delegate_applied:
        yield delegate_refusal(facts.delegate, facts.delegate_applied, facts.delegate_note)
    if facts.swapped:
        yield "the model came over the link; it is not the APK's"
    yield from _heat(record)
    yield from _throttling(record)
    if summary.unstable:
        yield summary.unstable
    yield from _validity(record)


def phone_notes(rows: Iterable["RunRow"]) -> tuple[str, ...]:
    """Return what the phones of runs say of themselves: it stands beside their numbers."""
    return tuple(dict.fromkeys(row.facts.phone_note for row in rows if row.facts.phone_note))


def delegate_refusal(asked: str, applied: str, note: str) -> str:
    """Say which delegate was refused, and why."""
    reason = f": {note}" if note else "."
    return f"The phone runs {applied}, not {asked} as asked{reason}"


def _figures(summary: "Summary") -> Iterator[str]:
    interval = ""
    if summary.interval_ms:
        low, high = summary.interval_ms
        half = 100 * (summary.relative_half_width or 0.0)
        interval = f" (95 %: {low:.2f} to {high:.2f}, ±{half:.1f} %)"
    yield f"median latency {summary.median_ms:.2f} ms{interval}"
    yield ", ".join(_percentile(each) for each in summary.percentiles)
    if summary.outliers:
        yield f"{summary.outliers} outlier{'s' * (summary.outliers != 1)}, kept in every figure"
    fps = f"{summary.pipeline_fps:.1f}" if summary.pipeline_fps else "?"
    words = [f"engine {summary.engine_fps:.1f} FPS", f"pipeline {fps} FPS"]
    if summary.frame_p95_ms is not None:
        words.append(f"95 % of frames within {summary.frame_p95_ms:.1f} ms")
    if summary.low_1_fps is not None:
        words.append(f"Low 1 % {summary.low_1_fps:.1f} FPS")
    yield ", ".join(words)


def _percentile(each: "Percentile") -> str:
    name = f"p{100 * each.q:g}"
    if each.interval_ms is None:
        return f"{name} needs n >= {each.needed}"
    low, high = each.interval_ms
    return f"{name} {each.value_ms:.2f} ms ({low:.2f} to {high:.2f})"


def _warm_up(record: "RunRecord") -> str:
    warm_up, summary = record.analysis.warm_up, record.summary
    counted = summary.count if summary else 0
    settled = "" if warm_up.settled else ", and it was not seen to end"
    return f"{counted} samples, after {warm_up.count} of warm-up ({warm_up.seconds:.1f} s{settled})"


def _gap(summary: "Summary") -> Iterator[str]:
    """Say where the time between two results goes besides inference."""
    if not summary.gap_ms or not summary.pipeline_fps:
        return
    parts = ", ".join(f"{name} {ms:.2f}" for name, ms in summary.gap_ms.items())
    yield f"a result each {1000 / summary.pipeline_fps:.2f} ms: besides inference {parts}"


def _how(facts: "RunFacts") -> str:
    source = f"{facts.camera} camera" if facts.camera else facts.source
    threads = f"{facts.threads} thread{'s' * (facts.threads != 1)}"
    return f"{source}, {facts.delegate_applied}, {threads}, mirror {facts.mirror}"


def _heat(record: "RunRecord") -> Iterator[str]:
    from engine.measuring.heat import heat_of

    heat, words = heat_of(record.readings, record.health), []
    if heat.start_c is not None:
        words.append(f"battery {heat.start_c:.1f} to {heat.end_c:.1f} °C")
    if heat.clock_fall is not None:
        fallen = f"up to {100 * heat.clock_fall:.0f} % lower" if heat.clock_fall else "not lowered"
        words.append(f"clock limits {fallen}")
    if heat.cost is not None:
        words.append(f"reading this cost {100 * heat.cost:.1f} % of one core")
    if words:
        yield ", ".join(words)


def _throttling(record: "RunRecord") -> Iterator[str]:
    """Say what heat did; the parts are never averaged across."""
    from engine.measuring.drift import drift_of

    throttling, samples = record.analysis.throttling, record.samples
    if throttling is not None:
        begin_ns = int(samples["captured_ns"][0])

        def second(index: int) -> float:
            return (int(samples["finished_ns"][index]) - begin_ns) / 1e9

        parts = "; ".join(
            f"{part.name} {second(part.begin):.0f}-{second(part.end - 1):.0f} s:"
            f" {part.summary.median_ms:.2f} ms"
            for part in record.analysis.parts
        )
        yield f"slowed down by heat: {', '.join(throttling.reasons)}"
        yield parts
    drift = drift_of(record)
    if drift is not None:
        yield drift.sentence


def _validity(record: "RunRecord") -> Iterator[str]:
    flags = record.row.flags
    told = ", ".join(flag for flag in flags if not flag.invalidates)
    if record.row.valid:
        yield f"valid; {told}" if told else "valid"
    else:
        against = ", ".join(flag for flag in flags if flag.invalidates) or record.row.end
        yield f"not to be ranked: {against}{f'; {told}' if told else ''}"
