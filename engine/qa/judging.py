"""What the runs of one model on one phone come to, against the plan's limits."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.measuring.comparison import compare_blocks, spread
from engine.measuring.plan import LIMITS, Plan
from engine.measuring.statistics import Summary
from engine.measuring.sweep_plan import Place
from engine.measuring.sweep_result import steady_ms
from engine.qa.outcomes import (
    Outcome,
    Value,
    Verdict,
    judge_change,
    judge_limit,
    value_of_blocks,
    worst,
)
from engine.records.values import End, RunRecord, RunRow

PERCENTILES = {"p90_ms": 0.9, "p95_ms": 0.95}


@dataclass(frozen=True, slots=True)
class ModelFigures:
    """What is known of a model without any phone.

    Attributes:
        name: What it is called on the phone and in the records.
        sha256: 64 hex digits.
        size_bytes: Of the ``.tflite``.
        top1: On the plan's pictures, percent; None where there are none.
        top1_words: The same for a person, with the number of pictures.
    """

    name: str
    sha256: str
    size_bytes: int
    top1: Value | None = None
    top1_words: str = ""


@dataclass(frozen=True, slots=True)
class Past:
    """What there is to compare with.

    Attributes:
        name: Where it is from.
        blocks: Latencies of each block, milliseconds; none where the phone or the model is not
            in it.
    """

    name: str
    blocks: Sequence[NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What came of a step.

    Attributes:
        outcome: The worst of its verdicts.
        comment: Why, in a sentence or several.
        facts: Values, limits and runs, as JSON values.
    """

    outcome: Outcome
    comment: str
    facts: dict[str, Any]


def judge_measured(
    plan: Plan,
    place: Place,
    rows: Sequence[RunRow],
    load: Callable[[int], RunRecord],
    model: ModelFigures,
    apk_bytes: int | None,
    past: Past | None,
) -> Judgement | None:
    """Judge a model's runs on one phone; None while blocks of it are missing.

    A block whose run does not count (unstable, throttled, too short: ``RunRow.valid``) makes the
    step an ``ERROR``, whatever the others say: nobody knows the value.

    Args:
        plan: The plan.
        place: The configuration, threads as on the phone.
        rows: The phone's runs of the session.
        load: Reads one with its samples.
        model: What is known of it anyway.
        apk_bytes: How large its APK for the phone is; None where it could not be made.
        past: The baseline; None where the plan has none.
    """
    latest = {
        row.facts.block: row
        for row in sorted(rows, key=lambda row: row.id)
        if row.facts.place == place.name and row.end is End.COMPLETED
    }
    if len(latest) < plan.blocks:
        return None
    blocks = [latest[block] for block in sorted(latest, key=lambda block: block or 0)]
    records = [load(row.id) for row in blocks]
    latencies = [steady_ms(each) for each in records if each.analysis.parts]
    within, between = spread(latencies)
    facts: dict[str, Any] = {
        "place": place.name,
        "model_sha256": model.sha256,
        "runs": [row.id for row in blocks],
        "blocks_ms": [round(float(np.median(each)), 4) for each in latencies],
        "within_percent": round(100 * within, 2),
        "between_percent": round(100 * between, 2),
        "top1": model.top1_words,
    }
    if troubles := _troubles(records):
        return Judgement(Outcome.ERROR, " ".join(troubles), {**facts, "verdicts": []})
    values = measured_values(records, model, apk_bytes)
    verdicts = [
        judge_limit(kind, limit, values[kind.name], plan.margin_percent)
        for kind in LIMITS
        if (limit := plan.limit(kind.name)) is not None
    ]
    if plan.limit("median_ms") is None:
        verdicts.insert(0, _told_only(values["median_ms"]))
    if past is not None:
        verdicts.append(_change(past, latencies, plan.regression_percent))
        facts["baseline"] = past.name
    outcome = worst(each.outcome for each in verdicts)
    told = [f"{each.title}: {each.sentence}" for each in verdicts if each.outcome is outcome]
    return Judgement(
        outcome, " ".join(told), {**facts, "verdicts": [asdict(each) for each in verdicts]}
    )


def measured_values(
    records: Sequence[RunRecord], model: ModelFigures, apk_bytes: int | None
) -> Mapping[str, Value]:
    """Return the value of everything that a plan can set a limit to."""
    summaries = [each.summary for each in records if each.summary is not None]
    rates = [each.pipeline_fps for each in summaries if each.pipeline_fps is not None]
    no_pictures = Value(None, why="No pictures were judged.")
    return {
        "median_ms": value_of_blocks(
            [each.median_ms for each in summaries], [each.interval_ms for each in summaries]
        ),
        **{name: _percentile(summaries, q) for name, q in PERCENTILES.items()},
        "first_ms": value_of_blocks([each.row.facts.first_ms for each in records]),
        "load_ms": value_of_blocks([each.row.facts.load_ms for each in records]),
        "pipeline_fps": value_of_blocks(rates),
        "apk_mb": Value.exact(apk_bytes / 1e6) if apk_bytes is not None else _no_apk(),
        "model_mb": Value.exact(model.size_bytes / 1e6),
        "top1_percent": model.top1 or no_pictures,
    }


def _percentile(summaries: Sequence[Summary], q: float) -> Value:
    """Return a percentile over the blocks; one that a block has not earned is no result."""
    found = [each.percentile(q) for each in summaries]
    for block, (percentile, summary) in enumerate(zip(found, summaries, strict=True), 1):
        if not percentile.earned:
            return Value(
                None,
                why=f"p{100 * q:g} needs n >= {percentile.needed}; "
                f"block {block} has {summary.count}.",
            )
    return value_of_blocks([each.value_ms for each in found], [each.interval_ms for each in found])


def _no_apk() -> Value:
    return Value(None, why="The size of its APK for this phone is not known.")


def _told_only(median: Value) -> Verdict:
    """Tell the median although nothing was asked of it."""
    low, high = median.interval or (None, None)
    return Verdict(
        name="median_ms",
        title="Median latency",
        unit="ms",
        limit=None,
        most=True,
        value=median.value,
        low=low,
        high=high,
        outcome=Outcome.PASS,
        sentence=median.why or "No limit was set.",
    )


def _change(
    past: Past, latencies: Sequence[NDArray[np.float64]], regression_percent: float
) -> Verdict:
    names = (past.name, "this session")
    verdict = judge_change(compare_blocks(past.blocks, latencies, names=names), regression_percent)
    if past.blocks:
        return verdict
    sentence = f"{past.name} has no such model on such a phone: there is nothing to compare with."
    values = {**asdict(verdict), "outcome": Outcome.WARNING, "sentence": sentence}
    return Verdict(**values)


def _troubles(records: Sequence[RunRecord]) -> list[str]:
    """Say which blocks do not count, and why."""
    told = []
    for record in records:
        flags = [str(flag) for flag in record.row.flags if flag.invalidates]
        summary = record.summary
        if flags or summary is None:
            why = ", ".join(flags) or "no sample was counted"
            unstable = f" {summary.unstable}" if summary and summary.unstable else ""
            told.append(f"Block {record.row.facts.block} does not count: {why}.{unstable}")
    return told
