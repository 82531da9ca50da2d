"""The report of several runs that somebody chose: which is fastest, and what they differ in."""

from collections.abc import Sequence

from engine.records.document.content import (
    Big,
    Block,
    Cell,
    Column,
    Document,
    Heading,
    Headline,
    KeyValues,
    Paragraph,
    Table,
)
from engine.records.pages.ranking import (
    Group,
    interval_cell,
    named_apart,
    rank_runs,
    ranking_figure,
    ranking_table,
    steady_ms,
)
from engine.records.pages.run import phone_facts
from engine.records.pages.run_figures import stage_figure
from engine.records.pages.words import (
    DOT,
    NONE,
    PLUS_MINUS,
    count,
    delegate_words,
    half_ms,
    moment,
    ms,
    phone_name,
    source_words,
    thread_words,
)
from engine.records.telling import EXPLAINED
from engine.records.values import Flag, RunRecord, RunRow

UTC = " UTC"
LIST = 6
"""Run numbers that a subtitle names one by one."""


def comparison_document(records: Sequence[RunRecord]) -> Document:
    """Return the report of chosen runs.

    Args:
        records: At least one.
    """
    rows = [each.row for each in records]
    steady = {each.row.id: steady_ms(each) for each in records}
    groups, worth = rank_runs(named_apart(rows), steady)
    blocks: list[Block] = [comparison_headline(groups, notes_of(rows))]
    blocks.append(Heading("Ranking"))
    if figure := ranking_figure(groups, "Median latency"):
        blocks.append(figure)
    blocks.append(ranking_table(groups, "Ranking", worth))
    named = {row.id: each.name for each in groups for row in each.rows}
    if stages := stage_figure([(named[each.row.id], each.analysis) for each in records]):
        blocks += [Heading("From the model to the app"), stages]
    blocks += [Heading("The runs"), runs_table(rows, named)]
    blocks += phones_blocks(rows)
    return Document(
        title=f"{count(len(groups))} compared: {_what(groups)}",
        subtitle=f"{_numbers(rows)}{DOT}{moment(min(row.facts.started_utc for row in rows))}",
        blocks=tuple(blocks),
        footer=lab_footer(rows),
    )


def comparison_headline(groups: Sequence[Group], note: str) -> Headline:
    """Return who is fastest, or that nobody is."""
    ranked = [each for each in groups if each.place is not None]
    left_out = len(groups) - len(ranked)
    runs = sum(not row.valid for each in ranked for row in each.rows)
    if not ranked:
        return Headline(
            "Nothing here may be ranked.",
            state="fail",
            verdict="No valid run",
            reasons=tuple(sorted({f"{each.name}: {each.why_not}" for each in groups})),
            note=note,
        )
    best = [each for each in ranked if each.place == 1]
    return Headline(
        answer=_answer(ranked, best),
        figures=tuple(map(_figure, ranked[:4])),
        state="warn" if left_out or runs else "ok",
        verdict=f"{len(ranked)} of {len(groups)} ranked",
        reasons=_reservations(groups, left_out, runs),
        note=note,
    )


def _reservations(groups: Sequence[Group], left_out: int, runs: int) -> tuple[str, ...]:
    """Say what of it does not count, and what the figures do not tell."""
    told = []
    if left_out:
        told.append(f"{left_out} may be looked at, not ranked; the table says why.")
    if runs:
        told.append(f"{runs} run{'s' * (runs > 1)} of those ranked did not count.")
    if any(row.facts.untrained for each in groups for row in each.rows):
        told.append(f"{Flag.UNTRAINED.capitalize()}. {EXPLAINED[Flag.UNTRAINED]}")
    return tuple(told)


def runs_table(rows: Sequence[RunRow], named: dict[int, str]) -> Table:
    """Return every run with its figures."""
    cells = tuple(
        (
            Cell(str(row.id), row.id),
            Cell(named.get(row.id, row.facts.name)),
            Cell(NONE if row.facts.block is None else str(row.facts.block), row.facts.block),
            Cell(moment(row.facts.started_utc).removesuffix(UTC)),
            Cell(NONE)
            if row.digest is None
            else Cell(ms(row.digest.median_ms, _interval(row)), row.digest.median_ms),
            interval_cell(_interval(row)),
            Cell(NONE)
            if row.digest is None or row.digest.p90_ms is None
            else Cell(ms(row.digest.p90_ms), row.digest.p90_ms),
            _count(row),
            Cell(_beware(row) or "valid", state="none" if row.valid else "fail"),
        )
        for row in sorted(rows, key=lambda row: row.id)
    )
    columns = (
        Column("Run", number=True),
        Column("What"),
        Column("Block", number=True),
        Column("Began", UTC.strip()),
        Column("Median", "ms", number=True),
        Column("95 % interval", "ms", number=True),
        Column("p90", "ms", number=True),
        Column("n", number=True),
        Column("Beware"),
    )
    return Table("Runs", columns, cells, "n counts inferences after the warm-up.")


def phones_blocks(rows: Sequence[RunRow]) -> list[Block]:
    """Return how and on what was measured, once for each phone and way."""
    blocks: list[Block] = [Heading("How it was measured")]
    ways: dict[tuple[tuple[str, str], ...], list[int]] = {}
    for row in sorted(rows, key=lambda row: row.id):
        ways.setdefault(_way(row), []).append(row.id)
    for way, ids in ways.items():
        if len(ways) > 1:
            blocks.append(Paragraph(f"Runs {', '.join(map(str, ids))}:"))
        blocks.append(KeyValues(way))
    phones = {row.facts.serial: row for row in sorted(rows, key=lambda row: -row.id)}
    for _, row in sorted(phones.items()):
        blocks += [Heading(f"The phone {phone_name(row.facts.phone)}")]
        blocks.append(KeyValues(phone_facts(row.facts)))
    models = {(row.facts.name, row.facts.model_sha256) for row in rows}
    cells = tuple((Cell(name), Cell(sha256)) for name, sha256 in sorted(models))
    blocks += [
        Heading("Versions and hashes"),
        Table("Models", (Column("Model"), Column("sha256")), cells),
    ]
    return blocks


def notes_of(rows: Sequence[RunRow]) -> str:
    """Return what the phones say of themselves, each once."""
    return " ".join(dict.fromkeys(row.facts.phone_note for row in rows if row.facts.phone_note))


def lab_footer(rows: Sequence[RunRow]) -> str:
    """Return which labs measured."""
    labs = sorted({row.facts.lab_version for row in rows})
    made = f"Measured by MobileNet Lab {', '.join(labs)}." if labs else "MobileNet Lab."
    return f"{made} 1 MB is 10⁶ bytes."


def _answer(ranked: Sequence[Group], best: Sequence[Group]) -> str:
    first = best[0]
    if first.median_ms is None:
        return "Nothing was counted."
    time = f"{ms(first.median_ms, first.interval_ms)} ms"
    if len(ranked) == 1:
        return f"{first.name} takes {time} per inference (median)."
    if len(best) == len(ranked):
        return f"No difference was shown among the {len(ranked)}: about {time} per inference."
    if len(best) > 1:
        names = ", ".join(each.name for each in best)
        return f"{len(best)} share the first place, about {time} per inference: {names}."
    text = f"{first.name} is the fastest with {time} per inference (median)"
    second = next(each for each in ranked if each.place != 1)
    if second.median_ms:
        text += f"; {second.name} takes {second.median_ms / first.median_ms:.2f} times as long"
    return f"{text}."


def _figure(group: Group) -> Big:
    note = f"place {group.place}"
    if group.interval_ms:
        note += f"{DOT}{PLUS_MINUS}{half_ms(group.interval_ms)} ms"
    value = NONE if group.median_ms is None else ms(group.median_ms, group.interval_ms)
    return Big(group.name, value, "ms", note)


def _way(row: RunRow) -> tuple[tuple[str, str], ...]:
    facts = row.facts
    return (
        ("Preset", facts.preset or "a fixed time"),
        ("Pictures from", source_words(facts)),
        ("Delegate", delegate_words(facts)),
        ("Threads", thread_words(facts)),
        ("Mirror", f"{facts.mirror} while it was timed"),
        ("Phone app", f"{facts.app_version}, {facts.app_runtime}"),
    )


def _interval(row: RunRow) -> tuple[float, float] | None:
    digest = row.digest
    if digest is None or digest.low_ms is None or digest.high_ms is None:
        return None
    return digest.low_ms, digest.high_ms


def _count(row: RunRow) -> Cell:
    counted = row.digest.count if row.digest else 0
    return Cell(count(counted), counted)


def _beware(row: RunRow) -> str:
    words = [str(flag) for flag in row.flags]
    return ", ".join(words or ([] if row.valid else [str(row.end)]))


def _what(groups: Sequence[Group]) -> str:
    phones = {phone_name(each.facts.phone) for each in groups}
    models = {each.facts.name for each in groups}
    what = next(iter(models)) if len(models) == 1 else f"{len(models)} models"
    where = next(iter(phones)) if len(phones) == 1 else f"{len(phones)} phones"
    return f"{what} on {where}"


def _numbers(rows: Sequence[RunRow]) -> str:
    ids = sorted(row.id for row in rows)
    if len(ids) > LIST:
        return f"{len(ids)} runs, {ids[0]} to {ids[-1]}"
    return f"Run{'s' * (len(ids) > 1)} {', '.join(map(str, ids))}"
