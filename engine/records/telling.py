"""A run in words: the figures, the circumstances, and what each flag means."""

from dataclasses import dataclass

from engine.measuring.statistics import Summary
from engine.records.values import End, Flag, RunRecord

EXPLAINED = {
    Flag.UNTRAINED: "The weights are random: times are right, what it recognises is not.",
    Flag.FEW_SAMPLES: "Fewer than 100 samples were counted: measure longer.",
    Flag.UNSTABLE: "The times scatter too much for one number: look for what disturbs the phone.",
    Flag.MIRROR_ON: "The phone encoded its screen while it was measured: let the mirror pause.",
    Flag.DELEGATE_DIFFERS: "The phone refused what was asked and used another delegate.",
    Flag.THREADS_DIFFER: "The phone used fewer threads than were asked for.",
    Flag.SAMPLES_MISSING: "Some samples never arrived: the link was too slow or was cut.",
    Flag.STALLED: "For more than a second no result came: the app paused or the phone slept.",
    Flag.DEBUG_APP: "A debug build of the app is slower: install the release build.",
    Flag.HOT: "Android said that heat holds the phone back: let it cool down first.",
    Flag.SCREEN_OFF: "With the screen off a phone lowers its clocks: keep it on.",
    Flag.POWER_SAVE: "The battery saver lowers clocks: turn it off.",
    Flag.LOW_BATTERY: "A low battery lowers clocks: charge the phone first.",
    Flag.CUT_SHORT: "The run did not end as planned; what was measured until then is kept.",
    Flag.TOO_SHORT: "It ended before it had the time and the count that its preset asks for.",
    Flag.NOT_WARM: "The times never came to rest after the start: measure longer.",
    Flag.THROTTLED: "Heat slowed it down; the figures are of the part before.",
    Flag.GATE_SKIPPED: "Nobody waited for the start temperature: it began too warm.",
}
"""What each flag means and what to do about it."""

ENDED = {
    End.COMPLETED: "completed",
    End.CANCELLED: "cancelled; what was measured until then is kept",
    End.LINK_LOST: "the link was lost; what was measured until then is kept",
    End.CHANGED: "the model or its pictures changed in mid-run",
    End.KILLED: "the lab ended in mid-run; what was measured until then is kept",
    End.RUNNING: "still running",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line about a run.

    Attributes:
        name: What it is about.
        value: What there is to say; never empty.
    """

    name: str
    value: str


def tell_run(record: RunRecord) -> tuple[Line, ...]:
    """Return what there is to say about a run; what is not known is left out."""
    row, facts = record.row, record.row.facts
    phone = facts.phone
    android = f"Android {phone['android']}" if phone.get("android") else ""
    told = [
        ("run", str(row.id)),
        ("model", facts.name),
        ("phone", ", ".join(filter(None, (row.phone_name, android, phone.get("soc"))))),
        ("", facts.phone_note),
        ("started", f"{facts.started_utc[:19].replace('T', ' ')} UTC"),
        ("ended", ENDED[row.end]),
        *_figures(record.summary),
        *_course(record),
        ("runs on", _runs_on(record)),
        ("pictures", f"{facts.camera} camera" if facts.camera else facts.source),
        ("mirror", facts.mirror),
        ("app", f"{facts.app_version}, {facts.app_runtime}"),
        ("preset", facts.preset or f"{facts.seconds_asked:g} s"),
        ("series", _series(record)),
        ("start", f"{facts.load_ms:.1f} ms to load, {facts.first_ms:.1f} ms the first inference"),
        ("temperature", _temperature(record)),
        ("came from", row.origin),
        ("tags", ", ".join(row.tags)),
        ("note", facts.note),
        ("may be ranked", "yes" if row.valid else "no"),
        *((str(flag), EXPLAINED[flag]) for flag in row.flags),
    ]
    return tuple(Line(name, value) for name, value in told if value)


def _figures(summary: Summary | None) -> list[tuple[str, str]]:
    if summary is None:
        return [("median latency", "no sample was counted")]
    low_high = summary.interval_ms
    sure = f" (95 %: {low_high[0]:.2f} to {low_high[1]:.2f})" if low_high else ""
    far = [
        f"p{each.q * 100:g} {each.value_ms:.2f} ms"
        if each.earned
        else f"p{each.q * 100:g} needs n >= {each.needed}"
        for each in summary.percentiles
    ]
    rates = [f"engine {summary.engine_fps:.1f} FPS"]
    if summary.pipeline_fps is not None:
        rates.append(f"pipeline {summary.pipeline_fps:.1f} FPS")
    if summary.low_1_fps is not None:
        rates.append(f"low 1 % {summary.low_1_fps:.1f} FPS")
    frame = summary.frame_p95_ms
    stages = ", ".join(f"{name} {value:.1f}" for name, value in summary.stages_ms.items() if value)
    return [
        ("median latency", f"{summary.median_ms:.2f} ms{sure}"),
        ("percentiles", ", ".join(far)),
        ("rate", ", ".join(rates)),
        ("frame time p95", "" if frame is None else f"{frame:.1f} ms"),
        ("stages, ms", stages),
        ("samples", f"{summary.count:,} counted after {summary.warm_up:,} of warm-up"),
        ("outliers", f"{summary.outliers:,}, counted and kept" if summary.outliers else ""),
        ("beware", summary.unstable),
    ]


def _course(record: RunRecord) -> list[tuple[str, str]]:
    """Tell when heat slowed the run down, and what it came to after that."""
    throttling = record.analysis.throttling
    if throttling is None:
        return []
    begin = int(record.samples["captured_ns"][0])
    lines = [
        ("slowed down", f"after {(throttling.at_ns - begin) / 1e9:.0f} s"),
        ("because", "; ".join(throttling.reasons)),
    ]
    later = [part for part in record.analysis.parts[1:] if part.name == "throttled"]
    return lines + [("then", f"median {part.summary.median_ms:.2f} ms") for part in later]


def _runs_on(record: RunRecord) -> str:
    facts = record.row.facts
    threads = f"{facts.threads} thread{'s' * (facts.threads != 1)}"
    if facts.delegate == facts.delegate_applied:
        return f"{facts.delegate_applied}, {threads}"
    why = f": {facts.delegate_note}" if facts.delegate_note else ""
    return f"{facts.delegate_applied}, not {facts.delegate} as asked{why}; {threads}"


def _series(record: RunRecord) -> str:
    facts = record.row.facts
    if facts.series_id is None:
        return ""
    block = f", block {facts.block}" if facts.block else ""
    place = f", {facts.place}" if facts.place else ""
    return f"{facts.series_id}{block}{place}"


def _temperature(record: RunRecord) -> str:
    read = [
        *(each.vitals.temperature_c for each in record.readings),
        *(each.battery_c for each in record.health),
    ]
    known = [each for each in read if each is not None]
    if not known:
        return ""
    return f"battery {min(known):.1f} to {max(known):.1f} °C"
