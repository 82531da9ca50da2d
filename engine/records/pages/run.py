"""The report of one run: the answer, how it was measured, and everything behind it."""

from engine.measuring.analysis import Analysis
from engine.measuring.heat import heat_of
from engine.measuring.statistics import Summary
from engine.records.document.content import (
    Big,
    Block,
    Cell,
    Column,
    Document,
    Heading,
    Headline,
    KeyValues,
    Table,
)
from engine.records.pages.run_figures import RunFigures, heat_words, stage_figure
from engine.records.pages.words import (
    AT_LEAST,
    DOT,
    NONE,
    PLUS_MINUS,
    count,
    delegate_words,
    flag_sentences,
    half_ms,
    interval_ms,
    megabytes,
    moment,
    ms,
    phone_name,
    seconds,
    source_words,
    thread_words,
    verdict,
    with_unit,
)
from engine.records.telling import ENDED
from engine.records.values import End, RunFacts, RunRecord

MS = "ms"
STAGE_WORDS = {
    "camera": "camera: from the shutter to the app",
    "convert": "convert: picture to input tensor",
    "infer": "infer: the model itself (latency)",
    "post": "post: output tensor to answer",
    "draw": "draw: answer onto the screen",
}


def run_document(record: RunRecord) -> Document:
    """Return the report of one run."""
    row, facts, analysis = record.row, record.row.facts, record.analysis
    blocks: list[Block] = [run_headline(record)]
    figures = RunFigures(record) if len(record.samples) else None
    blocks += [Heading("How it was measured"), KeyValues(_method(record, figures))]
    if figures:
        blocks += [Heading("Over time"), figures.latency(), *figures.conditions_over_time()]
        if analysis.throttling:
            blocks.append(_parts(analysis, figures))
    if figures and analysis.parts:
        blocks += [Heading("Latency"), figures.distribution(analysis.parts[0])]
        blocks.append(_percentiles(analysis.parts[0].summary))
        blocks += _pipeline(analysis)
    blocks += [Heading("The phone"), KeyValues(phone_facts(facts) + _heat(record, figures))]
    blocks += [Heading("Versions and hashes"), KeyValues(_versions(facts))]
    return Document(
        title=f"{facts.name} on {phone_name(facts.phone)}",
        subtitle=f"Run {row.id}{DOT}{moment(facts.started_utc)}",
        blocks=tuple(blocks),
        footer=f"Run {row.id}, measured by MobileNet Lab {facts.lab_version}. 1 MB is 10⁶ bytes.",
    )


def run_headline(record: RunRecord) -> Headline:
    """Return the answer of one run and whether it stands."""
    facts, analysis, summary = record.row.facts, record.analysis, record.summary
    state, word = verdict(record.row)
    if summary is None:
        return Headline(
            "Nothing was measured: no inference is left after the warm-up.",
            state="fail" if record.row.end is not End.RUNNING else "warn",
            verdict=word,
            reasons=flag_sentences(record.row),
            note=facts.phone_note,
        )
    return Headline(
        answer=_answer(analysis, summary),
        figures=_figures(facts, summary),
        state=state,
        verdict=word,
        reasons=(*flag_sentences(record.row), *_doubts(analysis, summary)),
        note=facts.phone_note,
    )


def _answer(analysis: Analysis, summary: Summary) -> str:
    text = f"One inference takes {ms(summary.median_ms, summary.interval_ms)} ms"
    if summary.interval_ms:
        text += f" (95 % interval of the median {interval_ms(summary.interval_ms)} ms)"
    if summary.pipeline_fps:
        text += f", and the app gives {with_unit(summary.pipeline_fps, 'results per second')}"
    text += "."
    if analysis.throttling and len(analysis.parts) > 1:
        later = analysis.parts[1].summary
        change = 100 * (later.median_ms / summary.median_ms - 1)
        text += f" Then heat slowed the phone down: {ms(later.median_ms)} ms"
        text += f" ({change:+.0f} %)." if abs(change) >= 0.5 else "."
    return text


def _figures(facts: RunFacts, summary: Summary) -> tuple[Big, ...]:
    width = "no interval: too few samples"
    if summary.interval_ms:
        width = f"{PLUS_MINUS}{half_ms(summary.interval_ms)} ms{DOT}n = {count(summary.count)}"
    p90 = summary.percentile(0.9)
    earned = p90.interval_ms
    size = facts.apk_size_bytes or facts.model_size_bytes
    return (
        Big("Median latency", ms(summary.median_ms, summary.interval_ms), MS, width),
        Big(
            "Pipeline",
            NONE if summary.pipeline_fps is None else f"{summary.pipeline_fps:.1f}",
            "FPS" if summary.pipeline_fps else "",
            f"engine alone {summary.engine_fps:.1f} FPS",
        ),
        Big(
            "p90 latency",
            ms(p90.value_ms, earned) if earned else NONE,
            MS if earned else "",
            f"{interval_ms(earned)} ms" if earned else _needs(p90.needed, summary.count),
        ),
        Big(
            "APK" if facts.apk_size_bytes else "Model",
            f"{size / 1e6:.2f}",
            "MB",
            f"model {megabytes(facts.model_size_bytes)}" if facts.apk_size_bytes else "",
        ),
    )


def _doubts(analysis: Analysis, summary: Summary) -> tuple[str, ...]:
    """Return what the figures themselves say against trusting them."""
    doubts = [summary.unstable] if summary.unstable else []
    if analysis.throttling:
        doubts.append(f"Signs of heat: {'; '.join(analysis.throttling.reasons)}.")
    return tuple(doubts)


def _method(record: RunRecord, figures: RunFigures | None) -> tuple[tuple[str, str], ...]:
    facts, analysis, summary = record.row.facts, record.analysis, record.summary
    rows = [
        ("Preset", _preset(facts)),
        ("Inferences", f"{count(record.row.sample_count)} kept, all of them in the data"),
        ("Warm-up", _warm_up(analysis, figures)),
    ]
    if summary:
        rows.append(("Counted", f"n = {count(summary.count)} until {_until(analysis)}"))
        rows.append(("Outliers", f"{count(summary.outliers)} flagged, kept in every figure"))
    rows += [
        ("Pictures from", source_words(facts)),
        ("Mirror", f"{facts.mirror} while it was timed"),
        ("Delegate", delegate_words(facts)),
        ("Threads", thread_words(facts)),
        ("Model loaded in", with_unit(facts.load_ms, MS)),
        ("First inference", with_unit(facts.first_ms, MS)),
    ]
    if facts.start_c is not None or facts.gate:
        rows.append(("Start temperature", _gate(facts)))
    rows += [
        ("Began", moment(facts.started_utc)),
        ("Ended", f"{moment(record.row.ended_utc)}, {ENDED[record.row.end]}"),
    ]
    if facts.series_id is not None:
        rows.append(("Part of", f"series {facts.series_id}, block {facts.block or NONE}"))
    rows += [
        ("Came from", record.row.origin),
        ("Tags", ", ".join(record.row.tags)),
        ("Note", facts.note),
    ]
    return tuple((name, value) for name, value in rows if value)


def _preset(facts: RunFacts) -> str:
    return facts.preset or f"none: {seconds(facts.seconds_asked)} were asked for"


def _until(analysis: Analysis) -> str:
    return "the phone slowed down" if analysis.throttling else "the end"


def _warm_up(analysis: Analysis, figures: RunFigures | None) -> str:
    warm_up = analysis.warm_up
    if not warm_up.count or figures is None:
        return "none left out"
    time = figures.second(min(warm_up.count, len(figures.finished_s)) - 1)
    text = f"{count(warm_up.count)} inferences, {time:.1f} s, left out"
    return text if warm_up.settled else f"{text}; the times had not settled then"


def _gate(facts: RunFacts) -> str:
    asked = f"{with_unit(facts.start_c, '°C')} asked for"
    return {
        "met": f"{asked}, reached",
        "skipped": f"{asked}, not waited for",
    }.get(facts.gate, asked)


def _needs(needed: int, there: int) -> str:
    return f"needs n {AT_LEAST} {count(needed)}, there are {count(there)}"


def _percentiles(summary: Summary) -> Table:
    """Return the table of latency figures, each with its interval or what it would need."""
    rows = [
        (
            Cell("median (p50)", 0.5),
            Cell(ms(summary.median_ms, summary.interval_ms), summary.median_ms),
            Cell(interval_ms(summary.interval_ms)),
        )
    ]
    for each in summary.percentiles:
        value, interval = Cell(NONE), Cell(_needs(each.needed, summary.count))
        if each.interval_ms:
            value = Cell(ms(each.value_ms, each.interval_ms), each.value_ms)
            interval = Cell(interval_ms(each.interval_ms))
        rows.append((Cell(f"p{100 * each.q:g}", each.q), value, interval))
    others = (
        ("fastest", summary.minimum_ms),
        ("slowest", summary.maximum_ms),
        ("mean", summary.mean_ms),
        ("standard deviation", summary.sd_ms),
    )
    rows += [(Cell(name), Cell(ms(figure), figure), Cell(NONE)) for name, figure in others]
    columns = (
        Column("Latency"),
        Column("Value", MS, number=True),
        Column("95 % interval", MS, number=True),
    )
    return Table("Latency figures", columns, tuple(rows), _TABLE_NOTE)


_TABLE_NOTE = (
    "Latency is the model's own time, Interpreter.run alone. Intervals are by order statistics "
    "and assume no distribution; a percentile without enough samples for one is not shown."
)


def _parts(analysis: Analysis, figures: RunFigures) -> Table:
    rows = tuple(
        (
            Cell(part.name),
            Cell(f"{figures.second(part.begin):.1f}", figures.second(part.begin)),
            Cell(f"{figures.second(part.end - 1):.1f}", figures.second(part.end - 1)),
            Cell(count(part.summary.count), float(part.summary.count)),
            Cell(ms(part.summary.median_ms, part.summary.interval_ms), part.summary.median_ms),
            Cell(interval_ms(part.summary.interval_ms)),
            Cell(f"{part.summary.engine_fps:.1f}", part.summary.engine_fps),
        )
        for part in analysis.parts
    )
    columns = (
        Column("Part"),
        Column("From", "s", number=True),
        Column("To", "s", number=True),
        Column("n", number=True),
        Column("Median", MS, number=True),
        Column("95 % interval", MS, number=True),
        Column("Engine", "FPS", number=True),
    )
    reasons = "; ".join(analysis.throttling.reasons) if analysis.throttling else ""
    note = f"Nothing is averaged across the two. Signs of heat: {reasons}."
    return Table("Before and after the phone slowed down", columns, rows, note)


def _pipeline(analysis: Analysis) -> list[Block]:
    summary = analysis.summary
    if summary is None:
        return []
    blocks: list[Block] = [Heading("From the model to the app")]
    if figure := stage_figure([("this run", analysis)]):
        blocks.append(figure)
    rows = [
        ("Engine", f"{with_unit(summary.engine_fps, 'FPS')} (1000 / median latency in ms)"),
        ("Pipeline", f"{with_unit(summary.pipeline_fps, 'FPS')} (results per second of the app)"),
        ("Low 1 %", _or_needs(summary.low_1_fps, "FPS", "over the slowest 1 % of results", 101)),
        ("Time between results", _or_needs(summary.frame_p95_ms, MS, "at p95", 60)),
    ]
    blocks.append(KeyValues(tuple(rows)))
    columns = (Column("Stage"), Column("Median", MS, number=True))
    cells = tuple(
        (Cell(STAGE_WORDS.get(name, name)), Cell(ms(value), value))
        for name, value in summary.stages_ms.items()
    )
    note = "Stages overlap: the camera works while the model does."
    blocks.append(Table("Stages of one result", columns, cells, note))
    return blocks


def _or_needs(value: float | None, unit: str, what: str, needed: int) -> str:
    if value is None:
        return f"needs {count(needed)} results"
    return f"{with_unit(value, unit)} {what}"


def phone_facts(facts: RunFacts) -> tuple[tuple[str, str], ...]:
    """Return what a phone is, as far as it says."""
    phone = facts.phone
    android = str(phone.get("android") or "")
    if android and phone.get("sdk"):
        android += f" (API {phone['sdk']})"
    rows = (
        ("Phone", phone_name(phone)),
        ("Serial", facts.serial),
        ("Android", android),
        ("Chip", str(phone.get("soc") or "")),
        ("Instruction sets", ", ".join(map(str, phone.get("abis") or ()))),
        ("System build", str(phone.get("fingerprint") or "")),
        ("It says of itself", facts.phone_note),
    )
    return tuple((name, value) for name, value in rows if value)


def _heat(record: RunRecord, figures: RunFigures | None) -> tuple[tuple[str, str], ...]:
    rows = heat_words(figures.conditions) if figures else []
    cost = heat_of(record.readings, record.health).cost
    if cost is not None:
        rows.append(("Reading this cost", with_unit(100 * cost, "% of one core")))
    return tuple(rows)


def _versions(facts: RunFacts) -> tuple[tuple[str, str], ...]:
    untrained = ", random weights" if facts.untrained else ""
    came: dict[bool | None, str] = {
        True: "over the link, into an app that was there",
        False: "in the APK",
    }
    debug: dict[bool | None, str] = {True: " (debug build)", False: " (release build)"}
    rows = [
        ("Model", f"{facts.name}, {facts.task}{untrained}"),
        ("Model size", megabytes(facts.model_size_bytes)),
        ("Model sha256", facts.model_sha256),
        ("Model came", came.get(facts.swapped, "in a way that the lab does not know")),
        ("APK size", megabytes(facts.apk_size_bytes)),
        ("APK sha256", facts.apk_sha256 or "not known"),
        ("Phone app", f"{facts.app_version}{debug.get(facts.app_debuggable, '')}"),
        ("Runtime", facts.app_runtime),
        ("Lab", f"MobileNet Lab {facts.lab_version}"),
    ]
    return tuple(rows)
